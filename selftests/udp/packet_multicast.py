#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Multicast and broadcast from the wire reach each socket that wants them, and no other."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import (IP_MULTICAST_ALL, IPV6_MULTICAST_ALL, MCAST_BLOCK_SOURCE, MCAST_JOIN_GROUP,
                   MCAST_JOIN_SOURCE_GROUP, MCAST_LEAVE_GROUP, MCAST_UNBLOCK_SOURCE, SOL_IP,
                   SOL_IPV6)
from conversation import Conversation
from tap import main, test
from udp import ALL, V4, V6

PORT = 7
SHARE = {(socket.SOL_SOCKET, socket.SO_REUSEADDR): 1}
BROADCASTS = ("255.255.255.255", "192.0.2.255")


def group(t, number=1):
    return f"ff15::{number}" if t.v6 else f"239.1.1.{number}"


def level(t):
    return SOL_IPV6 if t.v6 else SOL_IP


def storage(t, address):
    """An address as a struct sockaddr_storage."""
    packed = socket.inet_pton(t.variant.family, address)
    start = struct.pack("=HH", t.variant.family, 0)
    return (start + (bytes(4) if t.v6 else b"") + packed).ljust(128, b"\0")


def membership(t, s, option, address, source=None):
    """MCAST_JOIN_GROUP and its kin, which are the same for both families."""
    request = struct.pack("=II", socket.if_nametoindex(t.DEVICE), 0) + storage(t, address)
    s.setsockopt(level(t), option, request + (storage(t, source) if source else b""))


def joined(t, *groups, **kwargs):
    """A socket on PORT that has joined these groups and hears no other."""
    all_groups = (SOL_IPV6, IPV6_MULTICAST_ALL) if t.v6 else (SOL_IP, IP_MULTICAST_ALL)
    s = t.socket(port=PORT, options=SHARE, **kwargs)
    s.setsockopt(*all_groups, 0)
    for address in groups:
        membership(t, s, MCAST_JOIN_GROUP, address)
    return s


def to(t, address, data=b"hello", source=None, **fields):
    network = t.ip_in(dst=address, src=source or t.there)
    return t.packet_in(network, **{"sport": 9, "dport": PORT, **fields}) / data


def hear(t, packet, data, *sockets, others=()):
    """Each of the sockets gets the datagram once, the others do not get it."""
    with t.counted(InDatagrams=len(sockets)):
        t.inject(packet)
        for s in sockets:
            t.equal(s.receive(), (data, (t.there, 9)))
    for s in (*sockets, *others):
        t.check(s.is_empty(), "a socket got what is not for it")


@test("every socket that joined gets its own copy", on=ALL)
def every_member(t):
    members = [joined(t, group(t)) for _ in range(5)]
    hear(t, to(t, group(t)), b"hello", *members)


@test("one that joined another group gets nothing", on=ALL)
def other_group(t):
    member, other = joined(t, group(t, 1)), joined(t, group(t, 2))
    hear(t, to(t, group(t, 1)), b"hello", member, others=[other])
    hear(t, to(t, group(t, 2)), b"hello", other, others=[member])


@test("one on another port gets nothing", on=ALL)
def other_port(t):
    member = joined(t, group(t))
    other = t.socket(port=PORT + 1)
    membership(t, other, MCAST_JOIN_GROUP, group(t))
    hear(t, to(t, group(t)), b"hello", member, others=[other])


@test("one bound to the group gets it, one bound to the host's address does not", on=ALL)
def bound(t):
    to_group = joined(t, group(t), address=group(t))
    to_host = joined(t, group(t), address=t.here)
    hear(t, to(t, group(t)), b"hello", to_group, others=[to_host])


@test("a connected member hears its peer alone", on=ALL)
def connected(t):
    member, narrow = joined(t, group(t)), joined(t, group(t))
    narrow.connect(t.address(10))
    hear(t, to(t, group(t)), b"hello", member, others=[narrow])


@test("one bound to another device gets nothing", on=ALL)
def other_device(t):
    member, other = joined(t, group(t)), joined(t, group(t))
    other.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
    hear(t, to(t, group(t)), b"hello", member, others=[other])


@test("who has not joined hears the groups of others unless MULTICAST_ALL is off", on=ALL)
def multicast_all(t):
    member = joined(t, group(t))
    bystander = t.socket(port=PORT, options=SHARE)
    hear(t, to(t, group(t)), b"hello", member, bystander)


@test("who leaves gets no more", on=ALL)
def leave(t):
    stays, leaves = joined(t, group(t)), joined(t, group(t))
    hear(t, to(t, group(t)), b"hello", stays, leaves)
    membership(t, leaves, MCAST_LEAVE_GROUP, group(t))
    hear(t, to(t, group(t)), b"hello", stays, others=[leaves])


@test("a member for one source hears that one alone", on=ALL)
def source_filter(t):
    every, one = joined(t, group(t)), joined(t)
    membership(t, one, MCAST_JOIN_SOURCE_GROUP, group(t), t.names.other)
    hear(t, to(t, group(t)), b"hello", every, others=[one])
    t.inject(to(t, group(t), source=t.names.other))
    for s in (every, one):
        t.equal(s.receive(), (b"hello", (t.names.other, 9)))


@test("a blocked source is not heard until it is unblocked", on=ALL)
def blocked_source(t):
    every, picky = joined(t, group(t)), joined(t, group(t))
    membership(t, picky, MCAST_BLOCK_SOURCE, group(t), t.there)
    hear(t, to(t, group(t)), b"hello", every, others=[picky])
    membership(t, picky, MCAST_UNBLOCK_SOURCE, group(t), t.there)
    hear(t, to(t, group(t)), b"hello", every, picky)


