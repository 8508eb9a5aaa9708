#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""A connection comes to be: RFC 4340 section 8.1."""
import errno
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ABORTED, ACK, BAD_COOKIE, BAD_SERVICE, CLOSE, CLOSED, CLOSEREQ, DATA, DATAACK,
                  LISTEN, NO_CONNECTION, PACKET_ERROR, REFUSED, REQUEST, RESET, RESPONSE, SYNC,
                  SYNCACK, TOO_BUSY, Peer, confirms, options)
from dialogue import (BOTH, KERNEL, PEER_PORT, PORT, SERVICE, SERVICE_CODE, SOL_DCCP, VECTORS, accepted,
                      caller, calling, gets, listening, nobody_there, setting, tells, told)
from tap import Skip, main, test


@test("an active open: Request, Response, Ack; data make it a DataAck until the server is heard",
      on=BOTH)
def active_open(t):
    s, peer = t.socket(options={(SOL_DCCP, SERVICE_CODE): struct.pack("!I", SERVICE)}), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    request = peer.asked(service=SERVICE)
    t.equal(request.X, 1, "a long number")
    peer.sends(RESPONSE, options=confirms(request))
    peer.gets(ACK)
    connecting.returns()
    tells(s, peer, b"in PARTOPEN", DATAACK)
    peer.sends(ACK, options=[("Ack Vector 0", b"\x01")])
    tells(s, peer, b"in OPEN", DATA)
    told(t, s, peer)


