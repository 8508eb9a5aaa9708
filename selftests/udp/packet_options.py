#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""IP options and IPv6 extension headers, both ways: RFC 1122 4.1.3.2, RFC 8200 section 4."""
import errno
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import IP_RECVOPTS, IP_RETOPTS, SOL_IP, SOL_IPV6
from netns import sysctl
from packets import (IP, Icmp, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                     IPv6ExtHdrRouting, Raw, checksum)
from conversation import Conversation
from tap import Skip, main, test
from udp import KERNEL, V4, V6

PORT = 7
NOP, END = b"\1", b"\0"
ROUTER_ALERT = b"\x94\4\0\0"
RECORD_ROUTE, TIMESTAMP, LOOSE, STRICT = 7, 68, 131, 137


def option(kind, pointer, data):
    """An option with a pointer into its data, behind a NOP to fill the word."""
    return NOP + bytes([kind, 3 + len(data), pointer]) + data


def with_options(t, options, data=b"hello", **fields):
    """A datagram whose IP header ends in these very bytes."""
    return t.packet_in(ip_with(t, options, **fields), sport=9, dport=PORT) / data


def ip_with(t, options, **fields):
    # As many raw bytes: an option list of scapy would read what must stay unread.
    header = t.ip_in(**{"ihl": 5 + len(options) // 4, **fields})
    header.options = [Raw(options)] if options else []
    return header


def arrives(t, s, packet):
    with t.counted(InDatagrams=1):
        t.inject(packet)
        t.equal(s.receive(), (b"hello", (t.there, 9)))


@test("options that ask for nothing are skipped", on=V4)
def padding(t):
    s = t.socket(port=PORT)
    for options in (END * 4, NOP * 4, NOP * 39 + END, ROUTER_ALERT, b"\x9e\4\xab\xcd"):
        arrives(t, s, with_options(t, options))


@test("a recorded route reaches the program, with this host in it", on=V4)
def record_route(t):
    s = t.socket(port=PORT, options={(SOL_IP, IP_RECVOPTS): 1})
    route = option(RECORD_ROUTE, 8, socket.inet_aton(t.names.router) + bytes(8))
    t.inject(with_options(t, route))
    got = s.receive_message()[1][SOL_IP, IP_RECVOPTS]
    hops = socket.inet_aton(t.names.router) + socket.inet_aton(t.here) + bytes(4)
    t.equal(got, option(RECORD_ROUTE, 12, hops))


@test("a timestamp option reaches the program", on=V4)
def timestamp(t):
    s = t.socket(port=PORT, options={(SOL_IP, IP_RECVOPTS): 1})
    t.inject(with_options(t, bytes([TIMESTAMP, 12, 5, 0]) + bytes(8)))
    got = s.receive_message()[1][SOL_IP, IP_RECVOPTS]
    t.equal((got[:4], got[8:]), (bytes([TIMESTAMP, 12, 9, 0]), bytes(4)))
    t.check(got[4:8] != bytes(4), "no time was written")


@test("IP_RETOPTS gives options fit for the answer", on=V4)
def return_options(t):
    s = t.socket(port=PORT, options={(SOL_IP, IP_RETOPTS): 1})
    t.inject(with_options(t, option(RECORD_ROUTE, 4, bytes(8))))
    got = s.receive_message()[1][SOL_IP, IP_RETOPTS]
    s.setsockopt(SOL_IP, socket.IP_OPTIONS, got)
    s.sendto(b"answer", t.address(9))
    out = t.expect(t.packet_out() / b"answer")
    t.check(bytes([RECORD_ROUTE, 11]) in out.original[20:out.ihl * 4], "no route is recorded")


@test("a source route is refused, and taken where the administrator allows it", on=V4)
def source_route(t):
    s = t.socket(port=PORT)
    done = option(LOOSE, 8, socket.inet_aton(t.names.router))
    t.dropped(s, with_options(t, done))
    t.collect()
    for scope in ("all", t.DEVICE):
        sysctl(f"ipv4.conf.{scope}.accept_source_route", 1)
    arrives(t, s, with_options(t, done))


@test("truncated and lying options are dropped before they get here", on=V4)
def truncated(t):
    s = t.socket(port=PORT)
    for options in (bytes([RECORD_ROUTE, 0, 4, 0]), bytes([RECORD_ROUTE, 1, 4, 0]),
                    bytes([RECORD_ROUTE, 2, 4, 0]), bytes([RECORD_ROUTE, 40, 4, 0]),
                    bytes([RECORD_ROUTE, 4, 3, 0]), NOP * 3 + bytes([RECORD_ROUTE]),
                    bytes([TIMESTAMP, 3, 5, 0]), bytes([TIMESTAMP, 40, 5, 0]),
                    NOP * 2 + bytes([LOOSE, 40]), bytes([STRICT, 3, 0, 0]),
                    NOP * 2 + bytes([0x94, 255])):
        t.dropped(s, with_options(t, options))
        t.collect()    # a parameter problem, where it is worth one


@test("a header length beyond the packet is dropped before it gets here", on=V4)
def header_too_long(t):
    s = t.socket(port=PORT)
    for ihl in (0, 1, 4, 15):
        t.dropped(s, t.packet_in(t.ip_in(ihl=ihl), sport=9, dport=PORT))


@test("a short datagram behind options is an error of ours", on=V4)
def short_behind_options(t):
    s = t.socket(port=PORT)
    for length in (0, 7):
        t.dropped(s, t.bare_in(bytes(length), ip_with(t, NOP * 40)), InErrors=1)


@test("an unwanted datagram is quoted with its options", on=V4)
def quoted_options(t):
    packet = with_options(t, NOP * 7 + END)
    with t.counted(NoPorts=1):
        t.inject(packet)
        out = t.expect(t.ip_out() / Icmp(type=3, code=3))
    t.equal(bytes(out[Icmp].payload), bytes(packet))


@test("IP_OPTIONS are in every datagram, and in the fragments as their kind asks", on=V4)
def options_out(t):
    s = t.socket(port=5000, options={(SOL_IP, socket.IP_OPTIONS): ROUTER_ALERT})
    s.sendto(b"hello", t.address(7))
    out = t.expect(t.packet_out(t.ip_out(ihl=6), sport=5000, dport=7) / b"hello")
    t.equal(out.original[20:24], ROUTER_ALERT)
    datagram = out.original[24:]
    t.equal(checksum(out, t.variant.number, datagram, len(datagram)), 0, "checksum")
    s.sendto(bytes(3000), t.address(7))
    for out in t.collect():
        t.equal(out.original[20:24], ROUTER_ALERT)    # it has the copied flag
    s.setsockopt(SOL_IP, socket.IP_OPTIONS, b"")
    s.sendto(b"plain", t.address(7))
    t.expect(t.packet_out(t.ip_out(ihl=5)) / b"plain")


@test("options in a control message hold for one datagram", on=V4)
def options_once(t):
    s = t.socket(port=5000)
    s.sendmsg([b"x"], [(SOL_IP, IP_RETOPTS, ROUTER_ALERT)], 0, t.address(7))
    out = t.expect(t.packet_out(t.ip_out(ihl=6)) / b"x")
    t.equal(out.original[20:24], ROUTER_ALERT)
    s.sendto(b"y", t.address(7))
    t.expect(t.packet_out(t.ip_out(ihl=5)) / b"y")


DAY = 24 * 60 * 60 * 1000       # in milliseconds


def now():
    return time.time_ns() // 1000000


def is_stamp(t, octets, since):
    """Milliseconds since midnight UT, of a time not before `since`."""
    age = (now() - int.from_bytes(octets, "big")) % DAY
    t.check(age <= now() - since, f"the time of day, {octets.hex()} is {age} ms ago")


@test("a timestamp option goes out with the time of day", on=V4)
def timestamp_out(t):
    since = now()
    ask = bytes([TIMESTAMP, 12, 5, 0]) + bytes(8)
    s = t.socket(options={(SOL_IP, socket.IP_OPTIONS): ask})
    s.sendto(b"x", t.address(9))
    options = t.expect(t.packet_out(t.ip_out(ihl=8)) / b"x").original[20:32]
    t.equal((options[:4], options[8:]), (bytes([TIMESTAMP, 12, 9, 0]), bytes(4)))
    is_stamp(t, options[4:8], since)


@test("a timestamp option that wants addresses goes out with our own", on=V4)
def timestamp_address_out(t):
    since = now()
    ask = bytes([TIMESTAMP, 16, 5, 1]) + bytes(12)
    s = t.socket(options={(SOL_IP, socket.IP_OPTIONS): ask})
    s.sendto(b"x", t.address(9))
    options = t.expect(t.packet_out(t.ip_out(ihl=9)) / b"x").original[20:36]
    t.equal(options[:8], bytes([TIMESTAMP, 16, 13, 1]) + socket.inet_aton(t.here))
    is_stamp(t, options[8:12], since)
    t.equal(options[12:], bytes(4))


@test("a timestamp option of listed addresses: we stamp if it is our turn", on=V4)
def timestamp_listed(t):
    since = now()
    for mine in (True, False):
        address = socket.inet_aton(t.here if mine else t.names.far)
        ask = bytes([TIMESTAMP, 12, 5, 3]) + address + bytes(4)
        s = t.socket(options={(SOL_IP, socket.IP_OPTIONS): ask})
        s.sendto(b"x", t.address(9))
        options = t.expect(t.packet_out(t.ip_out(ihl=8)) / b"x").original[20:32]
        t.equal(options[:8], bytes([TIMESTAMP, 12, 13 if mine else 5, 3]) + address)
        if mine:
            is_stamp(t, options[8:], since)
        else:
            t.equal(options[8:], bytes(4), "no time")


@test("IP_RETOPTS of a timestamp option: the answer has a time behind that of the question", on=V4)
def return_timestamp(t):
    since = now()
    s = t.socket(port=PORT, options={(SOL_IP, IP_RETOPTS): 1})
    t.inject(with_options(t, bytes([TIMESTAMP, 12, 5, 0]) + bytes(8)))
    got = s.receive_message()[1][SOL_IP, IP_RETOPTS]
    s.setsockopt(SOL_IP, socket.IP_OPTIONS, got)
    s.sendto(b"answer", t.address(9))
    options = t.expect(t.packet_out(t.ip_out(ihl=8)) / b"answer").original[20:32]
    t.equal(options[:8], bytes([TIMESTAMP, 12, 13, 0]) + got[4:8])
    is_stamp(t, options[8:], since)


@test("40 bytes of options are carried, 44 refused", on=V4)
def most_options(t):
    s = t.socket(port=5000, options={(SOL_IP, socket.IP_OPTIONS): NOP * 40})
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(ihl=15)) / b"x")
    with t.fails(errno.EINVAL):
        s.setsockopt(SOL_IP, socket.IP_OPTIONS, NOP * 44)


