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
from association import BOTH, SCTP_NODELAY, SCTP_SNDINFO, SOL_SCTP, active, message, no_heartbeats
from conversation import Conversation
from sctp import P_FORWARD_TSN, Shutdown, tlv
from tap import main, test

SCTP_PRINFO = 5
TTL = 0x10                      # SCTP_PR_SCTP_TTL
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


main(Conversation)
