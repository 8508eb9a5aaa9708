#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Over a bad line every octet arrives once, in order, both ways at once, and nothing stalls.

XL4_IMPAIRMENT_MB=100 sends more each way than the quarter of a megabyte that make check does.
One packet in five is so many that most of the time goes to timeouts that double, with any TCP: of
300 transfers of 32 KiB five have no octet for over 100 seconds, and with the kernel's TCP it is as
many. That is for virtual time, or for who asks for so many megabytes; else one in ten has to do.
"""
import os
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bulk  # noqa: E402
import tcp  # noqa: E402
from pair import Pair  # noqa: E402
from tap import main, test  # noqa: E402

TCP = int(os.environ.get("XL4_TCP", "254"))
BOTH = tcp.variants(TCP, kernel=TCP == socket.IPPROTO_TCP)
SIZE = int(float(os.environ.get("XL4_IMPAIRMENT_MB", "0.25")) * (1 << 20))
PATIENT = bulk.VIRTUAL or "XL4_IMPAIRMENT_MB" in os.environ


def impaired(title, *how):
    @test(f"{title}: {SIZE} octets each way arrive", on=BOTH)
    def run(t):
        t.impair_both(*how)
        bulk.transfer(t, SIZE)


for share in ("0.1%", "1%", "5%", "20%" if PATIENT else "10%"):
    impaired(f"loss of {share}", "loss", share)
impaired("reordering", "delay", "5ms", "4ms", "reorder", "25%", "50%")
impaired("duplicates", "duplicate", "20%")
impaired("corruption", "corrupt", "5%")
impaired("200 ms of delay", "delay", "200ms")
impaired("all of it at once", "delay", "3ms", "3ms", "loss", "3%", "duplicate", "5%",
         "corrupt", "3%", "reorder", "20%")

main(Pair)
