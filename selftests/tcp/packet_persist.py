#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""A closed window is probed until it opens (RFC 9293 section 3.8.6.1)."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL, PEER_PORT, PORT, accepted, info, listening, passive, setting
from conversation import Conversation
from series import about, backoff
from tap import main, test
from tcp import Peer

SOL_TCP = socket.IPPROTO_TCP
TCP_USER_TIMEOUT = 18


def shut(t, **syn):
    """A connection whose peer has closed its window."""
    s, peer = passive(t, **syn)
    peer.window = 0
    peer.sends("A")
    t.settle()
    return s, peer


def probe(peer, data, after):
    """A probe of the window: the octet behind it; the kernel has an old one, without data."""
    if KERNEL:
        peer.gets("A", again=True, seq=peer.expected - 1, after=about(after))
    else:
        peer.gets("PA", data[:1], again=True, seq=peer.expected, after=about(after))


def opened(t, peer, data):
    """All data come at once."""
    found, start = bytearray(len(data)), peer.expected
    for packet in t.collect():
        at = packet[t.header].seq - start
        payload = bytes(packet[t.header].payload)
        found[at:at + len(payload)] = payload
    t.equal(bytes(found), data, "data")
    peer.expected += len(data)
    peer.sends("A")


@test("a closed window is probed for ever while the peer answers", on=BOTH)
def probed_for_ever(t):
    s, peer = shut(t)
    s.send(b"hello")
    for wait in backoff(25):
        probe(peer, b"hello", wait)
        peer.sends("A")
    peer.window = 1000
    peer.sends("A")
    opened(t, peer, b"hello")


@test("a lost window update: the next probe finds the window open", on=BOTH)
def lost_update(t):
    s, peer = shut(t)
    s.send(b"hello")
    for wait in backoff(4)[:3]:
        probe(peer, b"hello", wait)
        peer.sends("A")
    probe(peer, b"hello", backoff(4)[3])
    peer.window = 1000
    peer.sends("A")
    opened(t, peer, b"hello")


@test("the probe's octet may be taken", on=BOTH)
def probe_taken(t):
    s, peer = shut(t)
    s.send(b"hello")
    probe(peer, b"hello", backoff(1)[0])
    if not KERNEL:
        peer.expected += 1
    peer.window = 1000
    peer.sends("A")
    opened(t, peer, b"hello" if KERNEL else b"ello")


@test("a closed window is no congestion: cwnd stays", on=BOTH)
def no_congestion(t):
    listener = listening(t)
    for number, options in enumerate(([("SAckOK", b"")], [])):
        peer = Peer(t, PEER_PORT + number, PORT)
        peer.connects(options=options)
        s = accepted(listener)
        before = info(s)
        peer.window = 0
        peer.sends("A")
        t.settle()
        s.send(b"hello")
        for wait in backoff(6):
            probe(peer, b"hello", wait)
            peer.sends("A")
        peer.window = 1000
        peer.sends("A")
        opened(t, peer, b"hello")
        t.settle()
        after = info(s)
        t.check(after.cwnd >= before.cwnd, f"cwnd {before.cwnd}, then {after.cwnd}")
        t.equal((after.ca_state, after.ssthresh), (0, before.ssthresh), "state, ssthresh")


@test("probes that nobody answers: tcp_retries2 of them, then ETIMEDOUT", on=BOTH)
def probes_lost(t):
    setting("retries2", 3)
    s, peer = shut(t)
    s.send(b"hello")
    reading = t.blocks(s.recv, 100)
    for wait in backoff(3):
        probe(peer, b"hello", wait)
    reading.fails(errno.ETIMEDOUT, after=about(backoff(4)[3]))


@test("data in flight when the window closes", on=BOTH)
def closes_in_flight(t):
    s, peer = passive(t)
    s.send(b"hello")
    peer.gets("PA", b"hello")
    peer.expected -= 5
    peer.window = 0
    peer.sends("A")
    t.settle()
    for _ in range(3):
        t.expect(t.packet_out(), after=(0.1, 2))
        peer.sends("A")
    peer.window = 1000
    peer.sends("A")
    peer.gets("PA", b"hello", after=(0, 3))
    peer.sends("A")


@test("an orphan whose peer answers all probes with a closed window is given up", on=BOTH)
def orphan_probes(t):
    setting("orphan_retries", 3)
    s, peer = shut(t)
    s.send(b"hello")
    s.close()
    for _ in range(30):
        t.passes(130)
        out = t.collect()
        if not out or "R" in out[-1][t.header].flags:
            break
        peer.sends("A")
    else:
        t.check(False, "it goes on for ever")


@test("TCP_USER_TIMEOUT: a closed window and no answer", on=BOTH)
def user_timeout_probes(t):
    s, peer = shut(t)
    s.setsockopt(SOL_TCP, TCP_USER_TIMEOUT, 5000)
    t.quiet(20)
    s.send(b"hello")
    reading = t.blocks(s.recv, 100)
    waits = backoff(4)
    for wait in waits:
        probe(peer, b"hello", wait)
    # The kernel counts from the first probe on.
    reading.fails(errno.ETIMEDOUT, after=(1.7, 2.4))


if __name__ == "__main__":
    main(Conversation)
