#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""An association ends: RFC 9260 section 9."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (ABORT, BOTH, CLOSED, MANY, PORT, SACK_DELAY, SCTP_INITMSG, SHUTDOWN_ACK_SENT,
                         SHUTDOWN_PENDING, SHUTDOWN_RECEIVED, SHUTDOWN_SENT, SOL_SCTP, SCTP_NODELAY, SCTP_SNDINFO,
                         active, calling, gets, gets_end, listening, message, no_heartbeats, nobody_there,
                         passive, setting, state, works)
from conversation import Conversation
from sctp import (PROTOCOL_VIOLATION, USER_ABORT, Abort, CookieEcho, Init, Peer,
                  Sack, Shutdown, ShutdownAck, ShutdownComplete, causes, chunk, tlv)
from tap import main, test


def linger(s, seconds):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


# 9.2


@test("close(): SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE", on=BOTH)
def close(t):
    s, peer = active(t)
    works(t, s, peer)
    s.close()
    peer.gets(Shutdown(cumul_tsn_ack=peer.next - 1))
    peer.sends(ShutdownAck())
    peer.gets(ShutdownComplete(TCB=0))
    nobody_there(t, peer)


@test("shutdown(SHUT_WR) does the same; what came before can be read", on=BOTH)
def shut_wr(t):
    s, peer = active(t)
    peer.sends_data(b"read me")
    peer.gets_sack(after=(0, SACK_DELAY))
    s.shutdown(socket.SHUT_WR)
    peer.gets(Shutdown(cumul_tsn_ack=peer.next - 1))
    t.equal(state(s), SHUTDOWN_SENT, "state")
    peer.sends(ShutdownAck())
    peer.gets(ShutdownComplete())
    t.equal(state(s), CLOSED, "state")
    gets(s, b"read me")
    gets_end(s)


@test("the peer ends it: SHUTDOWN ACK, and the program reads the end", on=BOTH)
def peer_closes(t):
    s, peer = passive(t)
    works(t, s, peer)
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())
    t.equal(state(s), SHUTDOWN_ACK_SENT, "state")
    peer.sends(ShutdownComplete())
    t.quiet()
    t.equal(state(s), CLOSED, "state")
    gets_end(s)
    nobody_there(t, peer)


@test("SHUTDOWN waits until all data are acknowledged", on=BOTH)
def pending(t):
    s, peer = active(t)
    message(s, b"first")
    peer.gets_data(b"first")
    s.shutdown(socket.SHUT_WR)
    t.quiet(0.5)
    t.equal(state(s), SHUTDOWN_PENDING, "state")
    peer.sacks()
    peer.gets(Shutdown(cumul_tsn_ack=peer.next - 1))


@test("no program sends once it shut down", on=BOTH)
def no_more(t):
    s, peer = active(t)
    message(s, b"first")
    peer.gets_data(b"first")
    s.shutdown(socket.SHUT_WR)
    with t.fails(errno.EPIPE, errno.ESHUTDOWN):
        s.send(b"second", socket.MSG_NOSIGNAL)
    peer.sacks()
    peer.gets(Shutdown())
    with t.fails(errno.EPIPE, errno.ESHUTDOWN):
        s.send(b"second", socket.MSG_NOSIGNAL)


@test("data that come after the SHUTDOWN are taken: SACK and SHUTDOWN at once", on=BOTH)
def data_after_shutdown(t):
    s, peer = active(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets(Shutdown(cumul_tsn_ack=peer.next - 1))
    for number in range(3):
        data = b"still here %d" % number
        peer.sends_data(data)
        found = t.collect()
        t.equal(len(found), 1, "packets")
        t.equal(found[0][Shutdown].cumul_tsn_ack, peer.next - 1, "SHUTDOWN up to")
        t.check(Sack in found[0], "a SACK")
        gets(s, data)
    peer.sends(ShutdownAck())
    peer.gets(ShutdownComplete())


@test("the SHUTDOWN that comes acknowledges data", on=BOTH)
def shutdown_acknowledges(t):
    s, peer = active(t)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    message(s, b"first")
    peer.gets_data(b"first")
    message(s, b"second")
    peer.gets_data(b"second")
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 2))
    t.quiet()
    t.equal(state(s), SHUTDOWN_RECEIVED, "state")
    peer.gets_data(b"second", again=True, tsn=peer.expected - 1, after=(0.9, 3.1))
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())


@test("in SHUTDOWN-RECEIVED what is not acknowledged is still sent; then SHUTDOWN ACK", on=BOTH)
def received(t):
    s, peer = active(t)
    message(s, b"first")
    peer.gets_data(b"first")
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 2))
    t.quiet()
    t.equal(state(s), SHUTDOWN_RECEIVED, "state")
    with t.fails(errno.EPIPE, errno.ESHUTDOWN):
        s.send(b"no more", socket.MSG_NOSIGNAL)
    peer.gets_data(b"first", again=True, tsn=peer.expected - 1, after=(0.9, 3.1))
    peer.sacks()
    peer.gets(ShutdownAck())


