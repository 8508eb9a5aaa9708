#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xsctp at one end of a cable and the kernel's SCTP at the other, the bridge between them."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
import netns  # noqa: E402
from hosts import ROOT, SCTP, Cable, until  # noqa: E402
from netns import sysctl  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
KERNEL = 132
TALK = ROOT / "selftests/lib/sctp_talk.py"
STORIES = ("bulk", "large", "many", "unordered", "shutdown", "abort", "aborted")


class Bridged(Cable):
    """A cable with two addresses at each end; the host of xsctp has the rule."""

    def second(self, host):
        return host.address[:-1] + str(int(host.address[-1]) + 2)

    def __enter__(self):
        super().__enter__()
        for host in self.hosts:
            host.namespace.enter()
            length = "24" if self.family == "IPv4" else "64"
            netns.ip(f"address add {self.second(host)}/{length} dev eth0"
                     + (" nodad" if self.family == "IPv6" else ""))
        return self

    def rule(self, server):
        """xsctp is at this end."""
        self.xsctp = self.server if server else self.client
        self.xsctp.namespace.enter()
        bridge.command("add sctp dev eth0 " + (f"local port {PORT}" if server else f"remote port {PORT}"))

    def number(self, host):
        return SCTP if host is self.xsctp else KERNEL

    def tell(self, story, homes=False):
        names = [self.server.address]
        if homes:
            names = [f"{host.address},{self.second(host)}" for host in (self.server, self.client)]
        command = ("/usr/bin/python3", TALK)
        server = self.server.start(*command, "server", story, self.number(self.server), *names)
        if self.server is self.xsctp:
            self.server.wait_for_port(server, PORT, ("xl4/sctp",))
        else:
            until(lambda: self.kernel_listens(server), "the server does not listen")
        try:
            self.client.run(*command, "client", story, self.number(self.client), *names)
        except Failed as failed:
            raise Failed(f"{failed}; the server says: {server.log.read_text()}") from failed
        if server.wait(60):
            raise Failed(f"{story}: {server.log.read_text()}")
        print(end="".join(f"# {line}\n" for line in server.log.read_text().splitlines()
                      if line != "listening"))
        self.counted()

    def kernel_listens(self, server):
        if server.poll() is not None:
            raise Failed(server.log.read_text())
        lines = pathlib.Path(f"/proc/{server.pid}/net/sctp/eps").read_text().splitlines()[1:]
        return any(line.split()[5] == str(PORT) and line.split()[3] == "10" for line in lines)

    def counted(self):
        self.xsctp.namespace.enter()
        (_, counts), = bridge.rules()
        if counts["drops"] or min(counts["in"], counts["out"]) < 3:
            raise Failed(f"the rule has done {counts}")

    def signed(self):
        """Both have AUTH and ASCONF; the association is made so."""
        for host in self.hosts:
            host.namespace.enter()
            for name in ("auth_enable", "addip_enable"):
                sysctl(f"{'xl4.' if host is self.xsctp else ''}sctp.{name}", 1)


def both_ends(title):
    """The test is run with xsctp at the client's end, and at the server's."""
    def add(function):
        for server, where in ((False, "the client on xsctp"), (True, "the server on xsctp")):
            @test(f"{title}, {where}", on=BOTH)
            def one(t, server=server):
                t.rule(server)
                function(t)
    return add


for STORY in STORIES:
    @both_ends(STORY)
    def tell(t, story=STORY):
        t.tell(story)


@both_ends("two addresses at each end, one of which is cut off")
def homes(t):
    t.tell("homes", homes=True)


@both_ends("signed chunks, and an address that comes (AUTH, ASCONF)")
def comes(t):
    t.signed()
    t.tell("comes_and_goes", homes=True)


@both_ends("a line that loses, doubles and reorders")
def bad_line(t):
    for host in t.hosts:
        host.namespace.enter()
        netns.run(["tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "5ms", "3ms", "loss", "2%",
                   "duplicate", "1%"])
    t.tell("little")
    t.tell("partial")


def succeeds(*command):
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


def kernels_own():
    """Both are there: xsctp leaves 132 alone when the kernel's own is loaded before it, and stays."""
    if os.path.isdir("/sys/module/sctp"):
        return True
    until(lambda: succeeds("rmmod", "xsctp"), "xsctp is in use")
    there = succeeds("modprobe", "sctp")
    subprocess.run(["insmod", os.environ["XL4_MODULES"] + "/net/sctp/xsctp.ko"], check=True)
    return there


if __name__ == "__main__":
    if not kernels_own():
        print("TAP version 13\n1..0 # SKIP the kernel has no SCTP")
        sys.exit(4)
    bridge.load()
    main(Bridged)
