#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""ICMP errors about a connection: what they end, what they change, and who is not believed.

RFC 5927, RFC 5461, RFC 1122 section 4.2.3.9, RFC 6069; path MTU: RFC 1191, 8201 and 4821.
"""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, ESTABLISHED, KERNEL, LATE, SYN_SENT, TCP4, calling, gets, info,
                        passive, setting, state)
from conversation import Conversation
from flow import Flow
from icmp import (CODES, CODES6, HOST_UNREACHABLE, PARAMETER, PARAMETER6, PORT_UNREACHABLE, QUENCH,
                  TIME_EXCEEDED, TIME_EXCEEDED6, UNREACHABLE, UNREACHABLE6, recverr, too_big)
from series import about, backoff
from tap import main, test
from tcp import SEQUENCE, Peer

FAR = 1 << 30           # farther than any window
NARROW = 1300           # a path
NET_UNREACHABLE = {False: (UNREACHABLE, 0), True: (UNREACHABLE6, 0)}


def attempt(t, options=()):
    """A connection that the program begins: (its socket, the peer, the SYN)."""
    s = calling(t, t.socket(options=options))
    peer = Peer(t)
    return s, peer, peer.gets("S").original


def under_way(t, data=b"hello", **syn):
    """A connection with data that nobody has acknowledged: (socket, peer, the segment)."""
    s, peer = passive(t, **syn)
    s.send(data)
    return s, peer, peer.gets("PA", data).original


def quoted(t, peer, seq):
    """The start of a segment with this number, from the program."""
    return bytes(t.packet_out(sport=peer.program_port, dport=peer.port, flags="A",
                              seq=seq % SEQUENCE, ack=peer.next))


def error(t, kind, packet):
    t.inject(t.icmp_error(*kind, packet))
    t.settle()


# Who is meant, and who is believed

@test("an error ends the attempt that it is about, and no other", on=BOTH)
def the_one(t):
    others = [attempt(t)[0]]
    s, _peer, syn = attempt(t)
    others.append(attempt(t)[0])
    error(t, PORT_UNREACHABLE[t.v6], syn)
    t.equal((state(s), s.error()), (CLOSE, errno.ECONNREFUSED), "state, error")
    for other in others:
        t.equal((state(other), other.error()), (SYN_SENT, 0), "state, error")


@test("eight bytes of the segment are enough", on=BOTH)
def eight(t):
    s, _peer, syn = attempt(t)
    error(t, PORT_UNREACHABLE[t.v6], syn[:t.ip_length + 8])
    t.equal(s.error(), errno.ECONNREFUSED, "error")


@test("who waits in connect() is told", on=BOTH)
def waits(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(7))
    syn = peer.gets("S").original
    t.inject(t.icmp_error(*HOST_UNREACHABLE[t.v6], syn))
    connecting.fails(errno.EHOSTUNREACH)


@test("SYN-SENT: an error about a number that is not under way is ignored", on=BOTH)
def guessed_syn(t):
    s, peer, _syn = attempt(t)
    first = peer.expected - 1
    for place in (-1, 1000, FAR, -FAR, *[1] * (not KERNEL)):    # the kernel takes the next one, too
        error(t, PORT_UNREACHABLE[t.v6], quoted(t, peer, first + place))
        t.equal((state(s), s.error()), (SYN_SENT, 0), f"state, error for {place:+}")
    peer.sends("SA")
    peer.gets("A")


@test("an error about a number that is not under way is ignored", on=BOTH)
def guessed(t):
    s, peer, _packet = under_way(t, bytes(1000), options=[("MSS", 1400)])
    first = peer.expected - 1000
    for place in (-1, 1001, FAR, -FAR, *[1000] * (not KERNEL)):
        error(t, PORT_UNREACHABLE[t.v6], quoted(t, peer, first + place))
        t.inject(too_big(t, quoted(t, peer, first + place), NARROW))
        t.settle()
        t.equal((state(s), s.error()), (ESTABLISHED, 0), f"state, error for {place:+}")
    peer.sends("A")
    s.send(bytes(1400))
    peer.gets("PA", bytes(1400))


@test("an error when nothing is under way is ignored", on=BOTH)
def nothing_under_way(t):
    s, peer, packet = under_way(t)
    peer.sends("A")
    error(t, HOST_UNREACHABLE[t.v6], packet)
    t.equal((state(s), s.error()), (ESTABLISHED, 0), "state, error")


# Attempts: RFC 5461 section 4.1

@test("SYN-SENT: any error ends the attempt", on=BOTH)
def any_error(t):
    parameter, exceeded = (PARAMETER6, TIME_EXCEEDED6) if t.v6 else (PARAMETER, TIME_EXCEEDED)
    errors = {(UNREACHABLE6 if t.v6 else UNREACHABLE, code): number
              for code, number, _hard in (CODES6 if t.v6 else CODES)}
    errors.update({(parameter, 0): errno.EPROTO, (exceeded, 0): errno.EHOSTUNREACH})
    for kind, number in errors.items():
        s, _peer, syn = attempt(t)
        error(t, kind, syn)
        t.equal((state(s), s.error()), (CLOSE, number), f"state, error for {kind}")
        s.close()
    t.quiet(5)      # no SYN comes again


@test("after a simultaneous open, too", on=BOTH)
def simultaneous(t):
    s, peer, syn = attempt(t)
    peer.sends("S", ack=0)
    peer.gets("SA", again=True, seq=peer.expected - 1)
    error(t, PORT_UNREACHABLE[t.v6], syn)
    t.equal((state(s), s.error()), (CLOSE, errno.ECONNREFUSED), "state, error")


# Connections: RFC 5927 section 5.2

@test("synchronized: hard errors are soft", on=BOTH)
def soft(t):
    s, peer, packet = under_way(t)
    kind = UNREACHABLE6 if t.v6 else UNREACHABLE
    for code, _number, _hard in CODES6 if t.v6 else CODES:
        error(t, (kind, code), packet)
        t.equal(state(s), ESTABLISHED, f"state after code {code}")
    s.error()
    peer.sends("PA", b"still here")
    peer.gets("A", after=LATE)
    gets(s, b"still here")


@test("a program may ask for soft errors", on=BOTH)
def asks(t):
    s, peer, packet = under_way(t)
    error(t, HOST_UNREACHABLE[t.v6], packet)
    t.equal((s.error(), s.error()), (errno.EHOSTUNREACH, 0), "error, once")
    peer.sends("A")
    s.send(b"more")
    peer.gets("PA", b"more")
    peer.sends("A")


def given_up(t, s, peer, series, number):
    """Nobody acknowledges "hello": it comes again and again, and the program learns this."""
    setting("retries2", len(series) - 1)
    reading = t.blocks(s.recv, 100)
    for wait in series[:-1]:
        peer.gets("PA", b"hello", again=True, seq=peer.expected - 5, after=about(wait))
    reading.fails(number, after=about(series[-1]))


@test("a soft error is why a connection was given up", on=BOTH)
def why(t):
    s, peer, packet = under_way(t)
    error(t, HOST_UNREACHABLE[t.v6], packet)
    given_up(t, s, peer, backoff(4), errno.EHOSTUNREACH)


@test("a soft error before the last ACK is not", on=BOTH)
def forgotten(t):
    s, peer, packet = under_way(t)
    error(t, HOST_UNREACHABLE[t.v6], packet)
    peer.sends("A")
    s.send(b"hello")
    peer.gets("PA", b"hello")
    given_up(t, s, peer, backoff(4), errno.ETIMEDOUT)


@test("source quench is silently dropped", on=(TCP4,))
def quench(t):
    f = Flow(t)
    f.writes(20)
    first = t.expect(t.packet_out(flags="A")).original
    f.sends(*range(1, 10))
    error(t, (QUENCH, 0), first)
    t.equal((f.info.cwnd, f.info.ca_state, f.s.error()), (10, 0, 0), "cwnd, state, error")
    t.check(f.info.ssthresh > 100, "ssthresh was reduced")


@test("unreachable: the timeout is not doubled (RFC 6069)", on=BOTH)
def connectivity(t):
    s, peer, packet = under_way(t)
    for _ in range(5):
        peer.gets("PA", b"hello", again=True, seq=peer.expected - 5, after=about(backoff(1)[0]))
        t.inject(t.icmp_error(*NET_UNREACHABLE[t.v6], packet))
    for wait in backoff(3):
        peer.gets("PA", b"hello", again=True, seq=peer.expected - 5, after=about(wait))


@test("unreachable: an error for each doubling, and no faster than it began", on=BOTH)
def connectivity_limits(t):
    s, peer, packet = under_way(t)
    for wait in backoff(3):
        peer.gets("PA", b"hello", again=True, seq=peer.expected - 5, after=about(wait))
    t.inject(t.icmp_error(*NET_UNREACHABLE[t.v6], packet))
    peer.gets("PA", b"hello", again=True, seq=peer.expected - 5, after=about(backoff(3)[2]))
    for _ in range(10):
        t.inject(t.icmp_error(*NET_UNREACHABLE[t.v6], packet))
    peer.gets("PA", b"hello", again=True, seq=peer.expected - 5, after=about(backoff(1)[0]))


@test("unreachable: not for ever", on=BOTH)
def connectivity_ends(t):
    setting("retries2", 3)
    s, _peer, packet = under_way(t)
    for _ in range(1000):
        t.passes(0.25)
        if t.collect():
            t.inject(t.icmp_error(*NET_UNREACHABLE[t.v6], packet))
        if state(s) == CLOSE:
            break
    t.equal((state(s), s.error()), (CLOSE, errno.ENETUNREACH), "state, error")


# The error queue

@test("RECVERR: who, where and what", on=BOTH)
def error_queue(t):
    s, _peer, syn = attempt(t, recverr(t))
    t.inject(t.icmp_error(*PORT_UNREACHABLE[t.v6], syn))
    _data, control, flags, destination = s.receive_message(flags=socket.MSG_ERRQUEUE)
    t.equal(destination, (t.there, 7), "destination")
    t.check(flags & socket.MSG_ERRQUEUE, "MSG_ERRQUEUE is not set")
    report = control[next(iter(recverr(t)))]
    found = struct.unpack("=IBBBxII", report[:16])
    t.equal(found, (errno.ECONNREFUSED, 3 if t.v6 else 2, *PORT_UNREACHABLE[t.v6], 0, 0), "error")
    offender = report[24:40] if t.v6 else report[20:24]
    t.equal(socket.inet_ntop(t.variant.family, offender), t.names.router, "offender")


@test("RECVERR: in a connection the program is told at once, and nothing ends", on=BOTH)
def told_at_once(t):
    s, peer, packet = under_way(t)
    s.setsockopt(*next(iter(recverr(t))), 1)
    receiving = t.blocks(s.recv, 100)
    t.inject(t.icmp_error(*HOST_UNREACHABLE[t.v6], packet))
    receiving.fails(errno.EHOSTUNREACH)
    peer.sends("PA", b"still here")
    peer.gets("A", after=LATE)
    gets(s, b"still here")


# The path's MTU

def link(t):
    """The largest segment that the device takes."""
    return t.mtu - t.ip_length - 20


def full(t, segments, sack=True):
    """So many full segments are under way: (the socket, the peer, the number of the first)."""
    s, peer = passive(t, options=[("MSS", 1460)] + [("SAckOK", b"")] * sack)
    start = peer.expected
    sends_full(t, s, peer, segments, link(t))
    return s, peer, start


def sends_full(t, s, peer, segments, size):
    """The program writes full segments' worth, and these come out."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    s.send(bytes(segments * size))
    for _ in range(segments):
        segment = t.expect(t.packet_out(seq=peer.expected))
        t.equal(len(segment[t.header].payload), size, "octets in a segment")
        peer.expected += size


