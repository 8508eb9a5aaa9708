#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What comes from the wire reaches the right program, or is dropped and counted."""
import copy
import dataclasses
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import IP_PKTINFO, IP_RECVTTL, SOL_IP, SOL_IPV6
from netns import sysctl
from packets import IPv6ExtHdrHopByHop, Raw, checksum
from conversation import Conversation
from tap import Skip, main, test
from udp import ALL, KERNEL, PLAIN, SOL_UDP, UDP4, UDP6, UDP_NO_CHECK6_RX, V4, V6

PORT = 7


def datagram(t, data=b"hello", **fields):
    return t.packet_in(**{"sport": 9, "dport": PORT, **fields}) / data


def delivered(t, s, packet, data, sport=9):
    """The packet goes in, and the program gets just this."""
    with t.counted(InDatagrams=1):
        t.inject(packet)
        t.equal(s.receive(), (data, (t.there, sport)))
    t.check(s.is_empty(), "there is more to read")


@test("data and the sender's address and port", on=ALL)
def plain(t):
    delivered(t, t.socket(port=PORT), datagram(t), b"hello")


@test("an empty datagram is a datagram", on=ALL)
def empty(t):
    delivered(t, t.socket(port=PORT), datagram(t, b""), b"")


@test("data of 0 to 9 bytes, odd lengths too", on=ALL)
def small(t):
    s = t.socket(port=PORT)
    for length in range(10):
        data = bytes(range(0xF0, 0xF0 + length))
        delivered(t, s, datagram(t, data), data)


@test("one packet with as much data as IP can carry", on=ALL)
def largest(t):
    data = os.urandom(65527 if t.v6 else 65507)
    s = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 1 << 18})
    delivered(t, s, datagram(t, data), data)


@test("a source port of 0 is accepted and reported as 0", on=ALL)
def from_port_0(t):
    delivered(t, t.socket(port=PORT), datagram(t, sport=0), b"hello", sport=0)


@test("port 65535 is as good as any", on=ALL)
def highest_port(t):
    s = t.socket(port=65535)
    delivered(t, s, datagram(t, sport=65535, dport=65535), b"hello", sport=65535)


@test("a packet shorter than the header is dropped as an error", on=ALL)
def short_header(t):
    s = t.socket(port=PORT)
    whole = struct.pack("!HHHH", 9, PORT, 8, 0)
    for length in range(8):
        t.dropped(s, t.bare_in(whole[:length]), InErrors=1)


@test("a length field smaller than the header is dropped as an error", on=(UDP4,))
def length_too_small(t):
    s = t.socket(port=PORT)
    for length in range(8):
        t.dropped(s, datagram(t, len=length), InErrors=1)


@test("a length field smaller than the header is dropped as an error", on=(UDP6,))
def length_too_small_6(t):
    s = t.socket(port=PORT)
    for length in range(1, 8):
        t.dropped(s, datagram(t, len=length), InErrors=1)


@test("a length of 0 is only for jumbograms", on=(UDP6,))
def length_0(t):
    if KERNEL:
        raise Skip("the kernel's own takes it for the length of any packet")
    t.dropped(t.socket(port=PORT), datagram(t, len=0), InErrors=1)


@test("a jumbogram, RFC 2675: a length of 0 means up to the end of the packet", on=(UDP6,))
def jumbogram(t):
    data = os.urandom(70000)
    s = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 1 << 18})
    option = b"\xc2\4" + struct.pack("!I", 8 + 8 + len(data))
    network = t.ip_in(plen=0) / IPv6ExtHdrHopByHop(options=[Raw(option)], autopad=0)
    delivered(t, s, t.packet_in(network, sport=9, dport=PORT, len=0) / data, data)


@test("a length field larger than the packet is dropped as an error", on=PLAIN)
def length_too_large(t):
    s = t.socket(port=PORT)
    for length in (14, 255, 0xFFFF):
        t.dropped(s, datagram(t, len=length), InErrors=1)