@test("a send() that waits for room, which comes with the peer's SHUTDOWN: ESHUTDOWN", on=BOTH)
def received_waiting(t):
    s, peer = active(t, options={(socket.SOL_SOCKET, socket.SO_SNDBUF): 2304})
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    with t.fails(errno.EAGAIN):
        while True:
            message(s, bytes(1000))
            peer.gets_data()
    sending = t.blocks(s.send, b"no more", socket.MSG_NOSIGNAL)
    peer.sends(peer.sack(), Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())
    sending.fails(errno.ESHUTDOWN)


@test("both end it at once: SHUTDOWN ACKs cross, and COMPLETE", on=BOTH)
def simultaneous(t):
    s, peer = active(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets(Shutdown())
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())
    t.equal(state(s), SHUTDOWN_ACK_SENT, "state")
    peer.sends(ShutdownAck())
    peer.gets(ShutdownComplete(TCB=0))
    t.equal(state(s), CLOSED, "state")


@test("a SHUTDOWN that comes again: SHUTDOWN ACK again", on=BOTH)
def shutdown_again(t):
    s, peer = passive(t)
    for _ in range(3):
        peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
        peer.gets(ShutdownAck())
    peer.sends(ShutdownComplete())
    t.quiet(100)


@test("a SHUTDOWN ACK that comes again: SHUTDOWN COMPLETE, now of nobody", on=BOTH)
def shutdown_ack_again(t):
    s, peer = active(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets(Shutdown())
    peer.sends(ShutdownAck())
    peer.gets(ShutdownComplete(TCB=0))
    peer.sends(ShutdownAck())
    peer.gets(ShutdownComplete(TCB=1), tag=peer.program_tag)


@test("a SHUTDOWN ACK that nobody asked for: not heard", on=BOTH)
def unexpected_shutdown_ack(t):
    s, peer = active(t)
    peer.sends(ShutdownAck())
    t.collect()
    t.equal(state(s) != CLOSED, True, "alive")
    works(t, s, peer)


@test("an INIT in SHUTDOWN-ACK-SENT: SHUTDOWN ACK again", on=BOTH)
def init_in_shutdown_ack_sent(t):
    s, peer = passive(t)
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())
    again = Peer(t, peer.port, peer.program_port, tag=0x22222222)
    again.sends(again.init(), tag=0)
    peer.gets(ShutdownAck(), tag=None)


@test("data in SHUTDOWN-RECEIVED or later: a protocol violation, or not heard", on=BOTH)
def data_after_peers_shutdown(t):
    s, peer = passive(t)
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    peer.gets(ShutdownAck())
    peer.sends_data(b"after all")
    t.collect()
    t.check(s.recv(100) == b"", "nothing but the end is read")


# 9.2: it MUST NOT acknowledge what was never sent
@test("a SHUTDOWN that acknowledges what was never sent: ABORT", on=BOTH)
def shutdown_beyond(t):
    s, peer = passive(t)
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected + 100))
    (cause, _), = causes(peer.gets(Abort()))
    t.equal(cause, PROTOCOL_VIOLATION, "cause")
    t.equal(state(s), CLOSED, "state")


@test("a SHUTDOWN of a wrong length: never an answer as to a SHUTDOWN", on=BOTH)
def shutdown_wrong_length(t):
    s, peer = passive(t)
    for length in (4, 6, 7):
        peer.sends(chunk(7, bytes(4)[:length - 4]))
    for packet in t.collect():
        t.check(ShutdownAck not in packet, f"{packet!r}")


# T2: until Association.Max.Retrans


@test("a SHUTDOWN that nobody answers: RTO.Initial doubled to RTO.Max, then the end", on=BOTH)
def t2_shutdown(t):
    no_heartbeats()
    # So many, or T5 would end it before: five times RTO.Max.
    setting("association_max_retrans", 8)
    s, peer = active(t)
    s.shutdown(socket.SHUT_WR)
    rto = first_rto(t, peer, Shutdown)
    wait = rto
    for _ in range(7):
        wait = min(2 * wait, 60)
        peer.gets(Shutdown(), after=wait)
    t.passes(wait * 2.2 if wait < 30 else 75)
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.equal(state(s), CLOSED, "state")


def first_rto(t, peer, kind):
    """How long it takes until a chunk comes again: RTO.Initial, or what was measured meanwhile."""
    first = peer.gets(kind())
    t.check(first is not None, "sent")
    at = peer.last.time
    peer.gets(kind(), after=(0.9, 3.5))
    return round(peer.last.time - at)


