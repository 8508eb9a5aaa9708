#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Loss: how it is found, what is sent again and when, and what it costs (RFC 6582, 6675, 8985)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL, LATE, passive
from conversation import Conversation
from flow import Flow
from packets import Raw
from tap import main, test
from tcp import SEQUENCE

OPEN, DISORDER, CWR, RECOVERY, LOSS = range(5)      # tcpi_ca_state


def in_flight(t, written=20, wait=0.1, **flow):
    """Ten segments are out, and there is more to be sent. Time for the first ACK."""
    f = Flow(t, **flow)
    f.writes(written)
    f.sends(*range(min(written, 10)))
    if wait:
        t.passes(wait)
    return f


# Fast retransmit

@test("without SACK: the third duplicate ACK; each partial ACK one more (NewReno)", on=BOTH)
def newreno(t):
    f = in_flight(t, wait=0, sack=False)
    for new in (10, 11):
        f.ack(0)
        f.sends(new)            # RFC 3042: limited transmit
    f.ack(0)
    f.sends(0)
    t.equal((f.info.ca_state, f.info.ssthresh), (RECOVERY, 5), "state, ssthresh")
    f.ack(5)
    t.equal(f.out()[:1], [5], "after a partial ACK")
    f.ack(8)
    found = f.out()
    t.equal(found[:1], [8], "after a partial ACK")
    f.ack(max(found + [11]) + 1)
    f.out()
    t.check(KERNEL or f.info.ca_state == OPEN, "recovery is over")


@test("without SACK: two duplicate ACKs are no loss", on=BOTH)
def two_duplicates(t):
    f = in_flight(t, written=10, sack=False)
    f.ack(0)
    f.ack(0)
    f.sends()
    f.ack(10)
    t.equal(f.info.cwnd >= 10, True, "cwnd stays")


@test("data or a new window with an old ACK are no duplicate ACK", on=BOTH)
def no_duplicates(t):
    f = in_flight(t, written=10, sack=False)
    for number in range(4):
        f.peer.sends("PA", b"x", ack=f.base)
        f.peer.sends("A", ack=f.base, window=60000 + number)
        f.s.receive()
    f.sends()


@test("with SACK: three segments behind the hole", on=BOTH)
def sacked(t):
    f = in_flight(t, wait=0)
    f.ack(0, (1, 2))
    f.sends(10)
    f.ack(0, (1, 3))
    f.sends(11)
    f.ack(0, (1, 4))
    f.sends(0)
    t.equal((f.info.ca_state, f.info.ssthresh), (RECOVERY, 5), "state, ssthresh")
    f.ack(12)
    t.settle()
    t.equal((f.info.ca_state, f.info.cwnd in (5, 6)), (OPEN, True), "state, cwnd")
    f.out()


@test("with SACK: only the holes are sent again, each once", on=BOTH)
def holes(t):
    f = in_flight(t, written=10)
    f.ack(0, (7, 10), (5, 6), (3, 4), (1, 2))
    found = f.out()
    for upto in (1, 3, 5):
        f.ack(upto, *[block for block in ((7, 10), (5, 6), (3, 4)) if block[0] > upto])
        found += f.out()
    t.equal(found, [0, 2, 4, 6], "segments")


@test("SACK blocks that cannot be are passed over", on=BOTH)
def bad_blocks(t):
    f = in_flight(t, written=10)
    for block in ((20, 30), (5, 3), (9, 11), (0, 20), (-20, -10)):
        f.ack(0, block)
        f.ack(0, (2, 3), block)
    f.sends()
    f.ack(10)
    t.equal(f.info.ca_state, OPEN, "state")


@test("a retransmission that is lost is sent again without a timeout", on=BOTH)
def lost_again(t):
    f = in_flight(t)
    f.ack(0, (1, 4))
    found = f.out()
    t.check(0 in found, "sent again")
    t.passes(0.1)
    f.ack(0, (1, 8))
    found = f.out()
    t.check(0 not in found, "too early")
    new = max(found, default=0)
    t.check(new >= 10, "new data")
    t.passes(0.1)
    f.ack(0, (1, new + 1))
    t.check(0 in f.out(), "not sent again")


# RACK's reordering window

@test("one segment behind the hole: a quarter of a round trip later", on=BOTH)
def reordering_window(t):
    f = in_flight(t, written=10)
    f.ack(0, (1, 2))
    f.later(0, after=(0.015, 0.06))


