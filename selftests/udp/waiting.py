#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What takes seconds, minutes, an hour: time-outs, limits of rate, things that expire."""
import errno
import os
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import netem
from conversation import GROUPS, NEIGHBOURS, Conversation
from linux import (IP_RECVERR, IPV6_RECVERR, MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP, SOL_IP,
                   SOL_IPV6)
from netns import run, sysctl
from packets import ARP, Icmp
from tap import main, test
from tun import Tap
from udp import ALL, LITE6, SOL_UDP, UDP4, UDP_CORK

PORT = 7
SOCKET = socket.SOL_SOCKET
SO_TIMESTAMPNS = 35
TIMEVAL = struct.Struct("=qq")
ETHERNET = {"ethernet": True, "knows_peer": False, "hears": NEIGHBOURS}


def arriving(t, data=b"hello"):
    return t.packet_in(sport=9, dport=PORT) / data


def patience(option, seconds):
    return {(SOCKET, option): TIMEVAL.pack(seconds, 0)}


# Programs that wait

@test("recv() waits ten minutes for what then comes", on=ALL)
def waits(t):
    s = t.socket(port=PORT)
    reading = t.blocks(s.recv, 100)
    t.quiet(600)
    t.inject(arriving(t))
    reading.returns(b"hello")


@test("SO_RCVTIMEO: recv() gives up after two minutes, not before", on=ALL)
def receive_timeout(t):
    s = t.socket(port=PORT, options=patience(socket.SO_RCVTIMEO, 120))
    t.blocks(s.recv, 100).fails(errno.EAGAIN, after=120)
    reading = t.blocks(s.recv, 100)
    t.quiet(119)
    t.inject(arriving(t))
    reading.returns(b"hello")


@test("a datagram with a bad checksum does not prolong SO_RCVTIMEO", on=ALL)
def bad_datagrams(t):
    s = t.socket(port=PORT, options=patience(socket.SO_RCVTIMEO, 30))
    reading = t.blocks(s.recv, 100)
    for _ in range(5):
        t.quiet(5)
        t.inject(t.packet_in(sport=9, dport=PORT, chksum=0x1234) / b"hello")
    reading.fails(errno.EAGAIN, after=(5, 5.7))


@test("SO_SNDTIMEO: send() gives up after 90 s while the device is busy, or is let go on", on=ALL)
def send_timeout(t):
    # One packet leaves at once, the next after more than three minutes.
    run(["tc", "qdisc", "add", "dev", t.DEVICE, "root", "tbf", "rate", "40bit", "burst", "1100",
         "limit", "100000"])
    s = t.socket(port=5000, peer=PORT, options={(SOCKET, socket.SO_SNDBUF): 5000,
                                                **patience(socket.SO_SNDTIMEO, 90)})
    with t.fails(errno.EAGAIN):
        for _ in range(100):
            s.send(bytes(1000))
    t.expect(t.packet_out(dport=PORT))
    t.blocks(s.send, bytes(1000)).fails(errno.EAGAIN, after=90)
    s.setsockopt(SOCKET, socket.SO_SNDTIMEO, TIMEVAL.pack(0, 0))
    sending = t.blocks(s.send, b"the last one")
    netem.impair_not(t.DEVICE)    # the others are gone
    sending.returns(12)
    t.expect(t.packet_out(dport=PORT) / b"the last one")


@test("poll() waits as long as it was told, and no longer than it must", on=ALL)
def polls(t):
    s = t.socket(port=PORT)
    t.blocks(s.wait_ready, select.POLLIN, 60000).returns("", after=(60, 60.1))
    waiting = t.blocks(s.wait_ready, select.POLLIN, 60000)
    t.quiet(30)
    t.inject(arriving(t))
    waiting.returns("in")


@test("SO_TIMESTAMPNS is when a datagram came, not when it is read minutes later", on=ALL)
def timestamp(t):
    s = t.socket(port=PORT, options={(SOCKET, SO_TIMESTAMPNS): 1})
    for minutes in (1, 7):
        now = time.time()
        t.inject(arriving(t))
        t.quiet(60 * minutes)
        _data, control, _flags, _sender = s.receive_message()
        seconds, nanoseconds = TIMEVAL.unpack(control[SOCKET, SO_TIMESTAMPNS])
        late = seconds + nanoseconds / 1e9 - now
        t.check(0 <= late < 0.001, f"{late} s late")


@test("a corked datagram is held for an hour", on=(UDP4, LITE6))
def cork(t):
    s = t.socket(port=5000, peer=PORT, options={(SOL_UDP, UDP_CORK): 1})
    s.send(b"one ")
    t.quiet(1800)
    s.send(b"datagram")
    t.quiet(1800)
    s.setsockopt(SOL_UDP, UDP_CORK, 0)
    t.expect(t.packet_out(sport=5000, dport=PORT) / b"one datagram")


# The way

@test("a way that takes three seconds", on=ALL)
def slow_way(t):
    t.impair("delay", "3s")
    s = t.socket(port=5000, peer=PORT)
    for data in (b"one", b"two"):
        s.send(data)
        t.expect(t.packet_out(sport=5000, dport=PORT) / data, after=3)


@test("closing does not take back what is on its way", on=ALL)
def close_early(t):
    t.impair("delay", "10s")
    s = t.socket(port=5000, peer=PORT)
    s.send(b"hello")
    s.close()
    t.expect(t.packet_out(sport=5000, dport=PORT) / b"hello", after=10)


