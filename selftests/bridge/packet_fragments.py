#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Datagrams in parts, and packets of many segments: all of them get the other number."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from bridge import UDP
from bridged import TCPS, UDPS, Bridged
from connection import calling
from linux import MF
from packets import IPv6, IPv6ExtHdrFragment, Raw, parse
from tap import main, test
from tcp import Peer
from udp import UDP_SEGMENT, SOL_UDP

PORT, PEER = 7, 4444
DATA = bytes(number * 7 % 251 for number in range(4000))


def in_parts(t, *cuts, **options):
    return list(t.fragments_in(t.packet_in(sport=PEER, dport=PORT) / Raw(DATA), *cuts, **options))


def heard(t, s):
    t.equal(s.receive(), (DATA, (t.there, PEER)))


@test("a datagram comes in parts", on=UDPS)
def parts(t):
    s = t.socket(port=PORT)
    for number, cuts in enumerate(((8,), (16, 1480, 2960), tuple(range(8, 400, 8)))):
        for part in in_parts(t, *cuts, number=number):
            t.inject(part)
        heard(t, s)
    t.did(in_=3)


@test("they come in whatever order", on=UDPS)
def disorder(t):
    s = t.socket(port=PORT)
    for number, order in enumerate(((3, 2, 1, 0), (1, 0, 3, 2), (0, 3, 1, 2))):
        fragments = in_parts(t, 16, 1480, 2960, number=number)
        for which in order:
            t.inject(fragments[which])
        heard(t, s)


@test("a part alone is nothing", on=UDPS)
def alone(t):
    s = t.socket(port=PORT)
    first, *_, last = in_parts(t, 16, 1480)
    t.inject(last)
    t.inject(first)
    t.settle()
    t.check(s.is_empty(), "something arrived")
    t.did()


@test("what is whole, but has a fragment header", on=UDPS[1:])
def atomic(t):
    s = t.socket(port=PORT)
    t.inject(t.packet_in(t.ip_in() / IPv6ExtHdrFragment(id=7), sport=PEER, dport=PORT) / Raw(DATA[:100]))
    t.equal(s.receive()[0], DATA[:100])
    t.did(in_=1)


def together(t, packets):
    """One packet of its fragments, as they were sent."""
    data, numbers = b"", set()
    for packet in packets:
        part = packet[IPv6ExtHdrFragment] if t.v6 else packet
        t.equal(part.offset * 8 if t.v6 else part.frag * 8, len(data), "offset")
        t.equal(part.nh if t.v6 else part.proto, UDP, "number")
        t.equal(bool(part.m if t.v6 else part.flags & MF), packet is not packets[-1], "more")
        numbers.add(part.id)
        data += bytes(part.payload)
    t.equal(len(numbers), 1, "identifications")
    return parse(bytes((IPv6(src=t.here, dst=t.there, nh=UDP) if t.v6 else t.ip_out(proto=UDP)) / Raw(data)))


@test("a datagram leaves in parts", on=UDPS)
def leaving(t):
    s = t.socket(port=PORT)
    s.sendto(DATA, t.address(PEER))
    packet = together(t, t.collect())
    found = packet[t.header]
    t.equal((found.sport, found.dport, bytes(found.payload)), (PORT, PEER, DATA))
    t.check(found.is_intact(), "the checksum is wrong")
    t.did(out=1)


@test("one packet of many datagrams", on=UDPS)
def segments(t):
    s = t.socket(port=PORT)
    s.setsockopt(SOL_UDP, UDP_SEGMENT, 1000)
    s.sendto(DATA[:3500], t.address(PEER))
    for start in range(0, 3500, 1000):
        t.expect(t.packet_out(sport=PORT, dport=PEER) / Raw(DATA[start:min(start + 1000, 3500)]))
    t.did(out=4)


@test("one packet of many segments", on=TCPS)
def stream(t):
    s = calling(t)
    peer = Peer(t)
    peer.accepts(window=65535, options=[("MSS", 1000)])
    before = 2      # SYN and ACK
    data = os.urandom(8000)
    t.equal(s.send(data), 8000)
    found = b""
    count = 0
    while len(found) < 8000:
        segment = t.expect(t.packet_out(dport=7, seq=peer.expected + len(found)))
        part = bytes(segment[t.header].payload)
        t.check(part, "a segment without data")
        found += part
        count += 1
    t.equal(found, data)
    t.did(in_=1, out=before + count)


@test("one packet of many segments, the last octet of which is urgent", on=TCPS)
def urgent(t):
    s = calling(t)
    peer = Peer(t)
    peer.accepts(window=65535, options=[("MSS", 1000)])
    data = os.urandom(7000)
    t.equal(s.send(data, socket.MSG_OOB), 7000)
    for start in range(0, 7000, 1000):
        peer.gets("AU" if start < 6000 else "PAU", data[start:start + 1000], urgptr=7000 - start)
    t.did(in_=1, out=2 + 7)


if __name__ == "__main__":
    main(Bridged)
