#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Congestion that routers tell of instead of dropping (RFC 3168)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, LATE, setting
from conversation import Conversation
from flow import Flow
from packets import Raw
from tap import main, test

NOT_ECT, ECT1, ECT0, CE = range(4)


def ecn_of(packet):
    return (packet.tc if packet.version == 6 else packet.tos) & 3


def capable(t, **flow):
    setting("ecn", 1)
    return Flow(t, flags="SEC", **flow)


@test("ECN: agreed on, data are capable, mere ACKs are not", on=BOTH)
def ecn_capable(t):
    f = capable(t)
    f.writes(1)
    t.equal([ecn_of(packet) for packet in t.collect()], [ECT0], "data")
    f.ack(1)
    f.peer.sends("PA", b"x", ack=f.base + 1000)
    t.equal([ecn_of(packet) for packet in t.collect()], [NOT_ECT], "ACK")


@test("ECN: not asked for, nothing is capable", on=BOTH)
def ecn_not_asked(t):
    f = Flow(t)
    f.writes(1)
    t.equal([ecn_of(packet) for packet in t.collect()], [NOT_ECT], "data")
    f.ack(1, flags="AE")
    t.check(f.info.ssthresh > 100, "ECE is believed")


@test("ECN: ECE halves the window once, and CWR tells so once", on=BOTH)
def ecn_reduces(t):
    f = capable(t)
    f.writes(60)
    f.sends(*range(10))
    t.passes(0.1)
    for upto in range(1, 11):
        f.ack(upto, flags="AE")
    packets = [packet for packet in t.collect() if packet[t.header].payload]
    flags = ["C" in str(packet[t.header].flags) for packet in packets]
    t.equal((flags[0], sum(flags)), (True, 1), "CWR")
    t.equal((f.info.ca_state, f.info.ssthresh), (2, 5), "state, ssthresh")
    t.check(all(ecn_of(packet) == ECT0 for packet in packets), "capable")
    last = f.number(packets[-1]) + 1
    f.ack(last)
    t.check(f.info.ssthresh == 5 and f.info.cwnd <= 7, f"{f.info}")
    f.out()


@test("ECN: another ECE in the next window halves again", on=BOTH)
def ecn_reduces_again(t):
    f = capable(t)
    f.writes(60)
    f.sends(*range(10))
    t.passes(0.1)
    f.ack(2, flags="AE")
    last = max(f.out(), default=9)
    f.ack(last + 1)
    found = f.out()
    t.equal(f.info.ssthresh, 5, "ssthresh")
    t.passes(0.1)
    f.ack(max(found), flags="AE")
    t.check(f.info.ssthresh < 5, f"ssthresh {f.info.ssthresh}")
    f.out()


@test("ECN: what is sent again is not capable", on=BOTH)
def ecn_retransmission(t):
    f = capable(t)
    f.writes(10)
    f.sends(*range(10))
    t.passes(0.1)
    f.ack(0, (1, 4))
    packets = [packet for packet in t.collect() if f.number(packet) == 0]
    t.equal([ecn_of(packet) for packet in packets], [NOT_ECT], "retransmission")


def marked(t, f, flags="PA", ecn=ECT0):
    """The peer sends a segment; whether the answer has ECE."""
    header = {"tc" if t.v6 else "tos": ecn}
    data = bytes(100)
    t.inject(t.packet_in(t.ip_in(**header), sport=f.peer.port, dport=f.peer.program_port,
                         flags=flags, seq=f.peer.next, ack=f.base) / Raw(data))
    f.peer.next += 100
    answer = t.expect(t.packet_out(ack=f.peer.next), after=LATE)
    f.s.recv(100)
    return "E" in str(answer[t.header].flags)


@test("ECN: CE is told by ECE until CWR comes", on=BOTH)
def ecn_echo(t):
    f = capable(t)
    t.equal(marked(t, f), False, "before")
    t.equal(marked(t, f, ecn=CE), True, "CE")
    for _ in range(3):
        t.equal(marked(t, f), True, "until CWR")
    t.equal(marked(t, f, flags="PAC"), False, "CWR")
    t.equal(marked(t, f), False, "after")
    t.equal(marked(t, f, flags="PAC", ecn=CE), True, "CWR and CE")


if __name__ == "__main__":
    main(Conversation)
