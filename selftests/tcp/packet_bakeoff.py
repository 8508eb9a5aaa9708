#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""The bake-off of RFC 1025, with its score: alone, against one other, and against several.

There is one implementation here, and a peer that the test plays. The points for knocking out
an opponent are the opponent's: they are kept from it by whoever survives its blows.
"""
import collections
import contextlib
import functools
import os
import random
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import netem
from connection import (BOTH, ESTABLISHED, LATE, PEER_PORT, PORT, accepted, active, caller, gets,
                        gets_end, listening, state)
from conversation import Conversation
from packets import Raw
from tap import main, test
from tcp import SEQUENCE, Peer

OURS, KEPT = "scored", "kept from the opponent"
GATEWAY = "delay 20ms 10ms loss 10% duplicate 5% corrupt 2% reorder 25% 50%".split()
TIMES = (0, *[1] * 8, 2)        # that a packet arrives which our own gateway gets
SIZE = 50000
SECOND = 15625000       # how far initial numbers move in one, by a clock of 64 ns

score, possible = collections.Counter(), collections.Counter()


def points(number, title, whose=OURS):
    """A test that is worth so many points, for each family."""
    def add(function):
        @functools.wraps(function)
        def story(t):
            function(t)
            score[whose] += number
        possible[whose] += number * len(BOTH)
        return test(f"{number} points for {title}", on=BOTH)(story)
    return add


def tell():
    for whose, number in possible.items():
        print(f"# {score[whose]} of {number} points {whose}")


# Featherweight: against oneself

def self_opened(t, listener):
    """Both ends of a connection with oneself."""
    s = t.socket()
    with contextlib.suppress(BlockingIOError):
        s.connect((t.here, PORT))
    other = accepted(listener)
    t.equal((state(s), state(other)), (ESTABLISHED, ESTABLISHED), "states")
    return s, other


def chat(s, other):
    for number in range(10):
        for one, two in ((s, other), (other, s)):
            one.send(b"word %d" % number)
            gets(two, b"word %d" % number)


def ended(s, other):
    s.shutdown(socket.SHUT_WR)
    gets_end(other)
    other.send(b"last word")
    other.close()
    gets(s, b"last word")
    gets_end(s)
    s.close()


@points(1, "talking to yourself")
def self_open(t):
    self_opened(t, listening(t))


@points(1, "saying something to yourself")
def self_say(t):
    chat(*self_opened(t, listening(t)))


@points(1, "gracefully ending the conversation with yourself")
def self_end(t):
    ended(*self_opened(t, listening(t)))


@points(2, "repeating the above")
def self_repeat(t):
    listener = listening(t)
    for _ in range(20):
        ends = self_opened(t, listener)
        chat(*ends)
        ended(*ends)


def pump(t, s, other, data):
    """All of `data` from one end to the other, over whatever is between."""
    found, sent = b"", 0
    for _ in range(20000):
        with contextlib.suppress(BlockingIOError):
            sent += s.send(data[sent:sent + 10000])
        with contextlib.suppress(BlockingIOError):
            found += other.recv(1 << 16)
        if len(found) >= len(data):
            break
        t.passes(0.05)
    t.check(found == data, f"{len(found)} octets, or others than were sent")


@points(5, "a complete conversation with yourself via the testing gateway")
def self_gateway(t):
    netem.impair("lo", *GATEWAY)
    s, other = t.socket(), listening(t)
    connecting = t.blocks(s.connect, (t.here, PORT))
    connecting.returns(after=(0, 60))
    other = accepted(other)
    data = random.Random(1025).randbytes(SIZE)
    pump(t, s, other, data)
    pump(t, other, s, data[::-1])
    ended(s, other)


# Middleweight: against someone else

class Opponent(Peer):
    """The peer at another host than the usual one."""

    def __init__(self, t, host, port, **fields):
        super().__init__(t, port, PORT, **fields)
        self.host = host

    def sends(self, flags, data=b"", **fields):
        super().sends(flags, data, network=self.t.ip_in(src=self.host), **fields)

    def gets(self, flags, data=b"", after=0, again=False, **fields):
        return super().gets(flags, data, after, again, network=self.t.ip_out(dst=self.host),
                            **fields)


def talk(s, peer, words):
    for number in range(words):
        word = b"word %d" % number
        s.send(word)
        peer.gets("PA", word)
        peer.sends("PA", word[::-1])
        peer.gets("A", after=LATE)
        gets(s, word[::-1])


def parted(s, peer):
    s.close()
    peer.gets("FA")
    peer.sends("A")
    peer.sends("FA")
    peer.gets("A")


@points(2, "talking to someone else")
def other_open(t):
    listener, peer = listening(t), caller(t)
    peer.connects()
    t.equal(state(accepted(listener)), ESTABLISHED, "state")
    s, _peer = active(t)
    t.equal(state(s), ESTABLISHED, "state")


@points(2, "saying something to someone else")
def other_say(t):
    talk(*active(t), 10)


@points(2, "gracefully ending the conversation")
def other_end(t):
    parted(*active(t))


@points(4, "repeating the above with someone else")
def other_repeat(t):
    for _ in range(20):
        s, peer = active(t)
        talk(s, peer, 3)
        parted(s, peer)


class Gateway:
    """Between the program and the peer: loses, doubles and disorders what both send."""

    def __init__(self, t, peer, data):
        self.t, self.peer, self.data = t, peer, data
        self.chance = random.Random(1025)
        self.start, self.base = peer.next, peer.expected
        self.sent = 0               # octets of the peer's that the program has acknowledged
        self.got = bytearray()      # from the program

    def through(self, packets):
        """What arrives of these, in which order."""
        found = [packet for packet in packets for _ in range(self.chance.choice(TIMES))]
        self.chance.shuffle(found)
        return found

    def from_program(self):
        for packet in self.through(self.t.collect()):
            segment = packet[self.t.header]
            at = (segment.seq - self.base) % SEQUENCE
            payload = bytes(segment.payload)
            if at <= len(self.got) < at + len(payload):
                self.got += payload[len(self.got) - at:]
            acked = (segment.ack - self.start) % SEQUENCE
            if self.sent < acked <= len(self.data):
                self.sent = acked

    def to_program(self):
        ack = (self.base + len(self.got)) % SEQUENCE
        cuts = range(self.sent, min(self.sent + 4000, len(self.data)), 500)
        segments = [(start, self.data[start:start + 500]) for start in cuts] or [(self.sent, b"")]
        for start, piece in self.through(segments):
            self.peer.sends("PA", piece, seq=(self.start + start) % SEQUENCE, ack=ack)


@points(10, "a complete conversation via the testing gateway")
def other_gateway(t):
    s, peer = active(t, options=[("MSS", 1000)])
    data = random.Random(793).randbytes(SIZE)
    gateway = Gateway(t, peer, data[:20000])
    found, written = b"", 0
    for _ in range(3000):
        with contextlib.suppress(BlockingIOError):
            written += s.send(data[written:written + 10000])
        gateway.to_program()
        t.passes(0.2)
        gateway.from_program()
        with contextlib.suppress(BlockingIOError):
            found += s.recv(1 << 16)
        if len(gateway.got) == len(data) and gateway.sent == len(gateway.data):
            break
    t.check(bytes(gateway.got) == data, f"the peer has {len(gateway.got)} octets")
    t.check(found == gateway.data, f"the program has {len(found)} octets")
    peer.next = (gateway.start + len(found)) % SEQUENCE
    peer.expected = (gateway.base + SIZE) % SEQUENCE
    peer.sends("A")
    t.passes(1)
    t.collect()
    parted(s, peer)


# Heavyweight

@points(10, "talking to more than one other at the same time")
def several(t):
    listener = listening(t, backlog=16)
    peers = [Opponent(t, host, PEER_PORT + number, isn=1000 * number)
             for number in range(4) for host in (t.there, t.names.other)]
    for peer in peers:
        peer.sends("S")
        peer.gets("SA")
    for peer in peers:
        peer.sends("A")
    pairs = [(accepted(listener), peer) for peer in peers]
    for _round in range(3):
        for s, peer in pairs:
            talk(s, peer, 2)
    for s, peer in reversed(pairs):
        parted(s, peer)


@points(10, "correctly handling urgent data")
def urgent(t):
    s, peer = active(t)
    s.send(b"ab!", socket.MSG_OOB)
    peer.gets("UPA", b"ab!", urgptr=3)
    peer.sends("A")
    peer.sends("UPA", b"cd?ef", urgptr=3)
    peer.gets("A", after=LATE)
    t.equal(s.recv(1, socket.MSG_OOB), b"?", "urgent")
    gets(s, b"cd")
    gets(s, b"ef")


def number_of(t, port):
    peer = Peer(t, port, PORT)
    peer.sends("S")
    found = peer.gets("SA")[t.header].seq
    peer.sends("R", ack=0)
    return found


@points(10, "correctly handling the wrap of sequence numbers")
def wrap(t):
    listener = listening(t)
    t.passes(((SEQUENCE - SIZE // 2 - number_of(t, PEER_PORT)) % SEQUENCE) / SECOND)
    peer = caller(t, isn=SEQUENCE - 2)
    peer.connects(options=[("MSS", 1000)])
    s = accepted(listener)
    t.check(SEQUENCE - peer.expected < SIZE, f"the first number is {peer.expected}")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    start, got = peer.expected, bytearray()
    data = random.Random(793).randbytes(SIZE)
    s.send(data)
    for _ in range(100):
        for packet in t.collect():
            t.equal((packet[t.header].seq - start) % SEQUENCE, len(got), "octets before")
            got += bytes(packet[t.header].payload)
        peer.expected = (start + len(got)) % SEQUENCE
        peer.sends("A")
        if len(got) == SIZE:
            break
    t.check(bytes(got) == data and peer.expected < start, "what came out")
    talk(s, peer, 3)
    parted(s, peer)


@points(10, "being able to process a Kamikaze packet")
def kamikaze(t):
    listener = listening(t)
    options = [("MSS", 1000), ("SAckOK", b""), ("Timestamp", (1, 0)), ("WScale", 7)]
    t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="SUPF", seq=5000, urgptr=1,
                         options=options) / b"!")
    answers = t.collect()
    if not answers:     # RFC 9293 leaves it to us
        survives(t)
        return
    (synack,) = answers
    t.equal((synack[t.header].flags, synack[t.header].ack), ("SA", 5001), "flags, ack")
    peer = Peer(t, PEER_PORT, PORT, isn=5001)
    peer.expected = (synack[t.header].seq + 1) % SEQUENCE
    stamp = [("Timestamp", (2, dict(synack[t.header].options)["Timestamp"][0]))]
    peer.sends("UPFA", b"!", urgptr=1, options=stamp)
    peer.gets("A", after=LATE)
    s = accepted(listener)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    gets(s, b"!")
    gets_end(s)
    s.close()
    peer.gets("FA")
    peer.sends("A", options=stamp)


# Blows

def survives(t):
    """It opens, talks and closes as if nothing had been."""
    t.settle()
    t.collect()
    s, peer = active(t)
    talk(s, peer, 3)
    parted(s, peer)


@points(30, "a knock-out by legal blows", whose=KEPT)
def legal(t):
    listener, chance = listening(t), random.Random(1980)
    peer = caller(t)
    peer.connects(options=[("MSS", 1)], window=1)
    s = accepted(listener)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    s.send(bytes(100000))
    for number in range(2000):
        if number % 50 == 0:
            t.collect()
        place = chance.randrange(0, 20000)
        size = chance.choice((0, 1, 2, 500))
        peer.sends(chance.choice(("A", "PA", "UA")), bytes(size), seq=peer.next + place + 1,
                   window=chance.choice((0, 1, 65535)), urgptr=chance.randrange(65536))
    t.settle()
    t.collect()
    s.close()
    peer.sends("R", ack=0)
    for port in range(10000, 10500):
        Peer(t, port, PORT).sends("S")
        if port % 50 == 0:
            t.collect()
    survives(t)


@points(20, "a knock-out by dirty blows", whose=KEPT)
def dirty(t):
    listening(t)
    s, peer = active(t)
    chance = random.Random(1987)
    for number in range(3000):
        if number % 50 == 0:
            t.collect()
        fields = {"seq": chance.choice((peer.next, chance.randrange(SEQUENCE))),
                  "ack": chance.choice((peer.expected, chance.randrange(SEQUENCE))),
                  "dataofs": chance.choice((5, 5, chance.randrange(16))),
                  "reserved": chance.randrange(8), "urgptr": chance.randrange(65536),
                  "window": chance.randrange(65536)}
        ports = chance.choice(((peer.port, peer.program_port), (PEER_PORT, PORT), (0, 0)))
        segment = t.packet_in(sport=ports[0], dport=ports[1], **fields)
        segment[t.header].flags = chance.randrange(512)
        t.inject(segment / Raw(chance.randbytes(chance.randrange(64))))
    t.equal(state(s) in range(1, 12), True, "state")
    survives(t)


@points(10, "showing that its checksum test is faulty or disabled", whose=KEPT)
def checksum(t):
    s, peer = active(t)
    right = bytes(t.packet_in(sport=peer.port, dport=peer.program_port, flags="PA", seq=peer.next,
                              ack=peer.expected) / Raw(b"hello"))
    for bit in range(8 * t.ip_length, 8 * len(right)):
        wrong = bytearray(right)
        wrong[bit // 8] ^= 1 << bit % 8
        t.inject(bytes(wrong))
    t.quiet()
    t.check(s.is_empty(), "a flipped bit went unnoticed")
    talk(s, peer, 3)


if __name__ == "__main__":
    try:
        main(Conversation)
    finally:
        tell()
