#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Addresses come and go while an association lives: RFC 5061."""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, ESTABLISHED, PEER_PORT, PORT, SCTP4, SOL_SCTP, accepted, caller,
                         gets, listening, message, no_heartbeats, setting, state, works)
from conversation import Conversation
from sctp import P_IPV4, P_IPV6, TSNS, Abort, Data, Heartbeat, Sack, Sctp, chunk, tlv, tlvs
from signing import ASCONF, ASCONF_ACK, AUTH, Signing, said
from tap import main, test

ADD, DEL, ERROR, PRIMARY, SUCCESS = 0xC001, 0xC002, 0xC003, 0xC004, 0xC005
LAST_ADDRESS, SHORTAGE, SOURCE_ADDRESS, ILLEGAL_ACK, NOT_ALLOWED = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4
UNKNOWN_PARAM, UNRESOLVABLE = 8, 5
SCTP_SET_PEER_PRIMARY_ADDR, SCTP_AUTO_ASCONF = 5, 30
BINDX_ADD, BINDX_REM = 100, 101


def addr(t, host):
    kind, family = (P_IPV6, socket.AF_INET6) if t.v6 else (P_IPV4, socket.AF_INET)
    return tlv(kind, socket.inet_pton(family, host))


def packed(t, host, port=PORT):
    """As sctp_bindx() has it."""
    if t.v6:
        return (struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0)
                + socket.inet_pton(socket.AF_INET6, host) + bytes(4))
    return (struct.pack("=H", socket.AF_INET) + struct.pack("!H", port)
            + socket.inet_pton(socket.AF_INET, host) + bytes(8))


def request(kind, number, *value):
    return tlv(kind, struct.pack("!I", number) + b"".join(value))


class Mover:
    """A peer that may change its addresses, and hears of the program's."""

    def __init__(self, t, address=None, auth=True, options=()):
        setting("auth_enable", 1)
        setting("addip_enable", 1)
        no_heartbeats()
        self.t = t
        self.signing = Signing((ASCONF, ASCONF_ACK), extensions=(ASCONF, ASCONF_ACK))
        listener = listening(t, options=options, **({"address": address} if address else {}))
        self.peer = caller(t)
        more = self.signing.params() if auth else (tlv(0x8008, bytes((ASCONF, ASCONF_ACK))),)
        answer = self.peer.connects(*more)
        if auth:
            self.signing.hears(answer)
        self.theirs = answer.init_tsn       # of the program's next ASCONF
        self.serial = self.peer.first_tsn
        self.s = accepted(listener)

    def chunk(self, *requests, serial=None, known=None):
        if serial is None:
            serial, self.serial = self.serial, (self.serial + 1) % TSNS
        return chunk(ASCONF, struct.pack("!I", serial) + addr(self.t, known or self.t.there)
                     + b"".join(requests))

    def asks(self, *requests, src=None, signed=True, **fields):
        """An ASCONF goes in."""
        one = self.chunk(*requests, **fields)
        self.peer.sends(self.signing.sign(one) if signed else one,
                        network=self.t.ip_in(src=src or self.t.there))

    def told(self, serial=None):
        """The answers of the one ASCONF ACK that came: {id: cause, 0 for done}; and other packets."""
        answers, others = None, []
        for packet in self.t.collect():
            acks = [one for one in said(packet) if one[0] == ASCONF_ACK]
            if not acks:
                others.append(packet)
                continue
            self.signing.check(packet)
            self.t.check(answers is None and len(acks) == 1, "one ASCONF ACK")
            value = acks[0][2]
            if serial is not None:
                self.t.equal(struct.unpack_from("!I", value)[0], serial, "serial number")
            answers = {}
            for kind, body in tlvs(value[4:]):
                number = struct.unpack_from("!I", body)[0]
                answers[number] = 0 if kind == SUCCESS else tlvs(body[4:])[0][0]
        return answers, others

    def asked(self, packet):
        """The program's ASCONF: its serial number, and [(type, address), ...]."""
        self.t.check(ASCONF in self.signing.check(packet), "a signed ASCONF")
        value = next(one[2] for one in said(packet) if one[0] == ASCONF)
        params = tlvs(value[4:])
        return (struct.unpack_from("!I", value)[0],
                [(kind, struct.unpack_from("!I", body)[0], body[4:]) for kind, body in params[1:]])

    def answers(self, serial, *answers):
        self.peer.sends(self.signing.sign(chunk(ASCONF_ACK, struct.pack("!I", serial)
                                                + b"".join(answers))))


