#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""IPv4-mapped addresses in IPv6 packets: RFC 4291 2.5.5.2 has none on a wire, an attacker has."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import counters
from linux import IP_PKTINFO, IP_RECVERR, IP_RECVOPTS, IP_RETOPTS, IPV6_RECVERR, SOL_IP, SOL_IPV6
from netns import add_address
from packets import IP, Icmp, IPv6ExtHdrDestOpt, Raw
from conversation import Conversation
from tap import Skip, main, test
from udp import KERNEL, V6

HERE, THERE = "192.0.2.1", "192.0.2.2"
UNREACHABLE6, TOO_BIG6 = 1, 2


def mapped(address):
    return f"::ffff:{address}"


def socket4(t, port, *options):
    """An AF_INET socket for any address, on a machine that has one."""
    s = socket.socket(socket.AF_INET, t.variant.kind, t.variant.number)
    s.setblocking(False)
    for option in options:
        s.setsockopt(SOL_IP, option, 1)
    s.bind(("0.0.0.0", port))
    return s


def errors(t, about):
    """What a router would say about a datagram, were there such a one."""
    for kind, code in ((UNREACHABLE6, 4), (TOO_BIG6, 0)):
        yield t.icmp_error(kind, code, about, rest=1300)


def so_error(s):
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


@test("an error about a datagram from a mapped address is no AF_INET socket's", on=V6)
def error_for_v4(t):
    add_address(t.DEVICE, HERE, 24)
    with socket4(t, 5000, IP_RECVERR) as s:
        for source in (HERE, "127.0.0.1", "0.0.0.0"):
            about = t.packet_out(t.ip_out(src=mapped(source)), sport=5000, dport=7) / b"hello"
            for packet in errors(t, about):
                t.inject(packet)
                t.settle()
                t.equal(so_error(s), 0, "SO_ERROR")
        about = IP(src=HERE, dst=THERE) / t.header(sport=5000, dport=7)
        t.inject(IP(src=THERE, dst=HERE) / Icmp(type=3, code=3) / about)
        t.settle()
        t.equal(so_error(s), errno.ECONNREFUSED, "SO_ERROR after a true one")


@test("an error about a datagram from a mapped address is no dual-stack socket's", on=V6)
def error_for_both(t):
    if KERNEL:
        raise Skip("the kernel's own tells it")
    s = t.socket(port=5000, options={(SOL_IPV6, IPV6_RECVERR): 1})
    for about in (t.packet_out(t.ip_out(src=mapped(HERE)), sport=5000, dport=7),
                  t.packet_out(t.ip_out(dst=mapped(THERE)), sport=5000, dport=7)):
        for packet in errors(t, about / b"hello"):
            t.inject(packet)
            t.settle()
            t.equal(s.error(), 0, "SO_ERROR")


def behind_many_options(t, **addresses):
    """A datagram with more IPv6 options than a buffer for those of IPv4 could hold."""
    data = (b"\x1e\xff" + b"Z" * 255) * 6 + b"\x1e\x3e" + b"Z" * 62
    options = IPv6ExtHdrDestOpt(len=(len(data) + 2) // 8 - 1, options=[Raw(data)], autopad=0)
    return lambda port: (t.ip_in(**addresses) / options.copy() /
                         t.header(sport=9, dport=port) / b"hello")


def for_nobody(t, datagram, **expected):
    """Neither an AF_INET socket that wants options nor a dual-stack one gets the datagram."""
    both = t.socket(port=5001, options={(SOL_IPV6, socket.IPV6_RECVDSTOPTS): 1})
    with socket4(t, 5000, IP_RECVOPTS, IP_RETOPTS, IP_PKTINFO) as s:
        before = counters.read("Udp", KERNEL)
        with t.counted(**expected):
            for port in (5000, 5001):
                t.inject(datagram(port))
        with t.fails(errno.EAGAIN):
            s.recv(100)
        t.check(both.is_empty(), "the dual-stack socket got it")
        both.close()
        t.equal(counters.moved(before, counters.read("Udp", KERNEL)), {}, "counters of IPv4")


@test("a datagram to or from a mapped address is an error, and nobody's", on=V6, mtu=4000)
def on_the_wire(t):
    if KERNEL:
        raise Skip("the kernel's own delivers it")
    add_address(t.DEVICE, mapped(HERE), 128)
    for source, destination in ((t.there, mapped(HERE)), (mapped(THERE), t.here),
                                (mapped(THERE), mapped(HERE))):
        for_nobody(t, behind_many_options(t, src=source, dst=destination), InErrors=2)


@test("the same options are no hindrance between other addresses", on=V6, mtu=4000)
def unmapped(t):
    s = t.socket(port=5001)
    t.inject(behind_many_options(t)(5001))
    t.equal(s.receive(), (b"hello", (t.there, 9)))


if __name__ == "__main__":
    main(Conversation)
