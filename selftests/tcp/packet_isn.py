#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""The first number of a connection: by the clock, and not to be guessed (RFC 6528)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, PORT, calling, listening, setting
from conversation import Conversation
from tap import main, test
from tcp import SEQUENCE, Peer

RFC793 = 250000         # numbers in a second: one each 4 us


def number(t, port=4444):
    """The first number of an attempt from there, which is then withdrawn."""
    peer = Peer(t, port, PORT)
    peer.sends("S")
    synack = peer.gets("SA")
    peer.sends("R", ack=0)
    return synack[t.header].seq


def between(first, second):
    return (second - first) % SEQUENCE


def scattered(t, numbers):
    """Two numbers close together are chance, half of them are none."""
    close = [1 for one, other in zip(numbers, numbers[1:])
             if (other - one + (1 << 20)) % SEQUENCE < 1 << 21]
    t.check(len(close) < len(numbers) // 2, f"numbers {numbers}")


@test("the same addresses and ports: the numbers grow with the clock", on=BOTH)
def clock(t):
    listening(t)
    numbers = [number(t)]
    for _ in range(10):
        t.passes(10)
        numbers.append(number(t))
    steps = [between(one, other) for one, other in zip(numbers, numbers[1:])]
    t.check(min(steps) >= 10 * RFC793, f"steps {steps}")
    t.check(max(steps) - min(steps) < max(steps) // 50, f"no clock: steps {steps}")
    t.check(max(steps) * 12 < SEQUENCE, "the numbers wrap within two minutes")


@test("each pair of ports has numbers of its own", on=BOTH)
def ports(t):
    listening(t)
    scattered(t, [number(t, port) for port in range(5000, 5016)])


@test("who calls has them, too", on=BOTH)
def callers(t):
    numbers = []
    for port in range(5000, 5016):
        calling(t, t.socket(port=port))
        numbers.append(t.expect(t.packet_out(flags="S"))[t.header].seq)
    scattered(t, numbers)


@test("cookies are scattered, too", on=BOTH)
def cookies(t):
    setting("syncookies", 2)
    listening(t)
    scattered(t, [number(t, port) for port in range(5000, 5016)])


if __name__ == "__main__":
    main(Conversation)
