#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""The congestion window: how it begins, grows, and rests (RFC 5681, 6928, 9438)."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL, accepted, caller, calling, listening, passive, setting
from conversation import Conversation
from flow import MSS, TCP_CONGESTION, Flow, in_flight, sizes
from tap import main, test
from tcp import SEQUENCE, Peer


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


@test("slow start: a timeout makes the connection careful, not the socket's next", on=BOTH)
def slow_start_of_next(t):
    f = in_flight(t, wait=0)
    f.later(10, after=(0.2, 0.3))
    f.later(0, after=(0.2, 0.5))
    f.s.disconnect()
    t.collect()
    s, peer = calling(t, f.s), Peer(t)
    peer.gets("S")
    t.passes(0.1)
    peer.sends("SA", options=[("MSS", MSS)])
    peer.gets("A")
    s.send(bytes(30 * MSS))
    t.equal(sizes(t), [MSS] * 10, "the initial window")
    peer.sends("A", ack=(peer.expected + 4 * MSS) % SEQUENCE)
    t.equal(sizes(t), [MSS] * 8, "as many as have arrived, and as many more")


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


def reduced(t, congestion):
    """A flow after a loss: its window is what the algorithm makes of ten segments."""
    f = in_flight(t, written=10, congestion=congestion)
    f.ack(0, (1, 5))
    f.sends(0)
    f.ack(10)
    f.out()
    return f, 10


def rounds(t, f, sent, count):
    """cwnd after each of so many round trips in which the window was used."""
    found = []
    f.writes(f.info.cwnd + 30)
    end = max(f.out()) + 1
    for _ in range(count):
        t.passes(0.1)
        for number in range(sent, end):
            f.ack(number + 1)
        f.writes(end - sent + 2)
        sent, end = end, max(f.out()) + 1
        found.append(f.info.cwnd)
    return found


@test("a window that is just full is used", on=BOTH)
def just_full(t):
    f, sent = reduced(t, b"reno")
    for _ in range(8):
        f.writes(5)
        f.sends(*range(sent, sent + 5))
        t.passes(0.1)
        f.ack(sent + 5)
        sent += 5
        if f.info.cwnd > 5:
            return
    t.check(False, f"{f.info}")


@test("Reno: half of the window after a loss, then one segment a round trip", on=BOTH)
def reno(t):
    f, sent = reduced(t, b"reno")
    t.check(f.info.ssthresh == 5 and f.info.cwnd in (5, 6), f"{f.info}")
    found = rounds(t, f, sent, 6)
    t.check(all(0 <= after - before <= 1 for before, after in zip(found, found[1:])), f"{found}")
    t.check(9 <= found[-1] <= 12, f"cwnd {found}")


@test("CUBIC: 0.7 of the window after a loss", on=BOTH)
def cubic(t):
    f, _sent = reduced(t, b"cubic")
    t.equal((f.info.ssthresh, f.info.cwnd), (7, 7), "ssthresh, cwnd")


@test("CUBIC: not slower than Reno would be", on=BOTH)
def friendly(t):
    f, sent = reduced(t, b"cubic")
    found = rounds(t, f, sent, 12)
    t.check(found == sorted(found) and found[-1] >= 7 + 12 * 0.5, f"cwnd {found}")


@test("CUBIC: slowly near the window that was too much, and fast beyond", on=BOTH)
def concave(t):
    f, sent = reduced(t, b"cubic")
    found = rounds(t, f, sent, 45)
    t.check(found[-1] - found[-11] > found[20] - found[10], f"cwnd {found}")


@test("CUBIC: time in which there was nothing to send does not count (RFC 9438 section 5.8)",
      on=BOTH)
def cubic_idle(t):
    setting("slow_start_after_idle", 0)
    f, sent = reduced(t, b"cubic")
    for _ in range(3):                      # the curve begins with congestion avoidance
        f.writes(f.info.cwnd)
        sent = max(f.out()) + 1
        t.passes(0.1)
        f.ack(sent)
    t.passes(600)
    found = rounds(t, f, sent, 4)
    t.check(all(0 <= after - before <= 1 for before, after in zip(found, found[1:])), f"{found}")


@test("TCP_CONGESTION: who chooses an algorithm gets it", on=BOTH)
def chooses(t):
    s, _peer = passive(t)
    for name in (b"reno", b"cubic"):
        s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, name)
        found = s.getsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, 16)
        t.equal(found.rstrip(b"\0"), name, "algorithm")
    with t.fails(errno.ENOENT):
        s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b"nonesuch")


if __name__ == "__main__":
    main(Conversation)
