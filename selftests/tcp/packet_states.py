#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
# time: virtual
"""The 11 states, and what each does with what does not belong there: RFC 9293 3.10.7.4."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT1, FIN_WAIT2,
                        KERNEL, LAST_ACK, LATE, LISTEN, PEER_PORT, PORT, SYN_RECV, SYN_SENT,
                        calling, gets, gets_end, listening, passive, state)
from conversation import Conversation
from tap import main, test
from tcp import Peer

FAR = 1 << 30       # farther than any window


# How a connection gets there: (the program's socket, the peer)

def established(t):
    return passive(t)


def fin_wait_1(t):
    s, peer = passive(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    return s, peer


def fin_wait_2(t):
    s, peer = fin_wait_1(t)
    peer.sends("A")
    t.settle()
    return s, peer


def closing(t):
    """The peer's FIN was on its way before ours arrived there."""
    s, peer = fin_wait_1(t)
    peer.sends("FA", ack=peer.expected - 1)
    peer.gets("A")
    return s, peer


def time_wait(t):
    s, peer = fin_wait_2(t)
    peer.sends("FA")
    peer.gets("A")
    return s, peer


def close_wait(t):
    s, peer = passive(t)
    peer.sends("FA")
    peer.gets("A")
    return s, peer


def last_ack(t):
    s, peer = close_wait(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    return s, peer


# A socket whose connection is in TIME-WAIT is closed as far as its program can see.
OPEN = {established: ESTABLISHED, fin_wait_1: FIN_WAIT1, fin_wait_2: FIN_WAIT2,
        closing: CLOSING, close_wait: CLOSE_WAIT, last_ack: LAST_ACK}
SYNCHRONIZED = (*OPEN, time_wait)


def in_each(title, reaches):
    """A test for each of these states."""
    def add(function):
        for reach in reaches:
            def story(t, reach=reach):
                function(t, reach, *reach(t))
            name = reach.__name__.upper().replace("_", "-")
            test(f"{name}: {title}", on=BOTH)(story)
    return add


@test("CLOSED, LISTEN, SYN-SENT, SYN-RECEIVED, ESTABLISHED", on=BOTH)
def opening(t):
    s = t.socket()
    t.equal(state(s), CLOSE, "state")
    t.equal(state(listening(t)), LISTEN, "state")
    calling(t, s)
    t.equal(state(s), SYN_SENT, "state")
    peer = Peer(t)
    peer.gets("S")
    peer.sends("S", ack=0)
    peer.gets("SA", again=True)
    t.equal(state(s), SYN_RECV, "state")
    peer.sends("A")
    t.settle()
    t.equal(state(s), ESTABLISHED, "state")


@in_each("as the program sees it", OPEN)
def seen(t, reach, s, _peer):
    t.equal(state(s), OPEN[reach], "state")


@in_each("a segment out of the window is acknowledged", SYNCHRONIZED)
def out_of_window(t, _reach, _s, peer):
    peer.sends("A", b"far away", seq=peer.next + FAR)
    peer.gets("A")


@in_each("a reset at the next number ends the connection", OPEN)
def reset(t, reach, s, peer):
    peer.sends("R", ack=0)
    t.settle()
    t.equal(state(s), CLOSE, "state")
    t.equal(s.error(), errno.EPIPE if reach == close_wait else errno.ECONNRESET, "error")
    peer.sends("A")
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=peer.expected))


@in_each("a segment without ACK is dropped", OPEN)
def without_ack(t, reach, s, peer):
    peer.sends("P", b"data", ack=0)
    peer.sends("", b"data", ack=0)
    t.quiet()
    t.equal(state(s), OPEN[reach], "state")


@in_each("an ACK of what was never sent is acknowledged", OPEN)
def unsent(t, reach, s, peer):
    peer.sends("A", ack=peer.expected + 1000)
    if KERNEL and reach is established:     # where older ones say nothing
        t.collect()
    else:
        peer.gets("A")
    t.quiet()
    t.equal(state(s), OPEN[reach], "state")


@in_each("a FIN again is acknowledged again", (close_wait, closing, last_ack, time_wait))
def fin_again(t, reach, _s, peer):
    ours = 1 if reach in (closing, last_ack) else 0     # is not acknowledged yet
    peer.sends("FA", seq=peer.next - 1, ack=peer.expected - ours)
    peer.gets("A")


# From one state to the next

@test("FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT: who closes first", on=BOTH)
def first(t):
    s, peer = fin_wait_1(t)
    peer.sends("A")
    t.settle()
    t.equal(state(s), FIN_WAIT2, "state")
    peer.sends("PA", b"still here")
    peer.gets("A", after=LATE)
    gets(s, b"still here")
    peer.sends("FA")
    peer.gets("A")
    gets_end(s)
    t.equal(state(s), CLOSE, "state")


@test("FIN-WAIT-1 straight to TIME-WAIT: FIN and its ACK in one", on=BOTH)
def straight(t):
    s, peer = fin_wait_1(t)
    peer.sends("FA")
    peer.gets("A")
    t.equal(state(s), CLOSE, "state")
    peer.sends("FA", seq=peer.next - 1)
    peer.gets("A")


@test("CLOSE-WAIT, LAST-ACK, CLOSED: who closes second", on=BOTH)
def second(t):
    s, peer = last_ack(t)
    peer.sends("A")
    t.settle()
    t.equal((state(s), s.error()), (CLOSE, 0), "state, error")
    peer.sends("A")
    t.expect(t.packet_out(flags="R", seq=peer.expected))


@test("CLOSING: both at once", on=BOTH)
def at_once(t):
    s, peer = closing(t)
    peer.sends("A")
    t.settle()
    t.equal((state(s), s.error()), (CLOSE, 0), "state, error")
    peer.sends("FA", seq=peer.next - 1)
    peer.gets("A")


if __name__ == "__main__":
    main(Conversation)
