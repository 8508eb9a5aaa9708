#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""An association comes to be, or comes again: RFC 9260 section 5."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, COOKIE_ECHOED, COOKIE_WAIT, EOF, ESTABLISHED, KERNEL, MANY,
                         PEER_PORT, PORT, SACK_DELAY, SCTP_ECN_SUPPORTED, SCTP_INITMSG, SCTP_SNDINFO, SCTP_STATUS,
                         SHUTDOWN_ACK_SENT, SHUTDOWN_RECEIVED, SOL_SCTP, accepted, active, caller,
                         calling, gets, gets_end, listening, message, nobody_there, passive, setting, state,
                         works)
from conversation import Conversation
from packets import Raw
from sctp import (COOKIE_IN_SHUTDOWN, INVALID_PARAM, MISSING_PARAM, P_COOKIE, P_ECN, P_FAMILIES, P_HOSTNAME,
                  P_IPV4, P_IPV6, P_PRESERVATIVE, P_UNRECOGNIZED, RESTART, STALE_COOKIE, UNKNOWN_PARAM,
                  UNRESOLVABLE, Abort, CookieAck, CookieEcho, Data, Error, InitAck, Peer, Sack,
                  Shutdown, ShutdownAck, ShutdownComplete, causes, chunk, params, tlv, tlvs)
from tap import main, test

REFUSED = (errno.ECONNREFUSED, errno.ECONNABORTED, errno.ECONNRESET, errno.EPROTO)


def is_refused(t, s):
    """What the program called for did not come to be."""
    t.quiet()
    t.equal(state(s), CLOSED, "state")
    t.check(s.error() in REFUSED, "an error that says so")


def address_param(t, host):
    kind, family = (P_IPV6, socket.AF_INET6) if t.v6 else (P_IPV4, socket.AF_INET)
    return tlv(kind, socket.inet_pton(family, host))


# 5.1: the four packets


@test("an active open: INIT, INIT ACK, COOKIE ECHO, COOKIE ACK", on=BOTH)
def active_open(t):
    s = calling(t)
    t.equal(state(s), COOKIE_WAIT, "state")
    peer = Peer(t)
    init = peer.asked()
    t.equal(peer.program_port, s.port, "port")
    t.check(init.init_tag, "no tag is 0")
    t.check(init.a_rwnd >= 1500, "room for a packet of 1500")
    t.check(init.n_out_streams and init.n_in_streams, "a stream at least")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho(cookie=peer.cookie))
    t.equal(state(s), COOKIE_ECHOED, "state")
    peer.sends(CookieAck())
    t.quiet()
    t.equal((state(s), s.error()), (ESTABLISHED, 0), "state, error")
    works(t, s, peer)


