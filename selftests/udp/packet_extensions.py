#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""IPv6 extension headers and source routes of a datagram that is corked, or cut into segments."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import IP_RETOPTS, IPV6_MTU, SOL_IP, SOL_IPV6
from packets import IP, IPPROTO_HOPOPTS, checksum
from conversation import Conversation
from tap import Skip, main, test
from udp import KERNEL, SOL_UDP, UDP4, UDP6, UDP_CORK, UDP_SEGMENT, V4, V6

ROUTING, OPTIONS = 43, 60    # numbers of IPv6 headers
HOP, FIRST, ROUTE, LAST = (socket.IPV6_HOPOPTS, socket.IPV6_RTHDRDSTOPTS, socket.IPV6_RTHDR,
                           socket.IPV6_DSTOPTS)
NUMBERS = {HOP: IPPROTO_HOPOPTS, FIRST: OPTIONS, ROUTE: ROUTING, LAST: OPTIONS}
NOP, LOOSE = 1, 131


def options_header(mark, words=0):
    """An options header of 8 bytes and so many words, all of them one option to be skipped."""
    length = 4 + 8 * words
    return bytes([0, words, 0x1E, length]) + bytes([mark]) * length


def route_header(hop):
    """A routing header of type 2: by way of this address."""
    return bytes([0, 2, 2, 1]) + bytes(4) + socket.inet_pton(socket.AF_INET6, hop)


def headers(t, mark, *kinds):
    """One header of each kind, of different lengths: {option: header}."""
    made = {HOP: options_header(mark), FIRST: options_header(mark + 1, 1),
            ROUTE: route_header(t.names.router), LAST: options_header(mark + 2, 2)}
    return {kind: made[kind] for kind in kinds}


def on_the_wire(t, given):
    """How these headers come out, the next header's number apart."""
    arrived = route_header(t.there)    # an address is exchanged for the one that is next
    return [(NUMBERS[kind], arrived[1:] if kind == ROUTE else given[kind][1:])
            for kind in (HOP, FIRST, ROUTE, LAST) if kind in given]


def dissect(packet):
    """The extension headers of an IPv6 packet, as on_the_wire(), and the bytes behind them."""
    data, found, number = packet.original[40:], [], packet.nh
    while number in NUMBERS.values():
        length = 8 + 8 * data[1]
        found.append((number, data[1:length]))
        number, data = data[0], data[length:]
    return found, data


def destination(t, given):
    return t.ip_out(dst=t.names.router) if ROUTE in given else t.ip_out()


def check_datagram(t, datagram, data, network=None):
    """The ports, the data, and a checksum for the last destination."""
    t.equal(struct.unpack("!HH", datagram[:4]), (5000, 7), "ports")
    t.equal(datagram[8:], data, "data")
    t.equal(checksum(network or t.ip_out(), t.variant.number, datagram, len(datagram)), 0,
            "checksum")


def expect_headers(t, given, data):
    """What comes out has these headers and no other."""
    found, datagram = dissect(t.expect(destination(t, given)))
    t.equal(found, on_the_wire(t, given), "headers")
    check_datagram(t, datagram, data)


def messages(given):
    return [(SOL_IPV6, kind, header) for kind, header in given.items()]


def set_headers(s, given):
    for kind, header in given.items():
        s.setsockopt(SOL_IPV6, kind, header)


def can_route(t):
    """Whether this kernel has routing headers of type 2."""
    try:
        t.socket().setsockopt(SOL_IPV6, ROUTE, route_header(t.names.router))
    except OSError:
        return False
    return True


CHOICES = ((HOP,), (LAST,), (HOP, LAST), (ROUTE,), (FIRST, ROUTE), (ROUTE, LAST),
           (HOP, FIRST, ROUTE, LAST))


def choices(t):
    """The combinations to try."""
    return [kinds for kinds in CHOICES if ROUTE not in kinds or can_route(t)]


def stir(t):
    """Let what was freed be used for something else, if anything was."""
    other = t.socket()
    for mark in range(0x40, 0x60):
        set_headers(other, headers(t, mark, HOP, FIRST, LAST))
    other.close()


@test("headers of a control message are those of the whole corked datagram", on=V6)
def cork_messages(t):
    s = t.socket(port=5000)
    for kinds in choices(t):
        given = headers(t, 0xA0, *kinds)
        s.sendmsg([b"one "], messages(given), socket.MSG_MORE, t.address(7))
        stir(t)
        s.sendto(b"datagram", t.address(7))
        expect_headers(t, given, b"one datagram")
        s.sendto(b"the next one", t.address(7))
        expect_headers(t, {}, b"the next one")


@test("headers of a later send do not count", on=V6)
def cork_messages_later(t):
    s = t.socket(port=5000)
    for kinds in choices(t):
        first, later = headers(t, 0xA0, *kinds), headers(t, 0xB0, *choices(t)[-1])
        s.sendmsg([b"one "], messages(first), socket.MSG_MORE, t.address(7))
        s.sendmsg([b"datagram"], messages(later), 0, t.address(7))
        expect_headers(t, first, b"one datagram")