def comes_again(t, start, mtu):
    """What came out: the number behind the last octet of it, and nothing is too large."""
    end, seen = start, set()
    for packet in t.collect():
        at, length = packet[t.header].seq, len(packet[t.header].payload)
        t.check(len(packet.original) <= mtu, f"{len(packet.original)} bytes on a path of {mtu}")
        seen.add((at, at + length))
    for at, upto in sorted(seen):
        t.equal(at, end, "number")
        end = upto
    return end


@test("too big: smaller segments, and what was lost goes again at once", on=BOTH)
def narrow(t):
    for sack in (True, False):
        s, peer, start = full(t, 4, sack)
        t.inject(too_big(t, quoted(t, peer, start), NARROW))
        t.equal(comes_again(t, start, NARROW), peer.expected, "sent again up to")
        peer.sends("A")
        sends_full(t, s, peer, 3, NARROW - t.ip_length - 20)
        peer.sends("R", ack=0)
        t.settle()
        t.demolish()
        t.build()


@test("too big: no sign of congestion", on=BOTH)
def no_congestion(t):
    s, peer, start = full(t, 6)
    t.inject(too_big(t, quoted(t, peer, start), NARROW))
    comes_again(t, start, NARROW)
    size = NARROW - t.ip_length - 20
    for upto in range(start + size, peer.expected, size):
        peer.sends("A", ack=upto)
    peer.sends("A")
    t.equal([packet for packet in t.collect() if packet[t.header].payload], [], "sent again")
    t.check(info(s).ssthresh > 100 and info(s).cwnd >= 10, f"{info(s)}")