@test("a source route sends to the first hop", on=V4)
def source_route_out(t):
    hop, last = t.names.router, t.names.far
    route = NOP + bytes([LOOSE, 7, 4]) + socket.inet_aton(hop)
    s = t.socket(port=5000, options={(SOL_IP, socket.IP_OPTIONS): route})
    s.sendto(b"x", (last, 7))
    out = t.expect(t.packet_out(t.ip_out(dst=hop, ihl=7), sport=5000, dport=7) / b"x")
    t.equal(out.original[20:28], NOP + bytes([LOOSE, 7, 4]) + socket.inet_aton(last))


@test("the checksum of a source-routed datagram is made for its last hop", on=V4)
def source_route_checksum(t):
    if KERNEL:
        raise Skip("the kernel's own makes it for the first hop")
    hop, last = t.names.router, t.names.far
    route = NOP + bytes([LOOSE, 7, 4]) + socket.inet_aton(hop)
    s = t.socket(port=5000, options={(SOL_IP, socket.IP_OPTIONS): route})
    s.sendto(b"x", (last, 7))
    datagram = t.expect(t.packet_out(t.ip_out(dst=hop))).original[28:]
    t.equal(checksum(IP(src=t.here, dst=last), t.variant.number, datagram, 9), 0, "checksum")


