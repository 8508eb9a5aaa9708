#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What time does to a connection: retransmission, probes, delayed ACKs, keepalive, the ends."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, ESTABLISHED, FIN_WAIT2, KERNEL, LATE, PEER_PORT, PORT,
                        accepted, caller, calling, gets, gets_end, info, listening, passive,
                        setting, state)
from conversation import Conversation
from tap import Skip, main, test
from tcp import Peer

RTO_MIN = 0.2
RTO_MAX = 120
SOL_TCP = socket.IPPROTO_TCP
TCP_USER_TIMEOUT = 18


def backoff(count, first=RTO_MIN):
    """The first `count` waits of a series that doubles."""
    return [min(first * 2 ** n, RTO_MAX) for n in range(count)]


def about(wait):
    """Not before, and as late as timers may be: an eighth, and jiffies."""
    return (wait, 1.15 * wait + 0.03)


def retransmitted(peer, flags, data, waits):
    """The last segment comes again and again, after these waits."""
    seq = (peer.expected - len(data) - ("F" in flags) - ("S" in flags)) % (1 << 32)
    for wait in waits:
        segment = peer.gets(flags, data, again=True, seq=seq, after=about(wait))
    return segment


def nobody_there(t, peer, flags="FA"):
    """The machine knows the connection no more."""
    peer.sends(flags, seq=peer.next, ack=peer.expected)
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=peer.expected))


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


# Persist

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
        peer.gets("A")


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


# TIME-WAIT

def time_wait(t, **syn):
    """A connection that the program closed first."""
    listener, peer = listening(t), caller(t)
    peer.connects(**syn)
    s = accepted(listener)
    s.close()
    peer.gets("FA")
    fields = {}
    if syn:
        fields["options"] = [("Timestamp", (2000, 0))]
    peer.sends("FA", **fields)
    peer.gets("A")
    return listener, peer


def still_waits(t, peer):
    t.quiet(1)
    peer.sends("FA", seq=peer.next - 1)
    peer.gets("A")


@test("TIME-WAIT lasts a minute", on=BOTH)
def time_wait_length(t):
    _listener, peer = time_wait(t)
    t.quiet(58)
    if not KERNEL:      # which begins anew with any segment
        peer.sends("A")     # what it knows: no answer
    t.quiet(10)
    nobody_there(t, peer)


@test("TIME-WAIT begins anew when the FIN comes again", on=BOTH)
def time_wait_anew(t):
    _listener, peer = time_wait(t)
    for _ in range(3):
        t.quiet(50)
        still_waits(t, peer)
    t.quiet(70)
    nobody_there(t, peer)


def reopened(listener, peer, **fields):
    """A SYN in TIME-WAIT begins a connection."""
    again = caller(listener.conversation, isn=fields.pop("isn"))
    again.connects(**fields)
    t = listener.conversation
    s = accepted(listener)
    t.equal(state(s), ESTABLISHED, "state")
    t.check(0 < (again.expected - peer.expected) % (1 << 32) < 1 << 31, "numbers go on")


def not_reopened(t, peer, seq, **fields):
    """A SYN in TIME-WAIT is but an old one."""
    t.inject(t.packet_in(sport=PEER_PORT, dport=PORT, flags="S", seq=seq, **fields))
    t.expect(t.packet_out(flags="A", seq=peer.expected, ack=peer.next))


@test("TIME-WAIT: a SYN with a higher number begins anew (RFC 6191)", on=BOTH)
def reopened_by_number(t):
    listener, peer = time_wait(t)
    t.quiet(5)
    not_reopened(t, peer, peer.next - 1)
    reopened(listener, peer, isn=peer.next + 1)


STAMPED = {"options": [("Timestamp", (1000, 0))]}


@test("TIME-WAIT: a SYN with a newer timestamp begins anew (RFC 6191)", on=BOTH)
def reopened_by_timestamp(t):
    listener, peer = time_wait(t, **STAMPED)
    t.quiet(5)
    not_reopened(t, peer, peer.next + 1000, options=[("Timestamp", (1500, 0))])
    t.quiet(1)
    not_reopened(t, peer, peer.next - 1000, options=[("Timestamp", (2000, 0))])
    reopened(listener, peer, isn=peer.next - 1000, options=[("Timestamp", (2001, 0))])


@test("TIME-WAIT: a reset ends it, unless tcp_rfc1337 is set", on=BOTH)
def assassination(t):
    for rfc1337 in (1, 0):
        setting("rfc1337", rfc1337)
        if rfc1337:
            _listener, peer = time_wait(t)
        peer.sends("R", ack=0)
        if rfc1337:
            still_waits(t, peer)
    nobody_there(t, peer)


# TCP_DEFER_ACCEPT

def deferred(t):
    listener = t.socket(port=PORT, options={(SOL_TCP, socket.TCP_DEFER_ACCEPT): 10})
    listener.listen()
    peer = caller(t)
    peer.connects()
    t.quiet(0.5)
    t.equal(listener.ready(), "", "nothing to accept")
    return listener, peer


@test("TCP_DEFER_ACCEPT: accepted with the first data", on=BOTH)
def defer_accept(t):
    listener, peer = deferred(t)
    t.quiet(5)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    gets(accepted(listener), b"hello")


@test("TCP_DEFER_ACCEPT: without data at the end of the time", on=BOTH)
def defer_accept_over(t):
    listener, peer = deferred(t)
    peer.gets("SA", again=True, seq=peer.expected - 1, after=(13, 18))
    peer.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