# 5.2: what the peer asks


@test("ADD IP: done, and the new path is asked whether it is one", on=BOTH)
def add(t):
    m = Mover(t)
    m.asks(request(ADD, 1, addr(t, t.names.other)))
    answers, others = m.told(serial=m.peer.first_tsn)
    t.equal(answers, {1: 0}, "answers")
    t.passes(7)
    asked = [packet.dst for packet in others + t.collect() if Heartbeat in packet]
    t.check(t.names.other in asked, f"HEARTBEAT to {asked}")
    m.peer.sends(m.peer.data(b"from there"), network=t.ip_in(src=t.names.other))
    gets(m.s, b"from there")
    m.peer.gets(Sack(), network=t.ip_out(dst=t.names.other))


@test("DELETE IP: what comes from there is out of the blue", on=BOTH)
def delete(t):
    m = Mover(t)
    m.asks(request(ADD, 1, addr(t, t.names.other)))
    m.told()
    m.asks(request(DEL, 2, addr(t, t.names.other)))
    t.equal(m.told()[0], {2: 0}, "answers")
    m.peer.sends(chunk(4, b"\0\1\0\x08who?"), network=t.ip_in(src=t.names.other))
    m.peer.gets(Abort(TCB=1), tag=m.peer.program_tag, network=t.ip_out(dst=t.names.other))
    works(t, m.s, m.peer)


@test("DELETE IP of the last address, and of the one that asks: refused", on=BOTH)
def delete_refused(t):
    m = Mover(t)
    m.asks(request(DEL, 7, addr(t, t.there)))
    t.equal(m.told()[0], {7: LAST_ADDRESS}, "answers")
    m.asks(request(ADD, 1, addr(t, t.names.other)), request(DEL, 2, addr(t, t.there)),
           request(DEL, 3, addr(t, t.names.far)))
    t.equal(m.told()[0], {1: 0, 2: SOURCE_ADDRESS, 3: 0}, "answers")
    works(t, m.s, m.peer)


@test("the peer moves: ADD its new address, DELETE the old one, from the new one", on=BOTH)
def moves(t):
    m, other = Mover(t), t.names.other
    m.asks(request(ADD, 1, addr(t, other)), request(DEL, 2, addr(t, t.there)), src=other)
    t.equal(m.told()[0], {1: 0, 2: 0}, "answers")
    m.peer.sends(m.peer.data(b"I moved"), network=t.ip_in(src=other))
    gets(m.s, b"I moved")
    m.peer.gets(Sack(), network=t.ip_out(dst=other))


@test("the peer moves: no data follow before its new address has answered", on=BOTH)
def moves_elsewhere(t):
    m, other = Mover(t), t.names.other
    m.asks(request(ADD, 1, addr(t, other)), request(DEL, 2, addr(t, t.there)), src=other)
    answers, others = m.told()
    t.equal(answers, {1: 0, 2: 0}, "answers")
    message(m.s, b"hello")
    t.passes(7)
    others += t.collect()
    t.equal([packet for packet in others if Data in packet], [], "data")
    asked = [packet for packet in others if Heartbeat in packet and packet.dst == other]
    value = next(one[2] for one in said(asked[-1]) if one[0] == 4)
    m.peer.sends(chunk(5, value), network=t.ip_in(src=other))
    t.equal([packet.dst for packet in t.collect() if Data in packet], [other], "where data go")


@test("the wildcard: ADD the source of the packet, DELETE all others", on=BOTH)
def wildcard(t):
    m, other = Mover(t), t.names.other
    m.asks(request(ADD, 1, addr(t, t.names.any)), request(DEL, 2, addr(t, t.names.any)), src=other)
    t.equal(m.told()[0], {1: 0, 2: 0}, "answers")
    m.peer.sends(chunk(4, b"\0\1\0\x08who?"))
    m.peer.gets(Abort(TCB=1), tag=m.peer.program_tag)


