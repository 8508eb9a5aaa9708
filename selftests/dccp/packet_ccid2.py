#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""CCID 2, TCP-like: RFC 4341; Ack Vectors: RFC 4340 section 11.4."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, ACK_RATIO, CHANGE_L, CONFIRM_R, DATA, DATAACK, SEQUENCE_WINDOW, SYNC, SYNCACK, Peer,
                  feature, options)
from dialogue import (BOTH, QPOLICY_TXQLEN, SOL_DCCP, VECTORS, active, calling, gets, passive, tells,
                      told)
from tap import main, test

NONE = 3        # of an Ack Vector's run: not received
PAYLOAD = b"x" * 1000
LONG_QUEUE = {(SOL_DCCP, QPOLICY_TXQLEN): 100}


def vector(*runs):
    """An Ack Vector of (state, packets), latest first."""
    return "Ack Vector 0", bytes([state << 6 | n - 1 for state, n in runs])


def runs(packet):
    """What the Ack Vectors of a packet say: [(state, packets), ...]."""
    return [(cell >> 6, (cell & 63) + 1) for name in ("Ack Vector 0", "Ack Vector 1")
            for value in options(packet, name) for cell in value]


def arrives(t, peer, n):
    """So many packets of data come out: the last one's number."""
    for _ in range(n):
        peer.gets(None, PAYLOAD)    # Data, or DataAck
    return peer.heard


def sending(t, **more):
    """A connection whose program has 30 packets to send; the window lets three of them go."""
    s, peer = active(t, options=LONG_QUEUE, **more)
    for _ in range(30):
        socket.socket.send(s, PAYLOAD)      # of which the ladder need not tell
    return s, peer


@test("an Ack Vector says what came and what did not", on=BOTH)
def ack_vector(t):
    s, peer = passive(t, *VECTORS)
    found = told(t, s, peer, b"first")
    t.equal(runs(found), [(0, 2)], "the Ack and the first")
    peer.loses(3)
    found = told(t, s, peer, b"after a hole")
    t.equal(runs(found), [(0, 1), (NONE, 3), (0, 2)], "a hole")
    t.inject(peer.packet(DATA, b"late", seq=peer.last - 2))
    gets(s, b"late")
    found = peer.gets(ACK, after=(0, 0.2))
    t.equal(runs(found), [(0, 1), (NONE, 1), (0, 1), (NONE, 1), (0, 2)], "less of a hole")


@test("an Ack Vector that is acknowledged is not told again", on=BOTH)
def acknowledged(t):
    s, peer = passive(t, *VECTORS)
    for i in range(5):
        found = told(t, s, peer, b"%d" % i)
    t.equal(runs(found), [(0, 6)], "all of them")
    peer.sends(ACK)
    found = told(t, s, peer)
    t.check(sum(n for _state, n in runs(found)) <= 3, "the new ones only")


