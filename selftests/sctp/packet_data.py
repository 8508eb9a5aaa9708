#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Messages, and how they are acknowledged: RFC 9260 section 6."""
import errno
import fcntl
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, ESTABLISHED, SACK_DELAY, SACK_IMMEDIATELY, SCTP, SCTP4, SCTP_DELAYED_SACK,
                         SCTP_DISABLE_FRAGMENTS, SCTP_MAXSEG, SCTP_NODELAY, SOL_SCTP, UNORDERED, accepted,
                         active, caller, gets, listening, message, no_heartbeats, passive, state, works)
from conversation import Conversation
from linux import IP_PKTINFO, SO_MEMINFO
from packets import IP, IPv6
from sctp import (INVALID_STREAM, NO_USER_DATA, P_ECN, Abort, CookieAck, Cwr, Data, Ecne, Error, Sack, causes, chunk,
                  chunks_of, tlv)
from tap import main, test

SOON = (0, SACK_DELAY)      # a SACK that nothing hurries
SIOCOUTQ, SIOCOUTQNSD = 0x5411, 0x894B
NOT_ECT, ECT0, CE = 0, 2, 3


def room(t):
    """How much data of a message a packet takes."""
    return t.mtu - t.ip_length - 12 - 16


def nodelay(s):
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)


# 6.5, 6.6: what a DATA chunk says


@test("a message: its data, stream, number and protocol", on=BOTH)
def one(t):
    s, peer = active(t)
    for number in range(3):
        message(s, b"hello", stream=2, ppid=0x01020304)
        found = peer.gets_data(b"hello", stream_id=2, stream_seq=number, beginning=1, ending=1,
                               unordered=0, delay_sack=0)
        t.equal(found.original[12:16], struct.pack("=I", 0x01020304), "protocol, as it was given")
        peer.sacks()


@test("each stream counts for itself", on=BOTH)
def streams(t):
    s, peer = active(t)
    for stream, ssn in ((0, 0), (5, 0), (0, 1), (9, 0), (5, 1), (0, 2)):
        message(s, b"hello", stream=stream)
        peer.gets_data(stream_id=stream, stream_seq=ssn)
        peer.sacks()


@test("a message for a stream that there is not: EINVAL", on=BOTH)
def no_such_stream(t):
    s, _peer = active(t, n_in_streams=3)
    with t.fails(errno.EINVAL):
        message(s, b"hello", stream=3)


@test("an unordered message, and one that wants its SACK at once, say so", on=BOTH)
def flags(t):
    s, peer = active(t)
    message(s, b"hello", sinfo_flags=UNORDERED)
    peer.gets_data(unordered=1)
    peer.sacks()
    message(s, b"hello", sinfo_flags=SACK_IMMEDIATELY)
    peer.gets_data(unordered=0, delay_sack=1, stream_seq=0)


@test("data of all lengths are padded and no longer", on=BOTH)
def padding(t):
    s, peer = active(t)
    for length in range(1, 9):
        message(s, b"x" * length)
        peer.gets_data(b"x" * length, len=16 + length)
        t.equal(len(peer.last.original), t.ip_length + 12 + 16 + length + -length % 4, "packet")
        peer.sacks()


# 6.9


@test("a long message: fragments of a packet each, one number in the stream", on=BOTH)
def fragments(t):
    s, peer = active(t)
    message(s, bytes(room(t)))
    peer.gets_data(bytes(room(t)), beginning=1, ending=1)
    peer.sacks()
    data = os.urandom(3 * room(t) + 100)
    message(s, data)
    t.equal(gets_all(t, peer), data, "the message")
    message(s, b"next")
    peer.gets_data(b"next", stream_seq=2)


