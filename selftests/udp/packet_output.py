#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a program sends is on the wire as RFC 768, 3828, 1122 and 8200 have it."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import (DF, IP_MTU_DISCOVER, IP_PKTINFO, IPV6_AUTOFLOWLABEL, IPV6_DONTFRAG,
                   IPV6_MTU_DISCOVER, MF, PMTUDISC_DO, PMTUDISC_DONT, PMTUDISC_PROBE, SO_NO_CHECK,
                   SOL_IP, SOL_IPV6)
from packets import IPv6ExtHdrFragment, checksum, fold
from conversation import Conversation
from tap import main, test
from udp import ALL, LITE, PLAIN, UDP4, V4, V6, Udp, UdpLite


def sent(t, data, **options):
    """Send `data` from port 5000 to port 7 and return the packet that comes out."""
    s = t.socket(port=5000, **options)
    s.sendto(data, t.address(7))
    return t.expect(t.packet_out(sport=5000, dport=7) / data)


def transport(packet):
    """The transport header and data as bytes, after an IP header without extensions."""
    return packet.original[40 if packet.version == 6 else packet.ihl * 4:]


@test("eight bytes of header: ports, length, checksum, then the data", on=PLAIN)
def header(t):
    out = sent(t, b"hello")
    t.equal(transport(out)[:6], struct.pack("!HHH", 5000, 7, 13))
    t.equal(transport(out)[8:], b"hello")


@test("an empty datagram is a header alone", on=ALL)
def empty(t):
    out = sent(t, b"")
    t.equal(len(transport(out)), 8)


@test("the coverage is all, 0 or the length, when the program asked for nothing", on=LITE)
def full_coverage(t):
    t.check(sent(t, b"hello")[UdpLite].coverage in (0, 13), "the coverage is not all")


@test("the checksum of a known datagram, summed by hand", on=ALL)
def known_checksum(t):
    addresses = [0x2001, 0xDB8, 1, 0x2001, 0xDB8, 2] if t.v6 else [0xC000, 0x201, 0xC000, 0x202]
    out = sent(t, b"hello")[t.header]
    length_or_coverage = 13 if t.header is Udp else out.coverage
    words = [*addresses, t.variant.number, 13,
             5000, 7, length_or_coverage, 0x6865, 0x6C6C, 0x6F00]
    t.equal(hex(out.chksum), hex(0xFFFF - sum(words) % 0xFFFF))


@test("the checksum is right for data of 0 to 9 bytes, odd lengths padded with zero", on=ALL)
def lengths(t):
    s = t.socket(port=5000)
    for length in range(10):
        data = bytes(range(0xF0, 0xF0 + length))
        s.sendto(data, t.address(7))
        out = t.expect(t.packet_out(sport=5000, dport=7))
        t.equal(transport(out)[8:], data)
        t.equal(checksum(out, t.variant.number, transport(out), 8 + length), 0, f"{length} bytes")


def data_that_sums_to_zero(t, s):
    """Two bytes with which the checksum from `s` to port 7 computes to 0."""
    s.sendto(b"\0\0", t.address(7))
    return struct.pack("!H", t.expect(t.packet_out(dport=7))[t.header].chksum)


@test("a checksum that computes to zero is sent as 0xffff", on=ALL)
def computed_zero(t):
    s = t.socket(port=5000)
    data = data_that_sums_to_zero(t, s)
    s.sendto(data, t.address(7))
    out = t.expect(t.packet_out(sport=5000, dport=7) / data)
    t.equal(hex(out[t.header].chksum), "0xffff")


@test("SO_NO_CHECK sends a checksum of zero", on=(UDP4,))
def no_check(t):
    s = t.socket(port=5000, options={(socket.SOL_SOCKET, SO_NO_CHECK): 1})
    s.sendto(b"hello", t.address(7))
    t.expect(t.packet_out(sport=5000, dport=7, chksum=0) / b"hello")


