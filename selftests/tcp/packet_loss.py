#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Loss: how it is found, what is sent again and when, and what it costs (RFC 6582, 6675, 8985)."""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL
from conversation import Conversation
from flow import LOSS, MSS, OPEN, RECOVERY, Flow, in_flight
from linux import SO_MEMINFO
from tap import main, test

SK_MEMINFO_FWD_ALLOC = 4

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


@test("a D-SACK widens the reordering window", on=BOTH)
def reordering_window_widens(t):
    f = in_flight(t, written=10)
    f.ack(0, (1, 4))
    f.out()
    f.ack(4)
    f.ack(4, (0, 1))
    f.ack(10)
    f.writes(4)
    f.sends(10, 11, 12, 13)
    t.passes(0.1)
    f.ack(10, (11, 12))
    f.later(10, after=(0.015 if KERNEL else 0.05, 0.09))    # which waits for another round


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


@test("what SACKs make of one buffer is asked for like all memory: it leaves no debt", on=BOTH)
def memory_of_pieces(t):
    f = in_flight(t, written=10)
    f.ack(0, (1, 2), (3, 4), (5, 6), (7, 8))
    t.settle()
    found = struct.unpack("9i", f.s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))
    t.check(found[SK_MEMINFO_FWD_ALLOC] >= 0, f"SO_MEMINFO {found}")
    f.ack(10)
    f.out()


@test("what waits in a device stays as it was, though it goes again in other pieces", on=BOTH)
def pieces(t):
    """The peer's hole takes its place in the header, and segments are smaller."""
    f = Flow(t)
    t.impair("delay", "3s")
    for _ in range(5):
        f.writes(1)
    t.passes(0.1)
    f.peer.sends("A", b"x", seq=f.peer.next + 100)
    f.ack(0, (2, 5))
    found = [packet for packet in t.collect() if packet[t.header].payload]
    t.equal([(f.number(packet), len(packet[t.header].payload)) for packet in found[:5]],
            [(number, MSS) for number in range(5)], "those that were sent first")
    t.equal([len(packet[t.header].payload) for packet in found[5:7]], [MSS - 12, 12],
            "the first of those sent again")
    f.ack(5)
    t.passes(4)
    t.collect()


@test("reneging before a closed window: the probe and what follows it go on as if never SACKed",
      on=BOTH)
def reneging_closed(t):
    f = Flow(t)
    f.writes(2)
    f.sends(0, 1)
    f.ack(0, (1, 2))
    f.later(0, after=(0, 0.1))
    f.peer.window = 0
    f.ack(1)
    if not KERNEL:
        f.later(1, after=(0.1, 1))      # the probe
    f.peer.window = 65535
    f.ack(1)
    f.later(1, after=(0, 1))
    f.later(1, after=(0.1, 2))
    f.ack(2)
    t.equal((f.info.retrans, f.info.lost), (0, 0), "segments that are thought to be out, or lost")


@test("a SACK block that begins where the ACK ends is passed over: all that is out goes again",
      on=BOTH)
def block_at_ack(t):
    f = Flow(t)
    f.writes(2)
    f.sends(0, 1)
    f.ack(0, (0, 2))
    t.passes(3)
    found = f.out()
    t.check(0 in found, f"segments {found}")
    f.ack(2)
    t.equal((f.info.retrans, f.info.lost), (0, 0), "segments that are thought to be out, or lost")


if __name__ == "__main__":
    main(Conversation)
