#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""The window: ours, which never shrinks, and the peer's, which may (RFC 9293 section 3.8.6)."""
import errno
import fcntl
import os
import select
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, ESTABLISHED, KERNEL, LATE, PORT, accepted, caller, gets,
                        passive, state)
from conversation import Conversation
from flow import Flow
from packets import Raw
from tap import Failed, Skip, main, test
from tcp import SEQUENCE

MSS = 1000
# Of all namespaces, and to be written in the first one.
MEMORY = None if KERNEL else os.open("/proc/sys/net/xl4/tcp_mem", os.O_RDWR)


def small(t, rcvbuf=8192, **syn):
    """A connection with little room for what it receives: (socket, peer, the scale of windows)."""
    listener = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): rcvbuf})
    listener.listen()
    peer = caller(t)
    peer.sends("S", options=[("MSS", MSS), *syn.get("options", [])])
    synack = peer.gets("SA")
    peer.sends("A")
    return accepted(listener), peer, dict(synack[t.header].options).get("WScale", 0)


def filled(t, scale=0, **syn):
    """A connection whose receiver has closed its window: (socket, peer, octets that wait there)."""
    s, peer, scale = small(t, **syn)
    octets, window = 0, MSS
    for _ in range(200):
        size = min(MSS, window)
        peer.sends("PA", bytes(size))
        octets += size
        window = peer.gets("A", after=LATE)[t.header].window << scale
        if not window:
            return s, peer, octets
    raise Failed(f"{octets} octets have not filled the window")


# Ours

@test("the right edge never moves to the left, whatever is read, or not", on=BOTH)
def right_edge(t):
    for options in ([], [("WScale", 7)]):
        s, peer, scale = small(t, options=options)
        edge = 0
        for number in range(60):
            size = 1 + 97 * number % MSS        # nothing that a scaled window could tell exactly
            peer.sends("PA", bytes(size))
            if number == 30:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            if number % 7 == 6:
                s.recv(1 << 16)
            t.passes(0.3)
            for packet in t.collect():
                at = packet[t.header].ack + (packet[t.header].window << scale)
                t.check(at >= edge, f"the edge at {edge}, then at {at}")
                edge = at
            if peer.next != packet[t.header].ack:       # more than there was room for
                peer.next = packet[t.header].ack
        peer.sends("R", ack=0)
        s.close()
        t.settle()
        t.demolish()
        t.build()


@test("a closed window: data are refused and answered, each time", on=BOTH)
def closed(t):
    s, peer, octets = filled(t)
    t.quiet(1)
    for size in (1, 100):
        t.quiet(1)
        t.inject(t.packet_in(sport=peer.port, dport=peer.program_port, flags="PA", seq=peer.next,
                             ack=peer.expected) / Raw(b"x" * size))
        peer.gets("A", window=0)
    gets(s, bytes(octets))
    t.check(s.is_empty(), "more than there was room for")
    t.collect()
    peer.sends("PA", b"now")
    peer.gets("A", after=LATE)
    gets(s, b"now")


@test("a closed window: an ACK is heard", on=BOTH)
def closed_ack(t):
    s, peer, _octets = filled(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    peer.sends("A")
    t.quiet(5)          # nothing comes again


@test("a closed window: a reset is heard", on=BOTH)
def closed_reset(t):
    s, peer, _octets = filled(t)
    peer.sends("R", ack=0)
    t.settle()
    t.equal((state(s), s.error()), (CLOSE, errno.ECONNRESET), "state, error")


@test("a closed window: the urgent pointer is heard", on=BOTH)
def closed_urgent(t):
    s, peer, _octets = filled(t)
    seen = []
    before = signal.signal(signal.SIGURG, lambda *_arguments: seen.append(1))
    try:
        fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid())
        peer.sends("UA", urgptr=1)
        t.settle()
    finally:
        signal.signal(signal.SIGURG, before)
    t.equal(len(seen), 1, "SIGURG")


@test("a closed window: a probe of an old octet is answered", on=BOTH)
def closed_probe(t):
    _s, peer, _octets = filled(t)
    for _ in range(3):
        t.quiet(1)
        peer.sends("A", seq=(peer.next - 1) % SEQUENCE)
        peer.gets("A", window=0)


@test("a window that opens is told, though nobody asks", on=BOTH)
def opens(t):
    s, peer, octets = filled(t)
    t.quiet(10)
    gets(s, bytes(octets))
    update = peer.gets("A")
    t.check(update[t.header].window >= MSS, f"window {update[t.header].window}")


# So large that few of them fill the buffer, and of that much remains.
LARGE = 1448


def feeds(t, peer, scale, octets):
    """The peer sends so many octets, as the window lets it; returns how many when that stays closed."""
    room, fed = LARGE, 0
    while fed < octets and room:
        size = min(LARGE, room, octets - fed)
        peer.sends("PA", bytes(size))
        fed += size
        t.passes(0.5)
        room = t.collect()[-1][t.header].window << scale
    return fed