@test("too big, though it was not: nothing happens", on=BOTH)
def was_not(t):
    s, peer, start = full(t, 3)
    for mtu in (1500, 1501, 9000, 65535):
        t.inject(too_big(t, quoted(t, peer, start), mtu))
    t.quiet()
    peer.sends("A")
    sends_full(t, s, peer, 3, link(t))


@test("too big, but not too big for our segments: nothing goes again", on=BOTH)
def small_enough(t):
    s, peer = passive(t, options=[("MSS", 1000)])
    start = peer.expected
    sends_full(t, s, peer, 3, 1000)
    t.inject(too_big(t, quoted(t, peer, start), NARROW))
    t.quiet()
    peer.sends("A")
    sends_full(t, s, peer, 3, 1000)


@test("no path MTU below the smallest", on=BOTH)
def smallest(t):
    least = 1280 if t.v6 else 552
    s, peer, start = full(t, 2)
    for mtu in (0, 1, 20, 67, 68, 551, *[1279] * t.v6):
        t.inject(too_big(t, quoted(t, peer, start), mtu))
    t.settle()
    t.collect()
    peer.sends("A")
    s.send(bytes(2000))
    packets = t.collect()
    t.check(packets and len(packets[0].original) >= least, f"{len(packets)} packets came out")


@test("a wider path is tried later, but not soon", on=BOTH)
def wider(t):
    s, peer, start = full(t, 2)
    t.inject(too_big(t, quoted(t, peer, start), NARROW))
    comes_again(t, start, NARROW)
    peer.sends("A")
    t.quiet(5 * 60)
    sends_full(t, s, peer, 2, NARROW - t.ip_length - 20)
    peer.sends("A")
    t.quiet(25 * 60)
    s.send(b"x")                # may only now look for the route again
    peer.gets("PA", b"x")
    sends_full(t, s, peer, 2, link(t))


