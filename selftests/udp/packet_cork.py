#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One datagram from many sends (cork), many datagrams from one send (segments), on the wire."""
import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import SO_NO_CHECK
from packets import checksum
from conversation import Conversation
from tap import main, test
from udp import (ALL, LITE, PLAIN, SOL_UDP, SOL_UDPLITE, UDP4, UDP6, UDP_CORK, UDP_NO_CHECK6_TX,
                 UDP_SEGMENT, UDPLITE_SEND_CSCOV, Udp, UdpLite)


def datagram_of(t, out):
    """The transport header and data of what came out, in however many fragments."""
    behind = t.ip_length + (8 if t.v6 and len(out) > 1 else 0)
    return b"".join(packet.original[behind:] for packet in out)


def check_checksum(t, datagram, covered=None):
    t.equal(checksum(t.ip_out(), t.variant.number, datagram[:covered], len(datagram)), 0,
            "checksum")


@test("pieces of odd lengths are one datagram with a right checksum", on=ALL)
def odd_pieces(t):
    s = t.socket(port=5000, peer=7)
    pieces = [bytes([0xA0 + length]) * length for length in (1, 3, 5, 2, 7, 1, 1, 0, 9, 4)]
    with t.counted(OutDatagrams=1):
        for piece in pieces[:-1]:
            s.send(piece, socket.MSG_MORE)
        t.quiet()
        s.send(pieces[-1])
        out = t.expect(t.packet_out(sport=5000, dport=7) / b"".join(pieces))
    check_checksum(t, datagram_of(t, [out]))


@test("UDP_CORK holds back until it is cleared", on=ALL)
def cork(t):
    s = t.socket(port=5000, peer=7, options={(SOL_UDP, UDP_CORK): 1})
    s.send(b"one ")
    s.send(b"datagram")
    t.quiet()
    s.setsockopt(SOL_UDP, UDP_CORK, 0)
    t.expect(t.packet_out(sport=5000, dport=7) / b"one datagram")


@test("a datagram that is corked to an address keeps it", on=ALL)
def cork_address(t):
    s = t.socket(port=5000)
    s.sendto(b"one ", socket.MSG_MORE, t.address(7))
    s.sendto(b"datagram", t.address(7))
    t.expect(t.packet_out(sport=5000, dport=7) / b"one datagram")


@test("pieces beyond one packet leave as fragments, the checksum over all", on=ALL)
def cork_fragments(t):
    s = t.socket(port=5000, peer=7)
    pieces = [os.urandom(length) for length in (1, 999, 1473, 2, 1601, 777)]
    with t.counted(OutDatagrams=1):
        for piece in pieces[:-1]:
            s.send(piece, socket.MSG_MORE)
        s.send(pieces[-1])
    datagram = datagram_of(t, t.collect())
    t.check(datagram[8:] == b"".join(pieces), "the data differ")
    check_checksum(t, datagram)


@test("a coverage that ends within a piece, at its edge, and beyond a fragment", on=LITE)
def cork_coverage(t):
    for coverage in (8, 11, 12, 13, 15, 1400, 1481, 1700):
        s = t.socket(port=5000, peer=7, options={(SOL_UDPLITE, UDPLITE_SEND_CSCOV): coverage})
        for size in (3, 4, 1000):
            s.send(os.urandom(size), socket.MSG_MORE)
        s.send(os.urandom(993))
        datagram = datagram_of(t, t.collect())
        t.equal((len(datagram), UdpLite(datagram).coverage), (2008, coverage), "length, coverage")
        check_checksum(t, datagram, coverage)
        s.close()


@test("a datagram that grows too large is thrown away whole", on=ALL)
def cork_too_large(t):
    s = t.socket(port=5000, peer=7, options={(socket.SOL_SOCKET, socket.SO_SNDBUF): 1 << 18})
    s.send(bytes(60000), socket.MSG_MORE)
    with t.fails(errno.EMSGSIZE):
        s.send(bytes(10000))
    s.send(b"the next one")
    t.expect(t.packet_out(sport=5000, dport=7) / b"the next one")