def gets_all(t, peer):
    """The data of all that comes, which is acknowledged; B, E and TSNs are checked."""
    data, begun = b"", False
    while True:
        packets = t.collect()
        if not packets:
            return data
        for packet in packets:
            t.check(len(packet.original) <= t.mtu, "within the MTU")
            for one in chunks_of(packet):
                t.check(isinstance(one, Data), f"{one!r}")
                t.equal(one.tsn, peer.expected, "TSN")
                t.equal(bool(one.beginning), not begun, "begins")
                begun = not one.ending
                peer.expected = (peer.expected + 1) % (1 << 32)
                data += one.data
        peer.sacks()


@test("SCTP_MAXSEG: no chunk has more data", on=BOTH)
def maxseg(t):
    for most in (512, 100):
        s, peer = active(t)
        s.setsockopt(SOL_SCTP, SCTP_MAXSEG, struct.pack("=iI", 0, most))
        nodelay(s)
        data = os.urandom(1200)
        message(s, data)
        found = []
        for packet in t.collect():
            found += chunks_of(packet)
        t.check(all(len(one.data) <= most for one in found), f"chunks of {most} at most")
        t.equal(b"".join(one.data for one in found), data, "the message")
        peer.sends(Abort())


@test("SCTP_DISABLE_FRAGMENTS: EMSGSIZE, and what fits goes", on=BOTH)
def no_fragments(t):
    s, peer = active(t)
    s.setsockopt(SOL_SCTP, SCTP_DISABLE_FRAGMENTS, 1)
    with t.fails(errno.EMSGSIZE):
        message(s, bytes(room(t) + 1))
    message(s, bytes(room(t)))
    peer.gets_data(bytes(room(t)))


PARTS = (("B", b"one "), ("", b"two "), ("", b"three "), ("E", b"four"))
WHOLE = b"one two three four"


@test("fragments in order make one message", on=BOTH)
def reassembled(t):
    s, peer = passive(t)
    for flag, part in PARTS:
        t.check(s.is_empty(), "too early")
        peer.sends_data(part, flags=flag)
        t.collect()
    gets(s, WHOLE)


@test("fragments in every order make one message, ordered or not", on=BOTH)
def reassembled_anyhow(t):
    s, peer = passive(t)
    for more in ("", "U"):
        for order in ((3, 2, 1, 0), (1, 0, 3, 2), (2, 0, 3, 1), (0, 3, 1, 2)):
            first = peer.next
            made = [peer.data(part, flags=flag + more) for flag, part in PARTS]
            t.equal(peer.next, first + len(PARTS), "TSNs")
            for which in order[:-1]:
                peer.sends(made[which])
                t.check(s.is_empty(), "too early")
            peer.sends(made[order[-1]])
            gets(s, WHOLE)
            t.collect()


@test("fragments bundled in one packet make one message", on=BOTH)
def reassembled_bundled(t):
    s, peer = passive(t)
    peer.sends(*[peer.data(part, flags=flag) for flag, part in PARTS])
    gets(s, WHOLE)
    peer.gets_sack(after=SOON)


@test("a message that IP had cut, read in parts: a raw socket has the packet whole", on=BOTH)
def read_beside_raw(t):
    s, peer = passive(t)
    # The data begin where the second fragment does, and within it.
    for number, first in enumerate((32, 16), 1):
        data = os.urandom(3200)
        packet = peer.packet(CookieAck(), peer.data(data, flags="BEI"))
        with socket.socket(t.variant.family, socket.SOCK_RAW, SCTP) as raw:
            raw.setblocking(False)
            for fragment in t.fragments_in(packet, first, 832, 1632, 2432, number=number):
                t.inject(fragment)
            s.wait()
            t.equal([s.recv(size) for size in (800, 1000, 1400)],
                    [data[:800], data[800:1800], data[1800:]], "parts")
            t.equal(raw.recv(1 << 16)[-len(data):], data, "the packet's data")
        t.collect()


@test("fragments that came twice are in the message once", on=BOTH)
def reassembled_once(t):
    s, peer = passive(t)
    made = [peer.data(part, flags=flag) for flag, part in PARTS]
    for one in (*made[:3], *made[:3], made[1], made[3], *made):
        peer.sends(one)
    gets(s, WHOLE)
    t.collect()
    t.check(s.is_empty(), "read twice")


