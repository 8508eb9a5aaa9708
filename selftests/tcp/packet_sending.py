#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""How much is sent, and when: cwnd, Nagle's algorithm, cork, silly windows; ECN; PAWS."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import netem
from connection import (BOTH, KERNEL, LATE, PORT, accepted, caller, gets, info, listening, passive,
                        setting)
from conversation import Conversation
from flow import Flow
from packets import Raw
from tap import main, test

SOL_TCP = socket.IPPROTO_TCP
PACING_OPTIONS = {"max_rate": 47}       # SO_MAX_PACING_RATE


def sizes(t):
    """Of the segments with data that came out since."""
    return [size for size in (len(packet[t.header].payload) for packet in t.collect()) if size]


# Pacing

def paced(t, rtt, **options):
    """A connection under fq whose round trip is known."""
    netem.qdisc(t.DEVICE, "fq", "initial_quantum", "1500", "quantum", "1500")
    f = Flow(t, rtt=rtt)
    for option, value in options.items():
        f.s.setsockopt(socket.SOL_SOCKET, PACING_OPTIONS[option], value)
    f.writes(1)
    f.sends(0)
    t.passes(rtt)
    f.ack(1)
    return f


def in_pairs(f, numbers, pause):
    """The segments of a pair come at once, and pairs after a pause."""
    for number in numbers:
        f.later(number, after=pause)
        f.later(number + 1, after=(0, 0.001))


@test("under fq what a window allows is spread over the round trip", on=BOTH)
def spread(t):
    f = paced(t, rtt=1)
    f.writes(8)
    in_pairs(f, (1,), (0, 0.1))
    # Slow start: twice cwnd, 11 segments, in each round trip.
    in_pairs(f, (3, 5, 7), (0.08, 0.11))


@test("SO_MAX_PACING_RATE is the most that fq lets go", on=BOTH)
def max_pacing_rate(t):
    f = paced(t, rtt=1, max_rate=10000)
    f.writes(6)
    in_pairs(f, (1,), (0, 0.2))
    in_pairs(f, (3, 5), (0.19, 0.22))


# The congestion window

def burst(t, mss):
    """What goes out before the first ACK."""
    _listener, peer = listening(t), caller(t)
    peer.connects(options=[("MSS", mss)])
    s = accepted(_listener)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    s.send(bytes(100000))
    return sizes(t)


@test("the initial window: ten segments (RFC 6928)", on=BOTH)
def initial_window(t):
    t.equal(burst(t, 1000), [1000] * 10, "segments")


@test("the initial window: ten small segments", on=BOTH)
def initial_window_small(t):
    t.equal(burst(t, 200), [200] * 10, "segments")


@test("the initial window: large segments, not much beyond 14600 octets", on=BOTH, mtu=9000)
def initial_window_large(t):
    t.equal(burst(t, 4000), [4000] * (10 if KERNEL else 3), "segments")


@test("the initial window: huge segments, two of them", on=BOTH, mtu=9000)
def initial_window_huge(t):
    t.equal(burst(t, 8000), [8000] * (8 if KERNEL else 2), "segments")


def grown(t):
    """A flow whose window has grown from ten segments to twenty."""
    f = Flow(t)
    f.writes(10)
    f.sends(*range(10))
    t.passes(0.1)
    for upto in range(1, 11):
        f.ack(upto)
    t.check(18 <= f.info.cwnd <= 20, f"cwnd {f.info.cwnd}")
    return f


@test("slow start: twice as much each round trip", on=BOTH)
def slow_start(t):
    f = Flow(t)
    f.writes(40)
    f.sends(*range(10))
    t.passes(0.1)
    for upto in range(2, 11, 2):
        f.ack(upto)
    f.sends(*range(10, 30))


@test("an ACK of one octet is worth one octet (RFC 3465)", on=BOTH)
def divided(t):
    f = Flow(t)
    f.writes(40)
    f.sends(*range(10))
    t.passes(0.1)
    for octet in range(1, 100):
        f.peer.sends("A", ack=f.base + octet)
    t.check(f.info.cwnd <= 11, f"cwnd {f.info.cwnd}")
    f.out()


@test("after an idle time the window is the initial one again", on=BOTH)
def idle(t):
    f = grown(t)
    t.passes(30)
    f.writes(30)
    f.sends(*range(10, 20))