def behind(t, *headers, data=b"hello"):
    """A datagram behind IPv6 extension headers."""
    network = t.ip_in()
    for header in headers:
        network = network / header
    return network / t.header(sport=9, dport=PORT) / data


def options6(data, last):
    """An options header, hop-by-hop or destination, with these very bytes."""
    kind = IPv6ExtHdrDestOpt if last else IPv6ExtHdrHopByHop
    return kind(len=(len(data) + 2) // 8 - 1, options=[Raw(data)], autopad=0)


PAD_N = b"\1\4" + bytes(4)


@test("extension headers before the datagram are passed over", on=V6)
def extensions(t):
    s = t.socket(port=PORT)
    hop, dest = options6(PAD_N, False), options6(PAD_N, True)
    long = options6(b"\x1e\x0c" + bytes(12), True)    # of a kind to be skipped
    fragment = IPv6ExtHdrFragment(id=5)
    for headers in ((hop,), (dest,), (long,), (hop, dest), (fragment,), (dest, fragment),
                    (hop, dest, fragment, long)):
        arrives(t, s, behind(t, *(h.copy() for h in headers)))


@test("the pseudo-header does not count extension headers, and a wrong checksum shows", on=V6)
def extension_checksum(t):
    s = t.socket(port=PORT)
    packet = behind(t, options6(PAD_N, True))
    packet[t.header].chksum = 0x1234
    t.dropped(s, packet, InErrors=1, InCsumErrors=1)


@test("a short datagram behind an extension header is an error of ours", on=V6)
def short_behind_extension(t):
    network = t.ip_in() / IPv6ExtHdrDestOpt(nh=t.variant.number, autopad=0, options=[Raw(PAD_N)])
    t.dropped(t.socket(port=PORT), network / Raw(bytes(7)), InErrors=1)


@test("an unknown option is skipped or refused as its first bits say", on=V6)
def unknown_option(t):
    s = t.socket(port=PORT)
    arrives(t, s, behind(t, options6(b"\x1e\4" + bytes(4), True)))
    t.dropped(s, behind(t, options6(b"\x5e\4" + bytes(4), True)))
    t.quiet()
    t.dropped(s, behind(t, options6(b"\x9e\4" + bytes(4), True)))
    t.expect(t.ip_out() / Icmp(type=4, code=2))


@test("lying lengths of extension headers and options are dropped before they get here", on=V6)
def lying_extensions(t):
    s = t.socket(port=PORT)
    for header in (IPv6ExtHdrDestOpt(len=255, autopad=0, options=[Raw(PAD_N)]),
                   IPv6ExtHdrHopByHop(len=255, autopad=0, options=[Raw(PAD_N)]),
                   options6(b"\1\x20" + bytes(4), True), options6(b"\1\x20" + bytes(4), False)):
        t.dropped(s, behind(t, header))
        t.collect()


@test("a routing header with hops left is refused, one without is passed over", on=V6)
def routing_header(t):
    s = t.socket(port=PORT)
    arrives(t, s, behind(t, IPv6ExtHdrRouting(segleft=0, addresses=[t.names.far])))
    t.dropped(s, behind(t, IPv6ExtHdrRouting(segleft=1, addresses=[t.names.far])))
    t.collect()


@test("no next header means no datagram", on=V6)
def no_next_header(t):
    whole = bytes(behind(t))
    t.dropped(t.socket(port=PORT), whole[:6] + bytes([59]) + whole[7:])


@test("the program sees the options headers that it asks for", on=V6)
def seen(t):
    s = t.socket(port=PORT, options={(SOL_IPV6, socket.IPV6_RECVHOPOPTS): 1,
                                     (SOL_IPV6, socket.IPV6_RECVDSTOPTS): 1})
    t.inject(behind(t, options6(PAD_N, False), options6(b"\x1e\4abcd", True)))
    control = s.receive_message()[1]
    t.equal(control[SOL_IPV6, socket.IPV6_HOPOPTS], bytes([60, 0]) + PAD_N)
    t.equal(control[SOL_IPV6, socket.IPV6_DSTOPTS], bytes([t.variant.number, 0]) + b"\x1e\4abcd")


@test("options headers that the program sets are sent, the checksum as without them", on=V6)
def extensions_out(t):
    s = t.socket(port=5000, options={(SOL_IPV6, socket.IPV6_HOPOPTS): b"\0\0" + PAD_N,
                                     (SOL_IPV6, socket.IPV6_DSTOPTS): b"\0\0" + PAD_N})
    s.sendto(b"x", t.address(7))
    out = t.expect(t.ip_out() / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() /
                   t.header(sport=5000, dport=7) / b"x")
    datagram = out.original[56:]
    t.equal(checksum(out, t.variant.number, datagram, 9), 0, "checksum")


@test("options headers leave less room: a datagram that fills the packet is fragmented", on=V6)
def extensions_room(t):
    s = t.socket(port=5000, options={(SOL_IPV6, socket.IPV6_DSTOPTS): b"\0\0" + PAD_N})
    room = t.mtu - 40 - 8 - 8
    s.sendto(bytes(room), t.address(7))
    t.equal(len(t.expect(t.ip_out()).original), t.mtu)
    s.sendto(bytes(room + 1), t.address(7))
    t.equal(len(t.collect()), 2, "fragments")


@test("with a routing header the checksum is made for the last destination", on=V6)
def routing_header_out(t):
    hop, last = t.names.router, t.names.far
    route = bytes([0, 2, 2, 1]) + bytes(4) + socket.inet_pton(socket.AF_INET6, hop)
    s = t.socket(port=5000)
    try:
        s.setsockopt(SOL_IPV6, socket.IPV6_RTHDR, route)
    except OSError as error:
        raise Skip("this kernel has no routing header of type 2") from error
    s.sendto(b"x", (last, 7))
    out = t.expect(t.ip_out(dst=hop)).original
    t.equal(out[48:64], socket.inet_pton(socket.AF_INET6, last), "the address in the header")
    network = t.ip_out(dst=last)
    t.equal(struct.unpack("!HH", out[64:68]), (5000, 7))
    t.equal(checksum(network, t.variant.number, out[64:], 9), 0, "checksum")


@test("a segment routing header leads through its segments (RFC 8754)", on=V6)
def segment_routing_out(t):
    hop, last = (socket.inet_pton(socket.AF_INET6, name) for name in (t.names.router, t.names.far))
    # Of two segments the last comes first: its place is open, that of the destination.
    route = bytes([0, 4, 4, 1, 1, 0, 0, 0])
    s = t.socket(port=5000)
    s.setsockopt(SOL_IPV6, socket.IPV6_RTHDR, route + bytes(16) + hop)
    s.sendto(b"x", (t.names.far, 7))
    out = t.expect(t.ip_out(dst=t.names.router)).original
    t.equal(out[6], 43, "next header")
    t.equal(out[40:80], bytes([t.variant.number]) + route[1:] + last + hop, "routing header")
    t.equal(struct.unpack("!HH", out[80:84]), (5000, 7), "ports")
    t.equal(checksum(t.ip_out(dst=t.names.far), t.variant.number, out[80:], 9), 0, "checksum")


@test("behind a routing header come the destination's own options, before it those of hops", on=V6)
def routing_order(t):
    hop = socket.inet_pton(socket.AF_INET6, t.names.router)
    route = bytes([0, 4, 4, 1, 1, 0, 0, 0]) + bytes(16) + hop
    dest, before = b"\0\0" + PAD_N, b"\0\0\x1e\4abcd"
    s = t.socket(port=5000, options={(SOL_IPV6, socket.IPV6_RTHDR): route,
                                     (SOL_IPV6, socket.IPV6_DSTOPTS): dest,
                                     (SOL_IPV6, socket.IPV6_RTHDRDSTOPTS): before,
                                     (SOL_IPV6, socket.IPV6_HOPOPTS): dest})
    s.sendto(b"x", (t.names.far, 7))
    out = t.expect(t.ip_out(dst=t.names.router)).original
    t.equal((out[6], out[40], out[48], out[56], out[96]), (0, 60, 43, 60, t.variant.number),
            "hop-by-hop, destination, routing, destination")
    t.equal((out[42:48], out[50:56], out[98:104]), (PAD_N, before[2:], PAD_N), "options")


if __name__ == "__main__":
    main(Conversation)
