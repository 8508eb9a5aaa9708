#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Data, in order and out of it: each byte reaches the program once."""
import os
import random
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, KERNEL, LATE, PORT, accepted, caller, calling, gets,
                        gets_end, listening, passive, state)
from conversation import Conversation
from packets import Raw
from tap import Skip, main, test
from tcp import SEQUENCE, Peer, Tcp

TEXT = bytes(range(256)) * 4


def put(t, peer, start, end, **fields):
    """Bytes `start` to `end` of the text go in, wherever the peer is."""
    fields = {"seq": (peer.next + start) % SEQUENCE, "ack": peer.expected, "flags": "PA",
              "sport": peer.port, "dport": peer.program_port, **fields}
    t.inject(t.packet_in(**fields) / Raw(TEXT[start:end]))


def acked(t, peer, end, after=0):
    """The program's machine acknowledges the text up to `end`."""
    t.expect(t.packet_out(flags="A", ack=(peer.next + end) % SEQUENCE) / Raw(b""), after)


def at_number(listener, isn):
    """A connection whose peer begins there: (the program's socket, the peer)."""
    peer = caller(listener.conversation, isn=isn % SEQUENCE)
    peer.connects()
    return accepted(listener), peer


@test("data in order are delivered and acknowledged", on=BOTH)
def in_order(t):
    s, peer = passive(t)
    for word in (b"h", b"ello", b", world"):
        peer.sends("PA", word)
        peer.gets("A", after=LATE)
    gets(s, b"hello, world")
    t.check(s.is_empty(), "more than was sent")


@test("data out of order are kept, and delivered when the gap closes", on=BOTH)
def out_of_order(t):
    s, peer = passive(t)
    put(t, peer, 100, 200)
    acked(t, peer, 0)
    t.check(s.is_empty(), "delivered over a gap")
    put(t, peer, 0, 100)
    acked(t, peer, 200)
    gets(s, TEXT[:200])


@test("ten segments backwards", on=BOTH)
def backwards(t):
    s, peer = passive(t)
    for start in range(900, 0, -100):
        put(t, peer, start, start + 100)
        acked(t, peer, 0)
    put(t, peer, 0, 100)
    acked(t, peer, 1000)
    gets(s, TEXT[:1000])


@test("two gaps close one after the other", on=BOTH)
def two_gaps(t):
    s, peer = passive(t)
    for start in (100, 300):
        put(t, peer, start, start + 100)
        acked(t, peer, 0)
    put(t, peer, 0, 100)
    acked(t, peer, 200)
    put(t, peer, 200, 300)
    acked(t, peer, 400)
    gets(s, TEXT[:400])


@test("each byte once: overlap in front, behind, both, all", on=BOTH)
def overlaps(t):
    listener = listening(t)
    for first, second in (((0, 100), (50, 150)), ((0, 100), (0, 150)), ((0, 100), (20, 150))):
        s, peer = at_number(listener, 5000)
        put(t, peer, *first)
        acked(t, peer, 100, LATE)
        put(t, peer, *second)
        acked(t, peer, 150, LATE)
        gets(s, TEXT[:150])
        t.check(s.is_empty(), "more than was sent")
        peer.sends("R", seq=peer.next + 150, ack=0)


@test("each byte once: overlap of what waits out of order", on=BOTH)
def overlaps_out_of_order(t):
    listener = listening(t)
    parts = (((100, 200), (150, 250)), ((150, 250), (100, 200)), ((100, 250), (150, 200)),
             ((150, 200), (100, 250)), ((100, 200), (100, 250)), ((100, 200), (100, 200)))
    for number, (first, second) in enumerate(parts):
        s, peer = at_number(listener, 1000 * (number + 5))
        for start, end in (first, second):
            put(t, peer, start, end)
            acked(t, peer, 0)
        put(t, peer, 0, 120)
        acked(t, peer, max(first[1], second[1]))
        gets(s, TEXT[:max(first[1], second[1])])
        t.check(s.is_empty(), "more than was sent")
        peer.sends("R", seq=peer.next + max(first[1], second[1]), ack=0)


