#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""When a reset is sent, and which is believed: RFC 9293 sections 3.5.2 and 3.10.7."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, LISTEN, PEER_PORT, PORT, TCP4, caller, gets, gets_end,
                        listening, passive, state)
from conversation import Conversation
from packets import Raw
from tap import main, test

LINGER_0 = struct.pack("ii", 1, 0)


def stray(t, flags, data=b"", **fields):
    """A segment of no connection, to the port of a listener or of nobody."""
    fields = {"sport": PEER_PORT, "dport": PORT, "seq": 5000, "ack": 9000, **fields}
    return t.packet_in(flags=flags, **fields) / Raw(data)


def answered(t, packet, **reset):
    t.inject(packet)
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, window=0, **reset))


@test("no connection: a segment without ACK: reset with seq 0, and its end acknowledged", on=BOTH)
def without_ack(t):
    for flags, data, length in (("S", b"", 1), ("F", b"", 1), ("P", b"data", 4),
                                ("SF", b"data", 6), ("", b"", 0)):
        answered(t, stray(t, flags, data, ack=0), flags="RA", seq=0, ack=5000 + length)
    answered(t, stray(t, "S", seq=0xFFFFFFFF), flags="RA", seq=0, ack=0)


@test("no connection: a segment with ACK: reset with that as its seq", on=BOTH)
def with_ack(t):
    for flags, data in (("A", b""), ("SA", b""), ("PA", b"data"), ("FA", b"")):
        answered(t, stray(t, flags, data), flags="R", seq=9000)


@test("no connection: a reset is never answered", on=BOTH)
def never(t):
    for flags in ("R", "RA", "SR", "FR"):
        t.inject(stray(t, flags))
    t.quiet()


@test("LISTEN: an ACK is answered with a reset", on=BOTH)
def listen_ack(t):
    listener = listening(t)
    for flags, data in (("A", b""), ("SA", b""), ("PA", b"data"), ("FA", b"")):
        answered(t, stray(t, flags, data), flags="R", seq=9000)
    t.equal((state(listener), listener.ready()), (LISTEN, ""), "state, events")


@test("LISTEN: a reset is passed over", on=BOTH)
def listen_reset(t):
    listener = listening(t)
    for flags in ("R", "RA", "SR", "SRA"):
        t.inject(stray(t, flags))
    t.quiet()
    t.equal((state(listener), listener.error()), (LISTEN, 0), "state, error")


@test("LISTEN: neither SYN nor ACK is dropped", on=BOTH)
def listen_nothing(t):
    listening(t)
    for flags in ("", "P", "F", "U"):
        t.inject(stray(t, flags, b"data", ack=0))
    t.quiet()


@test("the program learns of a reset: ECONNRESET, once", on=BOTH)
def learns(t):
    s, peer = passive(t)
    peer.sends("R", ack=0)
    t.settle()
    t.equal(s.ready(), "in out rdhup err hup", "events")
    with t.fails(errno.ECONNRESET):
        s.recv(1)
    gets_end(s)
    with t.fails(errno.EPIPE):
        s.send(b"too late")
    t.equal(state(s), CLOSE, "state")


@test("a program that waits learns of a reset", on=BOTH)
def wakes(t):
    s, peer = passive(t)
    receiving = t.blocks(s.recv, 1)
    peer.sends("RA")
    receiving.fails(errno.ECONNRESET)


@test("a reset with data is a reset", on=BOTH)
def with_data(t):
    s, peer = passive(t)
    peer.sends("RA", b"go away")
    t.settle()
    with t.fails(errno.ECONNRESET):
        s.recv(1)


@test("closed with data unread: a reset", on=BOTH)
def unread(t):
    s, peer = passive(t)
    peer.sends("PA", b"unread")
    peer.gets("A")
    s.close()
    peer.gets("RA")


@test("closed with all data read: no reset", on=BOTH)
def all_read(t):
    s, peer = passive(t)
    peer.sends("PA", b"read")
    peer.gets("A")
    gets(s, b"read")
    s.close()
    peer.gets("FA")
    peer.sends("A")


@test("data after close(): a reset", on=BOTH)
def after_close(t):
    s, peer = passive(t)
    s.close()
    peer.gets("FA")
    peer.sends("A")
    peer.sends("PA", b"is anybody there?")
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=peer.expected))


@test("SO_LINGER of zero: close() sends a reset", on=BOTH)
def linger(t):
    s, peer = passive(t)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
    s.close()
    peer.gets("RA")
    peer.sends("A")
    t.expect(t.packet_out(flags="R", seq=peer.expected))


@test("a listener that closes resets who was not accepted", on=BOTH)
def not_accepted(t):
    listener, peer = listening(t), caller(t)
    peer.connects()
    t.settle()
    listener.close()
    peer.gets("RA")


# What is not even a segment

@test("a wrong checksum: no answer, from a connection or without one", on=BOTH)
def checksum(t):
    t.inject(stray(t, "S", chksum=0x1234))
    t.inject(stray(t, "A", chksum=0x1234))
    s, peer = passive(t)
    peer.sends("R", ack=0, chksum=0x1234)
    t.quiet()
    t.equal(s.error(), 0, "error")
    right = bytes(t.packet_in(sport=PEER_PORT, dport=PORT, flags="PA", seq=peer.next,
                              ack=peer.expected) / Raw(b"hello"))
    for bit in range(8 * (len(right) - t.ip_length)):
        byte = t.ip_length + bit // 8
        t.inject(right[:byte] + bytes([right[byte] ^ 1 << bit % 8]) + right[byte + 1:])
    t.quiet()
    t.check(s.is_empty(), "a flipped bit went unnoticed")


@test("a header cut off, or with an offset that lies: no answer", on=BOTH)
def header(t):
    whole = bytes(stray(t, "S"))[t.ip_length:]
    for length in range(20):
        t.inject(t.bare_in(whole[:length]))
    for offset in (0, 1, 2, 3, 4, 6, 15):
        t.inject(stray(t, "S", dataofs=offset))
    t.quiet()


@test("no reset for a segment that came by broadcast or multicast", on=(TCP4,))
def broadcast(t):
    for host in ("192.0.2.255", "255.255.255.255", "224.0.0.1"):
        t.inject(t.packet_in(t.ip_in(dst=host), sport=PEER_PORT, dport=PORT, flags="A"))
    t.quiet()


if __name__ == "__main__":
    main(Conversation)
