#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Conversations with the kernel's own TCP: the proof that they can test a TCP, to the jiffy."""
import errno
import os
import select
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from netns import sysctl
from tap import main, test
from tcp import Peer, variants

BOTH = variants(socket.IPPROTO_TCP, kernel=True)


def connected(t, **fields):
    """A program's socket that is connected to a peer."""
    s, peer = t.socket(), Peer(t, port=7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.accepts(**fields)
    connecting.returns()
    return s, peer


@test("connect, data both ways, both say goodbye", on=BOTH)
def hello(t):
    s, peer = connected(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    peer.sends("PA", b"welcome")
    peer.gets("A")
    t.equal(s.recv(100), b"welcome")
    s.shutdown(socket.SHUT_WR)
    peer.gets("FA")
    peer.sends("FA")
    peer.gets("A")
    t.equal(s.recv(100), b"")


@test("a program that listens accepts", on=BOTH)
def accept(t):
    s = t.socket(port=7)
    s.listen()
    accepting = t.blocks(s.accept)
    peer = Peer(t, port=9, to=7)
    peer.connects()
    connection, address = accepting.returns()
    t.equal(address, (t.there, 9))
    reading = t.blocks(connection.recv, 100)
    t.quiet(5)
    peer.sends("PA", b"hello")
    reading.returns(b"hello")
    peer.gets("A")


@test("a SYN that nobody answers: 1, 2, 4, ... seconds, then ETIMEDOUT", on=BOTH)
def syn_lost(t):
    sysctl("ipv4.tcp_syn_linear_timeouts", 0)
    s, peer = t.socket(), Peer(t, port=7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.gets("S")
    for wait in (1, 2, 4, 8, 16, 32):
        peer.gets("S", again=True, seq=peer.expected - 1, after=wait)
    connecting.fails(errno.ETIMEDOUT, after=64)


@test("a refused connection", on=BOTH)
def refused(t):
    s, peer = t.socket(), Peer(t, port=7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.gets("S")
    peer.sends("RA", seq=0)
    connecting.fails(errno.ECONNREFUSED)


@test("data that nobody acknowledges: twice as long each time, up to two minutes", on=BOTH)
def data_lost(t):
    s, peer = connected(t)
    s.send(b"hello")
    first = peer.gets("PA", b"hello")
    window = (0.2, 0.45)      # first a probe; the retransmission timer starts with it
    last = peer.gets("PA", b"hello", again=True, seq=first.seq, after=window)
    for _ in range(14):
        again = peer.gets("PA", b"hello", again=True, seq=first.seq, after=window)
        wait = again.time - last.time
        window, last = (min(1.75 * wait, 120), min(2.25 * wait, 135)), again


@test("a window of zero is probed until it opens", on=BOTH)
def zero_window(t):
    s, peer = connected(t)
    peer.window = 0
    peer.sends("A")
    s.send(b"hello")
    for doubled in range(10):
        peer.gets("A", again=True, seq=peer.expected - 1, after=0.21 * 2 ** doubled)
        peer.sends("A")
    peer.window = 1000
    peer.sends("A")
    peer.gets("PA", b"hello")
    peer.sends("A")


@test("keepalive after an hour, then the connection is given up", on=BOTH)
def keepalive(t):
    s, peer = connected(t)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 3600), (socket.TCP_KEEPINTVL, 60),
                          (socket.TCP_KEEPCNT, 3)):
        s.setsockopt(socket.IPPROTO_TCP, option, value)
    reading = t.blocks(s.recv, 100)
    for wait in (3600, 60, 60):
        peer.gets("A", again=True, seq=peer.expected - 1, after=wait)
    peer.gets("RA", after=60)
    reading.fails(errno.ETIMEDOUT)


@test("an acknowledgement is delayed, but not for long", on=BOTH)
def delayed_ack(t):
    s, peer = connected(t)
    for _ in range(20):    # at first every segment is acknowledged at once
        peer.sends("PA", b"x" * 100)
        s.receive()
        peer.gets("A", after=(0, 0.2))
    peer.sends("PA", b"hello")
    peer.gets("A", after=(0.01, 0.2))


@test("a FIN that is acknowledged but not answered: the port is free after a minute", on=BOTH)
def fin_wait(t):
    s, peer = connected(t)
    s.close()
    peer.gets("FA")
    peer.sends("A")
    t.quiet(59)
    peer.sends("FA")
    peer.gets("A")
    t.quiet(55)
    peer.sends("FA", seq=peer.next - 1)        # TIME-WAIT still answers
    peer.gets("A")
    t.quiet(70)
    peer.sends("FA", seq=peer.next - 1)        # nobody is there any more
    peer.gets("R", seq=None)


@test("close() waits for the data as long as SO_LINGER says", on=BOTH)
def linger(t):
    s, peer = connected(t)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 30, 0, 0, 0]))
    s.send(b"hello")
    first = peer.gets("PA", b"hello")
    closing = t.blocks(s.close)
    peer.gets("FA", seq=first.seq + 5)
    closing.returns(after=30)
    t.collect()    # it was sent again and again meanwhile


@test("poll() tells when a connection is made, has data, has ended", on=BOTH)
def polls(t):
    s, peer = t.socket(), Peer(t, port=7)
    with t.fails(errno.EINPROGRESS):
        s.connect(t.address(7))
    peer.gets("S")
    t.equal(s.ready(), "")
    waiting = t.blocks(s.wait_ready, select.POLLIN | select.POLLOUT)
    t.quiet(0.5)
    peer.sends("SA")
    peer.gets("A")
    waiting.returns("out")
    peer.sends("PA", b"hello")
    peer.gets("A")
    t.equal(s.ready(), "in out")
    peer.sends("R")
    t.settle()
    t.equal(s.ready(), "in out rdhup err hup")
    t.equal(s.error(), errno.ECONNRESET)


if __name__ == "__main__":
    main(Conversation)
