#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""TIME-WAIT: how long, what ends it, what begins anew (RFC 9293, 1337, 6191)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, KERNEL, PEER_PORT, PORT, accepted, caller, listening,
                        nobody_there, setting, state)
from conversation import Conversation
from tap import main, test


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
    t.check(0 < (again.expected - peer.expected) % (1 << 32) < 1 << 31, "numbers go on")


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


if __name__ == "__main__":
    main(Conversation)
