#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""socat over xl4: a file one way, a conversation both ways, UDP and UDP-Lite."""
import os
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import Cable, same, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
# With 1,024 bytes a datagram this fits into a receive buffer, so nothing may be lost.
CONTENT = os.urandom(48 << 10)


def transfer(t, receive, send):
    """One socat writes what it receives to a file, another sends a file."""
    with t.carried(48):
        receiver = t.server.start(*xl4run("socat", "-u", receive, "CREATE:received"))
        t.server.wait_for_port(receiver, PORT)
        t.client.run(*xl4run("socat", "-u", "-b1024", f"OPEN:{t.file('sent', CONTENT)}", send))
        t.arrives("received", CONTENT)


def raw_address(t, host):
    """A sockaddr without its family, as socat's SOCKET-* addresses take it."""
    if t.family == "IPv4":
        rest = socket.inet_aton(host) + bytes(8)
    else:
        rest = bytes(4) + socket.inet_pton(socket.AF_INET6, host) + bytes(4)
    return "x" + (PORT.to_bytes(2, "big") + rest).hex()


@test("a file through UDP", on=BOTH)
def udp_file(t):
    transfer(t, f"UDP{t.digit}-RECV:{PORT}", f"UDP{t.digit}-SENDTO:{t.server.in_url}:{PORT}")


@test("a file through UDP-Lite", on=BOTH)
def udplite_file(t):
    family, anywhere = {"IPv4": (socket.AF_INET, "0.0.0.0"), "IPv6": (socket.AF_INET6, "::")}[t.family]
    kind = f"{int(family)}:{int(socket.SOCK_DGRAM)}:{socket.IPPROTO_UDPLITE}"
    transfer(t, f"SOCKET-RECV:{kind}:{raw_address(t, anywhere)}",
             f"SOCKET-SENDTO:{kind}:{raw_address(t, t.server.address)}")


@test("a conversation with an echo that forks for each peer", on=BOTH)
def conversation(t):
    server = t.server.start(*xl4run("socat", f"UDP{t.digit}-LISTEN:{PORT},fork", "EXEC:cat"))
    t.server.wait_for_port(server, PORT)
    with t.carried(40):
        client = t.client.start(*xl4run("socat", "STDIO", f"UDP{t.digit}:{t.server.in_url}:{PORT}"),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        for size in range(1, 1400, 70):
            said = os.urandom(size)
            client.stdin.write(said)
            same(client.stdout.read(size), said, f"the echo of {size} bytes")


main(Cable)
