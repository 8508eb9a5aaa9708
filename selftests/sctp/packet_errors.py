#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Chunks that nobody knows, errors, and what may share a packet: RFC 9260 sections 3.2, 3.3.10, 6.10."""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, ESTABLISHED, KERNEL, PORT, SCTP_ECN_SUPPORTED, SOL_SCTP, accepted,
                         active, caller, gets, listening, message, no_heartbeats, passive, state, works)
from conversation import Conversation
from sctp import (P_ECN, STALE_COOKIE, UNKNOWN_CHUNK, Abort, CookieAck, CookieEcho, Cwr, Data, Ecne,
                  Error, Sack, ShutdownComplete, causes, chunk, chunks_of, tlv)
from tap import Skip, main, test

# None of RFC 9260, 3758, 4895, 4820, 5061, 6525, 8260: stop or go on, report or not
TYPES = (0x3E, 0x7E, 0xBE, 0xFE)


def reports(packets):
    """What the ERRORs in these packets quote."""
    return [value for packet in packets for one in chunks_of(packet) if isinstance(one, Error)
            for cause, value in causes(one) if cause == UNKNOWN_CHUNK]


# 3.2
@test("an unknown chunk: the rest of the packet is read or not, it is reported or not", on=BOTH)
def unknown(t):
    s, peer = passive(t)
    works(t, s, peer)
    for type_ in TYPES:
        one = chunk(type_, b"unknown")
        data = peer.data(b"behind it", flags="BEI")
        peer.sends(one, data)
        found = t.collect()
        t.equal([value.rstrip(b"\0") for value in reports(found)],
                [one.rstrip(b"\0")] if type_ & 0x40 else [], f"{type_:#x} is reported")
        t.equal(not s.is_empty(), bool(type_ & 0x80), f"behind {type_:#x} it is read on")
        if not type_ & 0x80:
            peer.sends(data)
            t.collect()
        gets(s, b"behind it")
    works(t, s, peer)


@test("what is before an unknown chunk counts", on=BOTH)
def before_unknown(t):
    s, peer = passive(t)
    works(t, s, peer)
    for type_ in TYPES:
        peer.sends(peer.data(b"before it", flags="BEI"), chunk(type_, b"unknown"))
        found = t.collect()
        t.check(any(Sack in packet for packet in found), "acknowledged")
        gets(s, b"before it")


@test("every type that is unknown, of every high bits: nothing breaks", on=BOTH)
def all_unknown(t):
    s, peer = passive(t)
    for type_ in range(16, 256):
        if type_ not in (0x40, 0x80, 0x81, 0x82, 0x84, 0xC0, 0xC1, 0xC2):     # of extensions
            peer.sends(chunk(type_, bytes(type_ % 7)))
    found = reports(t.collect())
    t.check(all(one[0] & 0x40 for one in found), "none that asks for no report")
    t.check(len(found) >= 100, f"{len(found)} reports")
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, peer)


@test("an unknown chunk as large as a packet: the report is no larger", on=BOTH)
def large_unknown(t):
    s, peer = passive(t)
    peer.sends(chunk(0xFE, bytes(1400)))
    found = t.collect()
    t.check(all(len(packet.original) <= t.mtu for packet in found), "within the MTU")
    t.equal(len(reports(found)), 1, "reports")
    works(t, s, peer)


@test("a packet full of unknown chunks: reports, bounded", on=BOTH)
def many_unknown(t):
    s, peer = passive(t)
    for _ in range(10):
        peer.sends(*[chunk(0xFE)] * 300)
    found = t.collect()
    t.check(sum(len(packet.original) for packet in found) <= 10 * 300 * 12 + 100 * len(found), "bounded")
    t.check(all(len(packet.original) <= t.mtu for packet in found), "within the MTU")
    works(t, s, peer)


@test("an unknown chunk behind a COOKIE ECHO, and behind a COOKIE ACK", on=BOTH)
def unknown_while_set_up(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    peer.sends(CookieEcho(cookie=peer.cookie), chunk(0xFE, b"unknown"))
    found = t.collect()
    t.check(CookieAck in found[0], f"{found}")
    t.equal(len(reports(found)), 1, "reports")
    works(t, accepted(listener), peer)


# 3.3.10


@test("ERRORs of all causes, whole or not, are heard and no more", on=BOTH)
def errors(t):
    s, peer = passive(t)
    for cause in (0, *range(1, 14), 0xFFFF):
        for value in (b"", b"\0", bytes(4), bytes(8), os.urandom(60)):
            peer.sends(chunk(9, tlv(cause, value)))
    for junk in (b"", b"\0", b"\0\1", b"\0\1\0\0", b"\0\1\0\3", b"\0\1\xff\xff", bytes(100)):
        peer.sends(chunk(9, junk))
    for packet in t.collect():
        t.check(Error not in packet, "an ERROR is not answered by one")
    if state(s) == ESTABLISHED:
        works(t, s, peer)


@test("a stale cookie where there is no cookie: nothing", on=BOTH)
def stale_error(t):
    s, peer = active(t)
    peer.sends(Error(error_causes=tlv(STALE_COOKIE, bytes(4))))
    t.quiet(10)
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, peer)