@test("SO_RCVLOWAT of more than the window lets in: who waits in recv() reads on", on=BOTH)
def lowat_recv(t):
    s, peer, scale = small(t, rcvbuf=4096)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 20000)
    reading = t.blocks(s.recv, 20000)
    t.equal(feeds(t, peer, scale, 20000), 20000, "octets")
    t.equal(len(reading.returns(after=(-1, 0))), 20000, "octets read")


@test("SO_RCVLOWAT of more than the window lets in: who waits in poll() is woken", on=BOTH)
def lowat_poll(t):
    s, peer, scale = small(t, rcvbuf=4096)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 20000)
    polling = t.blocks(s.wait_ready, select.POLLIN)
    t.check(feeds(t, peer, scale, 20000) < 20000, "the window stays open")
    polling.returns("in", after=(-1, 0))


@test("the memory of all sockets is used up: who waits for data gets them", on=BOTH)
def no_memory(t):
    if KERNEL:
        raise Skip("the machine's own connections need its memory")
    limits = os.pread(MEMORY, 100, 0)
    s, peer = passive(t)
    try:
        # -1: more than that is always in use, though what each CPU sets aside is not counted.
        os.pwrite(MEMORY, b"18446744073709551615 " * 3, 0)
        for _ in range(3):
            peer.sends("PA", b"hello")
            peer.gets("A", after=LATE)
            gets(s, b"hello")
    finally:
        os.pwrite(MEMORY, limits, 0)
    s.close()
    peer.gets("FA")
    peer.sends("FA")
    peer.gets("A")


# The peer's

def under_way(t):
    """Five segments are out when the peer takes back room for three of them."""
    f = Flow(t, sack=False)
    f.writes(5)
    f.sends(*range(5))
    f.peer.window = 2000
    for _ in range(2):
        f.peer.sends("PA", b"x", ack=f.base)        # news, as they come with data
        t.expect(t.packet_out(ack=f.peer.next), after=LATE)
    return f


@test("the peer shrinks its window: nothing is sent beyond it anew", on=BOTH)
def not_anew(t):
    f = under_way(t)
    f.writes(5)
    t.passes(0.1)
    f.sends()


@test("the peer shrinks its window: what lies within is sent again", on=BOTH)
def within(t):
    f = under_way(t)
    for wait in ((0.1, 1), (0.3, 2)):
        f.later(0, after=wait)
    f.ack(1)
    t.passes(0.1)
    t.check(1 in f.out(), "the next is not sent again")


@test("the peer shrinks its window to nothing: the connection lives on", on=BOTH)
def to_nothing(t):
    f = under_way(t)
    f.peer.window = 0
    f.ack(1)
    for _ in range(40):
        t.passes(125)
        t.check(t.collect(), "no probe any more")
        f.ack(1)
    t.equal((state(f.s), f.s.error()), (ESTABLISHED, 0), "state, error")
    f.peer.window = 10000
    have = 1000
    for _ in range(10):
        f.ack(have // 1000)
        t.passes(130)
        for packet in t.collect():
            at = (packet[t.header].seq - f.base) % SEQUENCE
            if at <= have:
                have = max(have, at + len(packet[t.header].payload))
        if have >= 5000:
            break
    t.equal(have, 5000, "octets that arrived at last")


@test("an old ACK does not move the window (WL2)", on=BOTH)
def old_ack(t):
    s, peer = passive(t)
    for word in (b"one", b"two"):
        s.send(word)
        peer.gets("PA", word)
        peer.sends("A")
    peer.sends("A", ack=peer.expected - 3, window=0)
    s.send(b"three")
    peer.gets("PA", b"three")
    peer.sends("A")


@test("an old segment does not move the window (WL1)", on=BOTH)
def old_segment(t):
    s, peer = passive(t)
    start = peer.next
    peer.sends("PA", b"world", seq=(start + 5) % SEQUENCE)
    peer.gets("A")
    peer.sends("PA", b"hello", window=0)        # sent before the other, but late
    peer.gets("A", ack=(start + 10) % SEQUENCE)
    peer.next = (start + 10) % SEQUENCE
    gets(s, b"helloworld")
    s.send(b"answer")
    peer.gets("PA", b"answer")
    peer.sends("A")


@test("a new ACK closes the window", on=BOTH)
def new_ack(t):
    s, peer = passive(t)
    s.send(b"one")
    peer.gets("PA", b"one")
    peer.sends("A", window=0)
    t.settle()
    s.send(b"two")
    t.quiet(0.1)
    peer.sends("A")
    peer.gets("PA", b"two")
    peer.sends("A")


if __name__ == "__main__":
    main(Conversation)
