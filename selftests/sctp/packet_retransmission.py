#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What is lost comes again: RFC 9260 sections 5.1 (T1), 6.3 (T3), 7.2; T2 is in packet_shutdown.py."""
import errno
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, ESTABLISHED, KERNEL, PORT, SCTP_INITMSG, SCTP_NODELAY, SCTP_RTOINFO,
                         SOL_SCTP, active, calling, message, no_heartbeats, passive, setting, state, works)
from conversation import Conversation
from sctp import Abort, CookieAck, CookieEcho, Data, Peer, chunks_of
from tap import Skip, main, test


def seconds(name):
    return int(setting(name)) / 1000


def series(first, times):
    """How long it takes each time: doubled, up to RTO.Max."""
    most, wait = seconds("rto_max"), first
    for _ in range(times):
        yield wait
        wait = min(2 * wait, most)


def about(wait, measured=0):
    """xl4's RTO.Min is a margin over the round trip; timers may be an eighth late."""
    return wait - 0.01, (wait + measured) * 9 / 8 + 0.02


def begins(t, **peer):
    """An association that the program called, which measured a round trip already: RTO.Min."""
    no_heartbeats()
    s, peer = active(t, **peer)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    for _ in range(2):
        message(s, b"measure")
        peer.gets_data(b"measure")
        peer.sacks()
    t.quiet()
    return s, peer


def full(t):
    """A message that fills a packet."""
    return bytes(t.mtu - t.ip_length - 12 - 16)


def lost_for_good(t, s):
    for packet in t.collect():
        t.check(Abort in packet, f"{packet!r}")
    t.equal(state(s), CLOSED, "state")
    t.equal(s.error(), errno.ETIMEDOUT, "error")
    t.quiet(1000)


# T1-init