def with_trailer(t, trailer):
    """A datagram of 13 bytes with more behind it in the packet."""
    whole = bytes(datagram(t))
    return t.bare_in(whole[t.ip_length:] + trailer)


@test("bytes behind the length are cut off", on=PLAIN)
def trailer(t):
    s = t.socket(port=PORT)
    for trailing in (b"\0", b"trailing bytes", bytes(1400)):
        delivered(t, s, with_trailer(t, trailing), b"hello")


@test("bytes behind the length do not count for the checksum", on=PLAIN)
def trailer_and_bad_checksum(t):
    s = t.socket(port=PORT)
    whole = bytearray(bytes(with_trailer(t, b"\0\1")))
    whole[-3] ^= 1
    t.dropped(s, bytes(whole), InErrors=1, InCsumErrors=1)


@test("a wrong checksum is dropped silently and counted", on=ALL)
def bad_checksum(t):
    s = t.socket(port=PORT)
    right = t.header(bytes(datagram(t))[t.ip_length:]).chksum
    for wrong in (right ^ 1, right ^ 0x8000, right ^ 0xFFFF, right ^ 0x0101):
        t.dropped(s, datagram(t, chksum=wrong), InErrors=1, InCsumErrors=1)


@test("no single flipped bit goes unnoticed", on=PLAIN)
def flipped_bits(t):
    s = t.socket(port=PORT)
    whole = bytes(datagram(t))
    start = t.ip_length
    bits = range(start * 8, len(whole) * 8)
    # A length of 13 flipped to 12 or 9 is a checksum error, to all else no length at all.
    t.dropped(s, *(flipped(whole, bit) for bit in bits),
              InErrors=len(bits), InCsumErrors=len(bits) - 14)


