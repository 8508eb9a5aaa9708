# SPDX-License-Identifier: GPL-2.0
"""Packets of DCCP. Those that answer what the machine sends, answer_dccp.c makes."""
import os
import struct

from dccp import (ACK, CCID, CHANGE_L, CHANGE_R, CLOSE, CLOSED, CLOSEREQ, CONFIRM_L, DATA, DATAACK,
                  LISTEN, REQUEST, RESET, RESPONSE, SEQUENCE, SHORT_SEQNOS, SYNC, SYNCACK, Dccp,
                  feature)
from packets import Raw, bind
from seed import PEER_PORT, PORT, Protocol
from udp import Udp

NUMBER, UDP, ENCAP_PORT = int(os.environ.get("XL4_DCCP", "250")), 17, 6511


class KernelsUdp(Udp):
    """What carries DCCP (RFC 6773); stage.c knows the port."""


bind(Dccp, NUMBER)
bind(KernelsUdp, UDP)
PROTOCOLS = [Protocol("dccp", NUMBER, Dccp, checksum="dccp", checksum_at=6, answers=3),
             Protocol("dccp-in-udp", UDP, KernelsUdp, checksum_at=6, length_at=4, carries=True)]

PREFERENCES = [feature(CHANGE_L, CCID, 3, 2, 4), feature(CHANGE_R, CCID, 3, 2, 4),
               feature(CHANGE_L, 3, 0, 0, 0, 0, 1, 0), feature(CHANGE_R, 6, 1),
               feature(CHANGE_L, 5, 0, 2), feature(CHANGE_R, 7, 1), feature(CHANGE_R, 192, 1)]
VECTOR = ("Ack Vector 0", bytes((5, 0xC3, 0x00, 0x42)))
TFRC = [("Receive Rate", struct.pack("!I", 100000)), ("Elapsed Time", b"\0\5"),
        ("Loss Event Rate", struct.pack("!I", 1000)),
        ("Loss Intervals", b"\1" + bytes((0, 0, 9, 0, 0, 1, 0, 0, 9)) * 3)]
TIMES = [("Timestamp", bytes(4)), ("Timestamp Echo", bytes(6)), ("Elapsed Time", bytes(4))]


def conversations(protocol, host):
    def packet(kind, data=b"", network=None, **fields):
        fields = {"sport": PEER_PORT, "dport": PORT, "type": kind, "seq": 1000, "ack": 2, **fields}
        if kind in (REQUEST, DATA, LISTEN):
            fields.pop("ack")
        network = network or host.network()
        if protocol.carries:     # UDP's checksum does for both
            inner = bytes(Dccp(chksum=0, **fields)) + data
            return network / KernelsUdp(sport=7000, dport=ENCAP_PORT) / Raw(inner)
        return network / Dccp(**fields) / Raw(data)

    everything = PREFERENCES + TIMES
    yield [packet(REQUEST)]
    yield [packet(REQUEST, options=everything), packet(ACK, seq=1001), packet(DATA, b"x", seq=1002)]
    yield [packet(REQUEST, options=everything, sport=port) for port in range(5000, 5016)]
    yield [packet(REQUEST, service=service) for service in (0, 1, 2, 0xFFFFFFFF)]
    yield [packet(RESPONSE, options=PREFERENCES), packet(RESPONSE, options=[
        ("Init Cookie", bytes(50)), feature(CONFIRM_L, CCID, 2, 2)])]
    yield [packet(REQUEST, options=[("Mandatory", b""), feature(CHANGE_R, SHORT_SEQNOS, 1)]),
           packet(DATA, b"short", seq=1001, X=0), packet(ACK, seq=1002, X=0)]
    yield [packet(DATA, bytes(1400), seq=1001 + n) for n in range(8)]
    yield [packet(DATAACK, b"data", seq=1001 + n, options=[VECTOR]) for n in range(4)]
    yield [packet(ACK, seq=1001 + n, options=[option]) for n, option in enumerate(TFRC)]
    yield [packet(ACK, options=[("Data Dropped", b"\x80\x90\x05"), ("Data Checksum", bytes(4)),
                                ("NDP Count", b"\7"), ("Slow Receiver", b"")])]
    yield [packet(CLOSEREQ), packet(CLOSE, seq=1001), packet(RESET, seq=1002, code=CLOSED)]
    yield [packet(RESET, b"why", code=code, data1=1) for code in range(13)]
    yield [packet(SYNC), packet(SYNCACK, seq=1001), packet(SYNC, seq=SEQUENCE - 1)]
    yield [packet(LISTEN), packet(11), packet(15)]
    yield [packet(DATA, bytes(100), cscov=coverage) for coverage in range(16)]
    yield [packet(REQUEST, network=host.network(dst=group)) for group in host.groups]
    yield [packet(REQUEST, network=host.network(src=host.here), sport=PORT)]
    yield list(host.fragments(packet(DATA, bytes(200)), protocol.number, 8, 64, 128))
    asked = packet(REQUEST, network=host.network_out(), sport=PORT, dport=PEER_PORT)
    yield [packet(REQUEST), *host.errors(asked)]