@test("a passive open: accept() has it with the Ack", on=BOTH)
def passive_open(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    t.equal(response.service, SERVICE, "service code")
    t.equal(listener.ready(), "", "nobody to accept yet")
    peer.sends(ACK, options=confirms(response))
    s = accepted(listener)
    told(t, s, peer)
    tells(s, peer)


@test("a passive open by a DataAck: its data come with it", on=BOTH)
def passive_dataack(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    peer.sends(DATAACK, b"at once", options=confirms(response))
    s = accepted(listener)
    gets(s, b"at once")
    t.collect()


@test("a Request that nobody answers: after 1, 2, 4, ... seconds, a new number each", on=BOTH)
def request_lost(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.asked()
    for wait in (1, 2, 4, 8, 16, 32):
        peer.asked(after=wait)
    connecting.fails(errno.ETIMEDOUT, after=64)
    peer.gets(RESET, code=ABORTED, ack=0)


@test("a Request that is answered late: the Response may acknowledge any of them", on=BOTH)
def answered_late(t):
    s, peer = calling(t), Peer(t)
    first = peer.asked()
    peer.asked(after=1)
    peer.sends(RESPONSE, ack=first.seq, options=confirms(first))
    peer.gets(ACK)
    tells(s, peer, kind=DATAACK)


@test("a Reset refuses the connection, each code by an errno of its own", on=BOTH)
def refused(t):
    for code, number in ((REFUSED, errno.ECONNREFUSED), (NO_CONNECTION, errno.ECONNREFUSED),
                         (BAD_SERVICE, errno.EBADRQC), (TOO_BUSY, errno.EUSERS),
                         (ABORTED, errno.ECONNRESET)):
        s, peer = t.socket(), Peer(t)
        connecting = t.blocks(s.connect, t.address(PORT))
        peer.asked()
        peer.sends(RESET, code=code)
        connecting.fails(number)
        s.close()
        nobody_there(t, peer)


@test("only a Response or Reset that acknowledges a Request counts for one", on=BOTH)
def only_responses(t):
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    for kind in (ACK, DATAACK, CLOSE, CLOSEREQ, SYNC, SYNCACK):
        peer.sends(kind, ack=request.seq)
        peer.gets(RESET, code=PACKET_ERROR, data1=kind, seq=request.seq + 1)
    for ack in (request.seq - 1, request.seq + 1):
        peer.sends(RESPONSE, ack=ack)
        peer.gets(RESET, code=PACKET_ERROR, data1=RESPONSE, seq=ack + 1)
        peer.sends(RESET, ack=ack, code=REFUSED)
    t.quiet()
    peer.expected = request.seq + 1
    peer.sends(RESPONSE, options=confirms(request))
    peer.gets(ACK)
    tells(s, peer, kind=DATAACK)


@test("a Response of another service is reset", on=BOTH)
def other_service(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(RESPONSE, service=SERVICE + 1)
    peer.gets(RESET, code=BAD_SERVICE)
    t.equal(s.error(), errno.EBADRQC, "error")


@test("PARTOPEN: the Ack goes again until the server is heard of, but for Responses", on=BOTH)
def partopen(t):
    t.ours, peer = calling(t), Peer(t)
    peer.accepts()
    peer.gets(ACK, after=0.2)
    peer.gets(ACK, after=0.4)
    peer.sends(RESPONSE)
    peer.gets(ACK)
    peer.gets(ACK, after=(0.1, 2))
    peer.sends(ACK, options=[("Ack Vector 0", b"\x04")])
    t.quiet(60)


@test("PARTOPEN: a server that is never heard of again is given up", on=BOTH)
def partopen_given_up(t):
    s, peer = calling(t), Peer(t)
    peer.accepts()
    for wait in (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 64, 64, 64, 64, 64):
        peer.gets(ACK, after=wait)
    peer.gets(RESET, code=ABORTED, after=64)
    t.equal(s.error(), errno.ETIMEDOUT, "error")


@test("a Request that comes again is answered again, with another number", on=BOTH)
def request_again(t):
    listener, peer = listening(t), caller(t)
    peer.asks(*VECTORS)
    peer.sends(REQUEST, options=list(VECTORS))
    response = peer.gets(RESPONSE)
    peer.sends(ACK, options=confirms(response))
    told(t, accepted(listener), peer)


@test("an Ack of the first of very many Responses opens nothing, one of the last does", on=BOTH)
def ack_of_the_first(t):
    if KERNEL:
        raise Skip("it opens the connection, and then refuses the Ack")
    listener, peer = listening(t), caller(t)
    first = response = peer.asks(*VECTORS)
    for _ in range(100):
        peer.sends(REQUEST, options=list(VECTORS))
        response = peer.gets(RESPONSE)
    peer.sends(ACK, ack=first.seq, options=confirms(response))
    peer.gets(SYNC)
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends(ACK, ack=response.seq, options=confirms(response))
    told(t, accepted(listener), peer)


@test("an Ack that acknowledges no Response of ours opens nothing", on=BOTH)
def false_ack(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    peer.sends(ACK, ack=response.seq - 1)
    peer.gets(SYNC, ack=peer.last)
    peer.sends(ACK, ack=response.seq + 2)       # Syncs are rationed
    t.equal(listener.ready(), "", "nobody to accept")
    t.collect()
    peer.sends(ACK, options=confirms(response))
    told(t, accepted(listener), peer)


@test("a Reset ends what is half open", on=BOTH)
def half_open_reset(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    peer.sends(RESET, code=ABORTED)
    peer.sends(ACK)
    t.expect(t.packet_out(type=RESET, code=NO_CONNECTION, seq=response.seq + 1, ack=peer.last))
    t.equal(listener.ready(), "", "nobody to accept")


@test("a client that never comes back is told after 4 MSL that it need not", on=BOTH)
def half_open_given_up(t):
    t.ours, peer = listening(t), caller(t)
    peer.asks(*VECTORS)
    peer.gets(RESET, code=ABORTED, after=480)
    t.quiet()


@test("what opens nothing while it is half open is asked about: Data has no acknowledgment", on=BOTH)
def half_open_data(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    peer.sends(DATA, b"too early")
    asked = peer.gets(SYNC, ack=peer.last)
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends(SYNCACK, ack=asked.seq, options=confirms(response))
    s = accepted(listener)
    t.collect()
    peer.expected = None
    peer.sends(DATA, b"in time")
    gets(s, b"in time")
    t.collect()


@test("a Sync from far ahead opens what is half open", on=BOTH)
def half_open_sync(t):
    listener, peer = listening(t), caller(t)
    peer.asks(*VECTORS)
    peer.loses(1000)
    peer.sends(SYNC)
    peer.gets(SYNCACK, ack=peer.last)
    accepted(listener)
    t.collect()


@test("a Reset that is not ahead of what came ends nothing that is half open", on=BOTH)
def half_open_old_reset(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    peer.sends(RESET, seq=peer.last, code=CLOSED)
    peer.gets(SYNC, ack=peer.last)
    peer.sends(ACK, ack=response.seq, options=confirms(response))
    accepted(listener)
    t.collect()


@test("a Request that comes again has its own Timestamp echoed", on=BOTH)
def request_again_timestamp(t):
    t.ours, peer = listening(t), caller(t)
    peer.asks(*VECTORS)
    response = peer.asks(*VECTORS, ("Timestamp", b"\1\2\3\4"))
    echo, = options(response, "Timestamp Echo")
    t.equal(echo[:4], b"\1\2\3\4", "echo")


@test("a listener resets what asks for another service", on=BOTH)
def bad_service(t):
    t.ours, peer = listening(t), caller(t, service=SERVICE + 1)
    peer.sends(REQUEST)
    peer.gets(RESET, code=BAD_SERVICE, seq=0)


@test("a listener resets whatever else comes, and no Reset", on=BOTH)
def listener_resets(t):
    t.ours, peer = listening(t), caller(t)
    for kind in (DATA, ACK, DATAACK, CLOSE, CLOSEREQ, SYNC, SYNCACK, RESPONSE):
        peer.sends(kind, **{} if kind == DATA else {"ack": 7})
        t.expect(t.packet_out(type=RESET, code=NO_CONNECTION, seq=0 if kind == DATA else 8,
                              ack=peer.last, sport=PORT))
    peer.sends(RESET, ack=7)
    t.quiet()


@test("a full backlog: Too Busy", on=BOTH)
def too_busy(t):
    t.ours = listening(t, backlog=0)
    first = caller(t)
    first.connects(*VECTORS)
    t.collect()
    second = Peer(t, 4445, PORT, service=SERVICE)
    second.sends(REQUEST)
    second.gets(RESET, code=TOO_BUSY, seq=0)


@test("Init Cookies: nothing is kept, and the Ack that repeats one opens the connection", on=BOTH)
def cookies(t):
    setting("init_cookies", 2)
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    cookie, = options(response, "Init Cookie")
    with t.counted(InPackets=1, OutPackets=1, InitCookiesReceived=1, PassiveOpens=1, CurrEstab=1):
        peer.sends(ACK, options=[("Init Cookie", cookie)])
        t.collect()
    s = accepted(listener)
    peer.sends(DATA, b"hello")
    gets(s, b"hello")
    t.collect()


@test("Init Cookies: any packet that acknowledges the Response may bring it", on=BOTH)
def cookie_carriers(t):
    setting("init_cookies", 2)
    listener = listening(t)
    for i, (kind, answer) in enumerate(((SYNC, SYNCACK), (CLOSE, RESET))):
        peer = Peer(t, PEER_PORT + i, PORT, service=SERVICE)
        cookie, = options(peer.asks(*VECTORS), "Init Cookie")
        peer.sends(kind, options=[("Init Cookie", cookie)])
        t.check(any(found[t.header].type == answer and found[t.header].dport == peer.port and
                    (answer != RESET or found[t.header].code == CLOSED)
                    for found in t.collect()), "an answer of the connection's")
        accepted(listener)


@test("Init Cookies: another's, a changed and an old one are of no use", on=BOTH)
def bad_cookies(t):
    setting("init_cookies", 2)
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    cookie, = options(response, "Init Cookie")
    changed = bytes([*cookie[:-1], cookie[-1] ^ 1])
    other = Peer(t, 4445, PORT)
    for who, what in ((peer, changed), (other, cookie), (peer, cookie[:-1])):
        who.sends(ACK, ack=response.seq, options=[("Init Cookie", what)])
        t.expect(t.packet_out(type=RESET, code=BAD_COOKIE, seq=response.seq + 1, dport=who.port))
    t.passes(60)
    peer.sends(ACK, options=[("Init Cookie", cookie)])
    t.expect(t.packet_out(type=RESET, code=BAD_COOKIE))
    t.equal(listener.ready(), "", "nobody to accept")


@test("a client repeats the Init Cookies of the Response while it is in PARTOPEN", on=BOTH)
def cookies_repeated(t):
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    sweet = [("Init Cookie", b"one"), ("Init Cookie", b"and another")]
    peer.sends(RESPONSE, options=[*confirms(request), *sweet])
    t.equal(options(peer.gets(ACK), "Init Cookie"), [b"one", b"and another"], "cookies")
    found = tells(s, peer, kind=DATAACK)
    t.equal(options(found, "Init Cookie"), [b"one", b"and another"], "cookies")
    peer.sends(SYNC)
    found = peer.gets(SYNCACK, ack=peer.last)
    t.equal(options(found, "Init Cookie"), [b"one", b"and another"], "on every packet")
    peer.sends(ACK, options=[("Ack Vector 0", b"\x01")])
    t.equal(options(told(t, s, peer), "Init Cookie"), [], "cookies in OPEN")


@test("a Listen is answered by no listener", on=BOTH)
def listens(t):
    peer = caller(t)
    t.ours = listening(t)
    peer.sends(LISTEN, seq=0)
    t.quiet()


if __name__ == "__main__":
    main(Conversation)