def flipped(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 0x80 >> bit % 8]) + data[bit // 8 + 1:]


@test("swapped 16-bit words are no error: that is this checksum", on=ALL)
def swapped_words(t):
    whole = bytes(datagram(t, b"ABCD"))
    delivered(t, t.socket(port=PORT), whole[:-4] + b"CDAB", b"CDAB")


@test("a checksum made with another protocol's number is wrong", on=ALL)
def other_number(t):
    s = t.socket(port=PORT)
    blank = datagram(t, chksum=0)
    covered = bytes(blank)[t.ip_length:]
    wrong = checksum(t.ip_in(), t.variant.number + 1, covered, len(covered))
    t.dropped(s, datagram(t, chksum=wrong), InErrors=1, InCsumErrors=1)


@test("a checksum that computes to zero comes as 0xffff", on=ALL)
def computed_zero(t):
    s = t.socket(port=PORT)
    first = bytes(datagram(t, b"\0\0"))
    data = struct.pack("!H", t.header(first[t.ip_length:]).chksum)
    packet = datagram(t, data)
    t.equal(t.header(bytes(packet)[t.ip_length:]).chksum, 0xFFFF, "the test's own packet")
    delivered(t, s, packet, data)


@test("a checksum of zero means none", on=(UDP4,))
def no_checksum(t):
    delivered(t, t.socket(port=PORT), datagram(t, chksum=0), b"hello")


@test("a checksum of zero is refused: RFC 8200", on=(UDP6,))
def zero_refused(t):
    t.dropped(t.socket(port=PORT), datagram(t, chksum=0), InErrors=1, InCsumErrors=1)


@test("a checksum of zero is accepted on the one port that asked for it: RFC 6935", on=(UDP6,))
def zero_by_choice(t):
    s = t.socket(port=PORT, options={(SOL_UDP, UDP_NO_CHECK6_RX): 1})
    other = t.socket(port=PORT + 1)
    delivered(t, s, datagram(t, chksum=0), b"hello")
    t.dropped(other, datagram(t, dport=PORT + 1, chksum=0), InErrors=1, InCsumErrors=1)


@test("who accepts zero checksums still checks the others: RFC 6936", on=(UDP6,))
def zero_by_choice_checks(t):
    s = t.socket(port=PORT, options={(SOL_UDP, UDP_NO_CHECK6_RX): 1})
    delivered(t, s, datagram(t), b"hello")
    t.dropped(s, datagram(t, chksum=0x1234), InErrors=1, InCsumErrors=1)


@test("destination port 0 is nobody's", on=ALL)
def to_port_0(t):
    s = t.socket(port=PORT)
    if KERNEL:    # to its own it is a port like any
        t.dropped(s, datagram(t, dport=0), NoPorts=1)
        t.collect()
    else:
        t.dropped(s, datagram(t, dport=0), InErrors=1)


@test("a source that is no single host is dropped", on=V4)
def bad_source(t):
    s = t.socket(port=PORT)
    sysctl(f"ipv4.conf.{t.DEVICE}.rp_filter", 1)    # or IP lets the subnet's broadcast pass
    for source in ("224.0.0.1", "255.255.255.255", "192.0.2.255", "127.0.0.1", "0.0.0.0"):
        packet = t.packet_in(t.ip_in(src=source), sport=9, dport=PORT) / b"hello"
        t.dropped(s, packet)


@test("a multicast source is dropped", on=V6)
def bad_source_6(t):
    packet = t.packet_in(t.ip_in(src="ff02::1"), sport=9, dport=PORT) / b"hello"
    t.dropped(t.socket(port=PORT), packet)


@test("a wrong IP header checksum never gets here", on=V4)
def bad_ip_checksum(t):
    packet = t.packet_in(t.ip_in(chksum=0x1234), sport=9, dport=PORT) / b"hello"
    t.dropped(t.socket(port=PORT), packet)


@test("a packet for another host never gets here", on=ALL)
def other_host(t):
    packet = t.packet_in(t.ip_in(dst=t.names.other), sport=9, dport=PORT) / b"hello"
    t.dropped(t.socket(port=PORT), packet)


@test("the same port of another protocol number is another port", on=ALL)
def other_protocol(t):
    s = t.socket(port=PORT)
    network = t.ip_in(**{"nh" if t.v6 else "proto": 143})
    packet = t.packet_in(network, sport=9, dport=PORT) / b"hello"
    t.dropped(s, packet)
    t.collect()    # protocol unreachable


@test("the best match gets it: peer, then address, then any", on=ALL)
def best_match(t):
    reuse = {(socket.SOL_SOCKET, socket.SO_REUSEADDR): 1}
    any_address = t.socket(port=PORT, options=reuse)
    connected = t.socket(port=PORT, address=t.here, options=reuse)
    address = t.socket(port=PORT, address=t.here, options=reuse)
    connected.connect(t.address(1000))
    t.inject(datagram(t, b"for the peer", sport=1000))
    t.equal(connected.receive()[0], b"for the peer")
    t.inject(datagram(t, b"for the address", sport=1001))
    t.equal(address.receive()[0], b"for the address")
    second = t.add_second_address()
    t.inject(t.packet_in(t.ip_in(dst=second), sport=1000, dport=PORT) / b"for any")
    t.equal(any_address.receive()[0], b"for any")
    for s in (any_address, connected, address):
        t.check(s.is_empty(), "somebody got it too")


@test("a connected socket hears its peer alone", on=ALL)
def connected_only(t):
    s = t.socket(port=PORT, peer=1000)
    with t.counted(InDatagrams=1, NoPorts=2):
        t.inject(datagram(t, b"wrong port", sport=1001))
        t.inject(t.packet_in(t.ip_in(src=t.names.other), sport=1000, dport=PORT) / b"wrong host")
        t.only(s, sport=1000)
    t.collect()


@test("a disconnected socket hears everybody again", on=ALL)
def disconnected(t):
    s = t.socket(port=PORT, peer=1000)
    t.inject(datagram(t, b"early", sport=1000))
    t.equal(s.receive()[0], b"early")
    s.disconnect()
    delivered(t, s, datagram(t, sport=1001), b"hello", sport=1001)


@test("a socket bound to another device does not get it", on=ALL)
def other_device(t):
    elsewhere = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_REUSEADDR): 1})
    elsewhere.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
    here = t.socket(port=PORT, options={(socket.SOL_SOCKET, socket.SO_REUSEADDR): 1})
    here.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, t.DEVICE.encode() + b"\0")
    delivered(t, here, datagram(t), b"hello")
    t.check(elsewhere.is_empty(), "it came to the wrong device")


