#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The scapy layers of the packet tests, against packets assembled by hand."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import dccp
import sctp
import tcp
from dccp import Dccp
from packets import IP, IPv6, Raw, fold, parse
from sctp import Sctp
from scapy.layers.sctp import SCTPChunkInit, crc32c
from tap import Failed, main, test
from tcp import Tcp

dccp.variants(250)
sctp.variants(251)
tcp.variants(254)

PORTS = bytes.fromhex("1388 1389")      # 5000, 5001
IPV4 = {"src": "192.0.2.1", "dst": "192.0.2.2"}
IPV6 = {"src": "2001:db8::1", "dst": "2001:db8::2"}


class Nothing:
    """These tests need no scene."""

    def __init__(self, _variant):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def equal(found, expected, what="value"):
    if found != expected:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")


def summed(packet, at, number, covered=None):
    """A transport packet over IPv4 with its checksum, which no scapy has touched."""
    pseudo = bytes([192, 0, 2, 1, 192, 0, 2, 2, 0, number]) + struct.pack("!H", len(packet))
    value = 0xFFFF ^ fold(pseudo + packet[:covered])
    return packet[:at] + struct.pack("!H", value) + packet[at + 2:]


# What a packet is as fields, and as bytes without checksum: RFC 4340 section 5.
DCCP_PACKETS = [
    ("Request", {"type": dccp.REQUEST, "seq": 0x010203040506, "service": 0x64617461}, b"",
     "05 00 0000  01 00 010203040506  64617461"),
    ("Response", {"type": dccp.RESPONSE, "seq": 7, "ack": 0x010203040506, "service": 1}, b"",
     "07 00 0000  03 00 000000000007  0000 010203040506  00000001"),
    ("Data, short", {"type": dccp.DATA, "X": 0, "seq": 0xABCDEF}, b"hello",
     "03 00 0000  04 abcdef  68656c6c6f"),
    ("Data, long, ccval", {"type": dccp.DATA, "seq": 9, "ccval": 5}, b"x",
     "04 50 0000  05 00 000000000009  78"),
    ("Ack, short", {"type": dccp.ACK, "X": 0, "seq": 1, "ack": 0x123456}, b"",
     "04 00 0000  06 000001  00 123456"),
    ("DataAck with an ack vector", {"type": dccp.DATAACK, "seq": 2, "ack": 3,
                                    "options": [("Ack Vector 0", b"\x03")]}, b"hi",
     "07 00 0000  09 00 000000000002  0000 000000000003  26 03 03 00  6869"),
    ("CloseReq", {"type": dccp.CLOSEREQ, "seq": 2, "ack": 3}, b"",
     "06 00 0000  0b 00 000000000002  0000 000000000003"),
    ("Close", {"type": dccp.CLOSE, "seq": 2, "ack": 3}, b"",
     "06 00 0000  0d 00 000000000002  0000 000000000003"),
    ("Reset", {"type": dccp.RESET, "seq": 2, "ack": 3, "code": 7, "data1": 1, "data2": 2,
               "data3": 3}, b"",
     "07 00 0000  0f 00 000000000002  0000 000000000003  07 01 02 03"),
    ("Sync", {"type": dccp.SYNC, "seq": 2, "ack": 3}, b"",
     "06 00 0000  11 00 000000000002  0000 000000000003"),
    ("SyncAck with options", {"type": dccp.SYNCACK, "seq": 2, "ack": 3, "options": [
        ("Mandatory", b""), ("Change L", b"\1\2"), ("Timestamp", b"\0\0\0\1"), (200, b"")]}, b"",
     "0a 00 0000  13 00 000000000002  0000 000000000003  01 20 04 01 02 29 06 00 00 00 01 c8 02"),
]


def hand_made(text):
    """The bytes of a DCCP packet, whose options are filled up to a word."""
    packet = PORTS + bytes.fromhex(text)
    return packet + bytes(max(packet[4] * 4 - len(packet), 0))


@test("DCCP packets are built as RFC 4340 draws them, with the number in the checksum")
def dccp_builds(_):
    for name, fields, data, text in DCCP_PACKETS:
        built = bytes(IP(**IPV4) / Dccp(sport=5000, dport=5001, **fields) / Raw(data))
        equal(built[9], 250, "protocol")
        equal(built[20:].hex(" "), summed(hand_made(text), 6, 250).hex(" "), name)


