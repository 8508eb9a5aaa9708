# SPDX-License-Identifier: GPL-2.0
"""Packets of UDP and UDP-Lite."""
from packets import (IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Raw)
from seed import PEER_PORT, PORT, Protocol
from udp import UDP, UDPLITE, Udp, UdpLite

_UDP = Protocol("udp", UDP, Udp, checksum_at=6, length_at=4)
_LITE = Protocol("udplite", UDPLITE, UdpLite, checksum_at=6, coverage_at=4)
PROTOCOLS = [_UDP, _LITE]


def conversations(protocol, host):
    def datagram(data=b"0123456789abcdef", network=None, **fields):
        return ((network or host.network()) /
                protocol.header(**{"sport": PEER_PORT, "dport": PORT, **fields}) / Raw(data))

    yield [datagram()]
    yield [datagram(b"one"), datagram(b"two", dport=PORT + 1), datagram(b"", sport=PORT)]
    yield [datagram(bytes([number]) * 100) for number in range(8)]
    yield [datagram(bytes(1400)), datagram(bytes(9000)), datagram(bytes(65000))]
    yield [datagram(chksum=0), datagram(sport=0), datagram(dport=9999)]
    yield [datagram(network=host.network(dst=group)) for group in host.groups]
    yield [datagram(network=host.network(src=host.here))]
    yield list(host.fragments(datagram(bytes(range(200))), protocol.number, 8, 64, 128))
    yield list(host.fragments(datagram(bytes(4000)), protocol.number, 1480, 2960))
    if protocol is _LITE:
        yield [datagram(coverage=coverage) for coverage in (8, 9, 12, 24)]
    asked = host.network_out() / protocol.header(sport=PORT, dport=PEER_PORT) / b"a question"
    yield [datagram(), *host.errors(asked)]
    yield from (_v6_options if host.v6 else _v4_options)(datagram, host)


def _v4_options(datagram, host):
    for options in (b"\x07\x0b\x04" + bytes(8) + b"\0",           # record route
                    b"\x44\x0c\x05\x01" + bytes(8),               # timestamps
                    b"\x83\x07\x04\xc0\x00\x02\xfe\0",            # loose source route
                    b"\x94\x04\0\0", b"\x01\x01\x01\0"):
        network = host.network(ihl=5 + len(options) // 4)
        network.options = [Raw(options)]
        yield [datagram(network=network)]


def _v6_options(datagram, host):
    padding = [Raw(b"\1\4" + bytes(4))]
    hop = IPv6ExtHdrHopByHop(autopad=0, options=padding)
    dest = IPv6ExtHdrDestOpt(autopad=0, options=padding)
    route = IPv6ExtHdrRouting(type=2, addresses=[host.here])
    yield [datagram(network=host.network() / hop), datagram(network=host.network() / dest)]
    yield [datagram(network=host.network() / hop / route / dest)]
    yield [datagram(network=host.network(src="::ffff:192.0.2.2"))]
