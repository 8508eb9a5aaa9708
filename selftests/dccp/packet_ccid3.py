#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""CCID 3, TCP-friendly rate control: RFC 4342 and 5348; CCID 4: RFC 5622."""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, CCID, CHANGE_L, CHANGE_R, DATA, RESPONSE, SEND_LEV_RATE, SEND_NDP_COUNT,
                  Peer, confirms, feature, options)
from dialogue import (BOTH, CCID_OPTION, QPOLICY_TXQLEN, RX_CCID, SOL_DCCP, TX_CCID, active,
                      calling, gets, passive, setting, tells)
from tap import main, test

PAYLOAD = b"x" * 1000
NO_LOSS = 0xFFFFFFFF        # of a Loss Event Rate: p is 0
RTT = 0.1

# What a peer that sends by CCID 3 asks for, and what one asks for that receives by it
SENDER = (feature(CHANGE_L, CCID, 3), feature(CHANGE_L, SEND_NDP_COUNT, 1),
          feature(CHANGE_R, SEND_LEV_RATE, 1))


def number(packet, name):
    """An option that is a number; None: there is none."""
    found = options(packet, name)
    return int.from_bytes(found[0], "big") if found else None


def feedback(elapsed, rate, mean=NO_LOSS):
    """The options of a report: seconds, bytes a second, and 1/p."""
    return [("Elapsed Time", int(elapsed * 1e5).to_bytes(4, "big")),
            ("Receive Rate", int(rate).to_bytes(4, "big")),
            ("Loss Event Rate", mean.to_bytes(4, "big"))]


def receiving(t, which=3):
    """The program reads from a peer that sends by this CCID."""
    s, peer = passive(t, feature(CHANGE_L, CCID, which), *SENDER[1:])
    t.equal(s.getsockopt(SOL_DCCP, RX_CCID), which, "CCID")
    return s, peer


def comes(t, s, peer, ccval, ack=True, **fields):
    """One packet comes, and is reported on."""
    peer.sends(DATA, PAYLOAD, ccval=ccval, **fields)
    gets(s, PAYLOAD)
    return peer.gets(ACK) if ack else t.quiet()


@test("the first packet is reported on at once: no loss, some rate, and how long that took", on=BOTH)
def first_report(t):
    s, peer = receiving(t)
    found = comes(t, s, peer, 0)
    t.equal(number(found, "Loss Event Rate"), NO_LOSS, "1/p")
    t.check(number(found, "Receive Rate") is not None, "a Receive Rate")
    t.check(number(found, "Elapsed Time") in (0, 1), "an Elapsed Time")


@test("one report in a round trip, which are four steps of the window counter", on=BOTH)
def once_a_round_trip(t):
    s, peer = receiving(t)
    comes(t, s, peer, 0)
    for ccval in (1, 2, 3):
        t.passes(RTT / 4)
        comes(t, s, peer, ccval, ack=False)
    t.passes(RTT / 4)
    found = comes(t, s, peer, 4)
    t.check(0.8 < number(found, "Receive Rate") / (4000 / RTT) < 1.2, "4000 octets in a round trip")
    t.equal(number(found, "Loss Event Rate"), NO_LOSS, "1/p")


@test("a loss is reported on as soon as it is certain: three packets later", on=BOTH)
def loss(t):
    s, peer = receiving(t)
    comes(t, s, peer, 0)
    for ccval in range(1, 13):
        t.passes(RTT / 4)
        comes(t, s, peer, ccval, ack=ccval % 4 == 0)
    peer.loses(1)
    comes(t, s, peer, 13, ack=False)
    comes(t, s, peer, 13, ack=False)
    found = comes(t, s, peer, 13)
    mean = number(found, "Loss Event Rate")
    t.check(0 < mean < NO_LOSS, "a loss event rate")
    t.check(options(found, "Loss Intervals"), "Loss Intervals")