# Challenge ACKs, RFC 5961

@test("challenge ACKs: two a second for a connection", on=BOTH)
def challenges(t):
    s, peer = passive(t)
    t.quiet(1)
    for _ in range(3):
        for _again in range(5):
            peer.sends("S", seq=peer.next + 100)
        peer.gets("A")
        t.quiet(0.6)
    t.equal(state(s), ESTABLISHED, "state")


@test("challenge ACKs: so many a second for all", on=BOTH)
def challenges_of_all(t):
    setting("challenge_ack_limit", 1)
    listener = listening(t)
    peers = [Peer(t, 4444 + number, PORT) for number in range(4)]
    for peer in peers:
        peer.connects()
    sockets = [accepted(listener) for _ in peers]
    t.quiet(2)
    for first, second in (peers[:2], peers[2:]):
        first.sends("S", seq=first.next + 100)
        first.gets("A")
        second.sends("S", seq=second.next + 100)
        t.quiet(2)
    t.equal([state(s) for s in sockets], [ESTABLISHED] * 4, "states")


# SYN cookies

@test("a cookie: the ACK makes the connection", on=BOTH)
def cookie(t):
    setting("syncookies", 2)
    s, peer = passive(t)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    gets(s, b"hello")
    s.send(b"world")
    peer.gets("PA", b"world")
    peer.sends("A")


@test("a cookie costs no memory: the SYN,ACK is not sent again", on=BOTH)
def cookie_once(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    t.quiet(30)
    peer.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


@test("a wrong cookie is answered with a reset", on=BOTH)
def wrong_cookie(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    right = peer.expected
    for wrong in (right + 100, right - 100, right ^ 0x1000000, right ^ 0x80000000):
        wrong %= 1 << 32
        peer.sends("A", ack=wrong)
        t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=wrong))
    other = Peer(t, PEER_PORT + 1, PORT, isn=1001)      # of another connection
    other.sends("A", ack=right)
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT + 1, flags="R", seq=right))
    t.equal(listener.ready(), "", "nobody to accept")


@test("an old cookie is answered with a reset", on=BOTH)
def old_cookie(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    t.quiet(200)
    Peer(t, 5555, PORT).connects()          # cookies go on meanwhile
    accepted(listener)
    nobody_there(t, peer, "A")


@test("cookies are switched off: none is looked for", on=BOTH)
def cookies_off(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    setting("syncookies", 0)
    nobody_there(t, peer, "A")
    t.equal(listener.ready(), "", "nobody to accept")


@test("a cookie remembers the MSS, or a smaller one", on=BOTH)
def cookie_mss(t):
    setting("syncookies", 2)
    listener = listening(t)
    for number, (mss, size) in enumerate(((1440, (1440,)), (1439, (1300, 1420)), (536, (536,)))):
        peer = Peer(t, 4444 + number, PORT)
        if KERNEL and t.v6 and mss == 536:
            continue
        peer.connects(options=[("MSS", mss)])
        s = accepted(listener)
        s.send(bytes(1440))
        sizes = [len(bytes(packet[t.header].payload)) for packet in t.collect()]
        t.check(sizes[0] in size, f"{sizes} for {mss}")
        peer.sends("R", ack=0)


def options_of(s):
    """(timestamps, SACK, window scale), of TCP_INFO."""
    found = s.getsockopt(SOL_TCP, socket.TCP_INFO, 256)[5]
    return bool(found & 1), bool(found & 2), bool(found & 4)


@test("a cookie's timestamp remembers SACK and the window scale", on=BOTH)
def cookie_options(t):
    setting("syncookies", 2)
    listener = listening(t)
    for number, (sack, scale) in enumerate(((True, 7), (True, None), (False, 3), (False, None))):
        peer = Peer(t, 4444 + number, PORT)
        options = [("Timestamp", (1000, 0))]
        if sack:
            options.append(("SAckOK", b""))
        if scale is not None:
            options.append(("WScale", scale))
        peer.sends("S", options=options)
        synack = peer.gets("SA")
        told = dict(synack[t.header].options)["Timestamp"][0]
        peer.sends("A", options=[("Timestamp", (1001, told))])
        s = accepted(listener)
        t.equal(options_of(s), (True, sack, scale is not None), "timestamps, SACK, scale")
        if scale is not None:
            t.equal(s.getsockopt(SOL_TCP, socket.TCP_INFO, 256)[6] & 15, scale, "scale")
    plain = Peer(t, 4500, PORT)
    plain.connects(options=[("SAckOK", b""), ("WScale", 7)])
    t.equal(options_of(accepted(listener)), (False, False, False), "without timestamps: nothing")


@test("a full queue of requests: cookies; without them the SYN is dropped", on=BOTH)
def full_queue(t):
    setting("syncookies", 1)
    listener = listening(t, backlog=1)
    held = [Peer(t, 5000 + number, PORT) for number in range(8)]
    for peer in held:
        peer.sends("S")
        peer.gets("SA")
    late = Peer(t, 6000, PORT)
    late.sends("S")
    late.gets("SA")
    late.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")
    setting("syncookies", 0)
    Peer(t, 6001, PORT).sends("S")
    t.settle()
    again = [packet[t.header].dport for packet in t.collect()]
    t.equal(again, [], "answers")
    t.passes(1.5)
    again = {packet[t.header].dport for packet in t.collect()}
    t.check(6000 not in again and 5000 in again, f"sent again to {again}")


if __name__ == "__main__":
    main(Conversation)
