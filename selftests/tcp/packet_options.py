#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""The options: what is agreed in the SYNs, and each of them wrong in each way."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, LATE, PEER_PORT, PORT, accepted, active, caller, gets,
                        listening, passive, state)
from conversation import Conversation
from packets import Raw
from tap import main, test
from tcp import SEQUENCE, Peer, Tcp

END, NOP, MSS, WSCALE, SACK_OK, SACK = range(6)
TIMESTAMP, USER_TIMEOUT, UNKNOWN = 8, 28, 253
LENGTHS = {MSS: 4, WSCALE: 3, SACK_OK: 2, TIMESTAMP: 10, USER_TIMEOUT: 4}
TSVAL = 0x01020304


def option(kind, value=b"", length=None):
    return bytes([kind, 2 + len(value) if length is None else length]) + value


TIMESTAMPS = option(TIMESTAMP, TSVAL.to_bytes(4, "big") + bytes(4))
ALL = option(MSS, b"\x05\xb4") + option(SACK_OK) + TIMESTAMPS + option(WSCALE, b"\x07")


def inject(t, flags, options, data=b"", **fields):
    """A segment with these very bytes as its options, and zeros up to the next word."""
    options += bytes(-len(options) % 4)
    fields = {"sport": PEER_PORT, "dport": PORT, "flags": flags, "dataofs": 5 + len(options) // 4,
              **fields}
    t.inject(t.packet_in(**fields) / Raw(options + data))


def answer(t, options):
    """What the program's SYN-ACK says to a SYN with these options: {name: value}."""
    inject(t, "S", options, seq=1000)
    synack = t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="SA", ack=1001))[Tcp]
    t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="R", seq=1001))
    return said(synack)


def said(segment):
    """A segment's options but padding: {name: value}."""
    return {name: value for name, value in segment.options if name not in ("NOP", "EOL")}


def connected(t, options):
    """A connection whose peer's SYN had these very bytes as its options."""
    listener = listening(t)
    inject(t, "S", options, seq=1000)
    peer = Peer(t, PEER_PORT, PORT, isn=1001)
    synack = t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="SA", ack=1001))[Tcp]
    peer.expected = (synack.seq + 1) % SEQUENCE
    return listener, peer, synack


def link_mss(t):
    return t.mtu - t.ip_length - 20


# What is agreed

@test("a SYN offers all", on=BOTH)
def offers(t):
    s = t.socket()
    s.setblocking(False)
    s.connect_ex(t.address(PORT))
    syn = t.expect(t.packet_out(flags="S"))[Tcp]
    t.equal(set(said(syn)), {"MSS", "SAckOK", "Timestamp", "WScale"}, "options")
    t.equal(said(syn)["MSS"], link_mss(t), "MSS")
    t.equal(said(syn)["Timestamp"][1], 0, "TSecr")
    t.check(said(syn)["WScale"] <= 14, "a scale above 14")


@test("a SYN-ACK answers what the SYN had, and nothing else", on=BOTH)
def answers(t):
    listening(t)
    t.equal(answer(t, b""), {"MSS": link_mss(t)}, "to nothing")
    t.equal(set(answer(t, option(WSCALE, b"\x02"))), {"MSS", "WScale"}, "to a scale")
    t.equal(set(answer(t, option(SACK_OK))), {"MSS", "SAckOK"}, "to SACK")
    found = answer(t, TIMESTAMPS)
    t.equal(set(found), {"MSS", "Timestamp"}, "to timestamps")
    t.equal(found["Timestamp"][1], TSVAL, "TSecr")
    t.equal(set(answer(t, ALL)), {"MSS", "SAckOK", "Timestamp", "WScale"}, "to all")


@test("what the SYN-ACK leaves out is not used", on=BOTH)
def left_out(t):
    s, peer = active(t)
    s.send(b"plain")
    t.equal(peer.gets("PA", b"plain")[Tcp].options, [], "options")
    peer.sends("A")
    peer.sends("PA", b"later", seq=peer.next + 5)
    t.equal(peer.gets("A")[Tcp].options, [], "options with a gap")


@test("with timestamps in both SYNs each segment has one", on=BOTH)
def timestamps(t):
    listener, peer, synack = connected(t, ALL)
    t.equal(said(synack)["Timestamp"][1], TSVAL, "TSecr")
    stamp = [("NOP", None), ("NOP", None), ("Timestamp", (TSVAL + 1, 0))]
    peer.sends("A", options=stamp)
    s = accepted(listener)
    s.send(b"hello")
    segment = t.expect(t.packet_out(flags="PA", seq=peer.expected))[Tcp]
    t.equal(set(said(segment)), {"Timestamp"}, "options")
    t.equal(said(segment)["Timestamp"][1], TSVAL + 1, "TSecr")