# 6.10


@test("a SHUTDOWN COMPLETE that is not alone: nothing", on=BOTH)
def bundled_complete(t):
    s, peer = passive(t)
    peer.sends(ShutdownComplete(), peer.data(b"x", tsn=peer.first_tsn, ssn=0))
    t.passes(1)
    t.collect()
    t.equal(state(s), ESTABLISHED, "state")


@test("control chunks and data in one packet, in any order", on=BOTH)
def bundled(t):
    s, peer = passive(t)
    works(t, s, peer)
    message(s, b"hello")
    peer.gets_data(b"hello")
    ask = chunk(4, tlv(1, b"who?"))
    peer.sends(peer.data(b"one"), ask, peer.sack(), peer.data(b"two"), ask)
    found = [one for packet in t.collect() for one in chunks_of(packet)]
    t.equal(sum(one.type == 5 for one in found), 2, "HEARTBEAT ACKs")
    gets(s, b"one")
    gets(s, b"two")
    t.passes(0.3)
    t.collect()
    t.quiet(5)      # and "hello" was acknowledged


@test("control chunks come before data", on=BOTH)
def control_first(t):
    s, peer = passive(t)
    works(t, s, peer)
    peer.sends_data(b"a question")
    gets(s, b"a question")
    message(s, b"an answer")
    found = [one for packet in t.collect() for one in chunks_of(packet)]
    kinds = [type(one) for one in found]
    t.check(Data in kinds, f"{kinds}")
    if Sack in kinds:
        t.check(kinds.index(Sack) < kinds.index(Data), f"{kinds}")


# 3.2: lengths and padding


@test("padding that is not zero, or is missing at the end, is nothing to complain of", on=BOTH)
def padding(t):
    s, peer = passive(t)
    works(t, s, peer)
    head = struct.pack("!BBHIHHI", 0, 3, 17, peer.next, 0, peer.ssn[0], 0)
    peer.next, peer.ssn[0] = peer.next + 1, peer.ssn[0] + 1
    peer.sends(head + b"x" + b"\xff\xff\xff")
    gets(s, b"x")
    t.passes(0.3)
    t.collect()
    works(t, s, peer)


@test("a chunk behind one that is cut off is not read", on=BOTH)
def bad_length(t):
    for bad in (chunk(4, b"", length=0), chunk(4, b"", length=3), chunk(0xBE, b"", length=2)):
        s, peer = active(t)
        data = peer.data(b"behind it", flags="BEI")
        peer.sends(bad, data)
        for packet in t.collect():
            t.check(Abort in packet, f"{packet!r}")
        t.check(state(s) == CLOSED or s.is_empty(), "it was read")


# RFC 9260 appendix A, where nobody spoke of ECN


@test("ECNE and CWR that nobody agreed on: nothing", on=BOTH)
def ecn_not_agreed(t):
    s, peer = passive(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    peer.sends(Ecne(tsn=peer.expected - 1))
    peer.sends(Cwr(tsn=peer.expected - 1))
    for length in (4, 6, 12):
        peer.sends(chunk(12, bytes(length - 4)))
        peer.sends(chunk(13, bytes(length - 4)))
    t.collect()
    if state(s) == ESTABLISHED:
        peer.sacks()
        works(t, s, peer)


@test("a packet full of ECNEs: one CWR", on=BOTH)
def many_ecne(t):
    if KERNEL:
        raise Skip("it hears all of them")
    ecn = {(SOL_SCTP, SCTP_ECN_SUPPORTED): struct.pack("=iI", 0, 1)}
    s, peer = active(t, tlv(P_ECN), options=ecn)
    message(s, b"hello")
    peer.gets_data(b"hello")
    peer.sends(*[Ecne(tsn=peer.expected - 1)] * 100)
    peer.gets(Cwr(tsn=peer.expected - 1))
    t.quiet()


@test("a storm of chunks of all types, with right tags and any content, ends well or not at all", on=BOTH)
def storm(t):
    no_heartbeats()
    chance = random.Random(1)
    for round_ in range(20):
        port = PORT + 1 + round_
        listener, peer = listening(t, port=port), caller(t)
        peer.program_port = port
        peer.connects()
        for _ in range(100):
            type_ = chance.choice((0, 3, 4, 5, 9, 10, 11, 12, 13, 0x80, 0xC0, 0xC1, 0x0F, chance.randrange(256)))
            if type_ in (6, 7, 8, 14):
                continue
            value = bytes(chance.randrange(256) for _ in range(chance.randrange(40)))
            if type_ in (0, 3) and chance.random() < 0.8:
                value = struct.pack("!I", (peer.next + chance.randrange(8)) % (1 << 32)) + value[4:]
            peer.sends(chunk(type_, value, flags=chance.randrange(16)))
        t.collect()
        listener.close()
        t.collect()
    listener, peer = listening(t), caller(t)
    peer.connects()
    works(t, accepted(listener), peer)


main(Conversation)
