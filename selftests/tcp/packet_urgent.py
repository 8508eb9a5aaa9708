#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Urgent data on the wire: the pointer, both ways (RFC 9293 section 3.8.5, RFC 6093)."""
import array
import contextlib
import fcntl
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL, LATE, accepted, caller, gets, listening, passive, setting
from conversation import Conversation
from series import about, backoff
from tap import Skip, main, test
from tcp import SEQUENCE

SIOCATMARK = 0x8905
OOB = socket.MSG_OOB


def at_mark(s):
    found = array.array("i", [-1])
    fcntl.ioctl(s, SIOCATMARK, found)
    return bool(found[0])


@contextlib.contextmanager
def signalled(t, s, times):
    """SIGURG comes so often."""
    seen = []
    before = signal.signal(signal.SIGURG, lambda *_arguments: seen.append(1))
    try:
        fcntl.fcntl(s, fcntl.F_SETOWN, os.getpid())
        yield
        t.settle()
    finally:
        signal.signal(signal.SIGURG, before)
    t.equal(len(seen), times, "SIGURG")


# Sending

@test("sending: the pointer is one beyond the octet", on=BOTH)
def sent(t):
    s, peer = passive(t)
    s.send(b"ab!", OOB)
    peer.gets("UPA", b"ab!", urgptr=3)
    s.send(b"cd")       # not urgent, but what is has not arrived yet
    peer.sends("A")
    for packet in t.collect():
        t.equal(bytes(packet[t.header].payload), b"cd", "data")
        t.check("U" not in str(packet[t.header].flags), "URG behind what is urgent")


@test("sending: urgent data of more than a segment", on=BOTH)
def sent_long(t):
    if KERNEL:
        raise Skip("it has no pointer in packets of many segments")
    s, _peer = passive(t, options=[("MSS", 1000)])
    s.send(bytes(2500), OOB)
    found = [(str(packet[t.header].flags), packet[t.header].urgptr) for packet in t.collect()]
    t.equal([(pointer, "U" in flags) for flags, pointer in found],
            [(2500, True), (1500, True), (500, True)], "pointers")


@test("sending: what is sent again is urgent still", on=BOTH)
def sent_again(t):
    s, peer = passive(t)
    s.send(b"!", OOB)
    peer.gets("UPA", b"!", urgptr=1)
    for wait in backoff(3):
        peer.gets("UPA", b"!", again=True, seq=peer.expected - 1, urgptr=1, after=about(wait))


@test("sending: what is acknowledged is not urgent any more", on=BOTH)
def sent_over(t):
    s, peer = passive(t)
    s.send(b"!", OOB)
    peer.gets("UPA", b"!")
    peer.sends("A")
    s.send(b"calm")
    peer.gets("PA", b"calm", urgptr=0)
    peer.sends("A")


@test("sending: urgent data do not wait (Nagle)", on=BOTH)
def sent_at_once(t):
    s, peer = passive(t)
    s.send(b"a")
    peer.gets("PA", b"a")
    s.send(b"!", OOB)
    peer.gets("UPA", b"!")
    peer.sends("A")


@test("sending: a probe of a closed window tells of it", on=BOTH)
def sent_closed(t):
    s, peer = passive(t)
    peer.sends("A", window=0)
    t.settle()
    s.send(b"!", OOB)
    t.passes(1)
    for probe in t.collect():
        t.check("U" in str(probe[t.header].flags), "no URG")
        return
    t.check(False, "no probe")


# Receiving

@test("receiving: the pointer is one beyond the octet", on=BOTH)
def received(t):
    s, peer = passive(t)
    peer.sends("UPA", b"ab!cd", urgptr=3)
    peer.gets("A", after=LATE)
    t.equal(s.ready(), "in pri out", "events")
    t.equal(s.recv(1, OOB), b"!", "urgent")
    gets(s, b"ab")
    t.check(at_mark(s), "not at the mark")
    gets(s, b"cd")


@test("receiving: tcp_stdurg: the pointer is at the octet", on=BOTH)
def received_standard(t):
    setting("stdurg", 1)
    s, peer = passive(t)
    peer.sends("UPA", b"ab!cd", urgptr=2)
    peer.gets("A", after=LATE)
    t.equal(s.recv(1, OOB), b"!", "urgent")


@test("receiving: inline", on=BOTH)
def received_inline(t):
    s, peer = passive(t)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    peer.sends("UPA", b"ab!cd", urgptr=3)
    peer.gets("A", after=LATE)
    t.equal((s.recv(100), at_mark(s)), (b"ab", True), "data, mark")
    gets(s, b"!cd")


@test("receiving: told before the data come, and once", on=BOTH)
def received_early(t):
    s, peer = passive(t)
    with signalled(t, s, 1):
        peer.sends("UA", bytes(100), urgptr=301)
        peer.sends("UA", bytes(100), urgptr=201)
        peer.sends("UA", urgptr=101)
        t.settle()
    t.collect()
    gets(s, bytes(200))
    t.check(not at_mark(s), "at the mark")
    peer.sends("UPA", bytes(100) + b"!", urgptr=101)
    t.collect()
    t.equal(s.recv(1, OOB), b"!", "urgent")
    gets(s, bytes(100))
    t.check(at_mark(s), "not at the mark")


@test("receiving: by a segment without data", on=BOTH)
def received_bare(t):
    s, peer = passive(t)
    with signalled(t, s, 1):
        peer.sends("UA", urgptr=1)
        t.settle()
    peer.sends("UPA", b"!", urgptr=1)
    peer.gets("A", after=LATE)
    t.equal(s.recv(1, OOB), b"!", "urgent")


@test("receiving: over the wrap of the numbers", on=BOTH)
def received_wrap(t):
    listener, peer = listening(t), caller(t, isn=SEQUENCE - 103)
    peer.connects()
    s = accepted(listener)
    peer.sends("PA", bytes(100))
    gets(s, bytes(100))
    t.collect()
    for start in (0, 1, 2):
        data = bytes(start) + b"!"
        peer.sends("UPA", data, urgptr=len(data))
        t.collect()
        t.equal(s.recv(1, OOB), b"!", "urgent")
        if start:
            gets(s, bytes(start))


@test("receiving: a pointer without URG means nothing", on=BOTH)
def no_flag(t):
    s, peer = passive(t)
    with signalled(t, s, 0):
        peer.sends("PA", b"hello", urgptr=3)
        peer.gets("A", after=LATE)
    t.equal(s.ready(), "in out", "events")
    gets(s, b"hello")


@test("receiving: a pointer to what was read already means nothing", on=BOTH)
def too_late(t):
    s, peer = passive(t)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    gets(s, b"hello")
    with signalled(t, s, 0):
        peer.sends("UPA", b"llo", seq=(peer.next - 3) % SEQUENCE, urgptr=2)
        peer.gets("A")
    t.check(s.is_empty(), "something to read")


@test("receiving: a pointer farther than the window is no harm", on=BOTH)
def far_pointer(t):
    s, peer = passive(t)
    peer.sends("UPA", b"hello", urgptr=65535)
    peer.gets("A", after=LATE)
    gets(s, b"hello")
    peer.sends("FA")
    peer.gets("A", after=LATE)
    t.equal(s.recv(1), b"", "the end")


if __name__ == "__main__":
    main(Conversation)