@test("SO_NO_CHECK does not switch the checksum off: RFC 3828 demands it", on=LITE)
def lite_always_checks(t):
    out = sent(t, b"hello", options={(socket.SOL_SOCKET, SO_NO_CHECK): 1})
    t.check(out[UdpLite].chksum != 0, "the checksum is zero")


@test("SO_NO_CHECK does not switch the checksum off over IPv6", on=(PLAIN[1],))
def checks_over_ipv6(t):
    out = sent(t, b"hello", options={(socket.SOL_SOCKET, SO_NO_CHECK): 1})
    t.check(out[Udp].chksum != 0, "the checksum is zero")


@test("the port is the one that the socket was given; an unbound one gets one in the range", on=ALL)
def ephemeral(t):
    s = t.socket()
    s.sendto(b"a", t.address(7))
    out = t.expect(t.packet_out(dport=7) / b"a")
    t.equal(out[t.header].sport, s.port)
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        low, high = map(int, file.read().split())
    t.check(low <= s.port <= high, f"port {s.port} is not in {low}..{high}")
    s.sendto(b"b", t.address(7))
    t.expect(t.packet_out(sport=s.port, dport=7) / b"b")


@test("source and destination port 65535 are as good as any", on=ALL)
def highest_port(t):
    s = t.socket(port=65535)
    s.sendto(b"x", t.address(65535))
    t.expect(t.packet_out(sport=65535, dport=65535) / b"x")


@test("to port 0 nothing is sent: EINVAL", on=ALL)
def to_port_0(t):
    s = t.socket(port=5000)
    with t.fails(errno.EINVAL):
        s.sendto(b"x", t.address(0))


@test("the source is the address that the socket is bound to", on=ALL)
def bound_source(t):
    s = t.socket(port=5000, address=t.here)
    s.sendto(b"x", t.address(7, t.names.far))
    t.expect(t.packet_out(t.ip_out(dst=t.names.far), sport=5000) / b"x")


@test("the number of the protocol is in the IP header", on=ALL)
def protocol_number(t):
    out = sent(t, b"x")
    t.equal(out.nh if t.v6 else out.proto, t.variant.number)


@test("total length and header checksum are right", on=V4)
def ip_header(t):
    out = sent(t, bytes(101))
    t.equal((out.version, out.ihl, out.len), (4, 5, 20 + 8 + 101))
    t.equal(fold(out.original[:20]), 0xFFFF)


@test("the payload length is right, the hop limit 64 by default", on=V6)
def ipv6_header(t):
    out = sent(t, bytes(101))
    t.equal((out.version, out.plen, out.hlim), (6, 8 + 101, 64))


@test("IP_TTL and IP_TOS are on the wire, and 64 and 0 by default", on=V4)
def ttl_and_tos(t):
    s = t.socket(port=5000)
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(ttl=64, tos=0)) / b"x")
    s.setsockopt(SOL_IP, socket.IP_TTL, 1)
    s.setsockopt(SOL_IP, socket.IP_TOS, 0xB8)
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(ttl=1, tos=0xB8)) / b"x")


@test("IP_TTL and IP_TOS as control messages hold for one datagram", on=V4)
def ttl_and_tos_once(t):
    s = t.socket(port=5000)
    s.sendmsg([b"x"], [(SOL_IP, socket.IP_TTL, struct.pack("i", 255)),
                       (SOL_IP, socket.IP_TOS, struct.pack("i", 0x10))], 0, t.address(7))
    t.expect(t.packet_out(t.ip_out(ttl=255, tos=0x10)) / b"x")
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(ttl=64, tos=0)) / b"x")


@test("IPV6_UNICAST_HOPS and IPV6_TCLASS are on the wire", on=V6)
def hops_and_class(t):
    s = t.socket(port=5000)
    s.setsockopt(SOL_IPV6, socket.IPV6_UNICAST_HOPS, 3)
    s.setsockopt(SOL_IPV6, socket.IPV6_TCLASS, 0xB8)
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(hlim=3, tc=0xB8)) / b"x")


