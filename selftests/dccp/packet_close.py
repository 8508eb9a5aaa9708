#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""How a connection ends: RFC 4340 sections 8.3 and 8.5, steps 9, 13 and 14."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ABORTED, ACK, AGGRESSION, BAD_COOKIE, CLOSE, CLOSED, CLOSEREQ, DATA,
                  MANDATORY_ERROR, NO_CONNECTION, OPTION_ERROR, PACKET_ERROR, REFUSED, REQUEST,
                  RESET, RESPONSE, SEQUENCE, SYNC, SYNCACK, TOO_BUSY, Peer)
from dialogue import (BOTH, KERNEL, PORT, SERVER_TIMEWAIT, SOL_DCCP, VECTORS, active, calling, gets,
                      gets_end, is_closed_by_peer, listening, nobody_there, passive, setting,
                      told)
from tap import Skip, main, test

TIMEWAIT = {(SOL_DCCP, SERVER_TIMEWAIT): 1}


def in_timewait(t, peer, seconds=60):
    """What comes for it is reset for so long; nor can it begin anew."""
    for kind in (ACK, DATA, REQUEST):
        t.passes(1)
        fields = {"ack": 5} if kind == ACK else {}
        packet = peer.packet(kind, **fields)
        t.inject(packet)
        t.expect(t.packet_out(type=RESET, code=NO_CONNECTION, sport=peer.program_port,
                              dport=peer.port, seq=6 if fields else 0, ack=peer.last))
    t.passes(seconds)


@test("a client closes: Close, Reset; and waits", on=BOTH)
def client_closes(t):
    s, peer = active(t)
    told(t, s, peer)
    s.close()
    peer.gets(CLOSE)
    peer.sends(RESET, code=CLOSED)
    in_timewait(t, peer)
    nobody_there(t, peer)


@test("a server closes: CloseReq, Close, Reset; and forgets", on=BOTH)
def server_closes(t):
    s, peer = passive(t, *VECTORS)
    s.close()
    peer.gets(CLOSEREQ)
    peer.sends(CLOSE)
    peer.gets(RESET, code=CLOSED)
    nobody_there(t, peer)


@test("a server that would wait itself: Close, Reset", on=BOTH)
def server_waits(t):
    s, peer = passive(t, *VECTORS, options=TIMEWAIT)
    s.close()
    peer.gets(CLOSE)
    peer.sends(RESET, code=CLOSED)
    in_timewait(t, peer)


@test("the peer closes: Reset, and the program reads the end", on=BOTH)
def peer_closes(t):
    s, peer = passive(t, *VECTORS)
    is_closed_by_peer(t, s, peer)
    t.equal(s.error(), 0, "error")


@test("the server closes without asking: Reset, and the program reads the end", on=BOTH)
def server_just_closes(t):
    s, peer = active(t)
    is_closed_by_peer(t, s, peer)


