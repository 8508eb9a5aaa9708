#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Chunks that are signed: RFC 4895."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, ESTABLISHED, MANY, PORT, SACK_DELAY, SCTP_SNDINFO, SOL_SCTP, accepted,
                         caller, calling, gets, listening, message, setting, state, works)
from conversation import Conversation
from packets import Raw
from sctp import P_COOKIE, Abort, CookieAck, CookieEcho, Peer, Sack, chunk, params
from signing import (ASCONF, ASCONF_ACK, AUTH, COOKIE_ECHO, DATA, P_CHUNKS, P_EXTENSIONS, P_HMACS,
                     P_RANDOM, SCTP_AUTH_ACTIVE_KEY, SCTP_AUTH_CHUNK, SCTP_AUTH_KEY,
                     SCTP_AUTH_SUPPORTED, SCTP_AUTHINFO, SHA1, SHA256, Signing, said)
from tap import main, test

ERROR, UNSUPPORTED_HMAC = 9, 0x0105
SCTP_CURRENT_ASSOC = 1
WANTS_DATA = {(SOL_SCTP, SCTP_AUTH_CHUNK): bytes([DATA])}


def authkey(number, key):
    return struct.pack("=iHH", 0, number, len(key)) + key


def passive(t, signing, options=()):
    """The peer calls: (the program's socket, the peer)."""
    setting("auth_enable", 1)
    listener, peer = listening(t, options=options), caller(t)
    signing.hears(peer.connects(*signing.params()))
    return accepted(listener), peer


def active(t, signing, options=()):
    setting("auth_enable", 1)
    s, peer = calling(t, options=options), Peer(t)
    signing.hears(peer.asked())
    peer.sends(peer.init_ack(*signing.params()))
    peer.gets(CookieEcho(cookie=peer.cookie))
    peer.sends(CookieAck())
    t.quiet()
    return s, peer


def data(peer, text, **fields):
    """A DATA chunk as bytes, whole with its padding."""
    made = bytes(peer.data(text, **fields))
    return made + bytes(-len(made) % 4)


def takes(s, peer, packet, text):
    """A packet with the first message goes in: the program reads it, and it is acknowledged."""
    peer.sends(packet)
    gets(s, text)
    peer.gets_sack()


def only(t):
    packets = t.collect()
    t.equal(len(packets), 1, "packets")
    return packets[0]


# 6.1: INIT and INIT ACK


@test("without auth_enable nothing is said of AUTH", on=BOTH)
def off(t):
    setting("auth_enable", 0)
    listening(t)
    found = params(caller(t).asks(*Signing([DATA]).params()))
    t.check(not {P_RANDOM, P_CHUNKS, P_HMACS} & set(found), f"{found!r}")


@test("INIT ACK: 32 octets that are random, SHA-1 among the algorithms", on=BOTH)
def init_ack(t):
    setting("auth_enable", 1)
    listening(t)
    seen = set()
    for _ in range(3):
        found = params(caller(t).asks(*Signing().params()))
        t.equal(len(found[P_RANDOM]), 32, "octets")
        ids = struct.unpack(f"!{len(found[P_HMACS]) // 2}H", found[P_HMACS])
        t.check(SHA1 in ids, f"SHA-1 in {ids}")
        t.check(AUTH in found[P_EXTENSIONS], "AUTH is listed")
        t.check(P_CHUNKS not in found, "no chunk is asked for")
        seen.add(found[P_RANDOM])
    t.equal(len(seen), 3, "different ones")


@test("INIT ACK to who cannot do AUTH: nothing is said of it", on=BOTH)
def not_offered(t):
    setting("auth_enable", 1)
    listening(t)
    found = params(caller(t).asks())
    t.check(not {P_RANDOM, P_CHUNKS, P_HMACS} & set(found), f"{found!r}")


@test("INIT: the same, where the program's socket says so", on=BOTH)
def init(t):
    calling(t, options={(SOL_SCTP, SCTP_AUTH_SUPPORTED): struct.pack("=iI", 0, 1), **WANTS_DATA})
    found = params(Peer(t).asked())
    t.equal(len(found[P_RANDOM]), 32, "octets")
    t.equal(found[P_CHUNKS], bytes([DATA]), "chunks")


@test("a RANDOM that is not 32 octets long: ABORT", on=BOTH)
def wrong_random(t):
    setting("auth_enable", 1)
    listening(t)
    for length in (1, 31, 33, 64):
        peer = caller(t)
        peer.sends(peer.init(params=[*map(Raw, Signing(random=bytes(length)).params())]), tag=0)
        peer.gets(Abort(TCB=0))


# 6.3: what comes


@test("DATA that has to be signed, and is", on=BOTH)
def taken(t):
    signing = Signing()
    s, peer = passive(t, signing, WANTS_DATA)
    for kind in (SHA1, SHA256):
        for text in (b"four", b"hello", b"x" * 1000):
            peer.sends(signing.sign(data(peer, text), kind=kind))
            gets(s, text)
            t.passes(SACK_DELAY * 2)
            t.collect()