@test("IPV6_HOPLIMIT and IPV6_TCLASS as control messages hold for one datagram", on=V6)
def hops_and_class_once(t):
    s = t.socket(port=5000)
    s.sendmsg([b"x"], [(SOL_IPV6, socket.IPV6_HOPLIMIT, struct.pack("i", 255)),
                       (SOL_IPV6, socket.IPV6_TCLASS, struct.pack("i", 0x28))], 0, t.address(7))
    t.expect(t.packet_out(t.ip_out(hlim=255, tc=0x28)) / b"x")
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(hlim=64, tc=0)) / b"x")


@test("a flow has one flow label, and two flows have two", on=V6)
def flow_label(t):
    labels = []
    for port in (5000, 5001):
        s = t.socket(port=port, options={(SOL_IPV6, IPV6_AUTOFLOWLABEL): 1})
        s.sendto(b"x", t.address(7))
        s.sendto(b"y", t.address(7))
        first = t.expect(t.packet_out(sport=port) / b"x").fl
        t.expect(t.packet_out(t.ip_out(fl=first), sport=port) / b"y")
        labels.append(first)
    t.check(0 not in labels and labels[0] != labels[1], f"the labels are {labels}")


@test("without automatic labels the flow label is 0", on=V6)
def no_flow_label(t):
    s = t.socket(port=5000, options={(SOL_IPV6, IPV6_AUTOFLOWLABEL): 0})
    s.sendto(b"x", t.address(7))
    t.expect(t.packet_out(t.ip_out(fl=0)) / b"x")


def source(t, address):
    """The control message that asks for a source address."""
    packed = socket.inet_pton(t.variant.family, address)
    if t.v6:
        return SOL_IPV6, socket.IPV6_PKTINFO, packed + bytes(4)
    return SOL_IP, IP_PKTINFO, bytes(4) + packed + bytes(4)


@test("the source of IP_PKTINFO or IPV6_PKTINFO is used for one datagram", on=ALL)
def pktinfo_source(t):
    second = t.add_second_address(preferred=False)
    s = t.socket(port=5000)
    s.sendmsg([b"x"], [source(t, second)], 0, t.address(7))
    t.expect(t.packet_out(t.ip_out(src=second)) / b"x")
    s.sendto(b"y", t.address(7))
    t.expect(t.packet_out() / b"y")


@test("a source that is no address of this machine is refused", on=ALL)
def foreign_source(t):
    s = t.socket(port=5000)
    with t.fails(errno.EINVAL, errno.ENETUNREACH):
        s.sendmsg([b"x"], [source(t, t.names.other)], 0, t.address(7))


@test("DF is set, since path MTU discovery is on by default", on=V4)
def df_by_default(t):
    t.equal(int(sent(t, b"x").flags), DF)


@test("IP_PMTUDISC_DONT clears DF, DO and PROBE set it", on=V4)
def df_by_choice(t):
    s = t.socket(port=5000)
    for mode, flags in ((PMTUDISC_DONT, 0), (PMTUDISC_DO, DF), (PMTUDISC_PROBE, DF)):
        s.setsockopt(SOL_IP, IP_MTU_DISCOVER, mode)
        s.sendto(b"x", t.address(7))
        t.expect(t.packet_out(t.ip_out(flags=flags)) / b"x")


@test("datagrams that may be fragmented have an IP id each", on=V4)
def ip_id(t):
    s = t.socket(port=5000, peer=7,
                 options={(SOL_IP, IP_MTU_DISCOVER): PMTUDISC_DONT})
    for _ in range(20):
        s.send(b"x")
    ids = [t.expect(t.packet_out(sport=5000)).id for _ in range(20)]
    t.equal(len(set(ids)), 20, f"distinct ids of {ids}")


