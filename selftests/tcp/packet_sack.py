#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What the receiver tells of what came out of order, and twice (RFC 2018, 2883)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, LATE, gets, passive
from conversation import Conversation
from packets import Raw
from tap import main, test
from tcp import SEQUENCE


def sacks_of(packet, t, base):
    found = dict(packet[t.header].options).get("SAck", ())
    edges = [(edge - base) % SEQUENCE for edge in found]
    return list(zip(edges[::2], edges[1::2]))


@test("SACK blocks: the latest first, as many as there is room for", on=BOTH)
def sack_blocks(t):
    _s, peer = passive(t, options=[("SAckOK", b"")])
    base, expected = peer.next, []
    for start in (100, 300, 500, 700, 900):
        t.inject(t.packet_in(sport=peer.port, dport=peer.program_port, flags="A",
                             seq=base + start, ack=peer.expected) / Raw(bytes(50)))
        expected.insert(0, (start, start + 50))
        answer = peer.gets("A", ack=base)
        t.equal(sacks_of(answer, t, base), expected[:4], "blocks")
    peer.sends("A", bytes(100))
    answer = peer.gets("A", ack=base + 150)
    t.equal(sorted(sacks_of(answer, t, base))[:1], [(300, 350)], "first block")


@test("D-SACK: what came twice is told once, and first", on=BOTH)
def tells_dsack(t):
    s, peer = passive(t, options=[("SAckOK", b"")])
    base = peer.next
    peer.sends("A", bytes(100))
    peer.gets("A", after=LATE)
    s.recv(100)
    peer.sends("A", bytes(100), seq=base)
    t.equal(sacks_of(peer.gets("A"), t, base), [(0, 100)], "old data")
    for _ in range(2):
        t.inject(t.packet_in(sport=peer.port, dport=peer.program_port, flags="A",
                             seq=base + 300, ack=peer.expected) / Raw(bytes(50)))
    first, second = t.collect()
    t.equal(sacks_of(first, t, base), [(300, 350)], "ahead")
    t.equal(sacks_of(second, t, base), [(300, 350)] * 2, "ahead, twice")


def ahead(t, peer, base, start, end, **fields):
    """A segment out of order, and the answer's blocks."""
    t.inject(t.packet_in(sport=peer.port, dport=peer.program_port, flags="A", seq=base + start,
                         ack=peer.expected, **fields) / Raw(bytes(end - start)))
    packet = t.expect(t.packet_out(flags="A"), LATE)
    return sacks_of(packet, t, base)


@test("no SACK if the peer did not permit it", on=BOTH)
def not_permitted(t):
    _s, peer = passive(t)
    t.equal(ahead(t, peer, peer.next, 100, 200), [], "blocks")
    t.equal(ahead(t, peer, peer.next, 100, 200), [], "blocks, and none for what came twice")


@test("with timestamps there is room for three blocks", on=BOTH)
def three_blocks(t):
    stamp = {"options": [("Timestamp", (1000, 0))]}
    _s, peer = passive(t, options=[("SAckOK", b""), *stamp["options"]])
    base = peer.next
    for start in (100, 300, 500, 700):
        found = ahead(t, peer, base, start, start + 50, **stamp)
    t.equal(found, [(700, 750), (500, 550), (300, 350)], "blocks")


@test("what joins two blocks makes them one", on=BOTH)
def joined(t):
    _s, peer = passive(t, options=[("SAckOK", b"")])
    base = peer.next
    ahead(t, peer, base, 100, 200)
    ahead(t, peer, base, 300, 400)
    t.equal(ahead(t, peer, base, 200, 300), [(100, 400)], "blocks")


@test("D-SACK: a part that came twice is told, and the block that it lies in", on=BOTH)
def part_twice(t):
    _s, peer = passive(t, options=[("SAckOK", b"")])
    base = peer.next
    ahead(t, peer, base, 100, 200)
    found = ahead(t, peer, base, 150, 250)
    t.equal(found, [(150, 200), (100, 250)], "ahead")


@test("D-SACK: told once, though the ACK does not move", on=BOTH)
def told_once(t):
    _s, peer = passive(t, options=[("SAckOK", b"")])
    base = peer.next
    ahead(t, peer, base, 100, 200)
    t.equal(ahead(t, peer, base, 100, 200), [(100, 200)] * 2, "twice")
    t.equal(ahead(t, peer, base, 300, 400), [(300, 400), (100, 200)], "the next")


@test("what was told is kept until it is read", on=BOTH)
def kept(t):
    s, peer = passive(t, options=[("SAckOK", b"")])
    base = peer.next
    for start in (100, 300, 500):
        ahead(t, peer, base, start, start + 100)
    t.quiet(60)
    for start in (0, 200, 400):
        found = ahead(t, peer, base, start, start + 100)
    t.equal(found, [], "blocks")
    gets(s, bytes(600))


if __name__ == "__main__":
    main(Conversation)