@test("new data do not stop RACK's timer", on=BOTH)
def reordering_window_new_data(t):
    f = in_flight(t)
    f.ack(0, (1, 2))
    f.sends(10)
    f.later(0, after=(0.015, 0.06))


@test("what was only reordered is not sent again", on=BOTH)
def reordered(t):
    f = in_flight(t, written=10)
    f.ack(0, (1, 2))
    t.quiet(0.01)
    f.ack(2)
    f.ack(2, (3, 4))
    f.ack(4)
    f.ack(10)
    t.quiet(1)
    t.equal(f.info.ca_state, OPEN, "state")


# Tail loss probe

@test("a loss probe after two round trips: the last segment", on=BOTH)
def loss_probe(t):
    f = Flow(t, rtt=0.5)
    f.writes(3)
    f.sends(0, 1, 2)
    f.later(2, after=(1.0, 1.15))
    f.ack(0, (2, 3))
    t.check(set(f.out()) <= {0, 1}, "the holes")


@test("a loss probe: new data, if there are any", on=BOTH)
def loss_probe_new(t):
    f = in_flight(t, wait=0, rtt=0.5)
    f.later(10, after=(1.0, 1.15))


@test("a loss probe for one segment waits for a delayed ACK, too", on=BOTH)
def loss_probe_lone(t):
    f = Flow(t, rtt=0.5)
    f.writes(1)
    f.sends(0)
    f.later(0, after=(1.2, 1.4))


@test("a loss that the probe repaired costs what a loss costs", on=BOTH)
def loss_probe_costs(t):
    f = in_flight(t, wait=0, written=10, rtt=0.5)
    f.later(9, after=(1.0, 1.15))
    f.ack(10)
    t.check(f.info.ssthresh > 100, "too early: it may have come twice")
    f.writes(1)
    f.sends(10)
    f.ack(11)
    t.check(f.info.ssthresh <= 10 and f.info.cwnd <= 11, f"{f.info}")


@test("a loss probe that was in vain costs nothing", on=BOTH)
def loss_probe_in_vain(t):
    f = in_flight(t, wait=0, written=10, rtt=0.5)
    f.later(9, after=(1.0, 1.15))
    f.ack(10)
    f.ack(10, (9, 10))
    f.writes(1)
    f.sends(10)
    f.ack(11)
    t.check(f.info.cwnd >= 10 and f.info.ssthresh > 100, "cwnd, ssthresh")


# PRR

@test("PRR: what is sent follows what arrives, down to half", on=BOTH)
def prr(t):
    f = in_flight(t, wait=0, written=40)
    f.ack(0, (1, 4))
    bursts = [len(f.out())]
    for upto in range(5, 11):
        f.ack(0, (1, upto))
        bursts.append(len(f.out()))
    t.check(max(bursts[1:]) <= 1, f"bursts: {bursts}")
    t.check(3 <= sum(bursts) <= 7, f"sent: {bursts}")


# Timeouts

@test("a timeout: one segment, then twice as much each round trip", on=BOTH)
def timeout(t):
    f = in_flight(t, wait=0, written=10)
    f.later(9, after=(0.2, 0.3))        # the loss probe
    f.later(0, after=(0.2, 0.5))
    t.equal((f.info.ca_state, f.info.cwnd, f.info.ssthresh), (LOSS, 1, 5),
            "state, cwnd, ssthresh")
    f.ack(1)
    f.sends(1, 2)
    f.ack(3)
    t.check(1 <= len(f.out()) <= 4, "segments")


@test("reneging: what was SACKed and is not there any more is sent again", on=BOTH)
def reneging(t):
    f = in_flight(t, wait=0, written=10)
    f.ack(0, (1, 10))
    f.sends(0)
    f.ack(1)
    f.later(1, after=(0, 1))


# What turns out to have been no loss

@test("Eifel: a spurious timeout is undone by the timestamp's echo", on=BOTH)
def eifel_timeout(t):
    f = in_flight(t, wait=0, written=10, stamps=True)
    first = f.told
    f.later(9, after=(0.2, 0.3))
    f.later(0, after=(0.2, 0.5))
    t.equal(f.info.ca_state, LOSS, "state")
    f.ack(1, told=first)
    t.equal((f.info.ca_state, f.info.cwnd >= 10), (OPEN, True), "state, cwnd")
    f.sends()


