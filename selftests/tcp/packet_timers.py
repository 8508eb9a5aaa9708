#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Retransmission and its series to the end; delayed ACKs; TCP_USER_TIMEOUT."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, ESTABLISHED, KERNEL, LATE, PORT, accepted, caller, calling,
                        gets, listening, nobody_there, passive, setting, state)
from conversation import Conversation
from series import about, backoff, retransmitted
from tap import Skip, main, test
from tcp import Peer

SOL_TCP = socket.IPPROTO_TCP
TCP_USER_TIMEOUT = 18

# Data

@test("data that nobody acknowledges: sent 15 times more, then ETIMEDOUT", on=BOTH)
def data_lost(t):
    s, peer = passive(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    reading = t.blocks(s.recv, 100)
    waits = backoff(16)
    retransmitted(peer, "PA", b"hello", waits[:-1])
    reading.fails(errno.ETIMEDOUT, after=about(waits[-1]))
    t.equal(state(s), CLOSE, "state")
    nobody_there(t, peer)


@test("tcp_retries2 says how often", on=BOTH)
def retries2(t):
    setting("retries2", 3)
    s, peer = passive(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    reading = t.blocks(s.recv, 100)
    waits = backoff(4)
    retransmitted(peer, "PA", b"hello", waits[:-1])
    reading.fails(errno.ETIMEDOUT, after=about(waits[-1]))


@test("an ACK ends the series: the next begins anew", on=BOTH)
def series_ends(t):
    setting("retries2", 3)
    s, peer = passive(t)
    for word in (b"hello", b"world", b"again"):
        s.send(word)
        peer.gets("PA", word)
        retransmitted(peer, "PA", word, backoff(2))
        peer.sends("A")
        s.send(b"fresh")        # Karn: only what is sent once ends the backoff
        peer.gets("PA", b"fresh")
        peer.sends("A")


def half_second_away(t):
    """A connection with a peer that takes half a second to answer."""
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    t.quiet(0.5)
    peer.sends("A")
    return accepted(listener), peer


@test("RTO = SRTT + 4 RTTVAR: 1.5 s after a first round trip of 0.5 s", on=BOTH)
def first_sample(t):
    s, peer = half_second_away(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    retransmitted(peer, "PA", b"hello", (1.5, 3, 6))


@test("RTTVAR shrinks when round trips are alike", on=BOTH)
def second_sample(t):
    s, peer = half_second_away(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    t.quiet(0.5)
    peer.sends("A")
    s.send(b"world")
    peer.gets("PA", b"world")
    retransmitted(peer, "PA", b"world", (1.4,) if KERNEL else (1.25, 2.5))


@test("Karn: what was sent twice tells no round trip", on=BOTH)
def karn(t):
    s, peer = passive(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    retransmitted(peer, "PA", b"hello", backoff(2))
    t.quiet(0.7)
    peer.sends("A")             # 1.3 s after the first, 0.7 s after the last
    s.send(b"world")
    peer.gets("PA", b"world")
    retransmitted(peer, "PA", b"world", backoff(3)[2:])     # the backoff stays
    peer.sends("A")


@test("the peer's own data do not put off our retransmission", on=BOTH)
def not_put_off(t):
    listener, peer = listening(t), caller(t)
    peer.connects(options=[("SAckOK", b"")])
    s = accepted(listener)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    start = peer.expected - 5
    for _ in range(30):
        t.passes(0.05)
        peer.sends("PA", b"x", ack=start)
        s.recv(100)
        if any(bytes(p[t.header].payload) for p in t.collect()):
            return
    t.check(False, "never sent again")


@test("more data do not put off the retransmission of the first", on=BOTH)
def not_put_off_by_us(t):
    s, peer = passive(t, options=[("SAckOK", b"")])
    s.setsockopt(SOL_TCP, socket.TCP_NODELAY, 1)
    s.send(b"first")
    start = peer.gets("PA", b"first").seq
    for _ in range(30):
        s.send(b"x")
        for packet in t.collect():
            if packet[t.header].seq == start:
                return
        t.passes(0.05)
    t.check(False, "never sent again")


# SYN

@test("a SYN that nobody answers: 1, 2, 4 ... 32 s, then ETIMEDOUT", on=BOTH)
def syn_lost(t):
    if KERNEL:
        setting("syn_linear_timeouts", 0)
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.gets("S")
    retransmitted(peer, "S", b"", backoff(6, 1))
    connecting.fails(errno.ETIMEDOUT, after=64)


@test("tcp_syn_retries says how often", on=BOTH)
def syn_retries(t):
    if KERNEL:
        setting("syn_linear_timeouts", 0)
    setting("syn_retries", 1)
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.gets("S")
    retransmitted(peer, "S", b"", (1,))
    connecting.fails(errno.ETIMEDOUT, after=2)


@test("TCP_SYNCNT says how often", on=BOTH)
def syncnt(t):
    if KERNEL:
        setting("syn_linear_timeouts", 0)
    s, peer = t.socket(options={(SOL_TCP, socket.TCP_SYNCNT): 3}), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.gets("S")
    retransmitted(peer, "S", b"", (1, 2, 4))
    connecting.fails(errno.ETIMEDOUT, after=8)


@test("a lost SYN costs the initial window: one segment", on=BOTH)
def syn_lost_window(t):
    if KERNEL:
        setting("syn_linear_timeouts", 0)
    s = calling(t)
    peer = Peer(t)
    peer.gets("S")
    retransmitted(peer, "S", b"", (1,))
    retransmitted(peer, "S", b"", (2,))
    peer.sends("SA", options=[("MSS", 1000)])
    peer.gets("A")
    s.send(bytes(5000))
    t.equal(len(t.collect()), 1, "segments")


@test("a lost SYN and no round trip measured: the RTO is 3 s", on=BOTH)
def syn_lost_rto(t):
    if KERNEL:
        setting("syn_linear_timeouts", 0)
    s = calling(t)
    peer = Peer(t)
    peer.gets("S")
    retransmitted(peer, "S", b"", (1,))
    peer.sends("SA")
    peer.gets("A")
    s.send(b"hello")
    peer.gets("PA", b"hello")
    retransmitted(peer, "PA", b"hello", (3,))


# SYN,ACK

@test("a SYN,ACK that nobody answers: 1, 2 ... 16 s, then the request is forgotten", on=BOTH)
def synack_lost(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    retransmitted(peer, "SA", b"", backoff(5, 1))
    t.quiet(45)
    t.equal(listener.ready(), "", "nobody to accept")
    nobody_there(t, peer, "A")


@test("an ACK of the last SYN,ACK is not too late", on=BOTH)
def synack_answered(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    retransmitted(peer, "SA", b"", backoff(5, 1))
    t.quiet(20)
    peer.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


@test("tcp_synack_retries says how often", on=BOTH)
def synack_retries(t):
    setting("synack_retries", 1)
    listening(t)
    peer = caller(t)
    peer.sends("S")
    peer.gets("SA")
    retransmitted(peer, "SA", b"", (1,))
    t.quiet(10)
    nobody_there(t, peer, "A")


# Orphans

@test("a FIN that nobody acknowledges: 8 times more, then the connection is forgotten", on=BOTH)
def fin_lost(t):
    s, peer = passive(t)
    s.close()
    peer.gets("FA")
    retransmitted(peer, "FA", b"", backoff(8))
    t.quiet(150)
    nobody_there(t, peer)


@test("tcp_orphan_retries says how often", on=BOTH)
def orphan_retries(t):
    setting("orphan_retries", 2)
    s, peer = passive(t)
    s.send(b"bye")
    peer.gets("PA", b"bye")
    s.close()
    peer.gets("FA", seq=peer.expected)
    peer.expected -= 1
    for wait in backoff(2):
        t.expect(t.packet_out(seq=peer.expected - 3), after=about(wait))
    if KERNEL:      # which counts by time, and sends once more perhaps
        t.passes(2)
        t.collect()
    t.quiet(10)
    nobody_there(t, peer)


# TCP_USER_TIMEOUT, RFC 5482

@test("TCP_USER_TIMEOUT: data unacknowledged for 5 s", on=BOTH)
def user_timeout(t):
    s, peer = passive(t)
    s.setsockopt(SOL_TCP, TCP_USER_TIMEOUT, 5000)
    s.send(b"hello")
    first = peer.gets("PA", b"hello")
    reading = t.blocks(s.recv, 100)
    last = retransmitted(peer, "PA", b"hello", backoff(4))
    reading.fails(errno.ETIMEDOUT, after=about(5 - (last.time - first.time)))





@test("TCP_USER_TIMEOUT: longer than tcp_retries2 would have it", on=BOTH)
def user_timeout_longer(t):
    setting("retries2", 2)
    s, peer = passive(t)
    s.setsockopt(SOL_TCP, TCP_USER_TIMEOUT, 5000)
    s.send(b"hello")
    first = peer.gets("PA", b"hello")
    reading = t.blocks(s.recv, 100)
    last = retransmitted(peer, "PA", b"hello", backoff(4))
    reading.fails(errno.ETIMEDOUT, after=about(5 - (last.time - first.time)))





@test("TCP_USER_TIMEOUT: an ACK begins it anew", on=BOTH)
def user_timeout_anew(t):
    s, peer = passive(t)
    s.setsockopt(SOL_TCP, TCP_USER_TIMEOUT, 2000)
    for _ in range(4):
        s.send(b"hello")
        peer.gets("PA", b"hello")
        retransmitted(peer, "PA", b"hello", backoff(1))
        t.quiet(0.1)
        peer.sends("A")
        s.send(b"fresh")
        peer.gets("PA", b"fresh")
        peer.sends("A")
        t.quiet(3)
    t.equal(state(s), ESTABLISHED, "state")


# Delayed ACKs

def unhurried(t, **syn):
    """A connection that acknowledges nothing at once any more."""
    s, peer = passive(t, **syn)
    for _ in range(40):
        peer.sends("A", bytes(1000))
        peer.gets("A", after=LATE)
        s.recv(1000)
    return s, peer


@test("an ACK is delayed, but not for long", on=BOTH)
def delayed(t):
    s, peer = unhurried(t)
    for _ in range(3):
        peer.sends("PA", b"hello")
        peer.gets("A", after=(0.03, 0.2) if KERNEL else 0.04)
        s.recv(100)


@test("every second full segment is acknowledged at once", on=BOTH)
def every_second(t):
    s, peer = unhurried(t)
    for _ in range(5):
        peer.sends("A", bytes(1000))
        peer.sends("A", bytes(1000))
        s.receive()
        acks = [packet[t.header].ack for packet in t.collect()]
        t.equal(acks[-1:], [peer.next], "the last ACK")


@test("every second full segment of the socket's next connection, too, where they are smaller",
      on=BOTH, mtu=9000)
def every_second_of_next(t):
    s, peer = passive(t, options=[("MSS", 8000)])
    peer.sends("A", bytes(8000))
    peer.gets("A")
    s.disconnect()
    t.collect()
    s, peer = calling(t, s), Peer(t)
    peer.accepts(options=[("MSS", 1000)])
    for _ in range(40):
        peer.sends("A", bytes(1000))
        peer.gets("A", after=LATE)
        s.recv(1000)
    peer.sends("A", bytes(1000))
    t.quiet(0.01)
    peer.sends("A", bytes(1000))
    peer.gets("A")


@test("the first segments are acknowledged at once", on=BOTH)
def quick(t):
    s, peer = passive(t)
    for _ in range(3):
        peer.sends("PA", bytes(100))
        peer.gets("A")
        s.recv(100)


@test("TCP_QUICKACK: at once, and what is pending now", on=BOTH)
def quickack(t):
    s, peer = unhurried(t)
    peer.sends("PA", b"hello")
    s.receive()
    s.setsockopt(SOL_TCP, socket.TCP_QUICKACK, 1)
    peer.gets("A", after=LATE if KERNEL else 0)
    for _ in range(3):
        peer.sends("PA", b"hello")
        peer.gets("A", after=LATE if KERNEL else 0)     # which soon forgets


@test("a delayed ACK rides on the answer", on=BOTH)
def rides(t):
    if KERNEL:
        raise Skip("it acknowledges as soon as the program has read")
    s, peer = unhurried(t)
    peer.sends("PA", b"question")
    gets(s, b"question")
    s.send(b"answer")
    peer.gets("PA", b"answer")
    peer.sends("A")
    t.quiet(1)


if __name__ == "__main__":
    main(Conversation)