@test("the same of an association that the program began", on=BOTH)
def taken_active(t):
    signing = Signing()
    s, peer = active(t, signing, WANTS_DATA)
    takes(s, peer, signing.sign(data(peer, b"hello")), b"hello")


@test("DATA that has to be signed and is not, or not rightly: nothing", on=BOTH)
def not_taken(t):
    signing = Signing()
    s, peer = passive(t, signing, WANTS_DATA)
    tsn, bad = peer.next, data(peer, b"bad!", tsn=peer.next, ssn=0)
    peer.next, peer.ssn = tsn, {}
    for packet in (bad, signing.sign(bad, spoil=1), signing.sign(bad, number=1),
                   signing.sign(bad, pair=b"?"), signing.sign(bad)[:-1] + b"?",
                   bad + signing.sign(), chunk(AUTH, b"\0\0\0\3") + bad, chunk(AUTH) + bad,
                   chunk(AUTH, b"\0\0\0\3" + bytes(20)) + bad,
                   chunk(AUTH, b"\0\0\0\3" + bytes(33)) + bad):
        peer.sends(packet)
    t.passes(1)
    t.equal([said(packet) for packet in t.collect() if Sack in packet], [], "SACKs")
    takes(s, peer, signing.sign(data(peer, b"good")), b"good")


@test("AUTH chunks behind AUTH chunks: some are looked at, not thousands", on=BOTH)
def many_auths(t):
    signing = Signing()
    s, peer = passive(t, signing, WANTS_DATA)
    body = data(peer, b"hello")
    for _ in range(4):
        body = signing.sign(body)
    peer.sends(signing.sign(body))
    t.quiet(1)
    takes(s, peer, body, b"hello")


@test("an algorithm that is not ours: ERROR, and the rest is dropped", on=BOTH)
def unsupported(t):
    signing = Signing()
    s, peer = passive(t, signing, WANTS_DATA)
    body = signing.sign(data(peer, b"hello", tsn=peer.next, ssn=0))
    peer.sends(body[:6] + struct.pack("!H", 2) + body[8:])
    found = said(only(t))
    t.equal([one[0] for one in found], [ERROR], "chunks")
    t.equal(found[0][2], struct.pack("!HHH", UNSUPPORTED_HMAC, 6, 2), "cause")
    t.equal(state(s), ESTABLISHED, "state")


# 6.2: what goes out


@test("what the peer wants signed is, with the first of its algorithms", on=BOTH)
def signs(t):
    for hmacs in ((SHA256, SHA1), (SHA1, SHA256), (9, SHA1)):
        signing = Signing([DATA], hmacs)
        s, peer = passive(t, signing) if hmacs[0] == SHA256 else active(t, signing)
        for text in (b"hello", b"x" * 1200):
            message(s, text)
            kind = next(one for one in hmacs if one in (SHA1, SHA256))
            t.check(DATA in signing.check(only(t), kind=kind), "DATA is signed")
            peer.expected += 1
            peer.sacks()
        peer.sends(Abort())
        s.close()
        t.collect()


@test("a long message: each packet fits, and each is signed", on=BOTH)
def long_message(t):
    signing = Signing([DATA])
    s, _peer = passive(t, signing)
    message(s, bytes(4000))
    packets = t.collect()
    t.check(len(packets) >= 3, "three packets or more")
    for packet in packets:
        signing.check(packet)
        t.check(len(packet.original) <= t.mtu, "it fits")


@test("what the peer does not want signed is not", on=BOTH)
def signs_not(t):
    s, _peer = passive(t, Signing([ASCONF, ASCONF_ACK]))
    message(s, b"hello")
    t.equal([one[0] for one in said(only(t))], [DATA], "chunks")


@test("SACKs that the peer wants signed", on=BOTH)
def signs_sacks(t):
    signing = Signing([3])
    s, peer = passive(t, signing)
    peer.sends(peer.data(b"hello", flags="BEI"))
    gets(s, b"hello")
    t.check(3 in signing.check(only(t)), "the SACK is signed")


# 6.3: before there is an association


@test("AUTH before COOKIE ECHO, and data behind: the cookie has all that is needed", on=BOTH)
def auth_cookie(t):
    setting("auth_enable", 1)
    signing = Signing()
    listener = listening(t, options={(SOL_SCTP, SCTP_AUTH_CHUNK): bytes([COOKIE_ECHO])})
    peer = caller(t)
    signing.hears(peer.asks(*signing.params()))
    echo = chunk(COOKIE_ECHO, peer.cookie)
    peer.sends(echo)
    peer.sends(signing.sign(echo, spoil=1))
    peer.sends(signing.sign(echo, number=3))
    t.passes(1)
    t.equal(listener.ready(), "", "nobody to accept")
    t.collect()
    peer.sends(signing.sign(echo, data(peer, b"early")))
    peer.gets(CookieAck(), Sack())
    gets(accepted(listener), b"early")