# 6.6: order


@test("messages of a stream are read in their order", on=BOTH)
def ordered(t):
    s, peer = passive(t)
    made = [peer.data(b"%d" % number) for number in range(5)]
    for which in (4, 2, 1, 3):
        peer.sends(made[which])
        t.check(s.is_empty(), "too early")
    peer.sends(made[0])
    for number in range(5):
        gets(s, b"%d" % number)
    t.collect()


@test("a message that misses does not hold up other streams", on=BOTH)
def not_held_up(t):
    s, peer = passive(t)
    late = peer.data(b"late", stream=1)
    peer.sends(peer.data(b"behind it", stream=1))
    peer.sends(peer.data(b"beside it", stream=2))
    gets(s, b"beside it")
    peer.sends(late)
    gets(s, b"late")
    gets(s, b"behind it")
    t.collect()


@test("unordered messages are read as they come", on=BOTH)
def unordered(t):
    s, peer = passive(t)
    made = [peer.data(b"%d" % number, flags="BEU") for number in range(3)]
    for which in (2, 0, 1):
        peer.sends(made[which])
        gets(s, b"%d" % which)
    t.collect()


@test("an unordered message overtakes an ordered one that waits", on=BOTH)
def overtakes(t):
    s, peer = passive(t)
    first = peer.data(b"first")
    peer.sends(peer.data(b"second"))
    peer.sends(peer.data(b"urgent", flags="BEU"))
    gets(s, b"urgent")
    peer.sends(first)
    gets(s, b"first")
    gets(s, b"second")
    t.collect()


@test("TSNs go on from 0 after 4294967295", on=BOTH)
def tsn_wraps(t):
    s, peer = passive(t, peer=caller(t, tsn=0xFFFFFFFE))
    for number in range(5):
        peer.sends_data(b"%d" % number)
        gets(s, b"%d" % number)
    made = [peer.data(b"%d" % number) for number in range(3)]
    peer.next %= 1 << 32
    for which in (2, 1, 0):
        peer.sends(made[which])
    for number in range(3):
        gets(s, b"%d" % number)
    t.equal(t.collect()[-1][Sack].cumul_tsn_ack, 5, "cumulative TSN")


@test("a gap across the end of the circle", on=BOTH)
def gap_wraps(t):
    _s, peer = passive(t, peer=caller(t, tsn=0xFFFFFFFE))
    made = [peer.data(b"%d" % number) for number in range(4)]
    peer.sends(made[0])
    peer.gets_sack(cum=0xFFFFFFFE, after=SOON)
    peer.sends(made[3])
    peer.gets_sack(cum=0xFFFFFFFE, gaps=[(3, 3)])


@test("a stream's numbers go on from 0 after 65535", on=[SCTP4])
def ssn_wraps(t):
    s, peer = passive(t)
    for _ in range(1024):
        peer.sends(*[peer.data(b"x") for _ in range(65)])
        t.settle()
        for _ in range(65):
            socket.socket.recv(s, 100)      # of which the ladder need not know
    t.collect()
    t.equal(peer.ssn[0], 1024 * 65 - 65536, "the stream's number")
    works(t, s, peer)


# 6.2: when a SACK is sent


@test("the first data of an association: SACK at once", on=BOTH)
def first_data(t):
    for opens in (passive, active):
        _s, peer = opens(t)
        peer.sends_data(b"hello")
        peer.gets_sack()
        peer.sends(Abort())


@test("a packet with data: SACK within 200 ms", on=BOTH)
def delayed(t):
    s, peer = passive(t)
    works(t, s, peer)
    peer.sends_data(b"hello")
    peer.gets_sack(after=SACK_DELAY)


@test("every second packet with data: SACK at once", on=BOTH)
def every_second(t):
    s, peer = passive(t)
    works(t, s, peer)
    for _ in range(3):
        peer.sends_data(b"one")
        t.quiet()
        peer.sends_data(b"two")
        peer.gets_sack()