@test("tcp_slow_start_after_idle = 0: it is not", on=BOTH)
def idle_off(t):
    setting("slow_start_after_idle", 0)
    f = grown(t)
    cwnd = f.info.cwnd
    t.passes(30)
    f.writes(30)
    t.equal(len(f.out()), cwnd, "segments")


@test("a program that does not use its window does not get a larger one", on=BOTH)
def not_limited(t):
    f = Flow(t)
    for number in range(30):
        f.writes(1)
        f.sends(number)
        f.ack(number + 1)
    t.check(f.info.cwnd <= 10, f"cwnd {f.info.cwnd}")


# Nagle

@test("Nagle: a small segment waits until the one before is acknowledged", on=BOTH)
def nagle(t):
    s, peer = passive(t)
    s.send(b"a")
    peer.gets("PA", b"a")
    s.send(b"b")
    s.send(b"c")
    t.quiet(0.05)
    peer.sends("A")
    peer.gets("PA", b"bc")
    peer.sends("A")


@test("Nagle with Minshall's change: full segments hold nothing back", on=BOTH)
def minshall(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(bytes(1000))
    peer.gets("PA", bytes(1000))
    s.send(b"a")
    peer.gets("PA", b"a")
    s.send(b"b")
    t.quiet(0.05)
    peer.sends("A", ack=peer.expected - 1)
    t.quiet(0.05)
    peer.sends("A")
    peer.gets("PA", b"b")
    peer.sends("A")


@test("Nagle: what has grown to a full segment goes", on=BOTH)
def nagle_full(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(b"a")
    peer.gets("PA", b"a")
    s.send(bytes(600))
    t.quiet()
    s.send(bytes(600))
    peer.gets("A", bytes(1000))
    t.quiet(0.05)
    peer.sends("A")
    peer.gets("PA", bytes(200))
    peer.sends("A")


@test("TCP_NODELAY: nothing waits, and what waited goes", on=BOTH)
def nodelay(t):
    s, peer = passive(t)
    s.send(b"a")
    peer.gets("PA", b"a")
    s.send(b"b")
    t.quiet()
    s.setsockopt(SOL_TCP, socket.TCP_NODELAY, 1)
    peer.gets("PA", b"b")
    for _ in range(3):
        s.send(b"c")
        peer.gets("PA", b"c")
    peer.sends("A")


@test("a FIN takes what waits with it", on=BOTH)
def fin_takes(t):
    s, peer = passive(t)
    s.send(b"a")
    peer.gets("PA", b"a")
    s.send(b"b")
    s.shutdown(socket.SHUT_WR)
    peer.gets("FPA", b"b")
    peer.sends("A")


@test("TCP_CORK: only full segments go, until it is pulled", on=BOTH)
def cork(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.setsockopt(SOL_TCP, socket.TCP_CORK, 1)
    s.send(bytes(600))
    t.quiet(0.05)
    s.send(bytes(600))
    peer.gets("A", bytes(1000))
    peer.sends("A")
    t.quiet(0.05)
    s.setsockopt(SOL_TCP, socket.TCP_CORK, 0)
    peer.gets("PA", bytes(200))
    peer.sends("A")


@test("TCP_CORK and MSG_MORE hold back for 200 ms at most", on=BOTH)
def cork_ceiling(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(b"more", socket.MSG_MORE)
    peer.gets("PA", b"more", after=(0.19, 0.25))
    peer.sends("A")
    s.setsockopt(SOL_TCP, socket.TCP_CORK, 1)
    s.send(b"corked")
    peer.gets("PA", b"corked", after=(0.19, 0.25))
    peer.sends("A")


@test("what was corked is sent again if it is lost", on=BOTH)
def cork_lost(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(b"more", socket.MSG_MORE)
    first = peer.gets("PA", b"more", after=(0.19, 0.25))
    for wait in ((0.19, 0.5), (0.38, 1)):
        peer.gets("PA", b"more", again=True, seq=first.seq, after=wait)
    peer.sends("A")


# Silly windows

def narrow(s, peer):
    """The peer has room for half a segment: news, as they come with data."""
    for window in (65535, 500):
        peer.window = window
        peer.sends("PA", b"x")
        peer.gets("A", after=LATE)
        s.recv(1)


@test("the sender waits for room for a segment", on=BOTH)
def small_window(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    narrow(s, peer)
    s.send(bytes(3000))
    t.quiet(0.1)
    peer.window = 1000
    peer.sends("A")
    peer.gets("A", bytes(1000))
    peer.sends("A", window=400)
    t.quiet(0.1)
    peer.window = 65535
    peer.sends("A")
    t.equal(sum(sizes(t)), 2000, "octets")
    peer.expected += 2000
    peer.sends("A")


@test("the sender does not wait for ever for room", on=BOTH)
def small_window_ends(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    narrow(s, peer)
    s.send(bytes(3000))
    segment = t.expect(t.packet_out(seq=peer.expected), after=(0.15, 1))
    t.equal(len(segment[t.header].payload), 500, "octets")
    peer.expected += 500
    peer.window = 65535
    peer.sends("A")
    t.equal(sum(sizes(t)), 2500, "octets")
    peer.expected += 2500
    peer.sends("A")


@test("the receiver tells of no room worth less than a segment", on=BOTH)
def receiver_waits(t):
    listener = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 8192})
    listener.listen()
    peer = caller(t)
    peer.connects(options=[("MSS", 1000)])
    s = accepted(listener)
    window = 65535
    for _ in range(60):
        if window < 1000:
            break
        peer.sends("PA", bytes(1000))
        window = peer.gets("A", after=LATE)[t.header].window
    t.check(window < 1000, f"window {window}")
    for _ in range(20):
        s.recv(10)
    t.quiet(1)
    read = 200
    while True:
        try:
            read += len(s.recv(1000))
        except BlockingIOError:
            break
    updates = [packet[t.header].window for packet in t.collect()]
    t.check(updates and updates[-1] >= 1000, f"updates: {updates}")
    t.check(len(updates) <= read // 1000, f"updates: {updates}")


# ECN, RFC 3168

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


# Timestamps, RFC 7323

def stamped(t, value, **fields):
    """A connection with timestamps, and the peer's last one."""
    s, peer = passive(t, options=[("Timestamp", (value, 0))], **fields)
    t.collect()
    return s, peer


def echo(t, after=LATE):
    packet = t.expect(t.packet_out(flags="A"), after)
    return dict(packet[t.header].options)["Timestamp"][1], packet


@test("PAWS: an older timestamp is an old segment", on=BOTH)
def paws(t):
    s, peer = stamped(t, 1000)
    peer.sends("PA", b"new", options=[("Timestamp", (1010, 0))])
    t.equal(echo(t)[0], 1010, "echo")
    for old in (1008, 1000, 0, (1011 - (1 << 31)) % (1 << 32)):
        peer.sends("PA", b"old", options=[("Timestamp", (old, 0))])
        peer.next -= 3
        t.equal(echo(t)[0], 1010, "echo")
    peer.sends("PA", b"er!", options=[("Timestamp", (1010, 0))])
    echo(t)
    gets(s, b"newer!")


@test("PAWS over the wrap of the timestamps", on=BOTH)
def paws_wraps(t):
    s, peer = stamped(t, 0xFFFFFFF0)
    for value in (0xFFFFFFFF, 0, 1, 0x7FFFFFFF, 0x80000010):
        peer.sends("PA", b"x", options=[("Timestamp", (value, 0))])
        t.equal(echo(t)[0], value, "echo")
    gets(s, b"xxxxx")


@test("an echo is of the segment that moved the window's edge", on=BOTH)
def echoes(t):
    _s, peer = stamped(t, 1000)
    t.inject(t.packet_in(sport=peer.port, dport=peer.program_port, flags="A", seq=peer.next + 100,
                         ack=peer.expected, options=[("Timestamp", (1020, 0))]) / Raw(b"ahead"))
    t.equal(echo(t, 0)[0], 1000, "echo of what is ahead")
    peer.sends("A", bytes(100), options=[("Timestamp", (1010, 0))])
    t.equal(echo(t, 0)[0], 1010, "echo of what fills the hole")


@test("a round trip is told by the echo, even of what was sent twice", on=BOTH)
def echoed_round_trip(t):
    f = Flow(t, rtt=0.1, stamps=True)
    f.writes(1)
    f.sends(0)
    f.later(0, after=(0.2, 0.6))
    t.passes(0.1)
    f.ack(1)
    t.check(info(f.s).rto < 0.7, f"RTO {info(f.s).rto}")


if __name__ == "__main__":
    main(Conversation)