@test("an INIT that nobody answers: RTO.Initial doubled, Max.Init.Retransmits times, ETIMEDOUT", on=BOTH)
def t1_init(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    first = peer.asked()
    *waits, last = series(seconds("rto_initial"), int(setting("max_init_retransmits")) + 1)
    for wait in waits:
        peer.asked(init_tag=first.init_tag, init_tsn=first.init_tsn, after=wait)
    connecting.fails(errno.ETIMEDOUT, after=last)
    t.quiet(1000)


@test("the last INIT but one is answered: an association", on=BOTH)
def t1_init_late(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.asked()
    for wait in series(seconds("rto_initial"), 5):
        peer.asked(after=wait)
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.sends(CookieAck())
    connecting.returns()
    works(t, s, peer)


@test("SCTP_INITMSG says how often, and how long at most", on=BOTH)
def t1_options(t):
    s, peer = t.socket(), Peer(t)
    s.setsockopt(SOL_SCTP, SCTP_INITMSG, struct.pack("=HHHH", 0, 0, 4, 5000))
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.asked()
    first = seconds("rto_initial")
    waits = [min(first * 2 ** n, 5) for n in range(5)]
    for wait in waits[:-1]:
        peer.asked(after=wait)
    connecting.fails(errno.ETIMEDOUT, after=waits[-1])


@test("a calling program that does not wait is told so", on=BOTH)
def t1_nonblocking(t):
    setting("max_init_retransmits", 2)
    s, peer = calling(t), Peer(t)
    peer.asked()
    for wait in series(seconds("rto_initial"), 2):
        peer.asked(after=wait)
    t.passes(4.6 * seconds("rto_initial"))
    t.check("err" in s.ready() or "hup" in s.ready() or "out" in s.ready(), "poll() says so")
    t.equal(s.error(), errno.ETIMEDOUT, "error")


# T1-cookie


@test("a COOKIE ECHO that nobody answers: the same", on=BOTH)
def t1_cookie(t):
    s, peer = t.socket(), Peer(t)
    connecting = t.blocks(s.connect, t.address(PORT))
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho(cookie=peer.cookie))
    first = seconds("rto_initial")
    at = peer.last.time
    peer.gets(CookieEcho(cookie=peer.cookie), after=(min(first, 1) * 0.9, first + 0.1))
    wait = round(peer.last.time - at)     # the INIT ACK may have measured a round trip
    *waits, last = [min(wait * 2 ** n, 60) for n in range(1, int(setting("max_init_retransmits")) + 1)]
    for wait in waits:
        peer.gets(CookieEcho(cookie=peer.cookie), after=wait)
    connecting.fails(errno.ETIMEDOUT, after=last)
    t.quiet(1000)


@test("the cookie is lost once, then the COOKIE ACK: an association", on=BOTH)
def t1_cookie_late(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.gets(CookieEcho(cookie=peer.cookie), after=(0.9, 3.1))
    peer.gets(CookieEcho(cookie=peer.cookie), after=(1.8, 7))
    peer.sends(CookieAck())
    works(t, s, peer)


# T3


@test("data that nobody acknowledges: RTO doubled, Association.Max.Retrans times, ETIMEDOUT", on=BOTH)
def t3(t):
    s, peer = begins(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    *waits, last = series(seconds("rto_min"), int(setting("association_max_retrans")) + 1)
    for wait in waits:
        peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=wait)
    t.passes(last * 9 / 8 + 1)
    lost_for_good(t, s)


@test("RTO.Max bounds it", on=BOTH)
def rto_max(t):
    no_heartbeats()
    setting("rto_max", 4000)
    s, peer = begins(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    for wait in (1, 2, 4, 4, 4):
        peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=wait)


@test("SCTP_RTOINFO says the least", on=BOTH)
def rtoinfo(t):
    no_heartbeats()
    s, peer = active(t)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    s.setsockopt(SOL_SCTP, SCTP_RTOINFO, struct.pack("=iIII", 0, 300, 2000, 300))
    for _ in range(3):
        message(s, b"measure")
        peer.gets_data(b"measure")
        peer.sacks()
    message(s, b"hello")
    peer.gets_data(b"hello")
    for wait in (0.3, 0.6, 1.2, 2, 2):
        peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=about(wait))


@test("RTO.Initial holds until a round trip was measured", on=BOTH)
def rto_initial(t):
    setting("rto_initial", 2000)
    no_heartbeats()
    s, peer = active(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    # Setting up may be measured (6.3.1 C5 asks for data), then it is RTO.Min.
    peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=(0.99, 2.1))


# 6.3.1 C5, 6.3.2
@test("a retransmission does not measure: the next round trip brings the RTO back", on=BOTH)
def karn(t):
    s, peer = begins(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    for wait in (1, 2):
        peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=wait)
    peer.sacks()
    message(s, b"next")
    peer.gets_data(b"next")
    peer.gets_data(b"next", again=True, tsn=peer.expected - 1, after=4)     # still backed off
    peer.sacks()
    message(s, b"measure")
    peer.gets_data(b"measure")
    peer.sacks()
    message(s, b"last")
    peer.gets_data(b"last")
    peer.gets_data(b"last", again=True, tsn=peer.expected - 1, after=(0.99, 1.3))


# 6.3.2 R3
@test("T3 begins anew as the earliest is acknowledged", on=BOTH)
def t3_restarts(t):
    s, peer = begins(t)
    message(s, b"one")
    peer.gets_data(b"one")
    message(s, b"two")
    peer.gets_data(b"two")
    t.passes(0.6)
    peer.sacks(cum=peer.expected - 2)
    # The first was measured: 0.6 s, of which an eighth counts.
    peer.gets_data(b"two", again=True, tsn=peer.expected - 1, after=about(1, 0.6 / 8))


@test("T3 stops when all is acknowledged", on=BOTH)
def t3_stops(t):
    s, peer = begins(t)
    message(s, b"one")
    peer.gets_data(b"one")
    peer.sacks()
    t.quiet(1000)
    t.equal(state(s), ESTABLISHED, "state")


# 6.3.3 E3
@test("T3: as many as a packet takes go in one", on=BOTH)
def t3_bundles(t):
    s, peer = begins(t)
    for data in (b"one", b"two", b"three"):
        message(s, data)
        peer.gets_data(data)
    first = peer.expected - 3
    peer.gets(Data(data=b"one", tsn=first), Data(data=b"two", tsn=first + 1),
              Data(data=b"three", tsn=first + 2), after=(0.99, 1.1))
    peer.sacks()
    t.quiet(100)


@test("T3: what a SACK has beyond a gap is not sent again", on=BOTH)
def t3_gap(t):
    s, peer = begins(t)
    for data in (b"one", b"two", b"three"):
        message(s, data)
        peer.gets_data(data)
    first = peer.expected - 3
    peer.sacks(first - 1, gaps=[(2, 2)])
    peer.gets(Data(data=b"one", tsn=first), Data(data=b"three", tsn=first + 2), after=(0.99, 1.1))
    peer.sacks()
    t.quiet(100)


# 6.2.1 (D) iv
@test("what a SACK had beyond a gap and the next has not is sent again", on=BOTH)
def reneged(t):
    s, peer = begins(t)
    for data in (b"one", b"two"):
        message(s, data)
        peer.gets_data(data)
    first = peer.expected - 2
    peer.sacks(first - 1, gaps=[(2, 2)])
    peer.sacks(first)
    peer.gets_data(b"two", again=True, tsn=first + 1, after=(0, 1.2))
    peer.sacks()
    t.quiet(100)


@test("a SACK clears the errors: ten times lost and once not is no end", on=BOTH)
def errors_cleared(t):
    s, peer = begins(t)
    for _ in range(3):
        message(s, b"hello")
        peer.gets_data(b"hello")
        for _ in range(8):
            peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=(0.9, 68))
        peer.sacks()
        t.quiet()
    t.equal(state(s), ESTABLISHED, "state")


# 7.2.4


def sent(t, s, peer, count):
    for number in range(count):
        message(s, b"%d" % number)
        peer.gets_data(b"%d" % number)
    return peer.expected - count


@test("three SACKs that miss it, each with something new: sent again at once", on=BOTH)
def fast(t):
    s, peer = begins(t)
    first = sent(t, s, peer, 4)
    peer.sacks(first - 1, gaps=[(2, 2)])
    t.quiet()
    peer.sacks(first - 1, gaps=[(2, 3)])
    t.quiet()
    peer.sacks(first - 1, gaps=[(2, 4)])
    peer.gets_data(b"0", again=True, tsn=first)
    peer.sacks()
    t.quiet(100)