@test("packets are counted, not chunks", on=BOTH)
def counts_packets(t):
    s, peer = passive(t)
    works(t, s, peer)
    peer.sends(peer.data(b"one"), peer.data(b"two"), peer.data(b"three"))
    peer.gets_sack(after=SACK_DELAY)


@test("data with the I bit: SACK at once (RFC 7053)", on=BOTH)
def immediate(t):
    s, peer = passive(t)
    works(t, s, peer)
    for _ in range(3):
        peer.sends_data(b"hello", flags="BEI")
        peer.gets_sack()


@test("SCTP_DELAYED_SACK: how long, and every how many", on=BOTH)
def sack_options(t):
    s, peer = passive(t)
    s.setsockopt(SOL_SCTP, SCTP_DELAYED_SACK, struct.pack("=iII", 0, 400, 3))
    works_slowly(t, s, peer)
    peer.sends_data(b"one")
    peer.gets_sack(after=0.4)
    peer.sends_data(b"one")
    peer.sends_data(b"two")
    t.quiet()
    peer.sends_data(b"three")
    peer.gets_sack()


def works_slowly(t, s, peer):
    peer.sends_data(b"a question")
    gets(s, b"a question")
    peer.gets_sack(after=(0, 0.5))


@test("sack_freq of 1: every packet at once", on=BOTH)
def no_delay(t):
    s, peer = passive(t)
    s.setsockopt(SOL_SCTP, SCTP_DELAYED_SACK, struct.pack("=iII", 0, 0, 1))
    for _ in range(3):
        peer.sends_data(b"hello")
        peer.gets_sack()


# 6.7
@test("a gap: SACK at once, with what came beyond it", on=BOTH)
def gaps(t):
    s, peer = passive(t)
    works(t, s, peer)
    made = [peer.data(b"%d" % number) for number in range(10)]
    cum = made[0].tsn - 1
    peer.sends(made[1])
    peer.gets_sack(cum, gaps=[(2, 2)])
    peer.sends(made[2])
    peer.gets_sack(cum, gaps=[(2, 3)])
    peer.sends(made[5])
    peer.gets_sack(cum, gaps=[(2, 3), (6, 6)])
    peer.sends(made[8])
    peer.gets_sack(cum, gaps=[(2, 3), (6, 6), (9, 9)])
    peer.sends(made[4])
    peer.gets_sack(cum, gaps=[(2, 3), (5, 6), (9, 9)])
    peer.sends(made[0])
    peer.gets_sack(made[2].tsn, gaps=[(2, 3), (6, 6)])
    peer.sends(made[3])
    peer.gets_sack(made[5].tsn, gaps=[(3, 3)])
    peer.sends(made[7], made[6])
    peer.gets_sack(made[8].tsn, after=SOON)
    for number in range(9):
        gets(s, b"%d" % number)


# 6.2: a packet with nothing new
@test("data that came already: SACK at once, with their TSN", on=BOTH)
def duplicates(t):
    s, peer = passive(t)
    works(t, s, peer)
    made = peer.data(b"hello")
    peer.sends(made)
    peer.gets_sack(after=SACK_DELAY)
    peer.sends(made)
    peer.gets_sack(dups=[made.tsn])
    peer.sends(made, made)
    peer.gets_sack(dups=[made.tsn, made.tsn])
    gets(s, b"hello")
    t.check(s.is_empty(), "read twice")


@test("data beyond a gap that came already: the gap and the TSN", on=BOTH)
def duplicate_gap(t):
    s, peer = passive(t)
    works(t, s, peer)
    missing, made = peer.data(b"one"), peer.data(b"two")
    peer.sends(made)
    peer.gets_sack(missing.tsn - 1, gaps=[(2, 2)])
    peer.sends(made)
    peer.gets_sack(missing.tsn - 1, gaps=[(2, 2)], dups=[made.tsn])


