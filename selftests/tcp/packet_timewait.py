#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""TIME-WAIT: how long, what ends it, what begins anew (RFC 9293, 1337, 6191)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, KERNEL, LATE, PEER_PORT, PORT, accepted, caller, gets,
                        listening, nobody_there, passive, setting, state)
from conversation import Conversation
from packets import Raw
from tap import main, test
from tcp import SEQUENCE


FAR = 1 << 30       # farther than any window


def time_wait(t, **syn):
    """A connection that the program closed first."""
    listener, peer = listening(t), caller(t)
    peer.connects(**syn)
    s = accepted(listener)
    s.close()
    peer.gets("FA")
    fields = {}
    if syn:
        fields["options"] = [("Timestamp", (2000, 0))]
    peer.sends("FA", **fields)
    peer.gets("A")
    return listener, peer


def still_waits(t, peer):
    t.quiet(1)
    peer.sends("FA", seq=peer.next - 1)
    peer.gets("A")


@test("TIME-WAIT lasts a minute", on=BOTH)
def time_wait_length(t):
    _listener, peer = time_wait(t)
    t.quiet(58)
    if not KERNEL:      # which begins anew with any segment
        peer.sends("A")     # what it knows: no answer
    t.quiet(10)
    nobody_there(t, peer)


@test("TIME-WAIT begins anew when the FIN comes again", on=BOTH)
def time_wait_anew(t):
    _listener, peer = time_wait(t)
    for _ in range(3):
        t.quiet(50)
        still_waits(t, peer)
    t.quiet(70)
    nobody_there(t, peer)


def reopened(listener, peer, **fields):
    """A SYN in TIME-WAIT begins a connection."""
    again = caller(listener.conversation, isn=fields.pop("isn"))
    again.connects(**fields)
    t = listener.conversation
    s = accepted(listener)
    t.equal(state(s), ESTABLISHED, "state")
    t.check(0 < (again.expected - peer.expected) % SEQUENCE < SEQUENCE // 2, "numbers go on")
    return s, again


def not_reopened(t, peer, seq, **fields):
    """A SYN in TIME-WAIT is but an old one."""
    t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="S", seq=seq, **fields))
    t.expect(t.packet_out(flags="A", seq=peer.expected, ack=peer.next))


@test("TIME-WAIT: a SYN with a higher number begins anew (RFC 6191)", on=BOTH)
def reopened_by_number(t):
    listener, peer = time_wait(t)
    t.quiet(5)
    not_reopened(t, peer, peer.next - 1)
    reopened(listener, peer, isn=peer.next + 1)


STAMPED = {"options": [("Timestamp", (1000, 0))]}


@test("TIME-WAIT: a SYN with a newer timestamp begins anew (RFC 6191)", on=BOTH)
def reopened_by_timestamp(t):
    listener, peer = time_wait(t, **STAMPED)
    t.quiet(5)
    not_reopened(t, peer, peer.next + 1000, options=[("Timestamp", (1500, 0))])
    t.quiet(1)
    not_reopened(t, peer, peer.next - 1000, options=[("Timestamp", (2000, 0))])
    reopened(listener, peer, isn=peer.next - 1000, options=[("Timestamp", (2001, 0))])


@test("TIME-WAIT: a reset ends it, unless tcp_rfc1337 is set", on=BOTH)
def assassination(t):
    for rfc1337 in (1, 0):
        setting("rfc1337", rfc1337)
        if rfc1337:
            _listener, peer = time_wait(t)
        peer.sends("R", ack=0)
        if rfc1337:
            still_waits(t, peer)
    nobody_there(t, peer)


@test("TIME-WAIT: a SYN with the same timestamp, or with none: by its number", on=BOTH)
def reopened_without_news(t):
    listener, peer = time_wait(t, **STAMPED)
    for options in ([("Timestamp", (2000, 0))], []):
        t.quiet(1)
        not_reopened(t, peer, peer.next - 1000, options=options)
    reopened(listener, peer, isn=peer.next + 1000)


@test("TIME-WAIT: a SYN,ACK begins nothing", on=BOTH)
def synack(t):
    listener, peer = time_wait(t)
    t.quiet(1)
    t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="SA", seq=peer.next + 1000,
                         ack=peer.expected))
    t.expect(t.packet_out(flags="A", seq=peer.expected, ack=peer.next))
    still_waits(t, peer)
    t.equal(listener.ready(), "", "nobody to accept")


@test("TIME-WAIT: data are acknowledged, and end nothing (RFC 1337)", on=BOTH)
def data(t):
    _listener, peer = time_wait(t)
    for place in (-100, -1, 0, 10, FAR, -FAR):
        t.quiet(1)
        t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="PA", ack=peer.expected,
                             seq=(peer.next + place) % SEQUENCE) / Raw(b"stray"))
        peer.gets("A")
    still_waits(t, peer)


@test("TIME-WAIT: a reset elsewhere does not end it (RFC 1337)", on=BOTH)
def reset_elsewhere(t):
    _listener, peer = time_wait(t)
    for place in (-1, 1, 1000, FAR, -FAR):
        t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="R",
                             seq=(peer.next + place) % SEQUENCE))
    t.quiet()
    still_waits(t, peer)


@test("TIME-WAIT: a reset with an old timestamp does not end it", on=BOTH)
def reset_old(t):
    _listener, peer = time_wait(t, **STAMPED)
    peer.sends("R", ack=0, options=[("Timestamp", (1500, 0))])
    t.quiet(1)
    peer.sends("FA", seq=peer.next - 1, options=[("Timestamp", (2001, 0))])
    peer.gets("A")


@test("TIME-WAIT answers with its timestamps", on=BOTH)
def timestamps(t):
    _listener, peer = time_wait(t, **STAMPED)
    t.quiet(1)
    peer.sends("FA", seq=peer.next - 1, options=[("Timestamp", (2001, 0))])
    found = dict(peer.gets("A")[t.header].options)
    t.check(found["Timestamp"][1] in (2000, 2001), f"{found}")


@test("TIME-WAIT of both that closed at once", on=BOTH)
def both(t):
    s, peer = passive(t)
    s.close()
    peer.gets("FA")
    peer.sends("FA", ack=peer.expected - 1)
    peer.gets("A")
    peer.sends("A")
    still_waits(t, peer)
    t.quiet(70)
    nobody_there(t, peer)


@test("after TIME-WAIT an old segment does no harm to the new connection", on=BOTH)
def old_segment(t):
    listener, peer = time_wait(t)
    old = t.packet_in(sport=PEER_PORT, dport=PORT, flags="PA", seq=peer.next - 1,
                      ack=peer.expected) / Raw(b"old")
    t.quiet(5)
    s, again = reopened(listener, peer, isn=peer.next + 100000)
    t.inject(old)
    again.gets("A")
    again.sends("PA", b"new")
    again.gets("A", after=LATE)
    gets(s, b"new")


if __name__ == "__main__":
    main(Conversation)
