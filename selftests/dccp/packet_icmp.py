#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What ICMP tells of a connection: RFC 4340 section 14; and the size of packets."""
import errno
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import Peer
from dialogue import BOTH, GET_CUR_MPS, SOL_DCCP, active, calling, tells, told
from tap import main, test

HEADER = 24 + 28        # that of a DataAck, and what is left free for options


def unreachable(t, about, **fields):
    return t.icmp_error(1 if t.v6 else 3, 4 if t.v6 else 3, about, **fields)


def too_big(t, about, mtu):
    return t.icmp_error(2 if t.v6 else 3, 0 if t.v6 else 4, about, rest=mtu)


def quoted(t, packet, seq=None, length=None):
    """What an ICMP error quotes of a packet that came out."""
    whole = bytes(t.packet_out(type=packet.type, sport=packet.sport, dport=packet.dport,
                               seq=packet.seq if seq is None else seq, ack=packet.ack or 0))
    return whole[:t.ip_length + length] if length else whole


def mps(s):
    return s.getsockopt(SOL_DCCP, GET_CUR_MPS)


@test("a port unreachable refuses a connection", on=BOTH)
def refused(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(7))
    request = peer.asked()
    t.inject(unreachable(t, quoted(t, request)))
    connecting.fails(errno.ECONNREFUSED)


@test("an error that quotes another number, or none, is not believed", on=BOTH)
def implausible(t):
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    for seq in (request.seq - 1, request.seq + 1):
        t.inject(unreachable(t, quoted(t, request, seq)))
    t.inject(unreachable(t, quoted(t, request, length=8)))
    t.inject(unreachable(t, quoted(t, request, length=15)))
    t.quiet()
    t.equal(s.error(), 0, "error")
    t.inject(unreachable(t, quoted(t, request, length=16)))
    t.quiet()
    t.equal(s.error(), errno.ECONNREFUSED, "error")


@test("no ICMP error ends a connection that is open", on=BOTH)
def open_stays(t):
    s, peer = active(t)
    found = tells(s, peer)
    t.inject(unreachable(t, quoted(t, found)))
    t.quiet()
    told(t, s, peer)


@test("too big: packets become smaller, and what is too large is refused", on=BOTH)
def narrower(t):
    s, peer = active(t)
    t.equal(mps(s), 1500 - t.ip_length - HEADER, "size at first")
    found = tells(s, peer, b"x" * mps(s))
    t.inject(too_big(t, quoted(t, found), 1400))
    t.quiet()
    t.equal(mps(s), 1400 - t.ip_length - HEADER, "size")
    with t.fails(errno.EMSGSIZE):
        s.send(b"x" * (mps(s) + 1))
    peer.expected = None
    s.send(b"x" * mps(s))
    t.collect()


@test("too big: of a number that was never sent changes nothing", on=BOTH)
def narrower_implausible(t):
    s, peer = active(t)
    found = tells(s, peer)
    before = mps(s)
    t.inject(too_big(t, quoted(t, found, found.seq + 50), 1280))
    t.quiet()
    t.equal(mps(s), before, "size")


if __name__ == "__main__":
    main(Conversation)