@test("more duplicates than a SACK has room for do no harm", on=BOTH)
def many_duplicates(t):
    s, peer = passive(t)
    works(t, s, peer)
    made = peer.data(b"x")
    peer.sends(*[made] * 70)
    t.collect()
    gets(s, b"x")
    t.check(s.is_empty(), "read twice")
    works(t, s, peer)


@test("a TSN half the circle away: not taken", on=BOTH)
def too_far(t):
    s, peer = passive(t)
    works(t, s, peer)
    for tsn in (peer.next + 100_000, peer.next + 0x7FFFFFFF, peer.next - 0x70000000):
        peer.sends_data(b"far", tsn=tsn % (1 << 32), ssn=7)
    t.collect()
    t.check(s.is_empty(), "something was read")
    works(t, s, peer)


# 6.5
@test("data for a stream that there is not: ERROR, and acknowledged", on=BOTH)
def invalid_stream(t):
    s, peer = passive(t)
    works(t, s, peer)
    peer.sends_data(b"hello", stream=10)
    found = [one for packet in t.collect() for one in chunks_of(packet)]
    errors = [one for one in found if isinstance(one, Error)]
    t.equal(causes(errors[0]), [(INVALID_STREAM, struct.pack("!HH", 10, 0))], "causes")
    if not any(isinstance(one, Sack) for one in found):
        peer.gets_sack(after=SOON)
    t.check(s.is_empty(), "read")
    works(t, s, peer)


# 6.2
@test("data of no length: ABORT, which names the TSN", on=BOTH)
def no_user_data(t):
    s, peer = passive(t)
    peer.sends_data(b"")
    t.equal(causes(peer.gets(Abort())), [(NO_USER_DATA, struct.pack("!I", peer.first_tsn))], "causes")
    t.equal(state(s), CLOSED, "state")


@test("a DATA chunk that is cut off is not read", on=BOTH)
def cut_off(t):
    s, peer = passive(t)
    for length in (4, 8, 12, 15):
        peer.sends(chunk(0, struct.pack("!IHHI", peer.next, 0, 0, 0)[:length - 4], flags=3))
    t.collect()
    t.check(s.fileno() < 0 or state(s) == CLOSED or s.is_empty(), "something was read")


# What a message keeps of its packet


@test("messages of one packet tell where it came from", on=BOTH)
def tell_of_the_packet(t):
    s, peer = passive(t)
    level, want, told = ((socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, socket.IPV6_PKTINFO) if t.v6 else
                         (socket.IPPROTO_IP, IP_PKTINFO, IP_PKTINFO))
    s.setsockopt(level, want, 1)
    messages = [os.urandom(size) for size in (10, 200, 500, 100, 40)]
    peer.sends(*map(peer.data, messages))
    for expected in messages:
        found, control, _flags, _source = s.receive_message()
        t.equal(found, expected, "message")
        t.check(socket.inet_pton(t.variant.family, t.here) in control[level, told], "to us")
    t.collect()


# An unknown chunk that is passed over has most of the packet's memory.
@test("a message in a much larger packet costs a fair part of that", on=BOTH, mtu=65535)
def fair_share(t):
    s, peer = passive(t)
    peer.sends(peer.data(bytes(5000)), chunk(0xBF, bytes(50000)))
    t.collect()
    used, = struct.unpack_from("=I", s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))
    t.check(used > 7000, f"{used} octets")
    gets(s, bytes(5000))


# 6.1 and 6.2: windows


def rwnd_of(packet):
    return packet[Sack].a_rwnd


@test("the window shrinks as nobody reads, and opens as somebody does", on=BOTH)
def window(t):
    listener_options = {(socket.SOL_SOCKET, socket.SO_RCVBUF): 16384}
    s, peer = passive_with(t, listener_options)
    first = None
    for _ in range(100):
        peer.sends_data(bytes(1000))
        for packet in t.collect():
            last = rwnd_of(packet)
            first = first or last
        if first and last < 1000:
            break
    t.check(last < first, f"{first} shrinks to {last}")
    read = 0
    while not s.is_empty():
        s.recv(100_000)
        read += 1
    found = t.collect()
    t.check(found and rwnd_of(found[-1]) > last + 1500, "it opens, and says so")
    works(t, s, peer)