@test("DCCP packets are read as they were built, over IPv4 and IPv6")
def dccp_reads(_):
    for network in (IP(**IPV4), IPv6(**IPV6)):
        for name, fields, data, _text in DCCP_PACKETS:
            read = parse(bytes(network / Dccp(sport=5000, dport=5001, **fields) / Raw(data)))[Dccp]
            for field, value in fields.items():
                found = getattr(read, field)
                equal(found[:len(value)] if field == "options" else found, value, f"{name}: {field}")
            equal(bytes(read.payload), data, name)
            equal(read.is_intact(), True, f"{name}: checksum")


@test("a DCCP checksum covers as much of the data as CsCov says")
def dccp_coverage(_):
    for cscov, covered in ((0, None), (1, 16), (2, 20), (3, 24)):
        built = bytes(IP(**IPV4) / Dccp(type=dccp.DATA, sport=5000, dport=5001, seq=1,
                                        cscov=cscov) / b"0123456789")
        by_hand = PORTS + bytes.fromhex(f"04 0{cscov} 0000 05 00 000000000001") + b"0123456789"
        equal(built[20:].hex(), summed(by_hand, 6, 250, covered).hex(), f"CsCov {cscov}")
        spoiled = built[:-1] + b"!"
        equal(parse(spoiled)[Dccp].is_intact(), cscov != 0, f"CsCov {cscov}, last byte spoiled")


@test("DCCP options that lie about their length are told as malformed")
def dccp_malformed(_):
    for options in (b"\x26", b"\x26\x00\x00\x00", b"\x26\x09\x00\x00"):
        packet = PORTS + struct.pack("!BB", 4 + (len(options) + 3) // 4, 0)
        packet += bytes.fromhex("0000 05 00 000000000001") + options
        equal(Dccp(packet).options[0], ("malformed", options))
    equal(Dccp(PORTS + bytes.fromhex("01 00 0000 05 00 000000000001")).options, [], "none")


@test("a DCCP packet says what it is")
def dccp_summary(_):
    reset = Dccp(sport=1, dport=2, type=dccp.RESET, seq=3, ack=4, code=7)
    equal(reset.mysummary(), "DCCP 1 > 2 Reset seq 3 ack 4 Connection Refused")


@test("scapy's CRC32c is that of RFC 3720 appendix B.4, in the order of the wire")
def crc(_):
    for data, value in ((bytes(32), "aa36918a"), (b"\xff" * 32, "43aba862"),
                        (bytes(range(32)), "4e79dd46"), (bytes(range(31, -1, -1)), "5cdb3f11"),
                        (b"123456789", "839206e3")):
        equal(struct.pack("!I", crc32c(data)).hex(), value)


@test("an SCTP packet is intact until a bit changes, at any protocol number")
def sctp_intact(_):
    for network in (IP(**IPV4), IPv6(**IPV6)):
        built = bytes(network / Sctp(sport=1, dport=2) / SCTPChunkInit(init_tag=5, params=[]))
        equal(built[9 if network.version == 4 else 6], 251, "protocol")
        packet = parse(built)
        equal((packet[Sctp].is_intact(), packet[SCTPChunkInit].init_tag), (True, 5))
        equal(parse(built[:-1] + b"!")[Sctp].is_intact(), False)


@test("a TCP segment has its data offset, and the number in its checksum")
def tcp_segment(_):
    built = bytes(IP(**IPV4) / Tcp(sport=5000, dport=5001, seq=1, ack=2, flags="SA", window=3,
                                   options=[("MSS", 1460), ("NOP", None), ("WScale", 7)]) / b"hi")
    by_hand = PORTS + bytes.fromhex("00000001 00000002 7012 0003 0000 0000 020405b4 01 030307") + b"hi"
    equal(built[9], 254, "protocol")
    equal(built[20:].hex(" "), summed(by_hand, 16, 254).hex(" "))
    segment = parse(built)[Tcp]
    equal((str(segment.flags), segment.is_intact(), bytes(segment.payload)), ("SA", True, b"hi"))


if __name__ == "__main__":
    main(Nothing)
