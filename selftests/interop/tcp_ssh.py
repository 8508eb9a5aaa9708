#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""OpenSSH over xtcp: commands, much output, files both ways."""
import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import servers  # noqa: E402
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
CONTENT = os.urandom(1 << 20) * 2


def serve(t):
    server = t.server.start(*xl4run(*servers.sshd(t.directory, t.server.address, PORT), over=STREAMS))
    t.server.wait_for_port(server, PORT, STREAMS.tables)


def ssh(t, *command):
    return t.client.run(*xl4run("ssh", *servers.ssh_options(t.directory), "-p", PORT, f"root@{t.server.address}", *command,
                                over=STREAMS))


def scp(t, source, target):
    t.client.run(*xl4run("scp", "-q", *servers.ssh_options(t.directory), "-P", PORT, source, target, over=STREAMS))


@test("ssh runs a command, and says how it ended", on=BOTH)
def command(t):
    serve(t)
    with t.carried(10, STREAMS):
        same(ssh(t, "echo hello; true"), "hello\n", "what echo says")


@test("ssh brings much output", on=BOTH)
def output(t):
    serve(t)
    lines = ssh(t, "seq 200000")
    same(hashlib.sha256(lines.encode()).hexdigest(),
         hashlib.sha256("".join(f"{n}\n" for n in range(1, 200001)).encode()).hexdigest(), "seq")


@test("scp copies a file there and back", on=BOTH)
def copy(t):
    serve(t)
    sent = t.file("sent", CONTENT)
    with t.carried(2 * (len(CONTENT) >> 16), STREAMS):
        scp(t, sent, f"root@{t.server.in_url}:{t.directory}/there")
        scp(t, f"root@{t.server.in_url}:{t.directory}/there", t.directory / "back")
    t.arrives("there", CONTENT)
    t.arrives("back", CONTENT)


main(Cable)
