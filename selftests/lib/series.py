# SPDX-License-Identifier: GPL-2.0
"""The series of waits between what is sent again and again."""
from tcp import SEQUENCE

RTO_MIN = 0.2
RTO_MAX = 120


def backoff(count, first=RTO_MIN):
    """The first `count` waits of a series that doubles."""
    return [min(first * 2 ** n, RTO_MAX) for n in range(count)]


def about(wait):
    """Not before, and as late as timers may be: an eighth, and jiffies."""
    return (wait, 1.15 * wait + 0.03)


def retransmitted(peer, flags, data, waits):
    """The last segment comes again and again, after these waits. The last one of these."""
    seq = (peer.expected - len(data) - ("F" in flags) - ("S" in flags)) % SEQUENCE
    for wait in waits:
        segment = peer.gets(flags, data, again=True, seq=seq, after=about(wait))
    return segment
