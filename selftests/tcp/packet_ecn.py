#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Congestion that routers tell of instead of dropping (RFC 3168)."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL, LATE, PEER_PORT, PORT, caller, calling, listening, setting
from conversation import Conversation
from flow import Flow
from packets import Raw
from series import about
from tap import main, test
from tcp import SEQUENCE, Peer

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


@test("ECN: nothing of the socket's next connection is capable before that is agreed on", on=BOTH)
def ecn_next(t):
    f = capable(t)
    f.writes(1)
    t.equal([ecn_of(packet) for packet in t.collect()], [ECT0], "data")
    f.s.disconnect()
    t.collect()
    calling(t, f.s)
    t.equal([ecn_of(packet) for packet in t.collect()], [NOT_ECT], "SYN")


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


# What is agreed

def asks(t, flags):
    """The program asks for ECN, and gets this answer: what its data are."""
    s, peer = calling(t), Peer(t)
    t.equal(ecn_of(peer.gets("SEC")), NOT_ECT, "the SYN")
    peer.sends(flags, options=[("MSS", 1000)])
    peer.gets("A")
    s.send(b"hello")
    found = ecn_of(peer.gets("PA", b"hello"))
    peer.sends("R", ack=0)
    return found


@test("ECN: asked for with ECE and CWR, agreed on with ECE alone", on=BOTH)
def asked(t):
    setting("ecn", 1)
    t.equal([asks(t, flags) for flags in ("SAE", "SA", "SAC", "SAEC")],
            [ECT0, NOT_ECT, NOT_ECT, NOT_ECT], "data")


def answer(t, flags):
    """What a listener answers to a SYN with these flags."""
    peer = caller(t)
    peer.sends(flags)
    synack = t.expect(t.packet_out(sport=PORT, dport=PEER_PORT))
    t.equal(ecn_of(synack), NOT_ECT, "the SYN,ACK")
    peer.sends("R", ack=0)
    return str(synack[t.header].flags)


@test("ECN: by default if the peer asks, and by default not asked for", on=BOTH)
def default(t):
    listening(t)
    t.equal([answer(t, flags) for flags in ("SEC", "SE", "SC", "S")], ["SAE", "SA", "SA", "SA"],
            "answers")
    calling(t, port=9)
    t.expect(t.packet_out(flags="S"))


@test("ECN: switched off", on=BOTH)
def off(t):
    setting("ecn", 0)
    listening(t)
    t.equal(answer(t, "SEC"), "SA", "answer")


@test("ECN: a SYN that is lost is sent again without", on=BOTH)
def lost_syn(t):
    setting("ecn", 1)
    s, peer = calling(t), Peer(t)
    syn = peer.gets("SEC")
    peer.gets("S", again=True, seq=syn.seq, after=about(1))
    peer.sends("SAE")
    peer.gets("A")
    if not KERNEL:      # which believes that answer
        s.send(b"hello")
        t.equal(ecn_of(peer.gets("PA", b"hello")), NOT_ECT, "data")
        peer.sends("A")


# What is not capable, and what says nothing

@test("ECN: probes of a closed window are not capable", on=BOTH)
def probes(t):
    f = capable(t)
    f.peer.window = 0
    f.ack(0)
    f.writes(1)
    probe = t.expect(t.packet_out(), after=(0.1, 3))
    t.equal(ecn_of(probe), NOT_ECT, "probe")


@test("ECN: keepalives are not capable", on=BOTH)
def keepalives(t):
    f = capable(t)
    f.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
    f.s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    probe = t.expect(t.packet_out(seq=f.base - 1), after=(9, 12))
    t.equal(ecn_of(probe), NOT_ECT, "probe")
    f.ack(0)


@test("ECN: CE on a mere ACK is ignored", on=BOTH)
def marked_ack(t):
    f = capable(t)
    header = {"tc" if t.v6 else "tos": CE}
    t.inject(t.packet_in(t.ip_in(**header), sport=f.peer.port, dport=f.peer.program_port,
                         flags="A", seq=f.peer.next, ack=f.base))
    t.equal(marked(t, f), False, "ECE")


@test("ECN: CE on what came before, or is far out of the window, is ignored", on=BOTH)
def marked_duplicate(t):
    f = capable(t)
    marked(t, f)
    header = {"tc" if t.v6 else "tos": CE}
    for place in (-100, 1 << 30):
        t.inject(t.packet_in(t.ip_in(**header), sport=f.peer.port, dport=f.peer.program_port,
                             flags="PA", seq=(f.peer.next + place) % SEQUENCE, ack=f.base) /
                 Raw(bytes(100)))
        answer = t.expect(t.packet_out(ack=f.peer.next))
        t.check("E" not in str(answer[t.header].flags), f"ECE for {place:+}")


@test("ECN: a loss is told by CWR too, with the next new data", on=BOTH)
def loss_told(t):
    f = capable(t)
    f.writes(30)
    f.sends(*range(10))
    t.passes(0.1)
    f.ack(0, (1, 5))
    found = [(f.number(packet), "C" in str(packet[t.header].flags)) for packet in t.collect()]
    t.passes(0.1)
    f.ack(10)
    found += [(f.number(packet), "C" in str(packet[t.header].flags)) for packet in t.collect()]
    new = [cwr for number, cwr in found if number >= 10]
    old = [cwr for number, cwr in found if number < 10]
    t.equal((any(old), new[0], sum(new)), (False, True, 1), f"CWR in {found}")


if __name__ == "__main__":
    main(Conversation)