@test("SACKs that bring nothing new do not count", on=BOTH)
def fast_not(t):
    s, peer = begins(t)
    first = sent(t, s, peer, 4)
    for _ in range(10):
        peer.sacks(first - 1, gaps=[(2, 2)])
    t.quiet()
    peer.sacks(first - 1, gaps=[(2, 3)])
    t.quiet()
    peer.sacks(first - 1, gaps=[(2, 4)])
    peer.gets_data(b"0", again=True, tsn=first)


# A walk over all that was sent is the price of each.
@test("of a packet with two SACKs one is heard", on=BOTH)
def two_sacks(t):
    if KERNEL:
        raise Skip("it hears both")
    s, peer = begins(t)
    first = sent(t, s, peer, 1)
    peer.sends(peer.sack(first - 1), peer.sack(first))
    peer.gets_data(b"0", again=True, tsn=first, after=(0.99, 1.1))
    peer.sacks()
    t.quiet(100)


@test("what is above the highest newly acknowledged is not missed (HTNA)", on=BOTH)
def fast_htna(t):
    s, peer = begins(t)
    first = sent(t, s, peer, 6)
    peer.sacks(first - 1, gaps=[(5, 5)])
    # What is newly acknowledged lies below the fourth: no word about that.
    peer.sacks(first - 1, gaps=[(2, 2), (5, 5)])
    peer.sacks(first - 1, gaps=[(2, 3), (5, 5)])
    found = [one.tsn for packet in t.collect() for one in chunks_of(packet)]
    t.equal(found, [first], "sent again")


@test("fast once; the second time it takes T3", on=BOTH)
def fast_once(t):
    s, peer = begins(t)
    first = sent(t, s, peer, 8)
    for high in (2, 3, 4):
        peer.sacks(first - 1, gaps=[(2, high)])
    peer.gets_data(b"0", again=True, tsn=first)
    for high in (5, 6, 7, 8):
        peer.sacks(first - 1, gaps=[(2, high)])
    t.quiet(0.5)
    peer.gets_data(b"0", again=True, tsn=first, after=(0, 1.1))
    peer.sacks()
    t.quiet(100)


@test("several that miss go again in one packet", on=BOTH)
def fast_several(t):
    s, peer = begins(t)
    first = sent(t, s, peer, 6)
    for high in (4, 5, 6):
        peer.sacks(first - 1, gaps=[(4, high)])
    found = peer.gets(Data(tsn=first), Data(tsn=first + 1), Data(tsn=first + 2))
    t.equal([one.data for one in found], [b"0", b"1", b"2"], "data")


# 7.2.1, 7.2.3: what is under way, in packets


def under_way(t, peer):
    """How many packets come out now; each a full chunk."""
    found = t.collect()
    for packet in found:
        for one in chunks_of(packet):
            t.check(isinstance(one, Data), f"{one!r}")
            peer.expected = max(peer.expected, one.tsn + 1)
    return len(found)


def flights(t, max_burst):
    """How many packets come for each SACK of all before."""
    no_heartbeats()
    setting("max_burst", max_burst)
    s, peer = active(t, a_rwnd=1 << 20)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    for _ in range(40):
        message(s, full(t))
    found = []
    for _ in range(4):
        found.append(under_way(t, peer))
        peer.sacks(rwnd=1 << 20)
    t.collect()
    return found


@test("the first flight: an initial window; then slow start", on=BOTH)
def slow_start(t):
    found = flights(t, max_burst=0)
    t.check(3 <= found[0] <= 4, f"first flight: {found}")
    t.check(all(b - a in (1, 2) for a, b in zip(found, found[1:])), f"a packet more for each SACK: {found}")


# 6.1 (D)
@test("Max.Burst: a SACK of a whole window lets no more than that many packets go, and one", on=BOTH)
def max_burst(t):
    found = flights(t, max_burst=4)
    t.check(max(found) <= 5, f"{found}")


@test("after T3 one packet is under way, and it doubles", on=BOTH)
def after_t3(t):
    no_heartbeats()
    s, peer = active(t, a_rwnd=1 << 20)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    for _ in range(20):
        message(s, full(t))
    count = under_way(t, peer)
    first = peer.expected - count
    t.passes(3.2)
    again = [one.tsn for packet in t.collect() for one in chunks_of(packet)]
    t.equal(again[0], first, "the earliest comes again")
    t.check(set(again) == {first}, f"and no other: {again}")
    peer.sacks(cum=first, rwnd=1 << 20)
    more = t.collect()
    t.check(1 <= len(more) <= 2, f"then one or two: {len(more)}")


@test("a peer that came by INIT is sent data the same way", on=BOTH)
def t3_passive(t):
    no_heartbeats()
    s, peer = passive(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    peer.gets_data(b"hello", again=True, tsn=peer.expected - 1, after=(0.99, 3.1))
    peer.sacks()
    t.quiet(100)


main(Conversation)
