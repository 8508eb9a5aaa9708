#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Is the peer there? RFC 9260 sections 8.1 to 8.3, and 5.4."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, ESTABLISHED, SCTP_PEER_ADDR_PARAMS, SOL_SCTP, active, caller, listening,
                         accepted, message, passive, setting, state, works)
from conversation import Conversation
from sctp import P_IPV4, P_IPV6, Abort, Heartbeat, HeartbeatAck, Sack, chunk, tlv
from tap import main, test

HB_ENABLE, HB_DISABLE, HB_DEMAND = 1, 2, 4


def interval():
    return int(setting("hb_interval")) / 1000


# Every HB.interval and an RTO, with half an RTO of jitter; the kernel's timers may be late.
def due(rto=1):
    return (interval() + rto / 2, (interval() + 1.5 * rto) * 9 / 8)


def first_due():
    return (interval() / 2, (interval() + 1.5 * 3 + 1) * 9 / 8)


def params(s, flags, hb_interval=0, pathmaxrxt=0):
    """SCTP_PEER_ADDR_PARAMS of all addresses."""
    s.setsockopt(SOL_SCTP, SCTP_PEER_ADDR_PARAMS,
                 struct.pack("=i128sIHIIIIB", 0, bytes(128), hb_interval, pathmaxrxt, 0, 0, flags, 0, 0)
                 + bytes(1))


@test("an idle path is asked every HB.interval and RTO, with half an RTO of jitter", on=BOTH)
def idle(t):
    s, peer = active(t)
    t.equal(interval(), 30.0, "HB.interval")
    peer.answers_heartbeat(after=first_due())
    for _ in range(5):
        peer.answers_heartbeat(after=due())
    t.equal(state(s), ESTABLISHED, "state")


@test("each HEARTBEAT has something in it that nobody can guess", on=BOTH)
def nonce(t):
    _s, peer = active(t)
    seen = set()
    for _ in range(5):
        question = peer.answers_heartbeat(after=(0, 40))
        seen.add(question.original[4:question.len])
    t.equal(len(seen), 5, "all different")


@test("a path with data is not asked", on=BOTH)
def busy(t):
    s, peer = active(t)
    for _ in range(10):
        message(s, b"hello")
        peer.gets_data(b"hello")
        peer.sacks()
        t.quiet(14)


# 8.3: the other side


@test("a HEARTBEAT is answered at once with what it had in it", on=BOTH)
def answer(t):
    s, peer = passive(t)
    for info in (b"", b"x", b"1234", bytes(range(256)), os.urandom(1300)):
        value = tlv(1, info)
        peer.sends(chunk(4, value))
        found = peer.gets(HeartbeatAck())
        t.equal(found.original[4:found.len].rstrip(b"\0"), value.rstrip(b"\0"), "what it had in it")
    works(t, s, peer)


@test("a HEARTBEAT behind and before data is answered too", on=BOTH)
def answer_bundled(t):
    s, peer = passive(t)
    works(t, s, peer)
    peer.sends(chunk(4, tlv(1, b"who?")), peer.data(b"data"))
    peer.gets(HeartbeatAck(), others=True)
    t.passes(0.3)
    t.collect()
    t.equal(s.recv(100), b"data", "data")


@test("as many HEARTBEATs as a packet holds do no harm", on=BOTH)
def many(t):
    s, peer = passive(t)
    for _ in range(5):
        peer.sends(*[chunk(4, tlv(1, b""))] * 150)
    for packet in t.collect():
        t.check(HeartbeatAck in packet and len(packet.original) <= t.mtu, f"{packet!r}")
    works(t, s, peer)


@test("HEARTBEATs that are no HEARTBEATs do no harm", on=BOTH)
def malformed(t):
    s, peer = passive(t)
    for value in (b"", b"\0", b"\0\1", b"\0\1\0\0", b"\0\1\0\3", b"\0\1\xff\xff", b"\0\2\0\4"):
        peer.sends(chunk(4, value))
    t.collect()
    t.check(state(s) in (ESTABLISHED, CLOSED), "state")


# 8.3, 8.1: nobody answers