def who_has(t):
    """The question for the link address of the other end."""
    if t.v6:
        return t.ip_out(dst="ff02::1:ff00:2") / Icmp(type=135)
    return ARP(op=1, psrc=t.here, pdst=t.there)


def here_i_am(t):
    if t.v6:
        target = socket.inet_pton(socket.AF_INET6, t.there)
        return t.ip_in(hlim=255) / Icmp(type=136, rest=0x60000000) / (target + b"\2\1" + Tap.THERE)
    return ARP(op=2, psrc=t.there, pdst=t.here, hwsrc=Tap.THERE, hwdst=Tap.HERE)


def recverr(t):
    return {(SOL_IPV6, IPV6_RECVERR) if t.v6 else (SOL_IP, IP_RECVERR): 1}


@test("a neighbour is asked for three times in three seconds, then it is EHOSTUNREACH",
      on=ALL, **ETHERNET)
def no_neighbour(t):
    s = t.socket(port=5000, peer=PORT, options=recverr(t))
    s.send(b"hello")
    t.expect(who_has(t))
    reading = t.blocks(s.recv, 100)
    t.expect(who_has(t), after=1)
    t.expect(who_has(t), after=1)
    reading.fails(errno.EHOSTUNREACH, after=1)


@test("what is sent meanwhile leaves when the neighbour answers", on=ALL, **ETHERNET)
def late_neighbour(t):
    s = t.socket(port=5000, peer=PORT, options=recverr(t))
    s.send(b"one")
    t.expect(who_has(t))
    s.send(b"two")
    t.expect(who_has(t), after=1)
    t.inject(here_i_am(t))
    for data in (b"one", b"two"):
        t.expect(t.packet_out(sport=5000, dport=PORT) / data)


def group_request(t, group):
    """A struct group_req."""
    address = struct.pack("=HH", t.variant.family, 0) + bytes(4 if t.v6 else 0)
    address += socket.inet_pton(t.variant.family, group)
    return struct.pack("=II", socket.if_nametoindex(t.DEVICE), 0) + address.ljust(128, b"\0")


@test("joining a group is told to routers at once and again within a second, leaving too",
      on=ALL, hears=GROUPS)
def group_reports(t):
    level = SOL_IPV6 if t.v6 else SOL_IP
    group, routers = ("ff15::1", "ff02::16") if t.v6 else ("239.1.1.1", "224.0.0.22")
    packed = socket.inet_pton(t.variant.family, group)
    s = t.socket(port=PORT)
    for option in (MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP):
        t.quiet(60)
        s.setsockopt(level, option, group_request(t, group))
        for window in ((0, 0.1), (0, 1.1)):
            report = t.expect(t.ip_out(src="::" if t.v6 else t.here, dst=routers), after=window)
            t.check(packed in report.original, "the report is about another group")


# What expires

@test("a datagram that stays in pieces is given up, and its sender told", on=ALL)
def reassembly(t):
    s = t.socket(port=PORT)
    first, second, last = t.fragments_in(arriving(t, bytes(300)), 104, 208)
    t.inject(first)
    t.inject(last)
    error = t.expect(t.ip_out() / Icmp(type=3 if t.v6 else 11, code=1), after=60 if t.v6 else 30)
    t.check(bytes(first).startswith(bytes(error[Icmp].payload)), "the error quotes something else")
    t.inject(second)
    t.quiet(120)     # and nobody is told again: there is no first piece
    t.check(s.is_empty(), "a datagram arrived")


@test("the last piece is in time a second before that", on=ALL)
def reassembly_in_time(t):
    s = t.socket(port=PORT)
    first, last = t.fragments_in(arriving(t, bytes(300)), 104)
    t.inject(last)
    t.quiet(59 if t.v6 else 29)
    t.inject(first)
    t.equal(s.receive(), (bytes(300), (t.there, 9)))
    t.quiet(120)


def largest(t, s):
    """The longest packet that comes out of a datagram of 1400 bytes."""
    s.send(bytes(1400))
    return max(len(packet.original) for packet in t.collect())


@test("a path MTU that was learnt is forgotten after ten minutes", on=ALL)
def path_mtu(t):
    s = t.socket(port=5000, peer=PORT)
    whole = largest(t, s)
    s.send(b"hello")
    about = t.expect(t.packet_out(dport=PORT)).original
    error = (2, 0) if t.v6 else (3, 4)
    t.inject(t.icmp_error(*error, about, rest=1300))
    t.quiet(599)
    s.error()
    t.check(largest(t, s) <= 1300, "it is forgotten too early")
    t.quiet(2)
    t.equal(largest(t, s), whole, "the longest packet")


def answers(t, count):
    """How many of so many datagrams to a closed port are answered."""
    for _ in range(count):
        t.inject(t.packet_in(sport=9, dport=9999) / b"hello")
    return len(t.collect())


@test("errors are limited to six at once and one each second", on=ALL)
def rate_limit(t):
    if t.v6:
        sysctl("ipv6.icmp.ratelimit", 4000)    # a prefix of 64 bits may have four times as many
    else:
        sysctl("ipv4.icmp_ratelimit", 1000)
    t.equal(answers(t, 20), 6)
    t.quiet(0.9)
    t.equal(answers(t, 20), 0)
    for seconds in (1, 1, 3, 60, 1):
        t.quiet(seconds)
        t.equal(answers(t, 20), min(seconds, 6), f"after {seconds} s")


if __name__ == "__main__":
    main(Conversation)
