#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What comes through a bad line in a second: xtcp beside the kernel's TCP, under the same chance.

Octets go both ways at once over 100 Mbit/s, 10 ms each way; how the line is bad, the rows say.
In virtual time, so that the figures are the protocols' own and not those of a processor. Each
sum is compared. XL4_GOODPUT_MB: so many each way.
"""
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bulk  # noqa: E402
import tcp  # noqa: E402
from netns import ip  # noqa: E402
from pair import DEVICE, Pair  # noqa: E402

MEGABYTES = float(os.environ.get("XL4_GOODPUT_MB", "4"))
SIZE = int(MEGABYTES * (1 << 20))
SEEDS = int(os.environ.get("XL4_GOODPUT_SEEDS", "3"))
XTCP = tcp.variants(int(os.environ.get("XL4_TCP", "254")))
TCP = tcp.variants(6, kernel=True)
GOLDEN = 0x9e3779b97f4a7c15       # a small seed makes netem begin with small numbers
LINE = ("rate", "100mbit", "delay", "10ms")

ROWS = [
    ("good", ()),
    ("0.1 % loss", ("loss", "0.1%")),
    ("1 % loss", ("loss", "1%")),
    ("5 % loss", ("loss", "5%")),
    ("20 % loss", ("loss", "20%")),
    ("reordering", ("delay", "10ms", "4ms", "reorder", "25%", "50%")),
    ("duplicates", ("duplicate", "20%")),
    ("corruption", ("corrupt", "1%")),
    ("200 ms of delay", ("delay", "200ms")),
]


def goodput(variant, how, congestion, size, seed):
    """Mbit/s each way."""
    with Pair(variant) as pair:
        # netem is to lose segments, not what segmentation offload makes of many.
        for end in (pair.sender, pair.receiver):
            end.namespace.enter()
            ip(f"link set {DEVICE} gso_max_segs 1")
        pair.impair_both(*LINE, *how, seed=seed * GOLDEN % (1 << 64))
        return 8 * size / bulk.transfer(pair, size, congestion.encode()) / 1e6


def main():
    print(f"{MEGABYTES:g} MB each way, both at once; median of {SEEDS}; Mbit/s\n")
    print(f"{'':18}{'':8}{'':6}{'xtcp':>8}{'kernel':>8}{'ratio':>8}")
    for name, how in ROWS:
        for congestion in ("reno", "cubic"):
            for own, other in zip(XTCP, TCP):
                figures = [statistics.median(goodput(variant, how, congestion, SIZE, seed)
                                             for seed in range(1, SEEDS + 1))
                           for variant in (own, other)]
                print(f"{name:18}{congestion:8}{str(own).split()[-1]:6}"
                      f"{figures[0]:8.2f}{figures[1]:8.2f}{figures[0] / figures[1]:8.2f}", flush=True)


if __name__ == "__main__":
    main()