@test("the peer closes: what it sent before is read first", on=BOTH)
def peer_closes_behind_data(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(DATA, b"one")
    peer.sends(DATA, b"two")
    t.collect()
    peer.sends(CLOSE)
    t.quiet()
    gets(s, b"one")
    peer.expected = None
    gets(s, b"two")
    peer.gets(RESET, code=CLOSED)
    gets_end(s)


@test("the peer closes: a program that does not read but closes answers as well", on=BOTH)
def peer_closes_unread(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    peer.sends(DATA, b"nobody reads this")
    peer.gets(ACK, after=(0, 0.2))
    peer.sends(CLOSE)
    t.quiet()
    s.close()
    found = peer.gets(RESET)
    t.check(found.code in (CLOSED, ABORTED), "a code of the end")


@test("the server asks a client to close: Close, and the client waits", on=BOTH)
def asked_to_close(t):
    s, peer = active(t)
    peer.sends(CLOSEREQ)
    peer.gets(CLOSE)
    gets_end(s)
    peer.sends(CLOSEREQ)
    t.quiet()
    peer.sends(RESET, code=CLOSED)
    in_timewait(t, peer)


@test("the server asks a client that has not read all: the Close waits", on=BOTH)
def asked_to_close_behind_data(t):
    s, peer = active(t)
    peer.sends(DATA, b"first")
    peer.sends(CLOSEREQ)
    t.collect()
    peer.expected = None
    gets(s, b"first")
    peer.gets(CLOSE)
    peer.sends(RESET, code=CLOSED)


@test("both close at once", on=BOTH)
def both_close(t):
    s, peer = active(t)
    s.close()
    peer.gets(CLOSE)
    peer.sends(CLOSE, ack=peer.heard - 1)
    peer.gets(RESET, code=CLOSED)


@test("a Reset of such an end has no data, whatever an earlier one had", on=BOTH)
def reset_data(t):
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    peer.sends(ACK, ack=request.seq)
    peer.gets(RESET, code=PACKET_ERROR, data1=ACK)
    peer.expected = request.seq + 1
    peer.accepted(request)
    s.close()
    peer.gets(CLOSE)
    peer.sends(CLOSE)
    peer.gets(RESET, code=CLOSED, data1=0, data2=0, data3=0)


@test("a Close that nobody answers goes again, twice as late each time, and is given up", on=BOTH)
def close_unanswered(t):
    setting("retries2", 4)
    s, peer = active(t)
    s.close()
    peer.gets(CLOSE)
    for wait in (1, 2, 4, 8):
        peer.gets(CLOSE, after=wait)
    peer.gets(RESET, code=ABORTED, after=16)
    nobody_there(t, peer)


@test("a client closes in PARTOPEN: a Response that comes again is asked about", on=BOTH)
def closes_in_partopen(t):
    for iss in (1000, SEQUENCE // 2 + 1000):
        s, peer = calling(t), Peer(t, iss=iss)
        peer.accepts()
        s.close()
        peer.gets(CLOSE)
        peer.sends(RESPONSE)
        peer.gets(SYNC, ack=peer.last)
        peer.sends(RESET, code=CLOSED)
    t.quiet()


@test("a Close on a long path goes again after two round trips", on=BOTH)
def close_far_away(t):
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    t.passes(0.8)
    peer.accepted(request)
    peer.sends(ACK)
    t.quiet()
    s.close()
    peer.gets(CLOSE)
    peer.gets(CLOSE, after=1.6)
    peer.gets(CLOSE, after=3.2)
    peer.sends(RESET, code=CLOSED)


@test("an orphan whose peer is gone: after a minute it is, too", on=BOTH)
def orphan(t):
    if KERNEL:
        raise Skip("the kernel's waits for eleven minutes")
    s, peer = active(t)
    s.close()
    peer.gets(CLOSE)
    for wait in (1, 2, 4, 8, 16):
        peer.gets(CLOSE, after=wait)
    peer.gets(RESET, code=ABORTED, after=32)
    nobody_there(t, peer)


@test("a CloseReq that nobody answers goes again", on=BOTH)
def closereq_unanswered(t):
    s, peer = passive(t, *VECTORS)
    s.close()
    peer.gets(CLOSEREQ)
    peer.gets(CLOSEREQ, after=1)
    peer.gets(CLOSEREQ, after=2)
    peer.sends(CLOSE)
    peer.gets(RESET, code=CLOSED)


@test("a Reset ends a connection at any time, and the program learns why", on=BOTH)
def resets(t):
    for code, number in ((ABORTED, errno.ECONNRESET), (PACKET_ERROR, errno.ENOMSG),
                         (OPTION_ERROR, errno.EILSEQ), (MANDATORY_ERROR, errno.EOPNOTSUPP),
                         (REFUSED, errno.ECONNREFUSED), (TOO_BUSY, errno.EUSERS),
                         (BAD_COOKIE, errno.EBADR), (AGGRESSION, errno.EDQUOT), (CLOSED, 0)):
        s, peer = active(t)
        peer.sends(RESET, code=code)
        t.quiet()
        t.equal(s.error(), number, f"error of {code}")
        gets_end(s)
        in_timewait(t, peer, 0)


@test("data that were not read when the Reset came are there", on=BOTH)
def reset_behind_data(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    peer.sends(DATA, b"before the end")
    peer.gets(ACK, after=(0, 0.2))
    peer.sends(RESET, code=CLOSED)
    t.quiet()
    gets(s, b"before the end")
    gets_end(s)


@test("SO_LINGER of 0: Reset, Aborted", on=BOTH)
def linger(t):
    s, peer = active(t)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    s.close()
    peer.gets(RESET, code=ABORTED)
    nobody_there(t, peer)


@test("a program that closes before it is accepted: CloseReq or Reset", on=BOTH)
def listener_closes(t):
    listener, peer = listening(t), Peer(t, 4444, PORT, service=42)
    peer.connects(*VECTORS)
    t.collect()
    listener.close()
    peer.expected = None
    found = peer.gets(RESET)
    t.check(found.code in (ABORTED, NO_CONNECTION, CLOSED), "it is over")


@test("a connect() that is given up by close() leaves nothing", on=BOTH)
def connect_closed(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    s.close()
    peer.gets(RESET, code=ABORTED, ack=0)
    t.quiet(100)


@test("a Sync in CLOSING is answered", on=BOTH)
def sync_in_closing(t):
    s, peer = active(t)
    s.close()
    peer.gets(CLOSE)
    peer.sends(SYNC)
    peer.gets(SYNCACK, ack=peer.last)
    peer.sends(RESET, code=CLOSED)
    in_timewait(t, peer)


@test("what a program sent before it closed goes first", on=BOTH)
def data_before_close(t):
    s, peer = active(t)
    for i in range(3):
        s.send(b"%d" % i)
    s.close()
    for i in range(3):
        peer.gets(DATA, b"%d" % i)
    peer.gets(CLOSE)
    peer.sends(RESET, code=CLOSED)


if __name__ == "__main__":
    main(Conversation)
