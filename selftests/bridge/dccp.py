#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xdccp at one end of a cable and the kernel's DCCP at the other, the bridge between them.

Where the kernel's was loaded before xdccp, as one of them has the number 33 until the machine goes.
"""
import functools
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
import bridged_talk  # noqa: E402
from dccp_talk import story as STORIES  # noqa: E402
from hosts import DCCP  # noqa: E402
from netem import impair  # noqa: E402
from tap import main  # noqa: E402

both_ends = functools.partial(bridged_talk.both_ends, "xdccp")


class Bridged(bridged_talk.Bridged):
    name, ours, kernels = "dccp", DCCP, 33


for CCID in (2, 3):
    for STORY in STORIES:
        @both_ends(f"{STORY}, CCID {CCID}")
        def tell(t, ccid=CCID, story=STORY):
            if story == "lossy":
                for host in t.hosts:
                    host.namespace.enter()
                    impair("eth0", "delay", "5ms", "loss", "3%")
            t.tell(f"ccid{ccid}/{story}")


if __name__ == "__main__":
    if not os.path.isdir("/sys/module/dccp_ipv6"):
        bridged_talk.skip("the kernel's DCCP is not loaded")
    bridge.load()
    main(Bridged)