@test("what one reads is still whole for the other", on=ALL)
def own_copy(t):
    first, second = joined(t, group(t)), joined(t, group(t))
    t.inject(to(t, group(t), b"a longer datagram"))
    t.equal(first.receive(8)[0], b"a longer")
    t.equal(second.receive()[0], b"a longer datagram")


@test("one full socket does not take it from the others", on=ALL)
def one_full(t):
    full, roomy = joined(t, group(t)), joined(t, group(t))
    full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for number in range(50):
        t.inject(to(t, group(t), b"%d" % number + bytes(1000)))
    t.settle()
    before = t.counters()
    t.check(before["RcvbufErrors"] >= 40, f"only {before['RcvbufErrors']} dropped")
    for number in range(50):
        t.check(roomy.receive()[0].startswith(b"%d\0" % number), f"number {number} is missing")


@test("a wrong checksum reaches no member and is counted", on=ALL)
def bad_checksum(t):
    members = [joined(t, group(t)) for _ in range(3)]
    before = t.counters()
    t.inject(to(t, group(t), chksum=0x1234))
    t.inject(to(t, group(t), b"good"))
    for s in members:
        t.equal(s.receive()[0], b"good")
    after = t.counters()
    for name in ("InErrors", "InCsumErrors"):
        t.check(1 <= after[name] - before[name] <= 3, f"{name} is {after[name]}")


@test("a fragmented multicast reaches every member", on=ALL)
def fragmented(t):
    members = [joined(t, group(t)) for _ in range(2)]
    pieces = list(t.fragments_in(to(t, group(t), bytes(3000)), 1000, 2000))
    for piece in pieces:
        piece.dst = group(t)
        t.inject(piece)
    for s in members:
        t.equal(s.receive()[0], bytes(3000))


@test("with no member on the port it is ignored and counted so", on=ALL)
def nobody(t):
    s = t.socket(port=PORT + 1)
    membership(t, s, MCAST_JOIN_GROUP, group(t))
    with t.counted(IgnoredMulti=1):
        t.inject(to(t, group(t)))
    t.quiet()


@test("a broadcast reaches every socket on the port, but none bound to the host", on=V4)
def broadcast(t):
    wide = [t.socket(port=PORT, options=SHARE) for _ in range(3)]
    narrow = t.socket(port=PORT, address=t.here, options=SHARE)
    for address in BROADCASTS:
        hear(t, to(t, address), b"hello", *wide, others=[narrow])


@test("a socket bound to the broadcast address hears broadcasts alone", on=V4)
def bound_to_broadcast(t):
    narrow = t.socket(port=PORT, address="192.0.2.255", options=SHARE)
    wide = t.socket(port=PORT, options=SHARE)
    hear(t, to(t, "192.0.2.255"), b"hello", narrow, wide)
    hear(t, to(t, t.here), b"hello", wide, others=[narrow])


@test("a unicast in a broadcast frame is delivered to one socket", on=V4, ethernet=True)
def broadcast_frame(t):
    s = t.socket(port=PORT)
    t.inject(to(t, t.here), to=b"\xff" * 6)
    t.equal(s.receive()[0], b"hello")


@test("sending to a broadcast needs SO_BROADCAST", on=V4)
def send_broadcast(t):
    s = t.socket(port=5000)
    for address in BROADCASTS:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 0)
        with t.fails(errno.EACCES):
            s.sendto(b"x", (address, 7))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.sendto(b"x", (address, 7))
        t.expect(t.packet_out(t.ip_out(dst=address), sport=5000, dport=7) / b"x")


@test("a multicast is sent with TTL 1, or as IP_MULTICAST_TTL says", on=V4)
def ttl(t):
    s = t.socket(port=5000)
    for value in (None, 2, 255):
        if value:
            s.setsockopt(SOL_IP, socket.IP_MULTICAST_TTL, value)
        s.sendto(b"x", (group(t), 7))
        t.expect(t.packet_out(t.ip_out(dst=group(t), ttl=value or 1)) / b"x")
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(ttl=64)) / b"x")


@test("a multicast is sent with 1 hop, or as IPV6_MULTICAST_HOPS says", on=V6)
def hops(t):
    s = t.socket(port=5000)
    for value in (None, 2, 255):
        if value:
            s.setsockopt(SOL_IPV6, socket.IPV6_MULTICAST_HOPS, value)
        s.sendto(b"x", (group(t), 7))
        t.expect(t.packet_out(t.ip_out(dst=group(t), hlim=value or 1)) / b"x")


@test("a multicast that is sent is heard on this host too, unless MULTICAST_LOOP is off", on=ALL)
def loop(t):
    member = joined(t, group(t))
    s = t.socket(port=5000)
    with t.counted(OutDatagrams=1, InDatagrams=1):
        s.sendto(b"x", (group(t), PORT))
        t.expect(t.packet_out(t.ip_out(dst=group(t)), dport=PORT) / b"x")
        t.equal(member.receive(), (b"x", (t.here, 5000)))
    s.setsockopt(level(t), socket.IPV6_MULTICAST_LOOP if t.v6 else socket.IP_MULTICAST_LOOP, 0)
    with t.counted(OutDatagrams=1):
        s.sendto(b"y", (group(t), PORT))
        t.expect(t.packet_out(t.ip_out(dst=group(t)), dport=PORT) / b"y")
    t.check(member.is_empty(), "it was heard")


if __name__ == "__main__":
    main(Conversation)
