#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Messages that are given up: partial reliability, RFC 3758 and RFC 7496."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, SCTP_NODELAY, SCTP_SNDINFO, SOL_SCTP, active, gets, message,
                         no_heartbeats, state, works)
from conversation import Conversation
from sctp import (P_FORWARD_TSN, PROTOCOL_VIOLATION, Abort, ForwardTsn, Shutdown, causes, chunks_of, tlv)
from tap import main, test

SCTP_PRINFO, SCTP_PARTIAL_DELIVERY_POINT = 5, 19
TTL, PRIO = 0x10, 0x30          # SCTP_PR_SCTP_...
FORWARD = tlv(P_FORWARD_TSN)    # the peer can do it, too


def unreliable(s, data, policy, value, flags=0):
    """The program sends a message that is given up by this policy."""
    return s.sendmsg([data], [(SOL_SCTP, SCTP_SNDINFO, struct.pack("=HHIIi", 0, 0, 0, 0, 0)),
                              (SOL_SCTP, SCTP_PRINFO, struct.pack("=HxxI", policy, value))], flags)


def small_buffer(t):
    """An association of a program that has room for some messages of 500 octets."""
    no_heartbeats()
    s, peer = active(t, FORWARD, options={(socket.SOL_SOCKET, socket.SO_SNDBUF): 2304})
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    return s, peer


def fills_window(s, peer):
    """The peer's window is full: the next message is not sent before it acknowledges this one."""
    message(s, b"first")
    peer.gets_data(b"first")
    peer.sacks(rwnd=500)
    message(s, bytes(500))
    peer.gets_data(bytes(500))


def skips(*entries):
    """What a FORWARD TSN says of streams: (stream, SSN)."""
    return b"".join(struct.pack("!HH", *entry) for entry in entries)


# What was not sent


@test("a message that expires before it is sent: no TSN is wasted on it", on=BOTH)
def expires_unsent(t):
    s, peer = active(t, FORWARD)
    unreliable(s, b"too late", TTL, 10, socket.MSG_MORE)
    t.passes(0.05)
    message(s, b"next")
    peer.gets_data(b"next", stream_seq=0)


@test("all that SHUTDOWN waits for expires: SHUTDOWN", on=BOTH)
def expires_before_shutdown(t):
    s, peer = active(t, FORWARD)
    unreliable(s, b"too late", TTL, 10, socket.MSG_MORE)
    t.passes(0.05)
    s.shutdown(socket.SHUT_WR)
    peer.gets(Shutdown())


@test("the rest expires while SHUTDOWN waits: SHUTDOWN with the last SACK", on=BOTH)
def expires_in_shutdown_pending(t):
    s, peer = active(t, FORWARD)
    fills_window(s, peer)
    unreliable(s, bytes(500), TTL, 100)
    s.shutdown(socket.SHUT_WR)
    t.passes(0.2)
    peer.sacks()
    peer.gets(Shutdown())


@test("what fills the send buffer expires: who waits for room is woken", on=BOTH)
def expires_and_wakes(t):
    s, peer = small_buffer(t)
    fills_window(s, peer)
    with t.fails(errno.EAGAIN):
        while True:
            unreliable(s, bytes(500), TTL, 100)
    sending = t.blocks(s.send, b"next")
    t.passes(0.2)
    peer.sacks()
    sending.returns(4)
    peer.gets_data(b"next")


# RFC 7496 section 3.2
@test("priorities: no more is given up for a message than it needs room", on=BOTH)
def priorities(t):
    s, peer = small_buffer(t)
    first = peer.expected
    with t.fails(errno.EAGAIN):
        while True:
            unreliable(s, bytes(500), PRIO, 10)
            peer.gets_data()
    # What was sent gives no room before it is acknowledged.
    with t.fails(errno.EAGAIN):
        unreliable(s, b"of weight", PRIO, 1)
    peer.gets(ForwardTsn(tsn=first, streams=skips((0, 0))))
    peer.sacks(cum=first)
    message(s, b"of weight")
    peer.gets_data(b"of weight")


# What was sent in part


@test("a part was sent, and acknowledged, as a message expires: FORWARD TSN passes its end", on=BOTH)
def expires_in_part(t):
    no_heartbeats()
    s, peer = active(t, FORWARD)
    unreliable(s, bytes(10 * t.mtu), TTL, 100)
    gets_part(t, peer)
    t.passes(0.2)
    peer.sacks()
    passes_end(t, s, peer)


@test("a part was sent, and not acknowledged, as a message expires: the same", on=BOTH)
def expires_in_part_unacknowledged(t):
    no_heartbeats()
    s, peer = active(t, FORWARD)
    unreliable(s, bytes(10 * t.mtu), TTL, 100)
    gets_part(t, peer)
    passes_end(t, s, peer, after=(0.9, 3.5))


def gets_part(t, peer):
    """The begin of a message comes, but not its end."""
    found = [one for packet in t.collect() for one in chunks_of(packet)]
    t.check(found[0].beginning and not found[-1].ending, "a part")
    peer.expected = found[-1].tsn + 1


def passes_end(t, s, peer, after=0):
    """What was not sent of the message has one TSN, and the peer is bid to pass that, too."""
    peer.gets(ForwardTsn(tsn=peer.expected, streams=skips((0, 0))), after=after)
    peer.expected += 1
    peer.sacks()
    message(s, b"next")
    peer.gets_data(b"next", stream_seq=1)
    peer.sacks()
    t.quiet(100)


# What the peer sent in part


def breaks_off(peer, order):
    """Two of three fragments come, and with the next TSN another message, in any order."""
    made = [peer.data(b"one ", flags="B"), peer.data(b"two ", flags="")]
    peer.ssn[0] = 1
    made += [peer.data(b"an", flags="B"), peer.data(b"other", flags="E")]
    made.append(peer.data(b"next"))
    for which in order:
        peer.sends(made[which])


@test("the peer breaks a message off and begins another: that is read", on=BOTH)
def broken_off(t):
    for order in ((0, 1, 2, 3, 4), (0, 2, 1, 3, 4), (2, 0, 3, 1, 4), (4, 3, 2, 1, 0)):
        s, peer = active(t, FORWARD)
        breaks_off(peer, order)
        gets(s, b"another")
        gets(s, b"next")
        t.collect()
        works(t, s, peer)
        peer.sends(Abort())


@test("the same where what it began has been delivered in part", on=BOTH)
def broken_off_partial(t):
    for order in ((0, 1, 2, 3, 4), (0, 2, 1, 3, 4), (0, 4, 3, 2, 1)):
        s, peer = active(t, FORWARD)
        s.setsockopt(SOL_SCTP, SCTP_PARTIAL_DELIVERY_POINT, struct.pack("=I", 1))
        breaks_off(peer, order)
        gets(s, b"one two ")
        gets(s, b"another")
        gets(s, b"next")
        t.collect()
        works(t, s, peer)
        peer.sends(Abort())


@test("without FORWARD TSN that is a protocol violation: ABORT", on=BOTH)
def broken_off_unagreed(t):
    for order in ((0, 1, 2), (0, 2, 1)):
        s, peer = active(t)
        breaks_off(peer, order)
        (cause, _), = causes(t.collect()[-1][Abort])
        t.equal(cause, PROTOCOL_VIOLATION, "cause")
        t.equal(state(s), CLOSED, "state")


main(Conversation)
