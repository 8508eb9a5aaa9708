#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Datagrams that come in fragments arrive whole, once, or not at all."""
import os
import random
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from packets import Raw
from conversation import Conversation
from tap import main, test
from udp import ALL, PLAIN

PORT = 7
DATA = bytes(range(256))


def datagram(t, data=DATA, **fields):
    return t.packet_in(**{"sport": 9, "dport": PORT, **fields}) / data


def arrives(t, pieces, data=DATA):
    """The pieces go in, and the program gets the data once."""
    s = t.socket(port=PORT)
    with t.counted(InDatagrams=1):
        for piece in pieces:
            t.inject(piece)
        t.equal(s.receive(), (data, (t.there, 9)))
    t.check(s.is_empty(), "there is more to read")


@test("in order", on=ALL)
def in_order(t):
    arrives(t, t.fragments_in(datagram(t), 64, 128, 192))


@test("in reverse order", on=ALL)
def reversed_order(t):
    arrives(t, reversed(list(t.fragments_in(datagram(t), 64, 128, 192))))


@test("the last first, the first last", on=ALL)
def mixed_order(t):
    pieces = list(t.fragments_in(datagram(t), 64, 128, 192))
    arrives(t, [pieces[3], pieces[1], pieces[2], pieces[0]])


@test("with a fragment twice before all are there", on=ALL)
def duplicated(t):
    pieces = list(t.fragments_in(datagram(t), 64, 128))
    arrives(t, [pieces[0], pieces[0], pieces[2], pieces[2], pieces[1]])


@test("with eight bytes a fragment: the header alone comes first", on=ALL)
def smallest(t):
    arrives(t, t.fragments_in(datagram(t, DATA[:40]), *range(8, 48, 8)), DATA[:40])


@test("two datagrams with their fragments interleaved", on=ALL)
def interleaved(t):
    s = t.socket(port=PORT)
    first = t.fragments_in(datagram(t, b"a" * 100), 24, 48, number=1)
    second = t.fragments_in(datagram(t, b"b" * 100), 24, 48, number=2)
    with t.counted(InDatagrams=2):
        for pair in zip(first, second):
            for piece in pair:
                t.inject(piece)
        t.equal([s.receive()[0] for _ in range(2)], [b"a" * 100, b"b" * 100])


@test("the largest datagram in 45 fragments in any order", on=ALL)
def largest(t):
    data = os.urandom(65527 - 8 if t.v6 else 65507)
    pieces = list(t.fragments_in(datagram(t, data), *range(1448, len(data), 1448)))
    random.Random(4).shuffle(pieces)
    s = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 1 << 18})
    with t.counted(InDatagrams=1):
        for piece in pieces:
            t.inject(piece)
        got, sender = s.receive()
    t.check(got == data, "the data differ")
    t.equal(sender, (t.there, 9))


@test("with one missing nothing arrives, and nothing is counted", on=ALL)
def missing(t):
    pieces = list(t.fragments_in(datagram(t), 64, 128, 192))
    s = t.socket(port=PORT)
    t.dropped(s, pieces[0], pieces[1], pieces[3])
    t.inject(pieces[2])
    t.equal(s.receive()[0], DATA)


@test("overlapping fragments are thrown away: RFC 5722", on=ALL)
def overlapping(t):
    body = bytes(datagram(t))[t.ip_length:]
    whole = t.bare_in(body)
    first, _ = t.fragments_in(whole, 128)
    shifted = t.bare_in(bytes(8) + body)    # cut at 72, its rest starts at 64 of the whole
    _, rest = t.fragments_in(shifted, 72)
    t.dropped(t.socket(port=PORT), first, rest)


@test("a byte changed in any fragment is a checksum error", on=ALL)
def corrupted(t):
    s = t.socket(port=PORT)
    for which in range(3):
        pieces = list(t.fragments_in(datagram(t), 64, 128, number=which + 1))
        data = bytearray(pieces[which][Raw].load)
        data[20] ^= 1
        pieces[which][Raw].load = bytes(data)
        t.dropped(s, *pieces, InErrors=1, InCsumErrors=1)


@test("a length field beyond the last fragment is an error", on=PLAIN)
def length_too_large(t):
    pieces = t.fragments_in(datagram(t, len=len(DATA) + 9), 64)
    t.dropped(t.socket(port=PORT), *pieces, InErrors=1)


@test("a length field that ends in the first fragment cuts the rest off", on=PLAIN)
def length_in_first(t):
    short = bytes(datagram(t, b"hello"))[t.ip_length:]
    arrives(t, t.fragments_in(t.bare_in(short + bytes(100)), 64), b"hello")


@test("fragments from two hosts with one id are two datagrams", on=ALL)
def two_hosts(t):
    s = t.socket(port=PORT)
    mine = list(t.fragments_in(datagram(t, b"a" * 100), 48))
    theirs = list(t.fragments_in(datagram(t, b"b" * 100), 48))
    theirs[0].src = theirs[1].src = t.names.other
    t.dropped(s, mine[0], theirs[1])


if __name__ == "__main__":
    main(Conversation)