@test("a segment that bridges all that waits", on=BOTH)
def bridge(t):
    s, peer = passive(t)
    for start in (100, 300, 500):
        put(t, peer, start, start + 50)
        acked(t, peer, 0)
    put(t, peer, 0, 700)
    acked(t, peer, 700)
    gets(s, TEXT[:700])
    t.check(s.is_empty(), "more than was sent")


@test("shuffled and doubled, many times: the same bytes", on=BOTH)
def shuffled(t):
    listener = listening(t)
    chance = random.Random(9293)
    for number in range(10):
        s, peer = at_number(listener, -300 * number)
        cuts = sorted({0, len(TEXT), *chance.choices(range(len(TEXT)), k=20)})
        parts = list(zip(cuts, cuts[1:])) * 2
        chance.shuffle(parts)
        for start, end in parts:
            put(t, peer, max(0, start - chance.randrange(30)), end)
        gets(s, TEXT)
        t.settle()
        t.check(s.is_empty(), "more than was sent")
        last = t.collect()[-1][Tcp]
        t.equal(last.ack, (peer.next + len(TEXT)) % SEQUENCE, "the last ACK")
        peer.sends("R", seq=last.ack, ack=0)


@test("each byte once: overlap in a queue that has to be packed more tightly", on=BOTH)
def overlaps_packed(t):
    listener = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 8192})
    listener.listen()
    peer = caller(t)
    peer.connects()
    s = accepted(listener)
    end = 0
    for _ in range(60):         # each takes many times more memory than data
        put(t, peer, max(0, end - 5), end + 10)
        end += 10
        t.settle()
    last = t.collect()[-1][Tcp]
    t.equal(last.ack, (peer.next + end) % SEQUENCE, "the last ACK")
    gets(s, TEXT[:end])
    t.check(s.is_empty(), "more than was sent")


@test("an old duplicate is acknowledged and dropped", on=BOTH)
def duplicate(t):
    s, peer = passive(t)
    put(t, peer, 0, 100)
    acked(t, peer, 100, LATE)
    gets(s, TEXT[:100])
    put(t, peer, 0, 100)
    acked(t, peer, 100)
    put(t, peer, 20, 80)
    acked(t, peer, 100)
    t.check(s.is_empty(), "delivered twice")


@test("what arrives beyond the window is acknowledged and dropped", on=BOTH)
def beyond(t):
    s, peer = passive(t)
    peer.sends("PA", b"near")
    window = peer.gets("A", after=LATE)[Tcp].window
    peer.sends("PA", b"far", seq=peer.next + window + 1)
    peer.gets("A")
    gets(s, b"near")
    t.check(s.is_empty(), "delivered from beyond the window")


@test("what is right of the window is cut off", on=BOTH)
def right_of_window(t):
    if KERNEL:
        raise Skip("Linux takes what it has room for, or nothing")
    listener = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 1})
    listener.listen()
    peer = caller(t)
    peer.sends("S")
    peer.gets("SA")
    peer.sends("PA", b"x")
    window = peer.gets("A", after=LATE)[Tcp].window
    data = bytes(window + 100)
    peer.sends("PA", data)
    answers = t.collect()
    t.check(answers, "no ACK")
    t.check((answers[-1][Tcp].ack - peer.next) % SEQUENCE >= SEQUENCE - 100, "more than the window")


# Over the wrap of the numbers

@test("the numbers wrap: in order", on=BOTH)
def wrap_in_order(t):
    listener = listening(t)
    for before in (1, 2, 50, 99, 100, 101):
        s, peer = at_number(listener, -before - 1)
        put(t, peer, 0, 100)
        acked(t, peer, 100, LATE)
        put(t, peer, 100, 200)
        acked(t, peer, 200, LATE)
        gets(s, TEXT[:200])
        peer.sends("R", seq=(peer.next + 200) % SEQUENCE, ack=0)