@test("a mark is a loss event, too", on=BOTH)
def mark(t):
    s, peer = receiving(t)
    comes(t, s, peer, 0)
    comes(t, s, peer, 1, ack=False)
    packet = peer.packet(DATA, PAYLOAD, ccval=1)
    packet.tc = packet.tos = 3
    t.inject(packet)
    gets(s, PAYLOAD)
    found = t.collect()
    for _ in range(3):
        peer.sends(DATA, PAYLOAD, ccval=1)
        gets(s, PAYLOAD)
    found += t.collect()
    t.check(any(0 < number(one[t.header], "Loss Event Rate") < NO_LOSS for one in found),
            "a loss event rate")


@test("packets without data that were lost are no loss: the NDP Count says so", on=BOTH)
def ndp(t):
    s, peer = receiving(t)
    comes(t, s, peer, 0)
    peer.loses(2)
    for i in range(4):
        peer.sends(DATA, PAYLOAD, ccval=1 + i, options=[("NDP Count", b"\x02")] if not i else [])
        gets(s, PAYLOAD)
    reports = t.collect()
    t.check(reports, "a report")
    for found in reports:
        t.equal(number(found[t.header], "Loss Event Rate"), NO_LOSS, "1/p")


@test("Loss Intervals skip three packets at most: RFC 4342 section 8.6", on=BOTH)
def skip_length(t):
    s, peer = receiving(t)
    comes(t, s, peer, 0)
    peer.loses(1)
    for ccval in 1, 1, 1:
        peer.sends(DATA, PAYLOAD, ccval=ccval)
    found = t.collect()[-1][t.header]
    t.equal(options(found, "Loss Intervals")[0][0], 0, "nothing waits")
    peer.expected = None
    peer.loses(10)
    for ccval in 6, 10:
        peer.sends(DATA, PAYLOAD, ccval=ccval)
    for found in t.collect():
        t.check(number(found[t.header], "Receive Rate") is not None, "a report")
        skips = [value[0] for value in options(found[t.header], "Loss Intervals")]
        t.check(not skips or skips[0] <= 3, f"skips {skips}")


def sending(t, which=3, n=40):
    """A program that has much to send by this CCID; its peer is OPEN, a round trip away."""
    setting("seq_window", 1000)             # and has none other to ask for
    s, peer = calling(t, options={(SOL_DCCP, CCID_OPTION): bytes([which]),
                                  (SOL_DCCP, QPOLICY_TXQLEN): 100}), Peer(t)
    request = peer.asked()
    t.passes(RTT)
    peer.sends(RESPONSE, options=confirms(request))
    peer.gets(ACK)
    peer.sends(ACK)
    t.quiet()
    t.equal(s.getsockopt(SOL_DCCP, TX_CCID), which, "CCID")
    for _ in range(n):
        socket.socket.send(s, PAYLOAD)      # of which the ladder need not tell
    return s, peer


def paced(t, peer, seconds=RTT):
    """What comes in so much time."""
    t.passes(seconds)
    found = t.collect()
    if found:
        peer.expected = found[-1][t.header].seq + 1
    return found


def reports(t, peer, found, mean=NO_LOSS):
    """The peer reports on a round trip: on its first packet, which is as long ago."""
    peer.sends(ACK, ack=found[0][t.header].seq,
               options=feedback(0, 1000 * len(found) / RTT, mean))


@test("a Request asks for CCID 3 and what it needs", on=BOTH)
def asks(t):
    s, peer = active(t, options={(SOL_DCCP, CCID_OPTION): b"\x03"})
    t.equal((s.getsockopt(SOL_DCCP, TX_CCID), s.getsockopt(SOL_DCCP, RX_CCID)), (3, 3), "CCIDs")
    found = tells(s, peer, kind=DATA)
    t.equal(found.ccval, 0, "CCVal begins with 0")


@test("without feedback the rate is halved, and again: packets come ever more seldom", on=BOTH)
def no_feedback(t):
    _s, peer = sending(t)
    times = [one.time for one in paced(t, peer, 20)]
    gaps = [b - a for a, b in zip(times, times[1:])]
    t.check(gaps[-1] > 4 * gaps[1], f"ever slower: {gaps}")
    t.check(t.counters()["NoFeedback"] > 1, "the no-feedback timer")


