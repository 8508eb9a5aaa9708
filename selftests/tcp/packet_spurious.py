#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Losses that were none, found out and undone (RFC 3522, 3708, 4015, 5682)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, calling
from conversation import Conversation
from flow import LOSS, MSS, OPEN, RECOVERY, in_flight
from tap import main, test
from tcp import SEQUENCE, Peer


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


@test("F-RTO: what it has begun ends with the connection, and the socket's next repairs a loss", on=BOTH)
def frto_next_connection(t):
    f = in_flight(t, wait=0)
    f.later(10, after=(0.2, 0.3))
    f.later(0, after=(0.2, 0.5))
    f.ack(1)
    f.sends(11, 12)
    f.s.disconnect()
    t.collect()
    s, peer = calling(t, f.s), Peer(t)
    peer.gets("S")
    t.passes(0.1)
    peer.sends("SA", options=[("MSS", MSS), ("SAckOK", b"")])
    peer.gets("A")
    s.send(bytes(5 * MSS))
    t.passes(0.1)
    t.collect()
    blocks = tuple((peer.expected + MSS * edge) % SEQUENCE for edge in (1, 5))
    peer.sends("A", options=[("SAck", blocks)])
    peer.gets("A", bytes(MSS), again=True, seq=peer.expected, after=(0, 0.05))


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


if __name__ == "__main__":
    main(Conversation)
