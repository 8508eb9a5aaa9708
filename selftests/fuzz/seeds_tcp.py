# SPDX-License-Identifier: GPL-2.0
"""Segments of TCP. Those that answer what the machine sends, plan.c makes."""
from connection import TCP
from packets import Raw
from seed import PEER_PORT, PORT, Protocol
from tcp import Tcp

_TCP = Protocol("tcp", TCP, Tcp, checksum_at=16, answers=1)
PROTOCOLS = [_TCP]

OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 0)), ("NOP", None), ("WScale", 7)]
STAMPS = [("NOP", None), ("NOP", None), ("Timestamp", (2, 1))]
SACKS = [("NOP", None), ("NOP", None), ("SAck", (2000, 3000, 4000, 5000))]


def conversations(protocol, host):
    def segment(flags, data=b"", network=None, **fields):
        fields = {"sport": PEER_PORT, "dport": PORT, "seq": 1000, "ack": 1, "window": 65535, **fields}
        return (network or host.network()) / protocol.header(flags=flags, **fields) / Raw(data)

    yield [segment("S", options=OPTIONS)]
    yield [segment("S", options=OPTIONS, sport=port) for port in range(5000, 5016)]
    yield [segment("S"), segment("S", seq=1001), segment("R", seq=1001)]
    yield [segment("S", b"early"), segment("SFPU", b"lamp test", urgptr=1), segment("")]
    yield [segment("SA"), segment("A"), segment("A", b"data", seq=1001), segment("FA", seq=1005)]
    yield [segment("A", options=STAMPS), segment("A", options=SACKS), segment("PAU", b"!", urgptr=1)]
    yield [segment("S", options=OPTIONS), segment("R"), segment("RA"), segment("FPU", b"xmas")]
    yield [segment("A", bytes(1400), seq=1001 + 1400 * number) for number in range(8)]
    yield [segment("S", options=[("EOL", None)]), segment("SEC", options=OPTIONS)]
    yield [segment("S", network=host.network(dst=group)) for group in host.groups]
    yield [segment("S", network=host.network(src=host.here), sport=PORT)]
    yield list(host.fragments(segment("A", bytes(200)), protocol.number, 8, 64, 128))
    asked = host.network_out() / protocol.header(sport=PORT, dport=PEER_PORT, flags="S")
    yield [segment("S"), *host.errors(asked)]