@test("Eifel: a spurious fast retransmit is undone", on=BOTH)
def eifel_fast(t):
    f = in_flight(t, written=10, stamps=True)
    first = f.told
    f.ack(0, (1, 4), told=first)
    f.sends(0)
    t.equal(f.info.ca_state, RECOVERY, "state")
    f.ack(4, told=first)
    t.settle()
    t.equal((f.info.ca_state, f.info.cwnd >= 10), (OPEN, True), "state, cwnd")
    f.ack(10)
    t.equal(f.info.ssthresh > 100, True, "ssthresh is back")


@test("Eifel: what duplicate ACKs echo is old, and undoes nothing", on=BOTH)
def eifel_duplicates(t):
    f = in_flight(t, written=10, stamps=True)
    first = f.told
    f.ack(0, (1, 4), told=first)
    f.sends(0)
    for upto in (5, 6, 10):
        f.ack(0, (1, upto), told=first)
        t.settle()
        t.equal(f.info.ca_state, RECOVERY, "state")
    f.ack(10)
    t.settle()
    t.equal((f.info.ca_state, f.info.cwnd <= 6), (OPEN, True), "state, reduced cwnd")


@test("D-SACK: a spurious fast retransmit is undone", on=BOTH)
def dsack(t):
    f = in_flight(t, written=10)
    f.ack(0, (1, 4))
    f.sends(0)
    f.ack(4)
    f.ack(4, (0, 1))
    t.equal((f.info.ca_state, f.info.cwnd >= 10), (OPEN, True), "state, cwnd")


@test("D-SACK: undone even when recovery is over", on=BOTH)
def late_dsack(t):
    f = in_flight(t, written=10)
    f.ack(0, (1, 4))
    f.sends(0)
    f.ack(10)
    t.equal(f.info.cwnd <= 6, True, "reduced")
    f.ack(10, (0, 1))
    t.equal((f.info.cwnd >= 10, f.info.ssthresh > 100), (True, True), "cwnd and ssthresh are back")


@test("F-RTO: a spurious timeout is found by what was sent once", on=BOTH)
def frto(t):
    f = in_flight(t, wait=0)
    f.later(10, after=(0.2, 0.3))
    f.later(0, after=(0.2, 0.5))
    f.ack(1)
    f.sends(11, 12)
    f.ack(2)
    t.equal((f.info.ca_state, f.info.cwnd >= 10), (OPEN, True), "state, cwnd")
    t.check(all(number > 12 for number in f.out()), "something was sent again")


@test("F-RTO: a timeout that was none is found so, too", on=BOTH)
def frto_not_spurious(t):
    f = in_flight(t, wait=0)
    f.later(10, after=(0.2, 0.3))
    f.later(0, after=(0.2, 0.5))
    f.ack(1)
    f.sends(11, 12)
    f.ack(1, (11, 12))
    t.check(1 in f.out(), "the next one is sent again")
    t.equal(f.info.ca_state, LOSS, "state")


@test("F-RTO without SACK: a spurious timeout is found by the second ACK", on=BOTH)
def frto_no_sack(t):
    f = in_flight(t, wait=0, sack=False)
    f.later(0, after=(0.2, 0.5))
    f.ack(1)
    f.sends(10, 11)
    f.ack(2)
    t.equal((f.info.ca_state, f.info.cwnd >= 10), (OPEN, True), "state, cwnd")
    t.check(all(number > 11 for number in f.out()), "something was sent again")


@test("F-RTO: what one ACK says is not enough", on=BOTH)
def frto_one_ack(t):
    f = in_flight(t, wait=0, sack=False)
    f.later(0, after=(0.2, 0.5))
    f.ack(9)            # all but the last were there, and the ACKs of them lost
    f.sends(10, 11)
    t.equal(f.info.ca_state, LOSS, "state")
    f.ack(9)
    t.check(9 in f.out(), "the next one is sent again")


@test("without SACK: duplicates of what a timeout sent again are no loss (RFC 6582's recover)", on=BOTH)
def recover(t):
    f = in_flight(t, wait=0, written=10, sack=False)
    f.later(0, after=(0.2, 0.5))
    f.ack(10)
    f.writes(4)
    f.sends(10, 11)
    for _ in range(3):
        f.ack(10)
    t.check(10 not in f.out(), "the segment was sent again")
    t.check(f.info.ca_state in (OPEN, 1), "state")


# What the receiver tells

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
