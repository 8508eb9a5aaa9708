# SPDX-License-Identifier: GPL-2.0
"""The stories of sctp_talk.py and dccp_talk.py over a cable: a module of ours at one end, the kernel's
own at the other, and the bridge between them."""
import contextlib
import subprocess
import sys

import bridge
from hosts import ROOT, Cable, until
from talk import PORT
from tap import Failed, test

BOTH = ("IPv4", "IPv6")


class Bridged(Cable):
    """The host of ours has the rule."""

    name = None                     # of the protocol
    ours, kernels = None, None      # the numbers

    def rule(self, server):
        """Ours is at this end."""
        self.host_of_ours = self.server if server else self.client
        self.host_of_ours.namespace.enter()
        bridge.command(f"add {self.name} dev eth0 " + (f"local port {PORT}" if server else f"remote port {PORT}"))

    def number(self, host):
        return self.ours if host is self.host_of_ours else self.kernels

    def addresses(self, story):
        """What the command line of a story has of them."""
        return [self.server.address]

    def tell(self, story):
        command = ("/usr/bin/python3", ROOT / f"selftests/lib/{self.name}_talk.py")
        names = self.addresses(story)
        server = self.server.start(*command, "server", story, self.number(self.server), *names)
        until(lambda: self.listens(server), "the server does not listen")
        try:
            self.client.run(*command, "client", story, self.number(self.client), *names)
        except Failed as failed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
            raise Failed(f"{failed}; the server says: {server.log.read_text()}") from failed
        if server.wait(60):
            raise Failed(f"{story}: {server.log.read_text()}")
        print(end="".join(f"# {line}\n" for line in server.log.read_text().splitlines()
                      if line != "listening"))
        self.counted()

    def listens(self, server):
        if server.poll() is not None:
            raise Failed(server.log.read_text())
        return "listening" in server.log.read_text().splitlines()

    def counted(self):
        self.host_of_ours.namespace.enter()
        (_, counts), = bridge.rules()
        if counts["drops"] or min(counts["in"], counts["out"]) < 3:
            raise Failed(f"the rule has done {counts}")



def both_ends(module, title, **options):
    """The test is run with ours, `module`, at the client's end, and at the server's."""
    def add(function):
        for server, where in ((False, "client"), (True, "server")):
            @test(f"{title}, the {where} on {module}", on=BOTH, **options)
            def one(t, server=server):
                t.rule(server)
                function(t)
    return add


def skip(why):
    print(f"TAP version 13\n1..0 # SKIP {why}")
    sys.exit(4)