@test("an IPv6 socket for all hears IPv4 from mapped addresses", on=V4)
def mapped(t):
    wide = with_ipv6_sockets(t).socket(port=PORT, address="::", options={
        (SOL_IPV6, socket.IPV6_V6ONLY): 0})
    with t.counted(InDatagrams=1):
        t.inject(datagram(t))
        t.equal(wide.receive(), (b"hello", ("::ffff:" + t.there, 9)))


@test("an IPv6 socket with IPV6_V6ONLY does not hear IPv4", on=V4)
def v6only(t):
    narrow = with_ipv6_sockets(t).socket(port=PORT, address="::", options={
        (SOL_IPV6, socket.IPV6_V6ONLY): 1})
    with t.counted(NoPorts=1):
        t.inject(datagram(t))
    t.check(narrow.is_empty(), "it got IPv4")
    t.collect()


def with_ipv6_sockets(t):
    """The stage, but its program makes IPv6 sockets."""
    twin = copy.copy(t)
    twin.variant = dataclasses.replace(t.variant, family=socket.AF_INET6)
    return twin


@test("the program learns the destination address, RFC 1122 4.1.3.5", on=ALL)
def destination(t):
    second = t.add_second_address()
    level, option, wanted = ((SOL_IPV6, socket.IPV6_RECVPKTINFO, socket.IPV6_PKTINFO) if t.v6 else
                             (SOL_IP, IP_PKTINFO, IP_PKTINFO))
    s = t.socket(port=PORT, options={(level, option): 1})
    for address in (t.here, second):
        t.inject(t.packet_in(t.ip_in(dst=address), sport=9, dport=PORT) / b"hello")
        info = s.receive_message()[1][level, wanted]
        packed = socket.inet_pton(t.variant.family, address)
        t.equal(info[:16] if t.v6 else info[8:], packed)
        index = struct.unpack("i", info[16:] if t.v6 else info[:4])[0]
        t.equal(index, socket.if_nametoindex(t.DEVICE), "device")


@test("the program learns TTL and TOS", on=V4)
def ttl_and_tos(t):
    s = t.socket(port=PORT, options={(SOL_IP, IP_RECVTTL): 1,
                                     (SOL_IP, socket.IP_RECVTOS): 1})
    t.inject(t.packet_in(t.ip_in(ttl=3, tos=0xB8), sport=9, dport=PORT) / b"hello")
    control = s.receive_message()[1]
    t.equal(struct.unpack("i", control[SOL_IP, socket.IP_TTL])[0], 3)
    t.equal(control[SOL_IP, socket.IP_TOS], b"\xb8")


@test("the program learns hop limit and traffic class", on=V6)
def hops_and_class(t):
    s = t.socket(port=PORT, options={(SOL_IPV6, socket.IPV6_RECVHOPLIMIT): 1,
                                     (SOL_IPV6, socket.IPV6_RECVTCLASS): 1})
    t.inject(t.packet_in(t.ip_in(hlim=3, tc=0xB8), sport=9, dport=PORT) / b"hello")
    control = s.receive_message()[1]
    t.equal(struct.unpack("i", control[SOL_IPV6, socket.IPV6_HOPLIMIT])[0], 3)
    t.equal(struct.unpack("i", control[SOL_IPV6, socket.IPV6_TCLASS])[0], 0xB8)


if __name__ == "__main__":
    main(Conversation)
