#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""DCCP-Listen, by which a server invites a client that it knows: RFC 5596."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, DATA, LISTEN, NO_CONNECTION, REQUEST, RESET, RESPONSE, Peer, confirms)
from dialogue import (BOTH, KERNEL, PEER_PORT, PORT, SERVICE, SOL_DCCP, VECTORS, accepted, caller,
                      calling, tells, told, with_service)
from tap import Skip, main, test

INVITE = 0x8001
NONE, INVITED, LISTEN1 = range(3)


def name(t, host, port=PEER_PORT):
    """A struct sockaddr_in or sockaddr_in6."""
    packed = socket.inet_pton(t.variant.family, host)
    if t.v6:
        return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0) + packed + bytes(4)
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + packed + bytes(8)


def inviting(t, host=None, **options):
    """A listener that is for one client."""
    if KERNEL:
        raise Skip("the kernel's DCCP invites nobody")
    s = t.socket(port=PORT, address=t.here, options=with_service())
    s.setsockopt(SOL_DCCP, INVITE, name(t, host or t.there, **options))
    t.equal(s.getsockopt(SOL_DCCP, INVITE), INVITED, "state before listen()")
    s.listen(8)
    return s


def invited(t, peer, after=0):
    """A Listen comes: RFC 5596 section 2.2.1."""
    found = peer.gets(LISTEN, after=after, seq=0, service=SERVICE, cscov=0, ccval=0, X=1)
    t.equal((found.dataofs, found.options), (5, []), "no options")
    peer.expected = None


@test("a Listen goes out at once, and twice again after 200 ms each; then nothing more", on=BOTH)
def repeated(t):
    with t.counted(ListensSent=3, OutPackets=3):
        s, peer = inviting(t), caller(t)
        invited(t, peer)
        invited(t, peer, after=0.2)
        invited(t, peer, after=0.2)
    t.equal(s.getsockopt(SOL_DCCP, INVITE), INVITED, "state")
    t.quiet(0.3)
    t.equal(s.getsockopt(SOL_DCCP, INVITE), LISTEN1, "state 600 ms later")
    t.quiet(60)


@test("INVITED: the client's Request is answered, and there is no more Listen", on=BOTH)
def comes_at_once(t):
    s, peer = inviting(t), caller(t)
    invited(t, peer)
    response = peer.asks(*VECTORS)
    t.quiet(2)
    t.equal(s.getsockopt(SOL_DCCP, INVITE), LISTEN1, "state")
    peer.sends(ACK, options=confirms(response))
    connection = accepted(s)
    told(t, connection, peer)
    tells(connection, peer)


@test("LISTEN1: the client may come later", on=BOTH)
def comes_late(t):
    s, peer = inviting(t), caller(t)
    for after in (0, 0.2, 0.2):
        invited(t, peer, after)
    t.quiet(30)
    peer.connects(*VECTORS)
    told(t, accepted(s), peer)


@test("to others such a listener is not there; nor to the client's other ports", on=BOTH)
def others(t):
    t.ours, peer = inviting(t), caller(t)
    for after in (0, 0.2, 0.2):
        invited(t, peer, after)
    other = Peer(t, PEER_PORT + 1, PORT, service=SERVICE)
    other.sends(REQUEST)
    other.gets(RESET, code=NO_CONNECTION, seq=0)
    t.inject(t.packet_in(t.ip_in(src=t.names.other), type=REQUEST, sport=PEER_PORT, dport=PORT,
                         seq=9, service=SERVICE))
    t.expect(t.packet_out(t.ip_out(dst=t.names.other), type=RESET, code=NO_CONNECTION, ack=9))
    t.equal(t.ours.ready(), "", "nobody to accept")


@test("ICMP errors about a Listen change nothing", on=BOTH)
def soft_errors(t):
    s, peer = inviting(t), caller(t)
    invited(t, peer)
    about = t.packet_out(type=LISTEN, sport=PORT, dport=PEER_PORT, seq=0, service=SERVICE)
    t.inject(t.icmp_error(1 if t.v6 else 3, 4 if t.v6 else 3, about))
    invited(t, peer, after=0.2)
    t.equal(s.error(), 0, "error")
    peer.connects(*VECTORS)
    told(t, accepted(s), peer)


@test("another's Listen, and packets of no connection, in INVITED", on=BOTH)
def not_requests(t):
    t.ours, peer = inviting(t), caller(t)
    invited(t, peer)
    with t.counted(InPackets=1, ListensReceived=1):
        peer.sends(LISTEN, seq=0)
    peer.sends(DATA, b"nothing")
    peer.gets(RESET, code=NO_CONNECTION, seq=0)
    peer.sends(RESET, ack=7)
    peer.expected = None
    invited(t, peer, after=(0.1, 0.2))
    t.ours.close()
    t.quiet(2)


@test("invited while it listens already; and whoever comes is welcome again", on=BOTH)
def changes(t):
    if KERNEL:
        raise Skip("the kernel's DCCP invites nobody")
    s = t.socket(port=PORT, address=t.here, options=with_service())
    s.listen(8)
    t.quiet()
    t.equal(s.getsockopt(SOL_DCCP, INVITE), NONE, "state")
    peer = caller(t)
    s.setsockopt(SOL_DCCP, INVITE, name(t, t.there))
    invited(t, peer)
    s.setsockopt(SOL_DCCP, INVITE, b"")
    t.quiet(2)
    other = Peer(t, PEER_PORT + 1, PORT, service=SERVICE)
    other.connects(*VECTORS)
    told(t, accepted(s), other)


@test("who is not fully specified invites nobody", on=BOTH)
def refused(t):
    if KERNEL:
        raise Skip("the kernel's DCCP invites nobody")
    s = t.socket(port=PORT, options=with_service())
    with t.fails(errno.EADDRNOTAVAIL):
        s.setsockopt(SOL_DCCP, INVITE, name(t, t.there))
    s.close()
    s = t.socket(port=PORT, address=t.here)
    for value, number in ((name(t, t.there, port=0), errno.EINVAL), (bytes(7), errno.EINVAL),
                          (bytes(28), errno.EAFNOSUPPORT)):
        with t.fails(number):
            s.setsockopt(SOL_DCCP, INVITE, value)
    t.equal(s.getsockopt(SOL_DCCP, INVITE), NONE, "state")


@test("a client's Request goes again for a Listen; once, and it waits twice as long then", on=BOTH)
def triggered(t):
    if KERNEL:
        raise Skip("the kernel's DCCP takes no notice")
    t.ours, peer = calling(t), Peer(t)
    peer.asked()
    t.passes(0.5)
    with t.counted(InPackets=1, OutPackets=1, RetransPackets=1, ListensReceived=1):
        peer.sends(LISTEN, seq=0)
        request = peer.asked()
    peer.sends(LISTEN, seq=0)
    peer.asked(after=2)
    peer.sends(RESPONSE, ack=request.seq, options=confirms(request))
    peer.gets(ACK)
    tells(t.ours, peer, kind=None)


@test("a Listen of another service, or of no connection, is nothing to a client", on=BOTH)
def not_triggered(t):
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    peer.sends(LISTEN, seq=0, service=SERVICE + 1)
    t.quiet()
    peer.sends(RESPONSE, options=confirms(request))
    peer.gets(ACK)
    peer.sends(LISTEN, seq=0)
    tells(s, peer, kind=None)


if __name__ == "__main__":
    main(Conversation)
