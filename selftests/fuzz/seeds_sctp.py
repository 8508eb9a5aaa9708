# SPDX-License-Identifier: GPL-2.0
"""Packets of SCTP. Those that answer what the machine sends, answer_sctp.c makes."""
import socket
import struct

from association import SCTP
from packets import Raw, bind
from sctp import (P_COOKIE, P_ECN, P_FAMILIES, P_FORWARD_TSN, P_HEARTBEAT, P_HOSTNAME, P_IPV4, P_IPV6,
                  P_PRESERVATIVE, P_UNRECOGNIZED, Sctp, chunk, tlv)
from seed import PEER_PORT, PORT, Protocol

bind(Sctp, SCTP)
PROTOCOLS = [Protocol("sctp", SCTP, Sctp, checksum="crc32c", checksum_at=8, answers=2)]

(DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN, SHUTDOWN_ACK, ERROR,
 COOKIE_ECHO, COOKIE_ACK, ECNE, CWR, SHUTDOWN_COMPLETE, AUTH) = range(16)
ASCONF_ACK, FORWARD_TSN, ASCONF = 0x80, 0xC0, 0xC1
TAG, TSN = 0x11111111, 1000         # known to answer_sctp.c, too
EXTENSIONS, RANDOM, CHUNKS, HMACS = 0x8008, 0x8002, 0x8003, 0x8004
ADAPTATION, ADD, DELETE, PRIMARY = 0xC006, 0xC001, 0xC002, 0xC004


def init(*parameters, kind=INIT, tag=TAG, rwnd=65536, out=10, into=10, tsn=TSN):
    return chunk(kind, struct.pack("!IIHHI", tag, rwnd, out, into, tsn) + b"".join(parameters))


def data(text=b"data", tsn=TSN, stream=0, ssn=0, flags=3):
    return chunk(DATA, struct.pack("!IHHI", tsn, stream, ssn, 0) + text, flags)


def sack(cum, gaps=(), dups=()):
    return chunk(SACK, struct.pack("!IIHH", cum, 65536, len(gaps), len(dups)) +
                 b"".join(struct.pack("!HH", *gap) for gap in gaps) +
                 b"".join(struct.pack("!I", dup) for dup in dups))


def address(host):
    kind, family = (P_IPV6, socket.AF_INET6) if ":" in host else (P_IPV4, socket.AF_INET)
    return tlv(kind, socket.inet_pton(family, host))


def extensions(host):
    """All that an INIT may bring."""
    return (address(host.there), address(host.router), tlv(P_FAMILIES, b"\0\5\0\6"),
            tlv(P_PRESERVATIVE, b"\0\0\x27\x10"), tlv(P_ECN), tlv(P_FORWARD_TSN),
            tlv(EXTENSIONS, bytes((FORWARD_TSN, ASCONF, ASCONF_ACK, AUTH))), tlv(RANDOM, bytes(32)),
            tlv(CHUNKS, bytes((ASCONF, ASCONF_ACK, DATA))), tlv(HMACS, b"\0\3\0\1"),
            tlv(ADAPTATION, b"\0\0\0\7"), tlv(0x4321, b"stop"), tlv(0xC321, b"report"))


def conversations(protocol, host):
    def packet(*chunks, tag=TAG, network=None, **fields):
        fields = {"sport": PEER_PORT, "dport": PORT, "tag": tag, **fields}
        return (network or host.network()) / protocol.header(**fields) / Raw(b"".join(chunks))

    everything = init(*extensions(host))
    yield [packet(init(), tag=0)]
    yield [packet(everything, tag=0, sport=port) for port in range(5000, 5016)]
    yield [packet(init(tlv(P_HOSTNAME, b"host\0")), tag=0), packet(init(out=0), tag=0)]
    yield [packet(init(tlv(P_COOKIE, b"a cookie"), kind=INIT_ACK)),
           packet(init(*extensions(host), tlv(P_COOKIE, b"a cookie"),
                       tlv(P_UNRECOGNIZED, tlv(0x8123)), kind=INIT_ACK))]
    yield [packet(chunk(COOKIE_ECHO, bytes(100)), data()), packet(chunk(COOKIE_ACK), data())]
    yield [packet(data(tsn=TSN + n, ssn=n), data(b"x" * 100, tsn=TSN + n + 20)) for n in range(8)]
    yield [packet(data(bytes(1400), TSN + n, flags=2 * (n == 0) + (n == 7))) for n in range(8)]
    yield [packet(data(flags=7)), packet(data(stream=9999)), packet(data(b""))]
    yield [packet(sack(TSN + 5, [(2, 3), (5, 9)], [TSN])), packet(sack(TSN, [(9, 2)] * 40))]
    yield [packet(chunk(FORWARD_TSN, struct.pack("!IHHHH", TSN + 3, 0, 2, 1, 1)))]
    yield [packet(chunk(HEARTBEAT, tlv(P_HEARTBEAT, bytes(40)))),
           packet(chunk(HEARTBEAT_ACK, tlv(P_HEARTBEAT, bytes(40))))]
    yield [packet(chunk(SHUTDOWN, struct.pack("!I", TSN))), packet(chunk(SHUTDOWN_ACK)),
           packet(chunk(SHUTDOWN_COMPLETE)), packet(chunk(SHUTDOWN_COMPLETE, flags=1))]
    yield [packet(chunk(ABORT, tlv(12, b"why"))), packet(chunk(ABORT, flags=1)),
           packet(chunk(ERROR, tlv(3, bytes(4)) + tlv(6, chunk(0x3F)) + tlv(8, tlv(0x8123))))]
    yield [packet(chunk(ECNE, struct.pack("!I", TSN)), chunk(CWR, struct.pack("!I", TSN)))]
    yield [packet(chunk(AUTH, struct.pack("!HH", 0, 1) + bytes(20)),
                  chunk(ASCONF, struct.pack("!I", 1) + address(host.there) +
                        tlv(ADD, bytes(4) + address(host.router)) +
                        tlv(DELETE, bytes(4) + address(host.there)) +
                        tlv(PRIMARY, bytes(4) + address(host.there)))),
           packet(chunk(ASCONF_ACK, struct.pack("!I", 1)))]
    yield [packet(chunk(kind, b"unknown")) for kind in (0x3F, 0x7F, 0xBF, 0xFF)]
    yield [packet(init(), tag=0, network=host.network(dst=group)) for group in host.groups]
    yield [packet(init(), tag=0, network=host.network(src=host.here), sport=PORT)]
    yield list(host.fragments(packet(data(bytes(200))), protocol.number, 8, 64, 128))
    asked = host.network_out() / protocol.header(sport=PORT, dport=PEER_PORT, tag=0) / Raw(everything)
    yield [packet(init(), tag=0), *host.errors(asked)]