@test("the rate begins with 4380 octets' worth of packets in a round trip", on=BOTH)
def initial_rate(t):
    _s, peer = sending(t)
    t.check(4 <= len(paced(t, peer)) <= 6, "four of 1000 octets, and the first at once")


@test("with feedback the rate doubles in a round trip", on=BOTH)
def slow_start(t):
    _s, peer = sending(t, n=90)
    arrived = []
    for _ in range(4):
        found = paced(t, peer)
        reports(t, peer, found)
        arrived.append(len(found))
    t.collect()
    t.check(all(1.5 <= b / a <= 2.5 for a, b in zip(arrived, arrived[1:])), f"doubles: {arrived}")


@test("loss: the rate is what the equation says", on=BOTH)
def equation(t):
    s, peer = sending(t, n=90)
    for i in range(4):
        reports(t, peer, paced(t, peer), NO_LOSS if i < 2 else 100)
    _x, _x_recv, x_calc, rtt, p = struct.unpack_from("=QQIII", s.getsockopt(SOL_DCCP, 192, 64))
    r, loss_rate = rtt / 1e6, 0.01
    wanted = 1000 / (r * ((2 * loss_rate / 3) ** 0.5 + 12 * (3 * loss_rate / 8) ** 0.5 *
                          loss_rate * (1 + 32 * loss_rate ** 2)))
    t.check(abs(x_calc / wanted - 1) < 0.05, f"X_calc {x_calc}, by the equation {wanted}")
    t.equal(p, 10000, "p, in millionths")
    n = len(paced(t, peer))
    t.check(n <= 1.3 * wanted * r / 1000 + 1, f"no more than that: {n}")


def sender_info(s):
    """X, X_recv, X_calc, R and p as the sender has them."""
    return struct.unpack_from("=QQIII", s.getsockopt(SOL_DCCP, 192, 64))


@test("a receiver that tells of no Loss Event Rate but of Loss Intervals is understood", on=BOTH)
def intervals_only(t):
    s, peer = sending(t, n=90)
    # Lossless, lossy and data length of each, latest first; the first of all has no loss.
    for intervals, p in (((50, 0, 50),), 0), (((9, 1, 10), (99, 1, 100), (400, 0, 400)), 4000):
        found = paced(t, peer)
        value = b"\0" + b"".join(n.to_bytes(3, "big") for one in intervals for n in one)
        peer.sends(ACK, ack=found[0][t.header].seq,
                   options=[*feedback(0, 1e5)[:2], ("Loss Intervals", value)])
        t.settle()
        t.equal(sender_info(s)[4], p, "p, in millionths")
    t.equal(t.counters()["NoFeedback"], 0, "the no-feedback timer")


def steadily(t, more):
    """X in packets a round trip before and after a report with more options, and after the next."""
    s, peer = sending(t, n=90)
    rates = []
    for options_ in (), (), more, ():
        found = paced(t, peer)
        peer.sends(ACK, ack=found[0][t.header].seq,
                   options=[*feedback(0, 1e6), *options_])
        t.settle()
        rates.append(sender_info(s)[0] / 64 * sender_info(s)[3] / 1e9)    # X is in 64ths
    n = len(paced(t, peer))
    t.check(n <= rates[-1] + 2, f"no more is sent than that: {n} packets of {rates}")
    return rates[1:]


@test("it doubles while nobody says anything else", on=BOTH)
def undisturbed(t):
    rates = steadily(t, [])
    t.check(all(1.7 <= b / a <= 2.3 for a, b in zip(rates, rates[1:])), f"doubles: {rates}")


@test("a Slow Receiver is sent no more than before, nor is there slow start (RFC 4340 11.6)",
      on=BOTH)
def slow_receiver(t):
    before, slow, after = steadily(t, [("Slow Receiver", b"")])
    t.check(0.8 * before <= slow <= before + 0.1, f"no more than {before}: {slow}")
    t.check(after <= before + 1.2, f"a packet more at most: {after}")


