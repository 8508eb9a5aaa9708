#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
# time: virtual
"""The end of a connection: FIN, half close, and what comes after (RFC 9293 section 3.6)."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import netem
from connection import (BOTH, CLOSE, CLOSE_WAIT, FIN_WAIT2, LATE, PEER_PORT, PORT, accepted,
                        active, caller, gets, gets_end, listening, passive, state)
from conversation import Conversation
from tap import main, test



def half_closed(t):
    """The program has sent its FIN, and the peer has it."""
    s, peer = passive(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    peer.sends("A")
    t.settle()
    return s, peer


def peer_closed(t):
    """The peer has sent its FIN, and the program has read up to it."""
    s, peer = passive(t)
    peer.sends("FA")
    peer.gets("A")
    gets_end(s)
    return s, peer


@test("close(): FIN, ACK, FIN, ACK", on=BOTH)
def four_segments(t):
    s, peer = passive(t)
    s.close()
    peer.gets("FA")
    peer.sends("A")
    peer.sends("FA")
    peer.gets("A")


@test("a FIN that the device refused goes out later", on=BOTH)
def refused_fin(t):
    s, peer = passive(t)
    netem.qdisc(t.DEVICE, "pfifo", "limit", "0")
    s.shutdown(socket.SHUT_WR)
    netem.impair_not(t.DEVICE)
    peer.gets("FA", after=(0.1, 2))
    peer.sends("A")
    t.quiet(5)


@test("close(): three segments do", on=BOTH)
def three_segments(t):
    s, peer = active(t)
    s.close()
    peer.gets("FA")
    peer.sends("FA")
    peer.gets("A")


@test("the peer closes first, then the program", on=BOTH)
def peer_first(t):
    s, peer = peer_closed(t)
    s.close()
    peer.gets("FA")
    peer.sends("A")
    t.quiet()
    peer.sends("A")
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R"))


@test("shutdown: FIN after the last data, then still reading", on=BOTH)
def half_close(t):
    s, peer = passive(t)
    s.send(b"last words")
    s.shutdown(socket.SHUT_WR)
    peer.gets("PA", b"last words")
    peer.gets("FA")
    peer.sends("A")
    for word in (b"still", b"talking", b"here"):
        peer.sends("PA", word)
        peer.gets("A", after=LATE)
        gets(s, word)
    t.equal(state(s), FIN_WAIT2, "state")
    peer.sends("FA")
    peer.gets("A")
    gets_end(s)


@test("the peer's FIN: the program reads to the end, then may still send", on=BOTH)
def peer_half_closes(t):
    s, peer = passive(t)
    peer.sends("FPA", b"over to you")
    peer.gets("A", after=LATE)
    gets(s, b"over to you")
    gets_end(s)
    gets_end(s)
    t.equal(state(s), CLOSE_WAIT, "state")
    for word in (b"thank", b"you"):
        s.send(word)
        peer.gets("PA", word)
        peer.sends("A")
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    peer.sends("A")
    t.settle()
    t.equal((state(s), s.error()), (CLOSE, 0), "state, error")


@test("both close at once", on=BOTH)
def at_once(t):
    s, peer = passive(t)
    s.close()
    peer.gets("FA")
    peer.sends("FA", ack=peer.expected - 1)
    peer.gets("A")
    peer.sends("A")


@test("a reader that waits is woken by the FIN", on=BOTH)
def woken(t):
    s, peer = passive(t)
    receiving = t.blocks(s.recv, 10)
    peer.sends("FA")
    receiving.returns(b"")
    peer.gets("A")


@test("poll() tells each end of the connection", on=BOTH)
def polled(t):
    s, peer = passive(t)
    t.equal(s.ready(), "out", "connected")
    peer.sends("FA")
    peer.gets("A")
    t.equal(s.ready(), "in out rdhup", "the peer has closed")
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    peer.sends("A")
    t.settle()
    t.equal(s.ready(), "in out rdhup hup", "both have")


# FIN and data

@test("a FIN out of order waits for what is before it", on=BOTH)
def early_fin(t):
    s, peer = passive(t)
    start = peer.next
    peer.sends("FA", b"end", seq=start + 5)
    peer.gets("A")
    t.check(s.is_empty(), "something to read over a gap")
    peer.sends("PA", b"begin")
    peer.gets("A", ack=start + 9)
    gets(s, b"beginend")
    gets_end(s)


@test("a bare FIN out of order waits too", on=BOTH)
def early_bare_fin(t):
    s, peer = passive(t)
    start = peer.next
    peer.sends("FA", seq=start + 5)
    peer.gets("A")
    peer.sends("PA", b"begin")
    peer.gets("A", ack=start + 6)
    gets(s, b"begin")
    gets_end(s)


@test("data behind a FIN are not delivered", on=BOTH)
def behind_fin(t):
    s, peer = peer_closed(t)
    peer.sends("PA", b"after the end")
    t.collect()
    gets_end(s)
    t.equal(state(s), CLOSE_WAIT, "state")


@test("the FIN again: acknowledged again", on=BOTH)
def again(t):
    s, peer = peer_closed(t)
    for _again in range(3):
        peer.sends("FA", seq=peer.next - 1)
        peer.gets("A")
    t.equal(state(s), CLOSE_WAIT, "state")


@test("the FIN again with the data before it", on=BOTH)
def again_with_data(t):
    s, peer = passive(t)
    peer.sends("FPA", b"the end")
    peer.gets("A", after=LATE)
    peer.sends("FPA", b"the end", seq=peer.next - 8)
    peer.gets("A")
    gets(s, b"the end")
    gets_end(s)


@test("our FIN rides on the last data that wait for the window", on=BOTH)
def fin_with_data(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    peer.sends("A", window=0)
    t.settle()
    s.send(b"wait for it")
    s.shutdown(socket.SHUT_WR)
    peer.sends("A", window=1000)
    peer.gets("FPA", b"wait for it")
    peer.sends("A")


@test("close() with data to send: they are all sent first", on=BOTH)
def close_with_data(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    s.send(bytes(30000))
    s.close()
    out, ended = 0, False
    for _round in range(10):
        for segment in t.collect():
            payload = bytes(segment[t.header].payload)
            ended = "F" in str(segment[t.header].flags)
            out += len(payload) + ended
        peer.sends("A", ack=(peer.expected + out) % (1 << 32))
        if ended:
            break
    t.equal(out, 30001, "numbers used up")


@test("the FIN is acknowledged before the data are read", on=BOTH)
def unread(t):
    s, peer = passive(t)
    peer.sends("FPA", b"unread")
    peer.gets("A", after=LATE)
    t.equal(state(s), CLOSE_WAIT, "state")
    gets(s, b"unread")
    gets_end(s)


# What a program may not do any more

@test("sending after shutdown: EPIPE", on=BOTH)
def sending(t):
    s, _peer = half_closed(t)
    with t.fails(errno.EPIPE):
        s.send(b"one more thing")


@test("reading after shutdown of reading: the end", on=BOTH)
def reading(t):
    s, _peer = passive(t)
    s.shutdown(socket.SHUT_RD)
    gets_end(s)
    s.send(b"still sending")
    _peer.gets("PA", b"still sending")
    _peer.sends("A")


@test("shutdown of what is not connected: ENOTCONN", on=BOTH)
def not_connected(t):
    with t.fails(errno.ENOTCONN):
        t.socket().shutdown(socket.SHUT_RDWR)
    s, peer = half_closed(t)
    peer.sends("FA")
    peer.gets("A")
    with t.fails(errno.ENOTCONN):
        s.shutdown(socket.SHUT_WR)


@test("shutdown twice: one FIN", on=BOTH)
def twice(t):
    s, _peer = half_closed(t)
    s.shutdown(socket.SHUT_WR)


@test("close() after shutdown: no second FIN", on=BOTH)
def close_after(t):
    s, peer = half_closed(t)
    s.close()
    t.quiet()
    peer.sends("FA")
    peer.gets("A")


@test("a connection that was never accepted is closed by its peer", on=BOTH)
def before_accept(t):
    listener, peer = listening(t), caller(t)
    peer.connects()
    peer.sends("FPA", b"gone already")
    peer.gets("A", after=LATE)
    s = accepted(listener)
    gets(s, b"gone already")
    gets_end(s)


if __name__ == "__main__":
    main(Conversation)
