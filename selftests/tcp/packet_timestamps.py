#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Timestamps: echoes, PAWS (RFC 7323)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, LATE, gets, info, passive
from conversation import Conversation
from flow import Flow
from packets import Raw
from tap import main, test


def stamped(t, value, **fields):
    """A connection with timestamps, and the peer's last one."""
    s, peer = passive(t, options=[("Timestamp", (value, 0))], **fields)
    t.collect()
    return s, peer


def echo(t, after=LATE):
    packet = t.expect(t.packet_out(flags="A"), after)
    return dict(packet[t.header].options)["Timestamp"][1], packet


@test("PAWS: an older timestamp is an old segment", on=BOTH)
def paws(t):
    s, peer = stamped(t, 1000)
    peer.sends("PA", b"new", options=[("Timestamp", (1010, 0))])
    t.equal(echo(t)[0], 1010, "echo")
    for old in (1008, 1000, 0, (1011 - (1 << 31)) % (1 << 32)):
        peer.sends("PA", b"old", options=[("Timestamp", (old, 0))])
        peer.next -= 3
        t.equal(echo(t)[0], 1010, "echo")
    peer.sends("PA", b"er!", options=[("Timestamp", (1010, 0))])
    echo(t)
    gets(s, b"newer!")


@test("PAWS over the wrap of the timestamps", on=BOTH)
def paws_wraps(t):
    s, peer = stamped(t, 0xFFFFFFF0)
    for value in (0xFFFFFFFF, 0, 1, 0x7FFFFFFF, 0x80000010):
        peer.sends("PA", b"x", options=[("Timestamp", (value, 0))])
        t.equal(echo(t)[0], value, "echo")
    gets(s, b"xxxxx")


@test("an echo is of the segment that moved the window's edge", on=BOTH)
def echoes(t):
    _s, peer = stamped(t, 1000)
    t.inject(t.packet_in(sport=peer.port, dport=peer.program_port, flags="A", seq=peer.next + 100,
                         ack=peer.expected, options=[("Timestamp", (1020, 0))]) / Raw(b"ahead"))
    t.equal(echo(t, 0)[0], 1000, "echo of what is ahead")
    peer.sends("A", bytes(100), options=[("Timestamp", (1010, 0))])
    t.equal(echo(t, 0)[0], 1010, "echo of what fills the hole")


@test("a round trip is told by the echo, even of what was sent twice", on=BOTH)
def echoed_round_trip(t):
    f = Flow(t, rtt=0.1, stamps=True)
    f.writes(1)
    f.sends(0)
    f.later(0, after=(0.2, 0.6))
    t.passes(0.1)
    f.ack(1)
    t.check(info(f.s).rto < 0.7, f"RTO {info(f.s).rto}")


if __name__ == "__main__":
    main(Conversation)
