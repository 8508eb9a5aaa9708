#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
# time: virtual
"""How large segments are, and how many go out: MSS, window and window scale."""
import contextlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, accepted, caller, listening, passive
from conversation import Conversation
from tap import main, test
from tcp import SEQUENCE, Tcp

STAMP = ("Timestamp", (0x01020304, 0))


def went_out(t):
    """How long the segments are that came out.

    Those on the wire may hold back others, until they have been read.
    """
    found = []
    while segments := t.collect():
        found += [len(segment[Tcp].payload) for segment in segments]
    return found


def sizes(t, s, length, peer, **fields):
    """How long the segments are in which so many bytes go out."""
    s.send(bytes(length))
    found = went_out(t)
    t.equal(sum(found), length, "bytes that went out")
    peer.expected = (peer.expected + length) % SEQUENCE
    peer.sends("A", **fields)
    return found


def fills(t, s, peer, window, least=None, **fields):
    """The program has a lot to send: so much of it is under way at last, and never more."""
    least = least or window
    under_way = 0
    for _round in range(200):
        with contextlib.suppress(BlockingIOError):
            s.send(bytes(1 << 16))
        under_way += sum(went_out(t))
        if under_way >= least:
            break
        peer.expected = (peer.expected + under_way) % SEQUENCE
        under_way = 0
        peer.sends("A", **fields)
    t.check(least <= under_way <= window, f"{under_way} bytes under way")
    t.quiet()
    peer.sends("R", ack=0)


def opened(t, listener, window=65535, then=65535, **syn):
    """A connection with these windows in the SYN and in what follows: (socket, peer)."""
    peer = caller(t)
    peer.sends("S", window=window, **syn)
    peer.gets("SA")
    peer.window = then
    peer.sends("A")
    return accepted(listener), peer


# MSS

@test("segments are as large as the peer's MSS", on=BOTH)
def peer_mss(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    t.equal(sizes(t, s, 2500, peer), [1000, 1000, 500], "segments")


@test("segments are shorter by the options in them", on=BOTH)
def options_count(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S", options=[("MSS", 1000), STAMP])
    peer.gets("SA")
    peer.sends("A", options=[STAMP])
    found = sizes(t, accepted(listener), 2500, peer, options=[STAMP])
    t.equal(found, [988, 988, 524], "segments")


@test("no MSS from the peer: 536 bytes, 1220 over IPv6", on=BOTH)
def no_mss(t):
    s, peer = passive(t)
    t.equal(sizes(t, s, 2500, peer)[0], 1220 if t.v6 else 536, "segment")


@test("no larger than the link takes, whatever the peer says", on=BOTH)
def large_mss(t):
    s, peer = passive(t, options=[("MSS", 65535)])
    link = t.mtu - t.ip_length - 20
    t.equal(sizes(t, s, 2 * link + 1, peer), [link, link, 1], "segments")


@test("an MSS of 0 or 1 does not make the connection useless", on=BOTH)
def tiny_mss(t):
    listener = listening(t)
    for value in (0, 1):
        s, peer = opened(t, listener, options=[("MSS", value)])
        found = sizes(t, s, 200, peer)
        t.check(len(found) <= 200 // 8, f"200 bytes in segments of {found}")
        peer.sends("R", ack=0)


@test("an MSS outside of a SYN is ignored", on=BOTH)
def late_mss(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    peer.sends("A", options=[("MSS", 100)])
    t.equal(sizes(t, s, 2000, peer), [1000, 1000], "segments")


# Window

@test("windows are unsigned: more than half of 65535 is used", on=BOTH)
def unsigned(t):
    s, peer = opened(t, listening(t), 65000, 65000, options=[("MSS", 1000)])
    # The last of a window may wait, to go in one piece.
    fills(t, s, peer, 65000, least=40000)


@test("a small window is not exceeded", on=BOTH)
def small(t):
    listener = listening(t)
    for window in (1000, 2000, 5000):
        s, peer = opened(t, listener, window, window, options=[("MSS", 1000)])
        fills(t, s, peer, window)


@test("the peer's scale counts, up to 14, and 15 is taken for 14", on=BOTH)
def scale(t):
    listener = listening(t)
    for shift, window in ((0, 16384), (4, 1024), (7, 128), (14, 1), (15, 1), (255, 1)):
        s, peer = opened(t, listener, 65535, window, options=[("MSS", 1024), ("WScale", shift)])
        fills(t, s, peer, 16384)


@test("the window of a SYN is never scaled", on=BOTH)
def syn_window(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S", window=100, options=[("MSS", 1460), ("WScale", 7)])
    peer.gets("SA")
    peer.sends("A", window=0)
    s = accepted(listener)
    s.send(bytes(1000))
    t.quiet()
    peer.sends("A", window=1)
    t.equal(sum(went_out(t)), 128, "bytes into 1 << 7")


@test("a window scale outside of a SYN is ignored", on=BOTH)
def late_scale(t):
    s, peer = opened(t, listening(t), 1000, 1000, options=[("MSS", 1000)])
    peer.sends("A", options=[("WScale", 7)])
    fills(t, s, peer, 1000)


if __name__ == "__main__":
    main(Conversation)