def passive_with(t, options):
    listener, peer = listening(t, options=options), caller(t)
    peer.connects()
    return accepted(listener), peer


@test("data beyond the window are bounded: what is not taken is not acknowledged", on=BOTH)
def beyond_window(t):
    s, peer = passive_with(t, {(socket.SOL_SOCKET, socket.SO_RCVBUF): 16384})
    for _ in range(1500):
        peer.sends_data(bytes(1400))
    t.passes(1)
    last = t.collect()[-1][Sack]
    count, acked = 0, last.cumul_tsn_ack - peer.first_tsn + 1
    t.check(acked < 1500, f"{acked} packets taken")
    while not s.is_empty():
        s.recv(100_000)
        count += 1
    t.equal(count, acked, "read as many as were acknowledged")
    t.collect()             # SACKs that tell of the new room
    t.equal(state(s), ESTABLISHED, "state")


@test("no more than the peer's window is under way", on=BOTH)
def peers_window(t):
    s, peer = active(t, a_rwnd=2000)
    nodelay(s)
    for _ in range(5):
        message(s, bytes(900))
    peer.gets_data(bytes(900))
    peer.gets_data(bytes(900))
    t.quiet(0.5)
    peer.sacks(rwnd=1000)
    peer.gets_data(bytes(900))
    t.quiet(0.5)
    peer.sacks(rwnd=5000)
    peer.gets_data(bytes(900))
    peer.gets_data(bytes(900))


@test("a window of 0 is probed with one chunk, for ever", on=BOTH)
def probe(t):
    no_heartbeats()
    s, peer = active(t)
    nodelay(s)
    message(s, b"first")
    peer.gets_data(b"first")
    peer.sacks(rwnd=0)
    message(s, b"second")
    message(s, b"third")
    peer.gets_data(b"second", after=(0, 3.1))
    for _ in range(20):
        peer.sacks(cum=peer.expected - 2, rwnd=0)
        peer.gets_data(b"second", again=True, tsn=peer.expected - 1, after=(0, 68))
    t.equal(state(s), ESTABLISHED, "state")
    peer.sacks()
    peer.gets_data(b"third")


# 6.1, 6.10: bundling, and Nagle's algorithm


@test("small messages wait until what is under way is acknowledged, and go as one packet", on=BOTH)
def nagle(t):
    s, peer = active(t)
    message(s, b"one")
    peer.gets_data(b"one")
    message(s, b"two")
    message(s, b"three", stream=1)
    message(s, b"four", sinfo_flags=UNORDERED)
    t.quiet(0.3)
    peer.sacks()
    found = peer.gets(Data(data=b"two", tsn=peer.expected), Data(data=b"three"), Data(data=b"four"))
    t.equal([one.tsn - peer.expected for one in found], [0, 1, 2], "TSNs")


@test("SCTP_NODELAY: each at once", on=BOTH)
def no_nagle(t):
    s, peer = active(t)
    nodelay(s)
    for data in (b"one", b"two", b"three"):
        message(s, data)
        peer.gets_data(data)


@test("bundled chunks fill a packet and no more", on=BOTH)
def bundled(t):
    s, peer = active(t)
    message(s, b"one")
    peer.gets_data(b"one")
    for _ in range(30):
        message(s, b"x" * 101)
    found = t.collect()     # what fills a packet need not wait for the SACK
    t.check(all(len(packet.original) <= t.mtu for packet in found), "within the MTU")
    t.equal(sum(len(chunks_of(packet)) for packet in found[:1]), (t.mtu - t.ip_length - 12) // 120,
            "chunks in the first")


# 6.2.1: SACKs as they come