@test("nobody answers: Association.Max.Retrans times, then ETIMEDOUT", on=BOTH)
def silence(t):
    s, peer = active(t)
    reading = t.blocks(s.recv, 100)
    for _ in range(int(setting("association_max_retrans")) + 1):
        peer.gets(Heartbeat(), after=(0, 135))
    reading.fails(errno.ETIMEDOUT, after=(0, 135))
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.quiet(1000)


def ends_unheard(t, peer, s, answer_with):
    for _ in range(int(setting("association_max_retrans")) + 1):
        question = peer.gets(Heartbeat(), after=(0, 135))
        peer.sends(answer_with(question.original[4:question.len]))
    t.passes(135)
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.equal(state(s), CLOSED, "state")


@test("answers with something else in them are none", on=BOTH)
def wrong_answer(t):
    s, peer = active(t)
    ends_unheard(t, peer, s, lambda value: chunk(5, value[:-1] + bytes([value[-1] ^ 1])))


@test("an answer of a wrong length is none", on=BOTH)
def short_answer(t):
    s, peer = active(t)
    ends_unheard(t, peer, s, lambda value: chunk(5, tlv(1, value[4:-4])))


@test("one answer in ten is enough", on=BOTH)
def seldom(t):
    s, peer = active(t)
    for _ in range(3):
        for _ in range(int(setting("association_max_retrans")) - 1):
            peer.gets(Heartbeat(), after=(0, 135))
        peer.answers_heartbeat(after=(0, 135))
    t.equal(state(s), ESTABLISHED, "state")


@test("answers to no question: nothing", on=BOTH)
def unasked(t):
    s, peer = passive(t)
    for value in (b"", tlv(1, b""), tlv(1, b"1234"), tlv(1, os.urandom(40)), tlv(1, bytes(1300))):
        peer.sends(chunk(5, value))
    t.quiet()
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, peer)


# RFC 6458 section 8.1.12


@test("SPP_HB_DISABLE: no questions", on=BOTH)
def disabled(t):
    s, _peer = active(t)
    params(s, HB_DISABLE)
    t.quiet(3600)
    t.equal(state(s), ESTABLISHED, "state")


@test("SPP_HB_ENABLE with an interval of 5 s", on=BOTH)
def enabled(t):
    s, peer = active(t)
    params(s, HB_ENABLE, hb_interval=5000)
    peer.answers_heartbeat(after=(0, 40))
    for _ in range(5):
        peer.answers_heartbeat(after=(5.4, 7.4))


# 5.4: an address that only the INIT tells of


@test("an address that the INIT lists is asked before it is used", on=BOTH)
def unconfirmed(t):
    other = t.names.other
    listed = tlv(P_IPV6 if t.v6 else P_IPV4,
                 socket.inet_pton(socket.AF_INET6 if t.v6 else socket.AF_INET, other))
    listener, peer = listening(t), caller(t)
    peer.connects(listed)
    s = accepted(listener)
    question = peer.gets(Heartbeat(), network=t.ip_out(dst=other), after=(0, 7))
    message(s, b"hello")
    peer.gets_data(b"hello")        # not there
    peer.sends(chunk(5, question.original[4:question.len]), network=t.ip_in(src=other))
    peer.sends(peer.sack())
    t.quiet()
    # And then it is asked as often as the first.
    t.passes(interval() * 1.5)
    t.equal(len({packet.dst for packet in t.collect() if Heartbeat in packet}), 2, "both are asked")


@test("data from an address that was listed are taken, and acknowledged there", on=BOTH)
def from_other(t):
    other = t.names.other
    listed = tlv(P_IPV6 if t.v6 else P_IPV4,
                 socket.inet_pton(socket.AF_INET6 if t.v6 else socket.AF_INET, other))
    listener, peer = listening(t), caller(t)
    peer.connects(listed)
    s = accepted(listener)
    t.collect()
    peer.sends(peer.data(b"from there", flags="BEI"), network=t.ip_in(src=other))
    found = [packet for packet in t.collect() if Sack in packet]
    t.equal([packet.dst for packet in found], [other], "where the SACK goes")
    t.equal(s.recv(100), b"from there", "data")


main(Conversation)