@test("a SHUTDOWN ACK that nobody answers: the same", on=BOTH)
def t2_shutdown_ack(t):
    no_heartbeats()
    s, peer = passive(t)
    peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
    wait = first_rto(t, peer, ShutdownAck)
    for _ in range(9):
        wait = min(2 * wait, 60)
        peer.gets(ShutdownAck(), after=wait)
    t.passes(wait * 2.2 if wait < 30 else 75)
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.equal(state(s), CLOSED, "state")


# 9.1


@test("close() with SO_LINGER of 0: ABORT, by the user", on=BOTH)
def abort_by_linger(t):
    s, peer = active(t)
    message(s, b"never mind")
    peer.gets_data(b"never mind")
    linger(s, 0)
    s.close()
    told = causes(peer.gets(Abort(TCB=0)))
    t.check(not told or told[0][0] == USER_ABORT, f"{told}")
    nobody_there(t, peer)


@test("SCTP_ABORT: ABORT with the reason that the program gives", on=BOTH)
def abort_with_reason(t):
    s, peer = active(t)
    info = struct.pack("=HHIIi", 0, ABORT, 0, 0, 0)
    s.sendmsg([b"enough"], [(SOL_SCTP, SCTP_SNDINFO, info)])
    t.equal(causes(peer.gets(Abort(TCB=0))), [(USER_ABORT, b"enough")], "causes")
    t.equal(state(s), CLOSED, "state")


@test("close() with data that nobody read: ABORT", on=BOTH)
def abort_unread(t):
    s, peer = passive(t)
    peer.sends_data(b"unread")
    peer.gets_sack(after=(0, SACK_DELAY))
    s.close()
    peer.gets(Abort())


@test("an ABORT ends an association in any state of its end", on=BOTH)
def abort_while_ending(t):
    for end in ("sent", "received", "ack sent"):
        s, peer = active(t)
        if end == "sent":
            s.shutdown(socket.SHUT_WR)
            peer.gets(Shutdown())
        else:
            if end == "received":
                message(s, b"not acknowledged")
                peer.gets_data()
            peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1 - (end == "received")))
            if end == "ack sent":
                peer.gets(ShutdownAck())
        peer.sends(Abort())
        t.quiet()
        t.equal(state(s), CLOSED, end)
        nobody_there(t, peer)


@test("an ABORT with causes that are no causes ends it as well", on=BOTH)
def abort_with_junk(t):
    for junk in (b"\0", b"\0\1\0\0", b"\0\1\xff\xff", bytes(100), tlv(12, b"reason", length=200)):
        s, peer = active(t)
        peer.sends(chunk(6, junk))
        t.quiet()
        t.equal(state(s), CLOSED, "state")


# The program goes before the association came to be


@test("close() while the INIT is under way: no more of it", on=BOTH)
def close_in_cookie_wait(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    s.close()
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.quiet(100)


def stubborn(t):
    """A socket that asks as often as it can, for a month."""
    return t.socket(options={(SOL_SCTP, SCTP_INITMSG): struct.pack("=HHHH", 0, 0, 65535, 60000)})


def ends_in_time(t, *last):
    """Five times RTO.Max after close() the association ends, with these words."""
    t.passes(298)
    t.check(len(t.collect()) > 4, "until then it goes on")
    t.passes(12)
    t.equal([kind for packet in t.collect() for kind in (Abort, Init, CookieEcho) if kind in packet],
            list(last), "the end")
    t.quiet(200)


# five times RTO.Max after the program closed (9.2), however long it would have waited
@test("close() with data to send, and nobody answers the INIT: it ends in time", on=MANY)
def close_guards_cookie_wait(t):
    s, peer = stubborn(t), Peer(t)
    s.sendto(b"hello", t.address(PORT))
    peer.asked()
    s.close()
    ends_in_time(t)


@test("close() with data to send, and nobody answers the COOKIE ECHO: it ends in time", on=MANY)
def close_guards_cookie_echoed(t):
    s, peer = stubborn(t), Peer(t)
    s.sendto(b"hello", t.address(PORT))
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho(), others=True)
    s.close()
    ends_in_time(t, Abort)


@test("close() while the COOKIE ECHO is under way: the association ends as it begins, or at once", on=BOTH)
def close_in_cookie_echoed(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    s.close()
    for packet in t.collect():
        t.check(Abort in packet or Shutdown in packet, f"{packet!r}")


@test("close() of a listener: nobody there; associations that nobody accepted end", on=BOTH)
def close_listener(t):
    listener, peer = listening(t), Peer(t, 4444, PORT)
    peer.connects()
    listener.close()
    found = t.collect()
    t.check(len(found) == 1 and (Abort in found[0] or Shutdown in found[0]), f"{found}")
    other = Peer(t, 4445, PORT)
    other.sends(other.init(), tag=0)
    other.gets(Abort())


main(Conversation)