@test("a passive open: accept() has it with the COOKIE ECHO", on=BOTH)
def passive_open(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    t.equal(listener.ready(), "", "nobody to accept yet")
    peer.sends(CookieEcho(cookie=peer.cookie))
    peer.gets(CookieAck())
    s = accepted(listener)
    t.equal((state(s), s.getpeername()[1]), (ESTABLISHED, PEER_PORT), "state, peer")
    works(t, s, peer)


@test("a connect() that blocks returns with the COOKIE ACK", on=BOTH)
def blocking(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    t.quiet(0.5)
    peer.sends(CookieAck())
    connecting.returns()


# 5.1.3: no state before the cookie comes back
@test("INITs are answered and not remembered; each answer has tag and cookie of its own", on=BOTH)
def init_is_forgotten(t):
    listener, peer = listening(t), caller(t)
    answers = [peer.asks() for _ in range(4)]
    t.equal(len({answer.init_tag for answer in answers}), 4, "different tags")
    t.equal(len({params(answer)[P_COOKIE] for answer in answers}), 4, "different cookies")
    t.equal(listener.ready(), "", "nobody to accept")
    t.quiet(3600)


@test("the oldest of several INIT ACKs' cookies is as good as the last", on=BOTH)
def first_cookie(t):
    listener, peer = listening(t), caller(t)
    first = peer.asks()
    peer.asks()
    peer.knows(first)
    peer.sends(CookieEcho(cookie=params(first)[P_COOKIE]))
    peer.gets(CookieAck())
    works(t, accepted(listener), peer)


# 5.1.1: the number of streams is the smaller of what one wants and the other takes
@test("streams: no more than the other side takes", on=BOTH)
def streams(t):
    wanted = struct.pack("=HHHH", 20, 30, 0, 0)
    s, _peer = active(t, options={(SOL_SCTP, SCTP_INITMSG): wanted}, n_out_streams=5, n_in_streams=3)
    status = s.getsockopt(SOL_SCTP, SCTP_STATUS, 256)
    t.equal(struct.unpack_from("=HH", status, 16), (5, 3), "in, out")


@test("INITMSG is what the INIT says", on=BOTH)
def initmsg(t):
    calling(t, options={(SOL_SCTP, SCTP_INITMSG): struct.pack("=HHHH", 20, 30, 0, 0)})
    Peer(t).asked(n_out_streams=20, n_in_streams=30)


@test("SCTP_ECN_SUPPORTED is what INIT and INIT ACK say", on=BOTH)
def ecn_supported(t):
    for on in (0, 1):
        options = {(SOL_SCTP, SCTP_ECN_SUPPORTED): struct.pack("=iI", 0, on)}
        calling(t, options=options)
        t.equal(P_ECN in params(Peer(t).asked()), bool(on), "INIT")
        s = listening(t, port=PORT + on, options=options)
        answer = Peer(t, PEER_PORT, PORT + on).asks(tlv(P_ECN))
        t.equal(P_ECN in params(answer), bool(on), "INIT ACK")
        s.close()


# 6.10, and 5.1 (5): data may ride along once there is a cookie
@test("DATA behind a COOKIE ECHO", on=BOTH)
def data_with_cookie_echo(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    peer.sends(CookieEcho(cookie=peer.cookie), peer.data(b"early"))
    first = peer.gets(CookieAck(), others=True)
    s = accepted(listener)
    gets(s, b"early")
    if isinstance(first, list):
        t.equal(first[1].cumul_tsn_ack, peer.next - 1, "acknowledged")
    else:
        peer.gets_sack(after=(0, SACK_DELAY))
    works(t, s, peer)


@test("DATA behind a COOKIE ACK", on=BOTH)
def data_with_cookie_ack(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.sends(CookieAck(), peer.data(b"early"))
    gets(s, b"early")
    peer.gets_sack(after=(0, SACK_DELAY))
    works(t, s, peer)


# 5.1 (C): until the COOKIE ACK comes nothing may go but beside the COOKIE ECHO
@test("data that waits goes along with the COOKIE ECHO, and again with the next", on=BOTH)
def data_with_our_cookie_echo(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    message(s, b"early")
    message(s, b"early, too")
    peer.sends(peer.init_ack())
    echo, first = CookieEcho(cookie=peer.cookie), peer.expected
    waiting = [Data(data=b"early", tsn=first), Data(data=b"early, too", tsn=first + 1)]
    peer.gets(echo, *waiting, others=KERNEL)
    message(s, b"late")
    t.quiet()
    if not KERNEL:
        peer.gets(echo, *waiting, Data(data=b"late", tsn=first + 2), after=(0.8, 3.1))
        peer.expected = first + 3
        peer.sends(CookieAck(), peer.sack())
        works(t, s, peer)


# 5.1 (B): the answer to who is not wanted
@test("an INIT for a port where nobody listens: ABORT, with its own tag", on=BOTH)
def nobody_listens(t):
    peer = caller(t)
    peer.sends(peer.init(), tag=0)
    peer.gets(Abort(TCB=0))
    t.quiet(10)


@test("an ABORT for an INIT: connection refused", on=BOTH)
def refused(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(Abort())
    t.quiet()
    t.equal((state(s), s.error()), (CLOSED, errno.ECONNREFUSED), "state, error")
    t.quiet(100)


@test("an ABORT for a COOKIE ECHO: connection refused", on=BOTH)
def refused_late(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.sends(Abort())
    is_refused(t, s)
    t.quiet(100)


@test("ABORTs with another tag are not heard while an association is set up", on=BOTH)
def abort_of_another(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    for tag in (0, peer.program_tag + 1, peer.tag):
        peer.sends(Abort(), tag=tag)
    peer.sends(Abort(TCB=1), tag=peer.program_tag + 1)
    t.quiet()
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())


# 8.5.1 (A), 3.3.2, 6.10: INITs that are none


@test("an INIT with a tag in its header: nothing", on=BOTH)
def init_with_tag(t):
    listener, peer = listening(t), caller(t)
    peer.sends(peer.init(), tag=1)
    t.quiet()
    peer.connects()
    works(t, accepted(listener), peer)


@test("an INIT that is not alone in its packet: nothing", on=BOTH)
def init_bundled(t):
    listening(t)
    peer = caller(t)
    peer.sends(peer.init(), peer.data(b"hello"), tag=0)
    peer.sends(peer.init(), peer.init(), tag=0)
    peer.sends(chunk(0x80, b"skip me"), peer.init(), tag=0)
    t.quiet()
    peer.asks()


@test("an INIT whose initiate tag is 0: nothing", on=BOTH)
def init_tag_zero(t):
    listening(t)
    peer = caller(t)
    peer.sends(peer.init(init_tag=0), tag=0)
    if KERNEL:      # as RFC 4960 had it
        peer.gets(Abort(), tag=0)
    t.quiet()


@test("an INIT that offers, or takes, no stream: ABORT", on=BOTH)
def no_streams(t):
    listening(t)
    peer = caller(t)
    for field in ("n_out_streams", "n_in_streams"):
        peer.sends(peer.init(**{field: 0}), tag=0)
        told = causes(peer.gets(Abort(TCB=0)))
        t.check(not told or told[0][0] == INVALID_PARAM, f"cause {told}")


@test("an INIT that is cut off: nothing comes of it", on=BOTH)
def init_too_short(t):
    listener, peer = listening(t), caller(t)
    whole = bytes(peer.init())
    for length in (4, 8, 12, 16, 19):
        peer.sends(chunk(1, whole[4:length]), tag=0)
    peer.sends(chunk(1, whole[4:], length=3), tag=0)
    peer.sends(chunk(1, whole[4:], length=21), tag=0)
    peer.sends(chunk(1, whole[4:], length=65535), tag=0)
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.equal(listener.ready(), "", "nobody to accept")
    peer.connects()


@test("an INIT whose parameters have wrong lengths: never an INIT ACK", on=BOTH)
def wrong_params(t):
    listener, peer = listening(t), caller(t)
    for bad in (tlv(P_IPV4, b"abc", length=7), tlv(P_IPV4, b"abcde", length=9), tlv(P_IPV6, bytes(15)),
                tlv(P_FAMILIES, b"\0\5\0"), tlv(P_PRESERVATIVE, b""), tlv(0x8fff, b"", length=3),
                tlv(0x8fff, b"", length=0), tlv(0x8fff, b"1234", length=9)):
        peer.sends(peer.init(params=[Raw(bad)]), tag=0)
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.equal(listener.ready(), "", "nobody to accept")
    peer.connects()


# 3.2.1: the two high bits of a type that is unknown
LAST = tlv(0xFF02, b"read so far")


def unrecognized(answer):
    return [value for type_, value in tlvs(answer.original[20:answer.len]) if type_ == P_UNRECOGNIZED]


def has(reports, param):
    return any(report.rstrip(b"\0") == param.rstrip(b"\0") for report in reports)


@test("an unknown parameter of an INIT: goes on or stops, reports or not", on=BOTH)
def unknown_params(t):
    listening(t)
    peer = caller(t)
    for type_ in (0x3F01, 0x7F01, 0xBF01, 0xFF01):
        one = tlv(type_, b"unknown")
        reports = unrecognized(peer.asks(one, LAST))
        t.equal(has(reports, one), bool(type_ & 0x4000), f"{type_:#x} was reported")
        t.equal(has(reports, LAST), bool(type_ & 0x8000), f"behind {type_:#x} it was read on")


@test("an unknown parameter of an INIT ACK is reported with the COOKIE ECHO", on=BOTH)
def unknown_params_ack(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    one = tlv(0xFF01, b"unknown")
    peer.sends(peer.init_ack(one))
    _echo, error = peer.gets(CookieEcho(cookie=peer.cookie), Error())
    told = causes(error)
    t.equal(told[0][0], UNKNOWN_PARAM, "cause")
    t.check(has([told[0][1]], one), f"{told}")
    peer.sends(CookieAck())
    works(t, s, peer)


@test("an unknown parameter of an INIT ACK that asks for no report: none", on=BOTH)
def unknown_params_ack_unreported(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack(tlv(0xBF01, b"unknown"), tlv(0x3F01, b"stop")))
    peer.gets(CookieEcho(cookie=peer.cookie))
    peer.sends(CookieAck())
    works(t, s, peer)


# 3.3.2.4 of RFC 4960, which 3.3.2 of RFC 9260 forbids
@test("an INIT with a host name for an address: ABORT, unresolvable", on=BOTH)
def host_name(t):
    listening(t)
    peer = caller(t)
    peer.sends(peer.init(params=[Raw(tlv(P_HOSTNAME, b"localhost\0"))]), tag=0)
    told = causes(peer.gets(Abort(TCB=0)))
    t.check(not told or told[0][0] == UNRESOLVABLE, f"cause {told}")


@test("addresses in an INIT that are nobody's do no harm", on=BOTH)
def useless_addresses(t):
    listener, peer = listening(t), caller(t)
    hosts = ("::", "ff02::1") if t.v6 else ("0.0.0.0", "224.0.0.1", "255.255.255.255")
    peer.connects(*[address_param(t, host) for host in hosts])
    works(t, accepted(listener), peer)


@test("all parameters that are known, twice: as if said once", on=BOTH)
def doubled_params(t):
    listener, peer = listening(t), caller(t)
    all_ = [address_param(t, t.there), tlv(P_FAMILIES, b"\0\5\0\6"), tlv(0x8000), tlv(0xC000),
            tlv(0x8008, b"\xc0"), tlv(0xC006, bytes(4))]
    peer.connects(*all_, *all_)
    works(t, accepted(listener), peer)


# INIT ACKs that are none


@test("an INIT ACK without a cookie: ABORT, which says what is missing", on=BOTH)
def no_cookie(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init(InitAck))
    told = causes(peer.gets(Abort()))
    t.equal(told, [(MISSING_PARAM, struct.pack("!IH", 1, P_COOKIE))], "causes")
    is_refused(t, s)


@test("an INIT ACK that offers, or takes, no stream: the end", on=BOTH)
def no_streams_ack(t):
    for field in ("n_out_streams", "n_in_streams"):
        s, peer = calling(t), Peer(t)
        peer.asked()
        peer.sends(peer.init_ack(**{field: 0}))
        peer.gets(Abort())
        is_refused(t, s)


# 3.3.3: it MUST destroy the association, and MAY say so
@test("an INIT ACK whose initiate tag is 0: the end", on=BOTH)
def init_ack_tag_zero(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack(init_tag=0))
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    is_refused(t, s)


@test("an INIT ACK with another tag in its header: not heard", on=BOTH)
def init_ack_of_another(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    for tag in (0, peer.program_tag ^ 1, peer.tag):
        peer.sends(peer.init_ack(), tag=tag)
    t.collect()
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())


@test("an INIT ACK that is not alone in its packet: not heard", on=BOTH)
def init_ack_bundled(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack(), CookieAck())
    t.quiet()
    t.equal(state(s), COOKIE_WAIT, "state")


# 5.1.5: what a cookie has to be


@test("a cookie with one bit changed, anywhere: nothing", on=BOTH)
def forged(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    good = peer.cookie
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1 << at % 8
        peer.sends(CookieEcho(cookie=bytes(bad)))
        t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends(CookieEcho(cookie=good))
    peer.gets(CookieAck())
    works(t, accepted(listener), peer)


@test("a cookie of another length: nothing", on=BOTH)
def forged_length(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    good = peer.cookie
    for bad in (b"", b"1234", good[:-1], good[:-4], good[4:], good + b"1234", good * 2,
                bytes(len(good)), bytes(1400)):
        peer.sends(CookieEcho(cookie=bad))
        t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends(CookieEcho(cookie=good))
    peer.gets(CookieAck())


@test("a cookie from another port, or with another tag: nothing", on=BOTH)
def cookie_of_another(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    peer.sends(CookieEcho(cookie=peer.cookie), sport=PEER_PORT + 1)
    peer.sends(CookieEcho(cookie=peer.cookie), tag=peer.program_tag ^ 1)
    t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")
    listening(t, PORT + 1)
    peer.sends(CookieEcho(cookie=peer.cookie), dport=PORT + 1)
    t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends(CookieEcho(cookie=peer.cookie))
    peer.gets(CookieAck())


@test("a cookie of a minute ago: ERROR, which says how late it is", on=BOTH)
def stale(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    t.passes(61)
    peer.sends(CookieEcho(cookie=peer.cookie))
    (cause, value), = causes(peer.gets(Error()))
    t.equal(cause, STALE_COOKIE, "cause")
    late, = struct.unpack("!I", value)
    t.check(900_000 <= late <= 1_100_000, f"{late} us late")
    t.equal(listener.ready(), "", "nobody to accept")


@test("a cookie just before its end is good", on=BOTH)
def not_stale(t):
    listener, peer = listening(t), caller(t)
    peer.asks()
    t.passes(59)
    peer.sends(CookieEcho(cookie=peer.cookie))
    peer.gets(CookieAck())
    works(t, accepted(listener), peer)


# 5.2.6 and 3.3.2.2
@test("an INIT that asks for a longer life of the cookie has it", on=BOTH)
def preservative(t):
    listener, peer = listening(t), caller(t)
    peer.asks(tlv(P_PRESERVATIVE, struct.pack("!I", 5000)))
    t.passes(64)
    peer.sends(CookieEcho(cookie=peer.cookie))
    peer.gets(CookieAck())
    works(t, accepted(listener), peer)


@test("but not where cookie_preserve_enable is 0", on=BOTH)
def no_preservative(t):
    setting("cookie_preserve_enable", 0)
    listening(t)
    peer = caller(t)
    peer.asks(tlv(P_PRESERVATIVE, struct.pack("!I", 5000)))
    t.passes(64)
    peer.sends(CookieEcho(cookie=peer.cookie))
    peer.gets(Error())


@test("told that its cookie was stale, the program asks again, for more time", on=BOTH)
def told_stale(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.sends(Error(error_causes=tlv(STALE_COOKIE, struct.pack("!I", 1_500_000))))
    init = peer.asked()
    asked = params(init).get(P_PRESERVATIVE)
    t.check(asked and struct.unpack("!I", asked)[0] >= 1500, f"a preservative: {asked}")
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.cookie = b"another cookie"
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho(cookie=peer.cookie))
    peer.sends(CookieAck())
    works(t, s, peer)


# 5.2.1: both at once


@test("INITs cross: the answer has the tag of the program's own INIT", on=BOTH)
def crossing_inits(t):
    s = t.socket(port=PEER_PORT)
    calling(t, s)
    peer = Peer(t)
    mine = peer.asked()
    peer.sends(peer.init(), tag=0)
    answer = peer.gets(InitAck(init_tag=mine.init_tag, init_tsn=mine.init_tsn))
    t.equal(state(s), COOKIE_WAIT, "state")
    # The peer's COOKIE ECHO: 5.2.4, action B.
    peer.sends(CookieEcho(cookie=params(answer)[P_COOKIE]))
    peer.gets(CookieAck())
    t.equal(state(s), ESTABLISHED, "state")
    # And its INIT ACK, which comes too late: 5.2.3.
    peer.sends(peer.init_ack())
    t.quiet()
    works(t, s, peer)


@test("INITs cross, the peer's from an address that nobody called: the answer goes to one that was", on=BOTH)
def crossing_inits_elsewhere(t):
    s = t.socket(port=PEER_PORT)
    calling(t, s)
    peer = Peer(t)
    mine = peer.asked()
    peer.sends(peer.init(params=[Raw(address_param(t, t.there))]), tag=0,
               network=t.ip_in(src=t.names.other))
    peer.gets(InitAck(init_tag=mine.init_tag, init_tsn=mine.init_tsn))
    t.quiet()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho(cookie=peer.cookie))
    peer.sends(CookieAck())
    works(t, s, peer)


@test("INIT and COOKIE ECHO cross", on=BOTH)
def init_crosses_cookie(t):
    s = t.socket(port=PEER_PORT)
    calling(t, s)
    peer = Peer(t)
    mine = peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho(cookie=peer.cookie))
    peer.sends(peer.init(), tag=0)
    answer = peer.gets(InitAck(init_tag=mine.init_tag))
    t.equal(state(s), COOKIE_ECHOED, "state")
    # 5.2.4, action D: both tags are right.
    peer.sends(CookieEcho(cookie=params(answer)[P_COOKIE]))
    peer.gets(CookieAck())
    t.equal(state(s), ESTABLISHED, "state")
    peer.sends(CookieAck())
    works(t, s, peer)


# 5.2.4, action A: tags of which neither is known, but the tie-tags are
def restarts(t, peer, *more):
    """The peer lost its memory and comes again: its second self."""
    again = Peer(t, peer.port, peer.program_port, tag=0x22222222, tsn=5000)
    answer = again.asks(*more)
    t.check(answer.init_tag != peer.program_tag, "a new tag (5.2.2)")
    return again


@test("the peer restarts: the same association from the start", on=BOTH)
def restart(t):
    s, peer = passive(t)
    works(t, s, peer)
    again = restarts(t, peer)
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, peer)        # which an INIT does not disturb
    again.sends(CookieEcho(cookie=again.cookie))
    again.gets(CookieAck())
    works(t, s, again)
    peer.sends_data(b"from a former life")
    t.quiet()


@test("the peer restarts where the program had called it", on=BOTH)
def restart_active(t):
    s, peer = active(t)
    again = restarts(t, peer)
    again.sends(CookieEcho(cookie=again.cookie))
    again.gets(CookieAck())
    works(t, s, again)


@test("the peer restarts: what it did not acknowledge before does not come", on=BOTH)
def restart_with_data(t):
    s, peer = passive(t)
    s.send(b"lost")
    peer.gets_data(b"lost")
    again = restarts(t, peer)
    again.sends(CookieEcho(cookie=again.cookie))
    again.gets(CookieAck(), others=True)
    t.equal(state(s), ESTABLISHED, "state")


@test("the peer restarts with data behind its COOKIE ECHO", on=BOTH)
def restart_bundled(t):
    s, peer = passive(t)
    works(t, s, peer)
    again = restarts(t, peer)
    again.sends(CookieEcho(cookie=again.cookie), again.data(b"hello again"))
    again.gets(CookieAck(), others=True)
    gets(s, b"hello again")


def peer_shuts_down(t):
    """An association whose peer said SHUTDOWN while it was owed an acknowledgement."""
    s, peer = passive(t)
    s.send(b"not acknowledged")
    peer.gets_data(b"not acknowledged")
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 2))
    t.equal(state(s), SHUTDOWN_RECEIVED, "state")
    return s, peer


def restarts_to_end(t, peer):
    """The peer restarts, and is told that the program wants to end."""
    again = restarts(t, peer)
    again.sends(CookieEcho(cookie=again.cookie))
    again.gets(CookieAck(), Shutdown())
    return again


# five times RTO.Max after the program closed (9.2), however often the peer restarts
@test("the peer restarts an association whose program is gone: it ends", on=BOTH)
def restart_orphan(t):
    s, peer = peer_shuts_down(t)
    s.close()
    t.passes(250)
    t.collect()
    restarts_to_end(t, peer)
    t.passes(48)
    t.check(all(Shutdown in one for one in t.collect()), "SHUTDOWN only")
    t.passes(12)
    t.check(Abort in t.collect()[-1], "ABORT")
    t.passes(100)
    t.quiet()


@test("the peer restarts after its SHUTDOWN: what it says then is read", on=BOTH)
def restart_after_shutdown(t):
    s, peer = peer_shuts_down(t)
    again = restarts(t, peer)
    again.sends(CookieEcho(cookie=again.cookie))
    again.gets(CookieAck(), others=True)
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, again)


@test("one-to-many, the peer restarts after its SHUTDOWN: who wanted to end, too, still does", on=MANY)
def restart_after_eof(t):
    s, peer = listening(t), caller(t)
    peer.connects()
    s.sendto(b"not acknowledged", t.address(PEER_PORT))
    peer.gets_data(b"not acknowledged")
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 2))
    t.settle()
    s.sendmsg([], [(SOL_SCTP, SCTP_SNDINFO, struct.pack("=HHIIi", 0, EOF, 0, 0, 0))], 0,
              t.address(PEER_PORT))
    again = restarts_to_end(t, peer)
    again.sends(ShutdownAck())
    again.gets(ShutdownComplete())
    nobody_there(t, again)


def reads_no_more(t, s, peer):
    """The program says so, and the peer restarts and sends something."""
    s.shutdown(socket.SHUT_RD)
    again = restarts(t, peer)
    again.sends(CookieEcho(cookie=again.cookie), again.data(b"hello?", flags="BEI"))
    t.collect()
    t.equal(state(s), ESTABLISHED, "state")
    gets_end(s)


@test("the peer restarts: who wanted to read no more does not", on=BOTH)
def restart_reads_no_more(t):
    reads_no_more(t, *passive(t))


@test("the peer restarts after its SHUTDOWN: who wanted to read no more does not", on=BOTH)
def restart_after_shutdown_reads_no_more(t):
    reads_no_more(t, *peer_shuts_down(t))


# 5.2.2
@test("a restart from an address that it had not before: ABORT", on=BOTH)
def restart_new_address(t):
    s, peer = passive(t)
    again = Peer(t, peer.port, peer.program_port, tag=0x22222222)
    again.sends(again.init(params=[Raw(address_param(t, t.names.other))]), tag=0)
    told = causes(again.gets(Abort(TCB=0)))
    t.equal(told[0][0], RESTART, "cause")
    works(t, s, peer)


# 5.2.4, action C
@test("a cookie that comes late, after the program's own call: nothing", on=MANY)
def late_cookie(t):
    s = listening(t)
    peer = caller(t)
    peer.asks()
    old = (peer.program_tag, peer.cookie)
    s.sendto(b"hello", t.address(PEER_PORT))
    peer.cookie = b"a cookie of the peer"
    peer.accepts_with_data()
    peer.sends(CookieEcho(cookie=old[1]), tag=old[0])
    t.quiet()
    works_many(t, s, peer)


def works_many(t, s, peer):
    peer.sends_data(b"a question")
    gets(s, b"a question")
    peer.gets_sack(after=(0, SACK_DELAY))


# 5.2.4, action D
@test("a COOKIE ECHO that comes again: COOKIE ACK again", on=BOTH)
def cookie_again(t):
    s, peer = passive(t)
    works(t, s, peer)
    for _ in range(3):
        peer.sends(CookieEcho(cookie=peer.cookie))
        peer.gets(CookieAck())
    works(t, s, peer)


@test("a COOKIE ECHO that comes again with data that came: acknowledged, not read twice", on=BOTH)
def cookie_again_with_data(t):
    s, peer = passive(t)
    peer.sends_data(b"once")
    gets(s, b"once")
    peer.gets_sack(after=(0, SACK_DELAY))
    peer.sends(CookieEcho(cookie=peer.cookie),
               Data(data=b"once", len=20, tsn=peer.first_tsn, stream_id=0, stream_seq=0, proto_id=0,
                    beginning=1, ending=1))
    found = peer.gets(CookieAck(), others=True)
    sack = found[1] if isinstance(found, list) else peer.gets(Sack(), after=(0, SACK_DELAY))
    t.equal((sack.cumul_tsn_ack, sack.dup_tsn_list), (peer.first_tsn, [peer.first_tsn]), "SACK")
    t.check(s.is_empty(), "read twice")


@test("a cookie whose tags and tie-tags are of nobody now: nothing", on=BOTH)
def cookie_of_former_life(t):
    listener = listening(t)
    first = caller(t)
    first.connects()
    s = accepted(listener)
    again = restarts(t, first)          # its cookie knows the first association's tags
    s.close()
    first.gets(Shutdown())
    first.sends(ShutdownAck())
    first.gets(ShutdownComplete())
    third = caller(t, tag=0x33333333)
    third.connects()
    s = accepted(listener)
    again.sends(CookieEcho(cookie=again.cookie))
    t.quiet()
    works(t, s, third)


@test("a cookie in SHUTDOWN-ACK-SENT: SHUTDOWN ACK and ERROR", on=BOTH)
def cookie_in_shutdown(t):
    s, peer = passive(t)
    again = restarts(t, peer)
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())
    t.equal(state(s), SHUTDOWN_ACK_SENT, "state")
    again.sends(CookieEcho(cookie=again.cookie))
    found = t.expect(t.packet_out(sport=PORT, dport=PEER_PORT))
    t.check(ShutdownAck in found and Error in found, f"{found!r}")
    t.equal(causes(found[Error])[0][0], COOKIE_IN_SHUTDOWN, "cause")


# 5.2.3, 5.2.5: what nobody waits for


@test("INIT ACKs and COOKIE ACKs that nobody waits for: nothing", on=BOTH)
def unexpected(t):
    s, peer = passive(t)
    peer.sends(peer.init_ack())
    peer.sends(CookieAck())
    t.quiet()
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, peer)


@test("a COOKIE ACK before the cookie: nothing", on=BOTH)
def early_cookie_ack(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(CookieAck())
    t.quiet()
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.sends(peer.init_ack(), tag=peer.program_tag)      # once more: 5.2.3
    t.quiet()
    t.equal(state(s), COOKIE_ECHOED, "state")


@test("data before the cookie was acknowledged: not heard", on=BOTH)
def early_data(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends_data(b"much too early", tsn=peer.first_tsn)
    t.quiet()
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())


@test("an association that is refused leaves nothing", on=BOTH)
def nothing_left(t):
    s, peer = passive(t)
    peer.sends(Abort())
    t.quiet()
    t.equal((state(s), s.error()), (CLOSED, errno.ECONNRESET), "state, error")
    nobody_there(t, peer)


main(Conversation)
