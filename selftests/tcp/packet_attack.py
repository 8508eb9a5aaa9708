#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Blind attacks: who cannot see the numbers of a connection cannot harm it (RFC 5961)."""
import errno
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, KERNEL, LATE, accepted, caller, gets, listening,
                        passive, state)
from conversation import Conversation
from tap import main, test
from tcp import SEQUENCE

WINDOW = 65535      # the largest that the peer ever offers
FAR = 1 << 30       # farther than any window


def unharmed(t, s, peer):
    """The connection is as it was."""
    t.quiet()
    t.equal((state(s), s.error()), (ESTABLISHED, 0), "state, error")
    t.check(s.is_empty(), "the attacker's data arrived")
    peer.sends("PA", b"still here")
    peer.gets("A", after=LATE)
    gets(s, b"still here")


def attacked(title, *places):
    """A test for each segment: how far it is from the next number."""
    def add(function):
        for place in places:
            def story(t, place=place):
                function(t, place, *passive(t))
            test(f"{title} ({place:+})" if place else title, on=BOTH)(story)
    return add


# Resets (section 3)

@attacked("a reset out of the window is passed over", -1, -FAR, FAR, 1 << 20)
def reset_far(t, place, s, peer):
    peer.sends("R", seq=(peer.next + place) % SEQUENCE, ack=0)
    unharmed(t, s, peer)


@attacked("a reset elsewhere in the window: challenge ACK", 1, 1000)
def reset_near(t, place, s, peer):
    peer.sends("R", seq=peer.next + place, ack=0)
    peer.gets("A")
    unharmed(t, s, peer)


@attacked("a reset at just the next number ends the connection", 0)
def reset_right(t, _place, s, peer):
    peer.sends("R", ack=0)
    t.quiet()
    t.equal(s.error(), errno.ECONNRESET, "error")


@attacked("with data out of order, a reset at the next number still ends it", 0)
def reset_with_gap(t, _place, s, peer):
    peer.sends("PA", b"later", seq=peer.next + 100)
    peer.gets("A")
    peer.sends("R", ack=0)
    t.quiet()
    t.equal(s.error(), errno.ECONNRESET, "error")


# SYNs (section 4)

@attacked("a SYN in a connection: challenge ACK, and no more", 0, 1, -1, -1000, FAR, -FAR)
def syn(t, place, s, peer):
    peer.sends("S", seq=(peer.next + place) % SEQUENCE, ack=0)
    peer.next = 1001
    peer.gets("A")
    unharmed(t, s, peer)


@attacked("a SYN-ACK in a connection: challenge ACK, and no more", 0, 1, -1, FAR)
def synack(t, place, s, peer):
    peer.sends("SA", seq=(peer.next + place) % SEQUENCE)
    peer.next = 1001
    peer.gets("A")
    unharmed(t, s, peer)


@test("a peer that restarted: SYN, challenge, reset, SYN, connection", on=BOTH)
def restarted(t):
    listener, peer = listening(t), caller(t)
    peer.connects()
    old = accepted(listener)
    peer.sends("S", seq=0x12345678, ack=0)
    challenge = peer.gets("A")
    peer.sends("R", seq=challenge.ack, ack=0)
    t.settle()
    t.equal(old.error(), errno.ECONNRESET, "error")
    anew = caller(t, isn=0x12345678)
    anew.connects()
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


# Data (section 5)

@attacked("an ACK of what was never sent: challenge ACK, data dropped", 1, 1000, FAR)
def ack_unsent(t, place, s, peer):
    peer.sends("PA", b"evil", ack=(peer.expected + place) % SEQUENCE)
    peer.next -= len(b"evil")
    if KERNEL:      # of which older ones say nothing
        t.collect()
    else:
        peer.gets("A")
    unharmed(t, s, peer)


@attacked("an ACK older than the largest window: challenge ACK, data dropped",
          -WINDOW - 1, -WINDOW - 1000, -FAR)
def ack_old(t, place, s, peer):
    peer.sends("PA", b"evil", ack=(peer.expected + place) % SEQUENCE)
    peer.next -= len(b"evil")
    peer.gets("A")
    unharmed(t, s, peer)


@attacked("an old ACK within the largest window: data accepted", -1, -500)
def ack_within(t, place, s, peer):
    s.send(bytes(500))
    peer.gets("PA", bytes(500))
    peer.sends("A")
    peer.sends("PA", b"late", ack=(peer.expected + place) % SEQUENCE)
    peer.gets("A")
    gets(s, b"late")


# The limit (section 7)

@test("challenge ACKs are limited", on=BOTH)
def limited(t):
    s, peer = passive(t)
    for place in range(1, 201):
        peer.sends("R", seq=peer.next + place, ack=0)
    challenges = len(t.collect())
    t.check(0 < challenges < 100, f"{challenges} challenges for 200 resets")
    unharmed(t, s, peer)


if __name__ == "__main__":
    main(Conversation)