def room(t):
    """How much data fits one packet."""
    return t.mtu - t.ip_length - 8


@test("a datagram that just fits the device is one packet", on=ALL)
def just_fits(t):
    out = sent(t, bytes(room(t)))
    t.equal(len(out.original), t.mtu)


def fragments(t):
    """All packets that came out, as (offset in bytes, more follow, id, bytes)."""
    for out in t.collect():
        if t.v6:
            part = out[IPv6ExtHdrFragment]
            yield part.offset * 8, bool(part.m), part.id, out.original[48:]
        else:
            yield out.frag * 8, bool(out.flags & MF), out.id, transport(out)


def joined(t, pieces):
    """The datagram of which the fragments are all the parts, in order and without a gap."""
    whole = b""
    for offset, _more, number, part in pieces:
        t.equal((offset, number), (len(whole), pieces[0][2]), "offset and id")
        whole += part
    t.equal([more for _, more, _, _ in pieces], [True] * (len(pieces) - 1) + [False], "MF")
    return whole


@test("a byte more makes two fragments", on=ALL)
def two_fragments(t):
    s = t.socket(port=5000)
    s.sendto(bytes(room(t) + 1), t.address(7))
    pieces = list(fragments(t))
    t.equal(len(pieces), 2, "fragments")
    t.equal(joined(t, pieces)[8:], bytes(room(t) + 1))


@test("a datagram of 65507 bytes leaves as fragments that are it, checksum and all", on=ALL)
def largest(t):
    data = os.urandom(65507 if not t.v6 else 65527)
    s = t.socket(port=5000)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    s.sendto(data, t.address(7))
    pieces = list(fragments(t))
    t.check(len(pieces) >= 44, f"only {len(pieces)} fragments")
    whole = joined(t, pieces)
    if t.header is Udp:
        t.equal(struct.unpack("!HHH", whole[:6]), (5000, 7, len(data) + 8))
    t.check(whole[8:] == data, "the data differ")
    t.equal(checksum(t.ip_out(), t.variant.number, whole, len(whole)), 0, "checksum")


@test("two datagrams in fragments have two ids", on=ALL)
def fragment_ids(t):
    s = t.socket(port=5000)
    for _ in range(2):
        s.sendto(bytes(room(t) + 1), t.address(7))
    ids = [number for _, _, number, _ in fragments(t)]
    t.equal((len(ids), ids[0] == ids[1], ids[2] == ids[3], ids[0] == ids[2]),
            (4, True, True, False), f"ids {ids}")


@test("a byte more than the largest is EMSGSIZE and sends nothing", on=ALL)
def too_large(t):
    s = t.socket(port=5000)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    with t.counted(), t.fails(errno.EMSGSIZE):
        s.sendto(bytes(65536 - 8 - (0 if t.v6 else 20)), t.address(7))


@test("with path MTU discovery on DO a datagram that does not fit is EMSGSIZE", on=ALL)
def do_not_fragment(t):
    s = t.socket(port=5000)
    if t.v6:
        s.setsockopt(SOL_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO)
        s.setsockopt(SOL_IPV6, IPV6_DONTFRAG, 1)
    else:
        s.setsockopt(SOL_IP, IP_MTU_DISCOVER, PMTUDISC_DO)
    with t.fails(errno.EMSGSIZE):
        s.sendto(bytes(room(t) + 1), t.address(7))
    s.sendto(bytes(room(t)), t.address(7))
    t.expect(t.packet_out(sport=5000))


@test("OutDatagrams counts a datagram once, however many fragments", on=ALL)
def counted_once(t):
    s = t.socket(port=5000)
    with t.counted(OutDatagrams=1):
        s.sendto(bytes(10000), t.address(7))
    t.check(len(t.collect()) > 1, "no fragments")


if __name__ == "__main__":
    main(Conversation)
