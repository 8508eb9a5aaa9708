#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Silence: keepalive, FIN-WAIT-2."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, FIN_WAIT2, KERNEL, LATE, PEER_PORT, PORT, accepted, gets,
                        gets_end, listening, nobody_there, passive, setting, state)
from conversation import Conversation
from tap import main, test
from tcp import Peer

SOL_TCP = socket.IPPROTO_TCP
TCP_USER_TIMEOUT = 18

# Keepalive

def watched(t, time=100, interval=10, count=3):
    s, peer = passive(t)
    for option, value in ((socket.TCP_KEEPIDLE, time), (socket.TCP_KEEPINTVL, interval),
                          (socket.TCP_KEEPCNT, count)):
        s.setsockopt(SOL_TCP, option, value)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return s, peer


def keepalive(peer, after):
    peer.gets("A", again=True, seq=peer.expected - 1, after=after)


@test("keepalive: nobody answers, the connection is reset", on=BOTH)
def keepalive_lost(t):
    s, peer = watched(t)
    reading = t.blocks(s.recv, 100)
    for wait in (100, 10, 10):
        keepalive(peer, wait)
    peer.gets("RA", after=10)
    reading.fails(errno.ETIMEDOUT)


@test("keepalive: an answer begins the silence anew", on=BOTH)
def keepalive_answered(t):
    s, peer = watched(t)
    for _ in range(5):
        keepalive(peer, 100)
        peer.sends("A")
    keepalive(peer, 100)
    keepalive(peer, 10)
    peer.sends("A")
    keepalive(peer, 100)
    peer.sends("A")
    t.equal(state(s), ESTABLISHED, "state")


@test("keepalive: data put it off", on=BOTH)
def keepalive_data(t):
    s, peer = watched(t)
    t.quiet(60)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    t.quiet(60)
    s.send(b"world")
    peer.gets("PA", b"world")
    peer.sends("A")
    keepalive(peer, 100)
    peer.sends("A")


@test("keepalive: by the settings; switched off again", on=BOTH)
def keepalive_settings(t):
    for name, value in (("time", 30), ("intvl", 5), ("probes", 2)):
        setting(f"keepalive_{name}", value)
    s, peer = passive(t)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    keepalive(peer, 30)
    keepalive(peer, 5)
    peer.sends("A")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
    t.quiet(100)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    keepalive(peer, (0, 32))
    keepalive(peer, 5)
    peer.gets("RA", after=5)


@test("TCP_USER_TIMEOUT: instead of the number of keepalives", on=BOTH)
def user_timeout_keepalive(t):
    s, peer = watched(t, time=100, interval=10, count=2)
    s.setsockopt(SOL_TCP, TCP_USER_TIMEOUT, 135000)
    reading = t.blocks(s.recv, 100)
    for wait in (100, 10, 10, 10):
        keepalive(peer, wait)
    peer.gets("RA", after=10)
    reading.fails(errno.ETIMEDOUT)


# FIN-WAIT-2

@test("FIN-WAIT-2 without a program lasts a minute", on=BOTH)
def fin_wait2(t):
    s, peer = passive(t)
    s.close()
    peer.gets("FA")
    peer.sends("A")
    t.quiet(59)
    fin_wait2_over(t, peer, (0, 10))
    nobody_there(t, peer)


def fin_wait2_over(t, peer, after):
    """It ends with a reset, for who still thinks of sending; the kernel says nothing."""
    if KERNEL:
        t.quiet(after[1])
    else:
        peer.gets("RA", after=after)


@test("tcp_fin_timeout and TCP_LINGER2 say how long", on=BOTH)
def linger2(t):
    setting("fin_timeout", 10)
    for option, least in ((None, 10), (5, 5)):
        s, peer = passive(t) if option is None else at_port(t, 4500)
        if option:
            s.setsockopt(SOL_TCP, socket.TCP_LINGER2, option)
        s.close()
        peer.gets("FA")
        peer.sends("A")
        t.quiet(least - 1)
        fin_wait2_over(t, peer, (0, 3))


def at_port(t, port):
    listener, peer = listening(t, port + 1), Peer(t, port, port + 1)
    peer.connects()
    return accepted(listener), peer


@test("TCP_LINGER2 below 0: no FIN-WAIT-2 at all", on=BOTH)
def no_fin_wait2(t):
    s, peer = passive(t)
    s.setsockopt(SOL_TCP, socket.TCP_LINGER2, -1)
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    peer.sends("A")
    t.settle()
    s.close()
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="RA", seq=peer.expected))


@test("FIN-WAIT-2 with a program lasts as long as the peer likes", on=BOTH)
def fin_wait2_held(t):
    s, peer = passive(t)
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    peer.sends("A")
    t.quiet(10000)
    t.equal(state(s), FIN_WAIT2, "state")
    peer.sends("FPA", b"at last")
    peer.gets("A")
    gets(s, b"at last")
    gets_end(s)


if __name__ == "__main__":
    main(Conversation)
