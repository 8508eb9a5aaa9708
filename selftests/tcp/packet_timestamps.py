#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Timestamps: echoes, PAWS (RFC 7323)."""
import errno
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, ESTABLISHED, LATE, PORT, accepted, caller, calling, gets, info,
                        listening, passive, state)
from conversation import Conversation
from flow import Flow
from packets import Raw
from tap import main, test
from tcp import SEQUENCE


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


def silent(t, segments):
    """So many are out, with this echo to come for them, and again and again for two seconds."""
    f = Flow(t, rtt=0.1, stamps=True)
    f.writes(segments)
    f.sends(*range(segments))
    told = f.told
    t.passes(2)
    t.check(f.out().count(0) > 1, "not sent again")
    return f, told


@test("an ACK that was lost and comes again, with a D-SACK, tells no round trip", on=BOTH)
def lost_ack(t):
    f, told = silent(t, 1)
    f.ack(1, (0, 1), told=told)
    t.check(f.info.rtt < 0.2, f"RTT {f.info.rtt}")


@test("what came out of order is acknowledged with an echo that tells no round trip", on=BOTH)
def out_of_order(t):
    f, told = silent(t, 3)
    f.ack(1, (2, 3), told=told)
    t.check(f.info.rtt < 0.2, f"RTT {f.info.rtt}")


def stamp(value):
    return {"options": [("Timestamp", (value, 0))]}


@test("with delayed ACKs the echo is the earliest", on=BOTH)
def earliest(t):
    s, peer = stamped(t, 1000)
    for number in range(1, 41):
        peer.sends("A", bytes(1000), **stamp(1000 + number))
        echo(t)
        s.recv(1000)
    peer.sends("PA", b"first", **stamp(2000))
    peer.sends("PA", b"second", **stamp(2001))
    t.equal(echo(t)[0], 2000, "echo")
    for packet in t.collect():
        t.equal(packet[t.header].ack, peer.next, "the last ACK")


@test("a reset is believed whatever its timestamp", on=BOTH)
def reset(t):
    listener = listening(t)
    for options in ({}, stamp(999), stamp(0)):
        peer = caller(t)
        peer.connects(**stamp(1000))
        s = accepted(listener)
        peer.sends("R", ack=0, **options)
        t.settle()
        t.equal((state(s), s.error()), (CLOSE, errno.ECONNRESET), f"state, error: {options}")


@test("a segment without its timestamp does not end the connection", on=BOTH)
def missing(t):
    s, peer = stamped(t, 1000)
    peer.sends("A")
    peer.sends("PA", b"bare")
    t.collect()
    t.equal((state(s), s.error()), (ESTABLISHED, 0), "state, error")


@test("laid out on words: two of padding in front", on=BOTH)
def layout(t):
    s, _peer = stamped(t, 1000)
    s.send(b"hello")
    packet = t.expect(t.packet_out(flags="PA", dataofs=8))
    t.equal([name for name, _value in packet[t.header].options], ["NOP", "NOP", "Timestamp"],
            "options")


@test("without ACK the echo is zero", on=BOTH)
def no_echo(t):
    calling(t)
    syn = t.expect(t.packet_out(flags="S"))
    t.equal(dict(syn[t.header].options)["Timestamp"][1], 0, "TSecr")


@test("an ACK of long ago tells no round trip", on=BOTH)
def absurd_echo(t):
    f = Flow(t, stamps=True)
    before = f.info.rto
    for told in (1, f.told + 1000000, (f.told + (1 << 31)) % SEQUENCE):
        f.writes(1)
        t.collect()
        t.passes(0.1)
        f.base += 1000
        f.ack(0, told=told)
    t.check(f.info.rto <= before, f"RTO {before}, then {f.info.rto}")


@test("each pair of addresses has a clock of its own", on=BOTH)
def offsets(t):
    clocks = []
    for host in (t.there, t.names.other):
        s = t.socket()
        with t.fails(errno.EINPROGRESS):
            s.connect(t.address(PORT, host))
        syn = t.expect(t.packet_out(t.ip_out(dst=host), flags="S"))
        clocks.append(dict(syn[t.header].options)["Timestamp"][0])
    t.check((clocks[0] - clocks[1] + 5000) % SEQUENCE > 10000, f"clocks {clocks}")


if __name__ == "__main__":
    main(Conversation)