@test("the numbers wrap: out of order", on=BOTH)
def wrap_out_of_order(t):
    listener = listening(t)
    for before in (1, 50, 100, 150, 200):
        s, peer = at_number(listener, -before - 1)
        put(t, peer, 200, 300)
        acked(t, peer, 0)
        put(t, peer, 100, 200)
        acked(t, peer, 0)
        put(t, peer, 0, 100)
        acked(t, peer, 300)
        gets(s, TEXT[:300])
        peer.sends("R", seq=(peer.next + 300) % SEQUENCE, ack=0)


@test("the numbers wrap: in the SYN itself", on=BOTH)
def wrap_syn(t):
    listener = listening(t)
    s, peer = at_number(listener, -1)
    t.equal(peer.next, 0, "the number after the SYN")
    put(t, peer, 0, 100)
    acked(t, peer, 100, LATE)
    gets(s, TEXT[:100])


@test("the numbers wrap: in a FIN", on=BOTH)
def wrap_fin(t):
    listener = listening(t)
    s, peer = at_number(listener, -101)
    peer.sends("PA", TEXT[:99])
    peer.gets("A", after=LATE)
    peer.sends("FA", b"!")
    t.equal(peer.next, 1, "the number after the FIN")
    peer.gets("A")
    gets(s, TEXT[:99] + b"!")
    gets_end(s)


# The other way

@test("what the program writes goes out, with PSH at its end", on=BOTH)
def written(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(TEXT[:500])
    peer.gets("PA", TEXT[:500])
    peer.sends("A")
    s.send(TEXT * 2)
    peer.gets("A", (TEXT * 2)[:1000])
    peer.gets("A", (TEXT * 2)[1000:2000])
    peer.gets("PA", (TEXT * 2)[2000:])
    peer.sends("A")


@test("an ACK rides on data", on=BOTH)
def rides(t):
    s, peer = passive(t)
    peer.sends("PA", b"question")
    gets(s, b"question")
    t.collect()
    s.send(b"answer")
    peer.gets("PA", b"answer")


@test("data without PSH are delivered too", on=BOTH)
def without_psh(t):
    s, peer = passive(t)
    receiving = t.blocks(s.recv, 100)
    peer.sends("A", b"hello")
    receiving.returns(b"hello", after=LATE)
    peer.gets("A", after=LATE)


@test("an ACK without data is never acknowledged", on=BOTH)
def no_ack_of_ack(t):
    _s, peer = passive(t)
    for window in (65535, 1000, 65535):
        peer.sends("A", window=window)
    t.quiet()


@test("a segment of 64 KB", on=BOTH)
def large(t):
    data = os.urandom(60000)
    listener = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 1 << 20})
    listener.listen()
    peer = caller(t)
    peer.connects(options=[("WScale", 7)])
    s = accepted(listener)
    peer.sends("PA", data)
    peer.gets("A", after=LATE)
    gets(s, data)


@test("reserved bits are ignored, and sent as zero", on=BOTH)
def reserved(t):
    s, peer = passive(t)
    for bits in range(8):
        peer.sends("PA", b"%d" % bits, reserved=bits)
        t.equal(peer.gets("A", after=LATE)[Tcp].reserved, 0, "reserved bits")
    gets(s, b"01234567")


@test("data for a program that has connected", on=BOTH)
def to_caller(t):
    s = calling(t)
    peer = Peer(t, isn=0xFFFFFFF0)
    peer.accepts()
    peer.sends("PA", TEXT[:100])
    peer.gets("A", after=LATE)
    gets(s, TEXT[:100])
    t.equal(state(s), ESTABLISHED, "state")


@test("no connection takes the other's data: ports tell them apart", on=BOTH)
def apart(t):
    listener = listening(t)
    peers = [Peer(t, port, PORT) for port in (4444, 4445)]
    sockets = []
    for peer in peers:
        peer.connects()
        sockets.append(accepted(listener))
    peers[0].sends("PA", b"first")
    peers[0].gets("A", after=LATE)
    peers[1].sends("PA", b"second")
    peers[1].gets("A", after=LATE)
    gets(sockets[0], b"first")
    gets(sockets[1], b"second")
    t.check(all(s.is_empty() for s in sockets), "more than was sent")


if __name__ == "__main__":
    main(Conversation)