@test("SACKs with gaps that make no sense do no harm", on=BOTH)
def senseless_gaps(t):
    s, peer = active(t)
    nodelay(s)
    for data in (b"one", b"two", b"three"):
        message(s, data)
        peer.gets_data(data)
    cum = peer.expected - 4
    for wrong in ([(3, 2)], [(0, 0)], [(1, 1)], [(2, 65535)], [(60000, 60001)], [(2, 3), (2, 3)],
                  [(3, 3), (2, 2)], [(65535, 65535)] * 300):
        peer.sacks(cum, gaps=wrong)
    t.collect()
    if state(s) == ESTABLISHED:
        peer.sacks(cum, dups=[cum] * 300)
        peer.sacks()
        t.collect()
        t.check(state(s) == ESTABLISHED, "state")


@test("a SACK of a wrong length is not heard, and one for what was never sent ends it", on=BOTH)
def wrong_sack(t):
    s, peer = active(t)
    message(s, b"one")
    peer.gets_data(b"one")
    good = struct.pack("!IIHH", peer.expected - 1, 65536, 0, 0)
    for length in (0, 4, 8, 11):
        peer.sends(chunk(3, good[:length]))
    peer.sends(chunk(3, struct.pack("!IIHH", peer.expected - 1, 65536, 10, 0)))
    peer.sends(chunk(3, struct.pack("!IIHH", peer.expected - 1, 65536, 0xFFFF, 0xFFFF)))
    t.collect()
    if state(s) == ESTABLISHED:
        message(s, b"two")
        t.quiet()       # for the first is still under way
        peer.sacks(cum=peer.expected + 5)
        for packet in t.collect():
            t.check(Abort in packet or Data in packet, f"{packet!r}")


@test("an old SACK changes nothing", on=BOTH)
def old_sack(t):
    s, peer = active(t)
    for data in (b"one", b"two"):
        message(s, data)
        peer.gets_data(data)
        peer.sacks()
    message(s, b"three")
    peer.gets_data(b"three")
    peer.sacks(cum=peer.expected - 3, rwnd=0)
    message(s, b"four")
    t.quiet(0.2)
    peer.sacks()
    peer.gets_data(b"four")


# What a program is told of it


def queued(s):
    """Octets of messages: (not acknowledged, not sent)."""
    return tuple(struct.unpack("=i", fcntl.ioctl(s, request, bytes(4)))[0] for request in (SIOCOUTQ, SIOCOUTQNSD))


@test("SIOCOUTQ is what is not acknowledged, SIOCOUTQNSD what is not sent", on=BOTH)
def outq(t):
    s, peer = active(t)
    t.equal(queued(s), (0, 0), "at first")
    message(s, bytes(100))
    peer.gets_data(bytes(100))
    t.equal(queued(s), (100, 0), "one under way")
    message(s, bytes(20))
    message(s, bytes(3))
    t.quiet()               # for the first is still under way
    t.equal(queued(s), (123, 23), "and two that wait")
    peer.sacks()
    peer.gets(Data(tsn=peer.expected), Data(tsn=peer.expected + 1))
    t.equal(queued(s), (23, 0), "the two under way")
    peer.sacks(cum=peer.expected)
    t.equal(queued(s), (3, 0), "one of them")
    peer.sacks(cum=peer.expected + 1)
    t.equal(queued(s), (0, 0), "at last")


@test("SIOCOUTQ counts what was lost and waits for its turn", on=BOTH)
def outq_lost(t):
    no_heartbeats()
    s, peer = active(t)
    nodelay(s)
    for _ in range(3):
        message(s, bytes(room(t)))
        peer.gets_data(bytes(room(t)))
    t.equal(queued(s), (3 * room(t), 0), "under way")
    peer.gets_data(again=True, tsn=peer.expected - 3, after=(0.9, 3.5))
    t.equal(queued(s), (3 * room(t), 0), "one under way again, two lost")
    peer.sacks(cum=peer.expected - 3)
    t.collect()
    t.equal(queued(s), (2 * room(t), 0), "and that acknowledged")