@test("no MSS but in SYNs", on=BOTH)
def only_in_syns(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(b"hello")
    t.check("MSS" not in said(peer.gets("PA", b"hello")[Tcp]), "an MSS with data")


# SACK

@test("SACK permitted outside of a SYN is ignored", on=BOTH)
def late_sack(t):
    _s, peer = passive(t)
    peer.sends("A", options=[("SAckOK", b"")])
    peer.sends("PA", b"later", seq=peer.next + 5)
    t.equal(peer.gets("A")[Tcp].options, [], "options")


@test("SACK permitted: what came out of order is told", on=BOTH)
def sack(t):
    _s, peer = passive(t, options=[("SAckOK", b"")])
    peer.sends("PA", b"later", seq=peer.next + 5)
    t.equal(said(peer.gets("A")[Tcp]), {"SAck": (peer.next + 5, peer.next + 10)}, "options")


# Wrong ones

@test("unknown options are passed over", on=BOTH)
def unknown(t):
    listening(t)
    for kind in (6, 7, 9, 14, 18, 26, 27, 29, 31, 70, 76, 77, 78, 200, 253, 254, 255):
        for value in (b"", b"x", b"\0" * 4, b"MSS?" * 4):
            found = answer(t, option(kind, value) + option(WSCALE, b"\x02"))
            t.equal(set(found), {"MSS", "WScale"}, f"kind {kind} with {value!r}")


@test("a length of 0, of 1, beyond the header: what came before holds", on=BOTH)
def lengths_that_lie(t):
    listening(t)
    for kind in (*LENGTHS, SACK, UNKNOWN):
        for length in (0, 1, 30, 255):
            wrong = option(kind, bytes(6), length)
            found = answer(t, option(WSCALE, b"\x02") + wrong + option(SACK_OK))
            t.equal(set(found), {"MSS", "WScale"}, f"kind {kind} with length {length}")


@test("each known option with each other length says nothing, what follows does", on=BOTH)
def each_length(t):
    listening(t)
    for kind, right in LENGTHS.items():
        other, heard = ((WSCALE, "WScale") if kind != WSCALE else (TIMESTAMP, "Timestamp"))
        sentinel = option(other, bytes(LENGTHS[other] - 2))
        for length in range(2, 41 - len(sentinel)):
            if length != right:
                found = answer(t, option(kind, b"\1" * (length - 2)) + sentinel)
                t.equal(set(found), {"MSS", heard}, f"kind {kind} with length {length}")


@test("an option that the header's end cuts off says nothing", on=BOTH)
def cut_off(t):
    listening(t)
    for kind, length in LENGTHS.items():
        whole = option(kind, b"\1" * (length - 2))
        for left in range(1, length):
            part = whole[:left]
            found = answer(t, bytes([NOP]) * (-left % 4) + part)
            t.equal(set(found), {"MSS"}, f"{left} bytes of kind {kind}")


@test("options at odd places", on=BOTH)
def odd_places(t):
    listening(t)
    for before in range(5):
        for between in range(3):
            nops = bytes([NOP]) * between
            found = answer(t, bytes([NOP]) * before + option(WSCALE, b"\x02") + nops + TIMESTAMPS +
                           nops + option(SACK_OK))
            t.equal(set(found), {"MSS", "WScale", "Timestamp", "SAckOK"}, "options")
            t.equal(found["Timestamp"][1], TSVAL, "TSecr")


@test("what is behind the end of the options is none", on=BOTH)
def behind_the_end(t):
    listening(t)
    t.equal(set(answer(t, bytes([END]) + ALL)), {"MSS"}, "options")
    t.equal(set(answer(t, option(SACK_OK) + bytes([END]) + option(WSCALE, b"\x02"))),
            {"MSS", "SAckOK"}, "options")


@test("nothing but padding, as much as there is room for", on=BOTH)
def padding(t):
    listening(t)
    for filler in (NOP, END):
        t.equal(set(answer(t, bytes([filler]) * 40)), {"MSS"}, "options")


@test("options in any segment, right or wrong: the data arrive", on=BOTH)
def in_data(t):
    s, peer = passive(t)
    strange = [b"", bytes([NOP]) * 40, TIMESTAMPS, option(MSS, b"\0\0"), option(SACK),
               option(UNKNOWN, b"x"), option(UNKNOWN, b"x", 0), option(SACK, bytes(7)),
               option(SACK, b"\xff" * 32), option(TIMESTAMP, b"", 1), option(USER_TIMEOUT, b"\0\1"),
               bytes([NOP] * 3 + [SACK]), bytes([UNKNOWN, 41, NOP, NOP])]
    for number, options in enumerate(strange):
        data = b"data %02d" % number
        inject(t, "PA", options, data, seq=peer.next, ack=peer.expected)
        peer.next += len(data)
        peer.gets("A", after=LATE)
        gets(s, data)


@test("options in the other segments of a connection", on=BOTH)
def in_the_others(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    inject(t, "A", option(UNKNOWN, bytes(34)), seq=peer.next, ack=peer.expected)
    s = accepted(listener)
    t.equal(state(s), ESTABLISHED, "state")
    inject(t, "FA", option(UNKNOWN, b"", 0), seq=peer.next, ack=peer.expected)
    peer.next += 1
    peer.gets("A")
    inject(t, "RA", bytes([NOP]) * 4, seq=peer.next, ack=peer.expected)
    t.settle()
    t.check(s.error(), "the reset was not heard")


if __name__ == "__main__":
    main(Conversation)
