#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""When what waits is sent: pacing, Nagle's algorithm, cork, silly windows."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import netem
from connection import BOTH, KERNEL, LATE, PORT, accepted, caller, calling, passive
from conversation import Conversation
from flow import Flow, sizes
from tap import Skip, main, test
from tcp import Peer

SOL_TCP = socket.IPPROTO_TCP
PACING_OPTIONS = {"max_rate": 47}       # SO_MAX_PACING_RATE


# Pacing

def paced(t, rtt, **options):
    """A connection under fq whose round trip is known."""
    if KERNEL:
        raise Skip("its bursts are of other sizes")
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


@test("SO_MAX_PACING_RATE of 0, while nothing is out: the next segment goes at once", on=BOTH)
def no_pacing_rate(t):
    f = paced(t, rtt=1)
    t.quiet(2)
    f.s.setsockopt(socket.SOL_SOCKET, PACING_OPTIONS["max_rate"], 0)
    f.writes(1)
    f.later(1, after=(0, 0.1))
    f.ack(2)


@test("what slowed down one connection does not hold up the socket's next", on=BOTH)
def next_unpaced(t):
    f = paced(t, rtt=1)
    f.s.setsockopt(socket.SOL_SOCKET, PACING_OPTIONS["max_rate"], 100)
    f.writes(1)
    f.later(1, after=(0, 0.1))      # and the next not before ten seconds
    f.s.setsockopt(socket.SOL_SOCKET, PACING_OPTIONS["max_rate"], 1000000)
    t.passes(1)
    f.ack(2)
    f.s.disconnect()
    t.passes(1)
    t.collect()
    s, peer = calling(t, f.s), Peer(t)
    peer.gets("S")
    t.passes(0.1)
    peer.sends("SA")
    peer.gets("A")
    t.passes(0.1)
    s.send(b"at once")
    peer.gets("PA", b"at once", after=(0, 0.1))


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


if __name__ == "__main__":
    main(Conversation)
