#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What the receiver tells of what came out of order, and twice (RFC 2018, 2883)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, LATE, passive
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


if __name__ == "__main__":
    main(Conversation)