@test("no room at the receiver: a packet less for each, and no slow start (RFC 4340 11.7.2)",
      on=BOTH)
def receive_buffer(t):
    before, less, after = steadily(t, [("Data Dropped", b"\xa2")])     # three of them
    t.check(0.6 * before <= less <= before - 1.9, f"three less, and one more: {before}, {less}")
    t.check(after <= less + 2.2, f"a packet more at most: {after}")


@test("what a receiver reports is nothing on a Data packet", on=BOTH)
def report_on_data(t):
    s, peer = sending(t, n=90)
    found = paced(t, peer)
    peer.sends(DATA, b"x", options=feedback(0, 5000, 10))
    peer.sends(ACK, ack=found[0][t.header].seq)
    t.collect()
    t.equal(sender_info(s)[4], 0, "p")


@test("the window counter goes on by a quarter of a round trip", on=BOTH)
def counter(t):
    _s, peer = sending(t, n=60)
    values = []
    for _ in range(8):
        found = paced(t, peer)
        values += [one[t.header].ccval for one in found]
        peer.sends(ACK, ack=found[0][t.header].seq, options=feedback(0, 1e4))
    t.collect()
    steps = [(b - a) % 16 for a, b in zip(values, values[1:])]
    t.check(values[0] == 0 and max(steps) <= 5, f"from 0, never more than 5 at once: {values}")
    t.check(24 <= sum(steps) <= 36, f"about four in each of eight round trips: {values}")


@test("on a path of microseconds the receiver has a tenth of a second to report", on=BOTH)
def least_timer(t):
    s, peer = active(t, options={(SOL_DCCP, CCID_OPTION): b"\x03"})
    tells(s, peer, kind=DATA)
    peer.sends(ACK, options=feedback(0, 1e6))
    tells(s, peer, kind=DATA)
    t.quiet(0.09)
    t.equal(t.counters()["NoFeedback"], 0, "the no-feedback timer")
    t.quiet(0.05)
    t.equal(t.counters()["NoFeedback"], 1, "the no-feedback timer")
    t.quiet(60)
    t.equal(t.counters()["NoFeedback"], 1, "the timer rests when nothing is sent")


@test("CCID 4: never more than 100 packets a second", on=BOTH)
def small(t):
    _s, peer = sending(t, which=4, n=90)
    n = 0
    for _ in range(8):
        found = paced(t, peer)
        n += len(found)
        peer.sends(ACK, ack=found[0][t.header].seq, options=feedback(0, 1e7))
    t.collect()
    t.check(60 <= n <= 8 * RTT / 0.01 + 2, f"100 in a second, not {n} in 0.8")


@test("CCID 4: with Loss Intervals it is told how many were lost in each", on=BOTH)
def dropped_packets(t):
    s, peer = receiving(t, 4)
    comes(t, s, peer, 0)
    peer.loses(3)
    for _ in range(3):
        peer.sends(DATA, PAYLOAD, ccval=1)
    found = t.collect()[-1][t.header]
    t.equal(len(options(found, "Loss Intervals")[0]), 1 + 2 * 9, "two intervals")
    t.equal(options(found, "Dropped Packets"), [b"\0\0\3" + bytes(3)], "Dropped Packets")


@test("CCID 4: headers count in what may be sent, and so in what arrives", on=BOTH)
def headers(t):
    """50 packets of 20 octets a second, as a telephone has them: it is not slowed down."""
    s, peer = sending(t, which=4, n=0)
    arrived = []
    for _ in range(40):
        n = 0
        for _ in range(5):
            socket.socket.send(s, PAYLOAD[:20])
            found = paced(t, peer, RTT / 5)
            n += len(found)
            if found:
                first = found[0][t.header].seq
        peer.sends(ACK, ack=first, options=feedback(0, 20 * n / RTT, 100))
        arrived.append(n)
    t.check(min(arrived[3:]) >= 4, f"five in each round trip: {arrived}")


if __name__ == "__main__":
    main(Conversation)