@test("headers of the socket are those that it had when the datagram was begun", on=V6)
def cork_sticky(t):
    for kinds in choices(t):
        for later in ({kind: b"" for kind in kinds},
                      headers(t, 0xB0, *choices(t)[-1])):
            s = t.socket(port=5000)
            given = headers(t, 0xA0, *kinds)
            set_headers(s, given)
            s.sendto(b"one ", socket.MSG_MORE, t.address(7))
            set_headers(s, later)
            stir(t)
            s.sendto(b"datagram", t.address(7))
            expect_headers(t, given, b"one datagram")
            s.close()


@test("headers for the way to a first hop are not sent without one", on=V6)
def first_hop_alone(t):
    s = t.socket(port=5000, options={(SOL_IPV6, FIRST): options_header(0xA1, 1)})
    for more in ({}, headers(t, 0xA0, HOP, LAST)):
        set_headers(s, more)
        s.sendto(b"one ", socket.MSG_MORE, t.address(7))
        stir(t)
        s.sendto(b"datagram", t.address(7))
        expect_headers(t, more, b"one datagram")
    s.sendmsg([b"one "], messages(headers(t, 0xC0, FIRST)), socket.MSG_MORE, t.address(7))
    stir(t)
    s.sendto(b"datagram", t.address(7))
    expect_headers(t, {}, b"one datagram")


@test("headers of a control message stand in for all of the socket's", on=V6)
def cork_both(t):
    s = t.socket(port=5000)
    set_headers(s, headers(t, 0xA0, HOP, FIRST, LAST))
    for kinds in choices(t):
        given = headers(t, 0xB0, *kinds)
        s.sendmsg([b"one "], messages(given), socket.MSG_MORE, t.address(7))
        set_headers(s, headers(t, 0xC0, HOP, FIRST, LAST))
        stir(t)
        s.sendto(b"datagram", t.address(7))
        expect_headers(t, given, b"one datagram")


@test("a corked datagram with headers that is never sent is forgotten", on=V6)
def cork_forgotten(t):
    for _ in range(50):
        s = t.socket(port=5000, options={(SOL_UDP, UDP_CORK): 1})
        s.sendmsg([b"x"], messages(headers(t, 0xA0, *choices(t)[-1])), 0, t.address(7))
        s.close()
    t.quiet()


def source_route(hop):
    return bytes([NOP, LOOSE, 7, 4]) + socket.inet_aton(hop)


@test("IPv4 options of a control message are those of the whole corked datagram", on=V4)
def cork_options(t):
    s = t.socket(port=5000)
    given = b"\x9e\6abcd\1\0"
    s.sendmsg([b"one "], [(SOL_IP, IP_RETOPTS, given)], socket.MSG_MORE, t.address(7))
    s.setsockopt(SOL_IP, socket.IP_OPTIONS, b"\x9e\x0aEFGHIJKL\1\0")
    s.sendto(b"datagram", t.address(7))
    out = t.expect(t.ip_out(ihl=7)).original
    t.equal(out[20:28], given, "options")
    check_datagram(t, out[28:], b"one datagram")


SEGMENTS = [b"a" * 1000, b"b" * 1000, b"c" * 500]


def send_segments(s, to):
    s.setsockopt(SOL_UDP, UDP_SEGMENT, len(SEGMENTS[0]))
    try:
        s.sendto(b"".join(SEGMENTS), to)
    except OSError as error:
        if KERNEL and error.errno == errno.EIO:
            raise Skip("before 6.11 the kernel's UDP wants a device that sums") from error
        raise


@test("segments by a source route are summed for the last hop", on=(UDP4,))
def route_segments(t):
    if KERNEL:
        raise Skip("the kernel's own sums for the first hop")
    hop, last = t.names.router, t.names.far
    s = t.socket(port=5000, options={(SOL_IP, socket.IP_OPTIONS): source_route(hop)})
    send_segments(s, (last, 7))
    for data in SEGMENTS:
        out = t.expect(t.ip_out(dst=hop, ihl=7)).original
        t.equal(out[20:28], source_route(last), "options")
        check_datagram(t, out[28:], data, IP(src=t.here, dst=last))


@test("segments by a routing header are summed for the last hop", on=(UDP6,))
def header_segments(t):
    s = t.socket(port=5000)
    for kinds in choices(t):
        given = headers(t, 0xA0, *kinds)
        for kind in (HOP, FIRST, ROUTE, LAST):
            s.setsockopt(SOL_IPV6, kind, given.get(kind, b""))
        send_segments(s, t.address(7))
        for data in SEGMENTS:
            expect_headers(t, given, data)


@test("segments and IPV6_MTU get along, on a wire and on this host", on=(UDP6,))
def mtu_segments(t):
    s = t.socket(port=5000, options={(SOL_IPV6, IPV6_MTU): 1280})
    receiver = t.socket(port=7)
    for to in (t.there, t.here):
        send_segments(s, (to, 7))
    for data in SEGMENTS:
        out = t.expect(t.packet_out() / data)
        check_datagram(t, out.original[40:], data)
        t.equal(receiver.receive(), (data, (t.here, 5000)))


if __name__ == "__main__":
    main(Conversation)