@test("SET PRIMARY: data go there, once it is known to be a path", on=BOTH)
def primary(t):
    m, other = Mover(t), t.names.other
    m.asks(request(ADD, 1, addr(t, other)), request(PRIMARY, 2, addr(t, other)))
    answers, others = m.told()
    t.equal(answers, {1: 0, 2: 0}, "answers")
    t.passes(7)
    asked = [packet for packet in others + t.collect() if Heartbeat in packet and packet.dst == other]
    value = next(one[2] for one in said(asked[-1]) if one[0] == 4)
    m.peer.sends(chunk(5, value), network=t.ip_in(src=other))
    t.collect()
    message(m.s, b"hello")
    t.equal([packet.dst for packet in t.collect() if Data in packet], [other], "where data go")


@test("SET PRIMARY to an address that is none: refused", on=BOTH)
def primary_refused(t):
    m = Mover(t)
    m.asks(request(PRIMARY, 2, addr(t, t.names.far)))
    t.equal(m.told()[0], {2: UNRESOLVABLE}, "answers")


@test("addresses that are nobody's: refused", on=(SCTP4,))
def nobodys(t):
    m = Mover(t)
    for number, host in enumerate(("224.0.0.1", "255.255.255.255", "127.0.0.1")):
        m.asks(request(ADD, number, addr(t, host)))
        t.equal(m.told()[0], {number: NOT_ALLOWED}, "answers")


@test("unknown requests: the rest is done or not, as their high bits say", on=BOTH)
def unknown(t):
    m = Mover(t)
    for kind, told in ((0x00F0, {}), (0x40F0, {1: UNKNOWN_PARAM}), (0x80F0, {2: 0}),
                       (0xC0F0, {1: UNKNOWN_PARAM, 2: 0})):
        m.asks(request(kind, 1, b"what?!!!"), request(DEL, 2, addr(t, t.names.far)))
        t.equal(m.told()[0], told, f"answers to {kind:#x}")


@test("the same again: the same answer; other serial numbers: nothing", on=BOTH)
def serials(t):
    m = Mover(t)
    first = m.serial
    m.asks(request(ADD, 1, addr(t, t.names.other)))
    m.told(serial=first)
    m.asks(request(ADD, 9, addr(t, t.names.far)), serial=first)
    t.equal(m.told(serial=first)[0], {1: 0}, "answers")
    for serial in (first - 1, first + 2, first + 1000, first + (1 << 31)):
        m.asks(request(ADD, 9, addr(t, t.names.far)), serial=serial % TSNS)
        t.equal(m.told()[0], None, "answers")
    m.asks(request(DEL, 2, addr(t, t.names.other)))
    t.equal(m.told(serial=first + 1)[0], {2: 0}, "answers")


@test("the same many times in one packet: one answer", on=BOTH)
def copies(t):
    m = Mover(t)
    one = m.chunk(*(request(ADD, number, addr(t, "::" if t.v6 else "0.0.0.0")) for number in range(9)))
    m.peer.sends(m.signing.sign(one * 10))
    t.equal(m.told()[0], {number: 0 for number in range(9)}, "answers")
    m.peer.sends(m.signing.sign(one))
    t.equal(m.told()[0], {number: 0 for number in range(9)}, "answers")


@test("more requests than any peer has: refused, and the association lives", on=BOTH)
def many(t):
    m = Mover(t)
    m.asks(*(request(DEL, number, addr(t, t.names.far)) for number in range(30)))
    answers = m.told()[0]
    t.check(SHORTAGE in answers.values(), f"{answers}")
    works(t, m.s, m.peer)


@test("ASCONFs that are cut off, or lie about lengths: never an end", on=BOTH)
def malformed(t):
    m = Mover(t)
    whole = m.chunk(request(ADD, 1, addr(t, t.names.other)))[4:]
    for length in range(0, len(whole), 2):
        m.peer.sends(m.signing.sign(chunk(ASCONF, whole[:length])))
    m.asks(tlv(ADD, struct.pack("!I", 1), length=7))
    m.asks(tlv(ADD, struct.pack("!I", 1) + b"\0\5\0\0"))
    t.collect()
    t.equal(state(m.s), ESTABLISHED, "state")
    works(t, m.s, m.peer)


# 4.1: who asks


@test("an ASCONF that nobody signed: nothing", on=BOTH)
def unsigned(t):
    m = Mover(t)
    m.asks(request(ADD, 1, addr(t, t.names.other)), signed=False, serial=m.serial)
    t.equal(m.told()[0], None, "answers")
    m.asks(request(ADD, 1, addr(t, t.names.other)))
    t.equal(m.told()[0], {1: 0}, "answers")


