#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Programs that know nothing of it: one on xtcp, the other on the kernel's TCP."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
import servers  # noqa: E402
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
CONTENT = os.urandom(1 << 20)
REQUESTS = int(os.environ.get("XL4_REQUESTS", "500"))


class Bridged(Cable):
    """A cable; xtcp is at one end, and there are the rules."""

    def at(self, server):
        """Which end xtcp is at."""
        self.xtcp = self.server if server else self.client
        self.xtcp.namespace.enter()
        bridge.command("add tcp dev eth0 " + (f"local port {PORT}" if server else f"remote port {PORT}"))

    def serve(self, *command):
        server = self.server.start(*self.over(self.server, command), env={**os.environ, "LC_ALL": "C"})
        self.server.wait_for_port(server, PORT, STREAMS.tables if self.xtcp is self.server else ("tcp",))
        return server

    def ask(self, *command):
        return self.client.run(*self.over(self.client, command))

    def over(self, host, command):
        return xl4run(*command, over=STREAMS) if host is self.xtcp else command

    def carried(self, least):
        """The rule has seen so many packets in and out, and has lost none."""
        self.xtcp.namespace.enter()
        (_, counts), = bridge.rules()
        if counts["drops"] or min(counts["in"], counts["out"]) < least:
            raise Failed(f"the rule has done {counts}")


def both_ends(title):
    """The test is run with xtcp at the client's end, and at the server's."""
    def add(function):
        for server, where in ((False, "the client on xtcp"), (True, "the server on xtcp")):
            @test(f"{title}, {where}", on=BOTH)
            def one(t, server=server):
                t.at(server)
                function(t)
    return add


def nginx(t):
    t.file("content", CONTENT)
    t.serve(*servers.nginx(t.directory, t.directory, t.server.in_url, PORT))


def url(t, name):
    return f"http://{t.server.in_url}:{PORT}/{name}"


@both_ends("curl fetches a file from nginx, and sends it one")
def web(t):
    nginx(t)
    t.ask("curl", "-sSgf", "-o", "received", url(t, "content"))
    t.arrives("received", CONTENT)
    t.ask("curl", "-sSgf", "-T", t.directory / "content", url(t, "put"))
    t.carried(20)


@both_ends(f"curl fetches {REQUESTS} times from nginx over one connection, and {REQUESTS // 10} times over one each")
def often(t):
    nginx(t)
    t.file("small", CONTENT[:3000])
    for count, options in ((REQUESTS, ()), (REQUESTS // 10, ("-H", "Connection: close"))):
        t.ask("curl", "-sSf", *options, "-o", "got#1", url(t, f"small?[1-{count}]"))
        for number in range(1, count + 1):
            path = t.directory / f"got{number}"
            same(path.read_bytes(), CONTENT[:3000], path.name)
            path.unlink()
    t.carried(REQUESTS)


@both_ends("ssh runs a program, and carries what it says and hears")
def ssh(t):
    t.serve(*servers.sshd(t.directory, t.server.address, PORT))
    t.file("content", CONTENT)
    login = ("ssh", *servers.ssh_options(t.directory), "-p", PORT, f"root@{t.server.address}")
    same(t.ask(*login, "echo hello; exit 0"), "hello\n", "what the program says")
    with open(t.directory / "content", "rb") as file, open(t.directory / "received", "wb") as answer:
        client = t.client.start(*t.over(t.client, (*login, "cat")), stdin=file, stdout=answer)
        same(client.wait(60), 0, f"exit status ({client.log.read_text()})")
    t.arrives("received", CONTENT)
    t.carried(20)


@both_ends("redis-benchmark")
def redis(t):
    t.serve(*servers.redis(t.server.address, PORT))
    said = t.ask("redis-benchmark", "-h", t.server.address, "-p", PORT, "-n", 2000, "-c", 20, "-t",
                 "ping,set,get,lpush,mset", "-d", 500, "-P", 4, "--csv")
    same([line.split(",")[0] for line in said.splitlines()[1:]],
         ['"PING_INLINE"', '"PING_MBULK"', '"SET"', '"GET"', '"LPUSH"', '"MSET (10 keys)"'], "what was done")
    t.carried(1000)


@both_ends("iperf3, 16 streams there and back")
def iperf3(t):
    for options, sums in ((("-n", "16M"), ["sum_received"]), (("-n", "16M", "--reverse"), ["sum_received"]),
                          (("-t", 2, "--bidir"), ["sum_received", "sum_received_bidir_reverse"])):
        server = t.serve("iperf3", "-s", "-1", "-p", PORT)
        report = json.loads(t.ask("iperf3", "-c", t.server.address, "-p", PORT, "-P", 16, "-J", *options))
        server.wait(60)
        found = {name: report["end"].get(name, {}).get("bytes", 0) for name in sums}
        if "error" in report or min(found.values()) < 1 << 20:
            raise Failed(f"{options}: {report.get('error')} {found}")
    t.carried(100)


if __name__ == "__main__":
    bridge.load()
    main(Bridged)
