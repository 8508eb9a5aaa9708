#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""xsctp at one end of a cable and the kernel's SCTP at the other, the bridge between them."""
import functools
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
import bridged_talk  # noqa: E402
import netns  # noqa: E402
from hosts import SCTP, until  # noqa: E402
from netem import impair  # noqa: E402
from netns import sysctl  # noqa: E402
from tap import main  # noqa: E402

STORIES = ("bulk", "large", "many", "unordered", "shutdown", "abort", "aborted")
both_ends = functools.partial(bridged_talk.both_ends, "xsctp")


class Bridged(bridged_talk.Bridged):
    """With two addresses at each end."""

    name, ours, kernels = "sctp", SCTP, 132

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

    def addresses(self, story):
        if story not in ("homes", "comes_and_goes"):
            return super().addresses(story)
        return [f"{host.address},{self.second(host)}" for host in (self.server, self.client)]

    def signed(self):
        """Both have AUTH and ASCONF; the association is made so."""
        for host in self.hosts:
            host.namespace.enter()
            for name in ("auth_enable", "addip_enable"):
                sysctl(f"{'xl4.' if host is self.host_of_ours else ''}sctp.{name}", 1)


for STORY in STORIES:
    @both_ends(STORY)
    def tell(t, story=STORY):
        t.tell(story)


@both_ends("two addresses at each end, one of which is cut off")
def homes(t):
    t.tell("homes")


@both_ends("signed chunks, and an address that comes (AUTH, ASCONF)")
def comes(t):
    t.signed()
    t.tell("comes_and_goes")


@both_ends("a line that loses, doubles and reorders")
def bad_line(t):
    for host in t.hosts:
        host.namespace.enter()
        impair("eth0", "delay", "5ms", "3ms", "loss", "2%", "duplicate", "1%")
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
        bridged_talk.skip("the kernel has no SCTP")
    bridge.load()
    main(Bridged)
