#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xdccp at one end of a cable and the kernel's own DCCP at the other, by way of the bridge.

Where the kernel has DCCP, and it was loaded before xdccp: one of them has the number 33.
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
from hosts import Cable, same  # noqa: E402
from tap import Skip, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
XDCCP, DCCP = 250, 33
PORT, PACKETS, SIZE = 7000, 60, 1000     # what a receiver has room for, if it is slow

# argv: host, port, protocol, CCID, packets, their size.
OPEN = """
import select, socket, struct, sys, time
host, port, protocol, ccid, n, size = sys.argv[1], *map(int, sys.argv[2:7])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
s = socket.socket(family, 6, protocol)
s.setsockopt(269, 2, struct.pack("!I", 42))
s.setsockopt(269, 13, bytes([ccid]))

def sends(s):
    for i in range(n):
        while True:
            try:
                s.send(struct.pack("!I", i) + bytes(size - 4))
                break
            except BlockingIOError:
                time.sleep(0.01)

# Nobody promises that all of it comes: but nearly all, in order, and nothing else.
def hears(s):
    heard = []
    s.settimeout(20)
    while len(heard) < n:
        try:
            data = s.recv(1 << 16)
        except TimeoutError:
            break
        if not data:
            break
        assert len(data) == size, len(data)
        heard.append(struct.unpack_from("!I", data)[0])
        s.settimeout(3)
    print("of", n, "came", len(heard), file=sys.stderr)
    return len(heard) > 0.9 * n, heard == sorted(set(heard))
"""
# The client sends, then the server; and it is the client's to close.
SERVE = OPEN + """
s.bind((host, port))
s.listen(5)
s = s.accept()[0]
heard = hears(s)
sends(s)
print(*heard, s.getsockopt(269, 14), s.getsockopt(269, 15))
s.settimeout(60)
s.recv(1)
s.close()
"""
ASK = OPEN + """
s.settimeout(60)
s.connect((host, port))
sends(s)
heard = hears(s)
print(*heard, s.getsockopt(269, 14), s.getsockopt(269, 15))
s.close()
"""


def exchange(t, server_number, client_number, ccid, packets=PACKETS):
    arguments = [t.server.address, PORT]
    rest = [ccid, packets, SIZE]
    server = t.server.start("/usr/bin/python3", "-c", SERVE, *arguments, server_number, *rest)
    t.server.wait_for_port(server, PORT, ("xl4/dccp",)) if server_number == XDCCP else wait(t)
    asked = t.client.run("/usr/bin/python3", "-c", ASK, *arguments, client_number, *rest)
    server.wait(60)
    expected = f"True True {ccid} {ccid}"
    same(asked.splitlines()[-1], expected, "what the client got")
    same(server.log.read_text().splitlines()[-1], expected, "what the server got")


def wait(t):
    """The kernel's DCCP tells nobody who listens."""
    time.sleep(2)


def bridged(t, host):
    modules = pathlib.Path("/proc/modules").read_text()
    if "dccp_ipv4 " not in modules:
        raise Skip("the kernel's DCCP is not loaded")
    host.namespace.enter()
    bridge.command("add dccp dev eth0")


for CCID in (2, 3):
    @test(f"a program on xdccp and a server on the kernel's DCCP, CCID {CCID}", on=BOTH, ccid=CCID)
    def client(t):
        bridged(t, t.client)
        exchange(t, DCCP, XDCCP, t.ccid)

    @test(f"a program on the kernel's DCCP and a server on xdccp, CCID {CCID}", on=BOTH, ccid=CCID)
    def server(t):
        bridged(t, t.server)
        exchange(t, XDCCP, DCCP, t.ccid)


class Line(Cable):
    def __init__(self, family, ccid):
        super().__init__(family)
        self.ccid = ccid


if __name__ == "__main__":
    bridge.load()
    main(Line)