@test("an Ack Vector with more runs than there is room for tells of the latest packets", on=BOTH)
def long_vector(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    for _ in range(200):
        peer.loses(1)
        found = told(t, s, peer)
    t.equal(runs(found)[:4], [(0, 1), (NONE, 1), (0, 1), (NONE, 1)], "the latest")


@test("an Ack Vector that a Sync acknowledges may not have been read: it is told again", on=BOTH)
def sync_confirms_nothing(t):
    s, peer = passive(t, *VECTORS)
    for i in range(5):
        found = told(t, s, peer, b"%d" % i)
    t.equal(runs(found), [(0, 6)], "all of them")
    for kind, answer in (SYNC, SYNCACK), (SYNCACK, None):
        peer.sends(kind)
        if answer:
            peer.gets(answer, ack=peer.last)
    t.equal(runs(told(t, s, peer)), [(0, 9)], "and still all of them")


@test("marked packets are told as such", on=BOTH)
def marked(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    packet = peer.packet(DATA, b"marked")
    packet.tc = packet.tos = 3
    t.inject(packet)
    gets(s, b"marked")
    t.equal(runs(peer.gets(ACK, after=(0, 0.2)))[0], (1, 1), "run")


@test("Ack Ratio: every second packet is acknowledged at once, a single one after 200 ms", on=BOTH)
def ratio(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)            # the first one ever
    peer.sends(DATA, b"one")
    t.quiet(0.1)
    peer.sends(DATA, b"two")
    peer.gets(ACK)
    peer.sends(DATA, b"three")
    peer.gets(ACK, after=0.2)


def elapsed(packet):
    """The Elapsed Time of an acknowledgment in seconds; 0: there is none."""
    found = options(packet, "Elapsed Time")
    return int.from_bytes(found[0], "big") * 1e-5 if found else 0


@test("an acknowledgment that was delayed says for how long: RFC 4340 section 13.2", on=BOTH)
def elapsed_time(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    peer.sends(DATA, b"alone")
    t.check(0.19 < elapsed(peer.gets(ACK, after=0.2)) < 0.21, "200 ms")
    peer.sends(DATA, b"one")
    t.passes(0.1)
    peer.sends(DATA, b"two")
    t.check(elapsed(peer.gets(ACK)) < 0.01, "not since the one before it")


@test("Ack Ratio: the peer asks for another", on=BOTH)
def another_ratio(t):
    s, peer = passive(t, *VECTORS, feature(CHANGE_L, ACK_RATIO, 0, 4))
    told(t, s, peer)
    for _ in range(3):
        peer.sends(DATA, b"one of four")
    t.quiet(0.1)
    peer.sends(DATA, b"the fourth")
    peer.gets(ACK)


@test("the window begins with 4380 bytes' worth of packets, 2 to 4", on=BOTH)
def initial_window(t):
    _s, peer = sending(t)
    arrives(t, peer, 3)
    t.quiet(0.2)


def acks(peer, n):
    """The peer acknowledges the last n packets, two by two, as it is to."""
    first = peer.heard - n + 1
    for i in range(0, n, 2):
        two = min(2, n - i)
        peer.sends(ACK, ack=first + i + two - 1, options=[vector((0, two))])


@test("slow start: two packets that came let three go", on=BOTH)
def slow_start(t):
    _s, peer = sending(t)
    arrives(t, peer, 3)
    acks(peer, 3)
    arrives(t, peer, 4)
    acks(peer, 4)
    arrives(t, peer, 6)
    t.quiet(0.1)


def far(t):
    """A connection over a path so long that an Ack Ratio of 2 is right; its window is 9 packets."""
    s, peer = calling(t, options=LONG_QUEUE), Peer(t)
    request = peer.asked()
    t.passes(0.1)
    peer.accepted(request)
    peer.sends(ACK)
    t.quiet()
    for _ in range(40):
        socket.socket.send(s, PAYLOAD)
    for cwnd in 3, 4, 6:
        arrives(t, peer, cwnd)
        acks(peer, cwnd)
    return peer


@test("slow start: an acknowledgment of many lets one more go, as of Ack Ratio packets", on=BOTH)
def stretched_ack(t):
    peer = far(t)
    arrives(t, peer, 9)
    peer.sends(ACK, options=[vector((0, 9))])
    arrives(t, peer, 10)
    t.quiet(0.1)


def windows(t, packets):
    """The Sequence Windows that they ask for."""
    return [value for found in packets for value in options(found[t.header], CHANGE_L)
            if value[0] == SEQUENCE_WINDOW]


# A packet for which half of the smallest SO_SNDBUF is needed.
LARGE = b"x" * 1400


def crowded(t):
    """A full window and a full queue; and the send() of another packet, which waits."""
    s, peer = active(t, options={(socket.SOL_SOCKET, socket.SO_SNDBUF): 1,
                                 (SOL_DCCP, QPOLICY_TXQLEN): 1})
    for _ in range(3):
        s.send(LARGE)
        peer.gets(None, LARGE)
    s.send(LARGE)
    return s, peer, t.blocks(s.send, LARGE)


@test("a packet goes: who waits for its place in the queue is woken, however little memory is left",
      on=BOTH)
def place_made(t):
    _s, peer, sending_one = crowded(t)
    peer.sends(ACK, options=[vector((0, 3))])
    peer.gets(None, LARGE)
    peer.gets(None, LARGE)
    sending_one.returns(len(LARGE), after=(-1, 0))


@test("a longer queue: who waits for a place in it is woken, however little memory is left",
      on=BOTH)
def place_added(t):
    s, peer, sending_one = crowded(t)
    s.setsockopt(SOL_DCCP, QPOLICY_TXQLEN, 2)
    sending_one.returns(len(LARGE))
    peer.sends(ACK, options=[vector((0, 3))])
    for _ in range(2):
        peer.gets(None, LARGE)


@test("the Sequence Window grows before cwnd comes near to it", on=BOTH)
def sequence_window(t):
    """From the 100 that all begin with: RFC 4340 section 7.5.2."""
    window = feature(CHANGE_L, SEQUENCE_WINDOW, 0, 0, 0, 0, 0, 128)
    _s, peer = sending(t)
    for cwnd in 3, 4, 6, 9:
        arrives(t, peer, cwnd)
        acks(peer, cwnd)
    found = t.collect()
    t.equal(windows(t, found), [window[1]], "what it asks for")
    peer.sends(ACK, ack=found[-1][t.header].seq, options=[(CONFIRM_R, window[1]), vector((0, 4))])
    t.equal(windows(t, t.collect()), [], "and no more")


def ratios(t, packets):
    """The Ack Ratios that they ask for."""
    return [value[2] for found in packets for value in options(found[t.header], CHANGE_L)
            if value[0] == ACK_RATIO]


@test("acknowledgments are lost: half as many are asked for: RFC 4341 section 6.1.2", on=BOTH)
def acks_lost(t):
    peer = far(t)
    arrives(t, peer, 9)
    peer.loses(2)
    acks(peer, 9)
    arrives(t, peer, 14)
    acks(peer, 14)
    t.equal(set(ratios(t, t.collect())), {4}, "packets for an acknowledgment")


@test("none of the acknowledgments is lost, only late: as many as before", on=BOTH)
def acks_late(t):
    peer = far(t)
    arrives(t, peer, 9)
    late = peer.packet(ACK, ack=peer.heard - 7, options=[vector((0, 2))])
    peer.sends(ACK, ack=peer.heard - 5, options=[vector((0, 4))])
    t.inject(late)
    peer.sends(ACK, ack=peer.heard - 3, options=[vector((0, 2))])
    peer.sends(ACK, ack=peer.heard, options=[vector((0, 3))])
    t.equal(ratios(t, t.collect()), [], "what is asked for")


@test("an acknowledgment is marked: half as many are asked for", on=BOTH)
def acks_marked(t):
    peer = far(t)
    arrives(t, peer, 9)
    packet = peer.packet(ACK, options=[vector((0, 9))])
    packet.tc = packet.tos = 3
    t.inject(packet)
    t.equal(len(ratios(t, t.collect())), 1, "changes of Ack Ratio")


@test("loss: three packets behind it tell, and the window is halved", on=BOTH)
def loss(t):
    _s, peer = sending(t)
    for cwnd in 3, 4:
        arrives(t, peer, cwnd)
        acks(peer, cwnd)
    arrives(t, peer, 6)
    with t.counted(InPackets=1, LossEvents=1, OutPackets=3):
        peer.sends(ACK, options=[vector((0, 5), (NONE, 1))])
    arrives(t, peer, 3)
    t.quiet(0.1)


@test("a mark is as good as a loss", on=BOTH)
def marks(t):
    _s, peer = sending(t)
    arrives(t, peer, 3)
    with t.counted(InPackets=1, LossEvents=1, OutPackets=1):
        peer.sends(ACK, options=[vector((0, 2), (1, 1))])
        t.settle()
    t.collect()


@test("nothing is acknowledged: a timeout, and one packet goes; twice as late the next time", on=BOTH)
def timeout(t):
    _s, peer = sending(t)
    arrives(t, peer, 3)
    first = peer.gets(DATA, PAYLOAD, after=(0.2, 3.5))
    second = peer.gets(DATA, PAYLOAD, after=(0.4, 7))
    third = peer.gets(DATA, PAYLOAD, after=(0.8, 14))
    waits = second.time - first.time, third.time - second.time
    t.check(1.8 < waits[1] / waits[0] < 2.3, f"twice as late: {waits}")


@test("an acknowledgment of what was not sent is no acknowledgment", on=BOTH)
def false_ack(t):
    _s, peer = sending(t)
    arrives(t, peer, 3)
    peer.sends(ACK, options=[vector((0, 64), (0, 64), (0, 64), (0, 64))])
    found = t.collect()
    t.check(len(found) <= 6, "no more than slow start gives")


@test("an Ack without a vector opens no window", on=BOTH)
def no_vector(t):
    _s, peer = sending(t)
    arrives(t, peer, 3)
    peer.sends(ACK)
    t.quiet(0.1)


@test("data acknowledge, too: a DataAck has the vector", on=BOTH)
def data_ack(t):
    s, peer = active(t)
    told(t, s, peer)
    peer.sends(DATA, b"a question")
    gets(s, b"a question")
    found = tells(s, peer, b"an answer", DATAACK)
    t.equal(runs(found)[0][0], 0, "received")


if __name__ == "__main__":
    main(Conversation)