@test("a path that is narrower still", on=BOTH)
def narrower(t):
    s, peer, start = full(t, 2)
    for mtu in (1400, NARROW):
        t.inject(too_big(t, quoted(t, peer, start), mtu))
        t.equal(comes_again(t, start, mtu), peer.expected, "sent again up to")
    t.inject(too_big(t, quoted(t, peer, start), 1400))      # known to be no better
    t.quiet()


def black_hole(t):
    """Full segments vanish without a word: the sizes of what comes again."""
    s, peer, start = full(t, 1, sack=False)
    found = []
    for wait in backoff(8):
        segment = t.expect(t.packet_out(seq=start), after=about(wait))
        found.append(len(segment[t.header].payload))
    return found


@test("a black hole: segments shrink without any ICMP (RFC 4821)", on=BOTH)
def shrinks(t):
    setting("mtu_probing", 1)
    sizes = black_hole(t)
    t.equal((sizes[0], sizes == sorted(sizes, reverse=True)), (link(t), True), f"{sizes}")
    t.check(sizes[-1] <= 1024, f"{sizes}")


@test("tcp_mtu_probing = 0: they do not", on=BOTH)
def shrinks_not(t):
    setting("mtu_probing", 0)
    t.equal(black_hole(t), [link(t)] * 8, "octets")


if __name__ == "__main__":
    main(Conversation)