@test("a peer that restarts has new keys", on=BOTH)
def restart(t):
    old, new = Signing(), Signing(random=b"r" * 32)
    s, peer = passive(t, old, WANTS_DATA)
    peer.tag, peer.next, peer.first_tsn, peer.ssn = 0x22222222, 5000, 5000, {}
    new.hears(peer.asks(*new.params()))
    peer.sends(CookieEcho(cookie=peer.cookie))
    peer.gets(CookieAck())
    late = data(peer, b"late", tsn=peer.next, ssn=0)
    peer.next, peer.ssn = 5000, {}
    peer.sends(old.sign(late))
    t.quiet(1)
    takes(s, peer, new.sign(data(peer, b"new!")), b"new!")


@test("who wants COOKIE ECHO signed: a restart that is not signed is none", on=BOTH)
def unsigned_restart(t):
    setting("auth_enable", 1)
    old, new = Signing(), Signing(random=b"r" * 32)
    listener = listening(t, options={(SOL_SCTP, SCTP_AUTH_CHUNK): bytes([COOKIE_ECHO])})
    peer, other = caller(t), caller(t, tag=0x22222222, tsn=5000)
    old.hears(peer.asks(*old.params()))
    peer.sends(old.sign(chunk(COOKIE_ECHO, peer.cookie)))
    peer.gets(CookieAck())
    s = accepted(listener)
    # It claims that it cannot sign; then it can, but does not.
    for more in ((), new.params()):
        new.hears(other.asks(*more))
        other.sends(CookieEcho(cookie=other.cookie))
        t.quiet(1)
    works(t, s, peer)
    other.sends(new.sign(chunk(COOKIE_ECHO, other.cookie)))
    other.gets(CookieAck())
    works(t, s, other)


# 6.1 and RFC 6458 section 8.3: keys that only the two programs know


@test("a key of the programs: SCTP_AUTH_KEY, SCTP_AUTH_ACTIVE_KEY", on=BOTH)
def pair_key(t):
    signing, pair = Signing([DATA]), b"between you and me"
    s, peer = passive(t, signing, {**WANTS_DATA, (SOL_SCTP, SCTP_AUTH_KEY): authkey(5, pair),
                                   (SOL_SCTP, SCTP_AUTH_ACTIVE_KEY): struct.pack("=iH2x", 0, 5)})
    message(s, b"hello")
    signing.check(only(t), number=5, pair=pair)
    peer.expected += 1
    peer.sacks()
    takes(s, peer, signing.sign(data(peer, b"answer"), number=5, pair=pair), b"answer")
    # The empty one is there, too.
    peer.sends(signing.sign(data(peer, b"empty key")))
    gets(s, b"empty key")
    peer.gets_sack(after=SACK_DELAY)


@test("SCTP_AUTHINFO: a message with another key than the active one", on=BOTH)
def authinfo(t):
    signing, pair = Signing([DATA]), b"another"
    s, peer = passive(t, signing, {(SOL_SCTP, SCTP_AUTH_KEY): authkey(7, pair)})
    info = struct.pack("=HHIIi", 0, 0, 0, 0, 0)
    s.sendmsg([b"hello"], [(SOL_SCTP, SCTP_SNDINFO, info),
                           (SOL_SCTP, SCTP_AUTHINFO, struct.pack("=H", 7))])
    signing.check(only(t), number=7, pair=pair)
    peer.expected += 1
    peer.sacks()
    message(s, b"again")
    signing.check(only(t), number=0)


@test("a key that is replaced: what waits is signed with the old one", on=MANY)
def replaced(t):
    setting("auth_enable", 1)
    signing = Signing([DATA])
    s, peer = t.socket(), Peer(t)
    s.sendmsg([b"hello"], [], 0, t.address(PORT))
    signing.hears(peer.asked())
    s.setsockopt(SOL_SCTP, SCTP_AUTH_KEY, struct.pack("=iHH", SCTP_CURRENT_ASSOC, 0, 4) + b"new!")
    peer.sends(peer.init_ack(*signing.params()))
    peer.gets(CookieEcho(cookie=peer.cookie))
    peer.sends(CookieAck())
    signing.check(only(t), number=0)
    peer.expected += 1
    peer.sacks()
    s.sendmsg([b"again"], [], 0, t.address(PORT))
    signing.check(only(t), number=0, pair=b"new!")


@test("one-to-many sockets do it, too", on=MANY)
def many(t):
    setting("auth_enable", 1)
    signing = Signing()
    s, peer = listening(t, options=WANTS_DATA), caller(t)
    signing.hears(peer.connects(*signing.params()))
    peer.sends(data(peer, b"bad!", tsn=peer.next, ssn=0))
    peer.next, peer.ssn = peer.first_tsn, {}
    takes(s, peer, signing.sign(data(peer, b"good")), b"good")


@test("cookies that are not whole, or longer, are none", on=BOTH)
def cookies(t):
    setting("auth_enable", 1)
    listener, peer = listening(t), caller(t)
    whole = params(peer.asks(*Signing([DATA]).params()))[P_COOKIE]
    for cookie in (whole[:-1], whole[:-4], whole + bytes(4), whole[:40], whole[:100], whole[:16]):
        peer.sends(CookieEcho(cookie=cookie))
    t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")


main(Conversation)
