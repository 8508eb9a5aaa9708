#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
# time: virtual
"""The peer acknowledges a part of what went through the stack as one packet."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, passive
from conversation import Conversation
from tap import main, test
from tcp import SEQUENCE

MSS, SEGMENTS = 1000, 8
DATA = os.urandom(MSS * SEGMENTS)
SOON = (0, 3)           # loss probes and timeouts of a connection this young


def segment(number):
    return DATA[number * MSS:(number + 1) * MSS]


def sent(t):
    """Eight segments are on the way: the peer, and the number of their first octet."""
    s, peer = passive(t, options=[("MSS", MSS), ("SAckOK", b"")])
    t.equal(s.send(DATA), len(DATA))
    start = peer.expected
    for number in range(SEGMENTS):
        peer.gets("PA" if number == SEGMENTS - 1 else "A", segment(number))
    return s, peer, start


def acknowledges(peer, start, count, **fields):
    peer.sends("A", ack=(start + count * MSS) % SEQUENCE, **fields)


def has(start, first, end):
    """A SACK of these segments."""
    block = tuple((start + number * MSS) % SEQUENCE for number in (first, end))
    return {"options": [("NOP", None), ("NOP", None), ("SAck", block)]}


def comes_again(t, start, number, after=SOON):
    """A segment that was sent before. Its PSH is not looked at."""
    return t.expect(t.packet_out(seq=(start + number * MSS) % SEQUENCE) / segment(number), after)


@test("no more is heard of the rest: it is what is sent again", on=BOTH)
def timeout(t):
    _s, peer, start = sent(t)
    acknowledges(peer, start, 3)
    comes_again(t, start, SEGMENTS - 1)         # the probe of RFC 8985
    comes_again(t, start, 3)                    # the timeout
    comes_again(t, start, 3, after=(0, 10))     # and the next
    acknowledges(peer, start, 4)
    comes_again(t, start, 4, after=0)
    comes_again(t, start, 5, after=0)
    acknowledges(peer, start, SEGMENTS)
    t.quiet()


@test("the rest is lost but for the last, which the peer has: what is between is sent again", on=BOTH)
def hole(t):
    _s, peer, start = sent(t)
    acknowledges(peer, start, 3)
    for number in (6, 7, 8):
        acknowledges(peer, start, 3, **has(start, 5, number))
    comes_again(t, start, 3, after=(0, 0.1))
    acknowledges(peer, start, 4, **has(start, 5, 8))
    comes_again(t, start, 4, after=(0, 0.1))
    acknowledges(peer, start, SEGMENTS)
    t.quiet()


if __name__ == "__main__":
    main(Conversation)
