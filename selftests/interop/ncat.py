#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ncat -u over xl4: a file, and a conversation."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import Cable, same, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
# ncat sends 8,192 bytes at a time, in IP fragments; these fit into a receive buffer.
CONTENT = os.urandom(64 << 10)


@test("a file in datagrams that IP fragments", on=BOTH)
def file(t):
    received = open(t.directory / "received", "wb")
    with received, t.carried(8):
        server = t.server.start(*xl4run("ncat", f"-{t.digit}", "-u", "-l", "--recv-only", PORT),
                                stdout=received)
        t.server.wait_for_port(server, PORT)
        with open(t.file("sent", CONTENT), "rb") as sent:
            t.client.run(*xl4run("ncat", "-u", "--send-only", t.server.address, PORT), stdin=sent)
        t.arrives("received", CONTENT)


@test("a conversation with a server that runs cat", on=BOTH)
def conversation(t):
    server = t.server.start(*xl4run("ncat", f"-{t.digit}", "-u", "-l", "--exec", "/bin/cat", PORT))
    t.server.wait_for_port(server, PORT)
    with t.carried(20):
        client = t.client.start(*xl4run("ncat", "-u", t.server.address, PORT),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        for size in range(1, 1400, 140):
            said = os.urandom(size)
            client.stdin.write(said)
            same(client.stdout.read(size), said, f"the echo of {size} bytes")


main(Cable)