@test("closing a corked socket sends nothing", on=ALL)
def cork_close(t):
    s = t.socket(port=5000, peer=7)
    s.send(b"never sent", socket.MSG_MORE)
    s.close()
    t.quiet()


def segments(t, data, size, **options):
    s = t.socket(port=5000, peer=7, **options)
    s.setsockopt(SOL_UDP, UDP_SEGMENT, size)
    s.send(data)
    out = t.collect()
    s.close()
    return out


@test("one send with UDP_SEGMENT is many datagrams, the last one shorter", on=PLAIN)
def segmented(t):
    for size, length in ((1, 5), (7, 50), (100, 1000), (100, 1001), (1400, 20000), (1472, 1472)):
        if t.v6 and size == 1472:
            size = length = 1452
        data = os.urandom(length)
        out = segments(t, data, size)
        parts = [data[at:at + size] for at in range(0, length, size)]
        t.equal([bytes(packet[Udp].payload) for packet in out], parts, f"data of {length}/{size}")
        for packet, part in zip(out, parts):
            t.equal((packet[Udp].sport, packet[Udp].dport, packet[Udp].len),
                    (5000, 7, 8 + len(part)), "header")
            check_checksum(t, packet.original[t.ip_length:])


@test("segments have IP headers of their own: length, checksum, id", on=(UDP4,))
def segment_headers(t):
    out = segments(t, bytes(1000), 300)
    t.equal([packet.len for packet in out], [328, 328, 328, 128], "lengths")
    for packet in out:
        again = packet.copy()
        again.chksum = None
        t.equal(packet.chksum, type(packet)(bytes(again)).chksum, "IP checksum")
    ids = [packet.id for packet in out]
    t.equal(ids, list(range(ids[0], ids[0] + 4)), "ids")


@test("segments have IPv6 headers of their own", on=(UDP6,))
def segment_headers_6(t):
    out = segments(t, bytes(1000), 300)
    t.equal([packet.plen for packet in out], [308, 308, 308, 108], "lengths")
    t.equal(len({packet.fl for packet in out}), 1, "flow labels")


@test("a segment whose checksum computes to zero has 0xffff", on=PLAIN)
def segment_zero(t):
    first = segments(t, b"\0\0" * 2, 2)[0]
    data = struct.pack("!H", first[Udp].chksum)
    out = segments(t, data + b"\1\1" + data, 2)
    t.equal([hex(packet[Udp].chksum) for packet in (out[0], out[2])], ["0xffff"] * 2)


@test("the segment size of a control message holds for one send", on=PLAIN)
def segment_once(t):
    s = t.socket(port=5000, peer=7)
    s.sendmsg([b"abcdef"], [(SOL_UDP, UDP_SEGMENT, struct.pack("H", 4))])
    s.send(b"abcdef")
    for data in (b"abcd", b"ef", b"abcdef"):
        t.expect(t.packet_out(sport=5000, dport=7) / data)


@test("segments larger than the path are refused", on=PLAIN)
def segment_too_large(t):
    s = t.socket(port=5000, peer=7, options={(SOL_UDP, UDP_SEGMENT): 2000})
    with t.fails(errno.EINVAL, errno.EMSGSIZE):
        s.send(bytes(5000))
    t.quiet()


@test("UDP_NO_CHECK6_TX sends a checksum of zero: RFC 6935", on=(UDP6,))
def no_checksum(t):
    s = t.socket(port=5000, peer=7, options={(SOL_UDP, UDP_NO_CHECK6_TX): 1})
    s.send(b"hello")
    t.expect(t.packet_out(sport=5000, dport=7, chksum=0) / b"hello")
    s.send(b"hel", socket.MSG_MORE)
    s.send(b"lo")
    t.expect(t.packet_out(sport=5000, dport=7, chksum=0) / b"hello")


@test("SO_NO_CHECK holds for corked datagrams", on=(UDP4,))
def cork_no_check(t):
    s = t.socket(port=5000, peer=7, options={(socket.SOL_SOCKET, SO_NO_CHECK): 1})
    s.send(b"hel", socket.MSG_MORE)
    s.send(b"lo")
    t.expect(t.packet_out(sport=5000, dport=7, chksum=0) / b"hello")


if __name__ == "__main__":
    main(Conversation)