# Appendix A


def ecn_of(packet):
    return (packet[IPv6].tc if IPv6 in packet else packet[IP].tos) & 3


def comes(t, peer, *chunks, ecn=CE):
    """These chunks come in a packet with this mark of a router."""
    made = peer.packet(*chunks)
    made.setfieldval("tc" if t.v6 else "tos", ecn)
    t.inject(made)


def gets_ecne(peer, tsn, after=SOON):
    """ECNE, of this TSN, with a SACK: control chunks are in no order."""
    found = peer.gets(Ecne(tsn=tsn), Sack(cumul_tsn_ack=peer.next - 1), after=after)
    peer.t.equal(ecn_of(peer.last), NOT_ECT, "what has no data is not capable")
    return found


def passive_ecn(t):
    """An association that does ECN, where the next SACK may wait."""
    s, peer = passive(t, tlv(P_ECN))
    works(t, s, peer)
    return s, peer


@test("data that a router has marked: ECNE with each SACK, until CWR comes", on=BOTH)
def ecne(t):
    _s, peer = passive_ecn(t)
    tsn = peer.next
    comes(t, peer, peer.data(b"one"))
    gets_ecne(peer, tsn)
    for _ in range(3):
        comes(t, peer, peer.data(b"two"), ecn=ECT0)
        gets_ecne(peer, tsn)
    comes(t, peer, Cwr(tsn=tsn), peer.data(b"three"), ecn=ECT0)
    peer.gets_sack(after=SOON)
    comes(t, peer, peer.data(b"four"), ecn=ECT0)
    peer.gets_sack(after=SOON)
    tsn = peer.next
    comes(t, peer, peer.data(b"five"))
    gets_ecne(peer, tsn)


@test("ECNE names the lowest TSN of the packet that was marked", on=BOTH)
def ecne_lowest(t):
    _s, peer = passive_ecn(t)
    tsn = peer.next
    comes(t, peer, peer.data(b"one"), peer.data(b"two"), peer.data(b"three"))
    gets_ecne(peer, tsn)


@test("a CWR of before does not end the ECNE of a later mark", on=BOTH)
def cwr_of_before(t):
    _s, peer = passive_ecn(t)
    tsn = peer.next
    comes(t, peer, peer.data(b"one"))
    gets_ecne(peer, tsn)
    comes(t, peer, peer.data(b"two"))
    gets_ecne(peer, tsn + 1)
    comes(t, peer, Cwr(tsn=tsn), peer.data(b"three"), ecn=ECT0)
    gets_ecne(peer, tsn + 1)
    for wrong in (b"", b"\0\0"):
        comes(t, peer, chunk(13, wrong), peer.data(b"four"), ecn=ECT0)
        gets_ecne(peer, tsn + 1)
    comes(t, peer, Cwr(tsn=tsn + 1), peer.data(b"five"), ecn=ECT0)
    peer.gets_sack(after=SOON)


@test("a mark without data, or that nobody agreed on: no ECNE", on=BOTH)
def no_ecne(t):
    _s, peer = passive_ecn(t)
    comes(t, peer, peer.sack())
    peer.sends_data(b"hello")
    peer.gets_sack(after=SOON)
    peer.sends(Abort())
    _s, peer = active(t)
    comes(t, peer, peer.data(b"hello"))
    peer.gets_sack(after=SOON)


@test("data are ECN capable where that is agreed on, and not else", on=BOTH)
def ecn_capable(t):
    for more, ecn in (((tlv(P_ECN),), ECT0), ((), NOT_ECT)):
        s, peer = active(t, *more)
        message(s, b"hello")
        peer.gets_data(b"hello")
        t.equal(ecn_of(peer.last), ecn, "data")
        peer.sacks()
        peer.sends_data(b"hello")
        peer.gets_sack(after=SOON)
        t.equal(ecn_of(peer.last), NOT_ECT, "SACK")
        peer.sends(Abort())


main(Conversation)