@test("but with addip_noauth_enable, from a peer without AUTH", on=BOTH)
def noauth(t):
    setting("addip_noauth_enable", 1)
    m = Mover(t, auth=False)
    m.asks(request(ADD, 1, addr(t, t.names.other)), signed=False)
    found = [one for packet in t.collect() for one in said(packet) if one[0] in (ASCONF_ACK, AUTH)]
    t.equal([one[0] for one in found], [ASCONF_ACK], "chunks")


@test("an ASCONF without AUTH agreed on is a chunk that nobody knows", on=BOTH)
def not_agreed(t):
    m = Mover(t, auth=False)
    m.asks(request(ADD, 1, addr(t, t.names.other)), signed=False)
    found = [one for packet in t.collect() for one in said(packet)]
    t.equal([one[0] for one in found], [9], "an ERROR")


# 5.1: what the program asks


@test("bindx() adds an address: ASCONF, again and again until there is an answer", on=BOTH)
def bindx_add(t):
    m = Mover(t, address=t.here)
    second = t.add_second_address()
    t.collect()
    m.s.setsockopt(SOL_SCTP, BINDX_ADD, packed(t, second))
    packet = t.collect()[0]
    serial, asked = m.asked(packet)
    t.equal(serial, m.theirs, "serial number")
    t.equal([(kind, value) for kind, _n, value in asked], [(ADD, addr(t, second))], "asked")
    t.equal(packet.src, t.here, "source")
    t.passes(4)
    again = [one for one in t.collect() if ASCONF in [found[0] for found in said(one)]]
    t.equal([m.asked(one) for one in again], [(serial, asked)] * len(again), "the same")
    t.check(again, "it comes again")
    m.answers(serial, request(SUCCESS, asked[0][1]))
    t.quiet(100)
    m.peer.sends(m.peer.data(b"hello"), network=t.ip_in(dst=second))
    gets(m.s, b"hello")
    m.peer.gets_sack()


@test("bindx() takes an address: DELETE IP, and until it is answered it is heard", on=BOTH)
def bindx_rem(t):
    m = Mover(t, address=t.here)
    second = t.add_second_address()
    m.s.setsockopt(SOL_SCTP, BINDX_ADD, packed(t, second))
    serial, _asked = m.asked(t.collect()[-1])
    m.answers(serial)
    t.collect()
    m.s.setsockopt(SOL_SCTP, BINDX_REM, packed(t, t.here))
    packet = t.collect()[-1]
    serial, asked = m.asked(packet)
    t.equal([(kind, value) for kind, _n, value in asked], [(DEL, addr(t, t.here))], "asked")
    t.equal(packet.src, second, "source")
    m.peer.sends(m.peer.data(b"still"))
    gets(m.s, b"still")
    m.peer.gets(Sack(), network=t.ip_out(src=second))
    m.answers(serial)
    t.equal(state(m.s), ESTABLISHED, "state")


@test("SCTP_SET_PEER_PRIMARY_ADDR asks the peer", on=BOTH)
def set_peer_primary(t):
    m = Mover(t, address=t.here)
    storage = packed(t, t.here)
    m.s.setsockopt(SOL_SCTP, SCTP_SET_PEER_PRIMARY_ADDR,
                   struct.pack("=i", 0) + storage + bytes(128 - len(storage)))
    _serial, asked = m.asked(t.collect()[0])
    t.equal([(kind, value) for kind, _n, value in asked], [(PRIMARY, addr(t, t.here))], "asked")


@test("an ASCONF ACK for what was never asked: ABORT", on=BOTH)
def illegal_ack(t):
    m = Mover(t)
    m.answers((m.theirs - 1) % TSNS)
    t.quiet()
    m.answers(m.theirs)
    m.peer.gets(Abort())
    t.equal(state(m.s), CLOSED, "state")


@test("SCTP_AUTO_ASCONF: an address of the machine comes", on=(SCTP4,))
def auto(t):
    m = Mover(t, options={(SOL_SCTP, SCTP_AUTO_ASCONF): struct.pack("=i", 1)})
    second = t.add_second_address()
    found = [packet for packet in t.collect() if Sctp in packet]
    _serial, asked = m.asked(found[0])
    t.equal([(kind, value) for kind, _n, value in asked], [(ADD, addr(t, second))], "asked")
    t.equal(PEER_PORT, m.peer.port, "port")


main(Conversation)
