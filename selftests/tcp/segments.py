#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A packet of many segments, as a guest sends it, is cut for a device that cannot do it."""
import contextlib
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import BOTH, KERNEL, PEER_PORT, PORT
from conversation import Conversation
from packets import Raw, fold, network_layer, pseudo_header
from tap import main, test
from tcp import SEQUENCE

SOL_PACKET, PACKET_VNET_HDR = 263, 15
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6, GSO_ECN = 1, 1, 4, 0x80      # of struct virtio_net_hdr
CHECKSUM_AT = 16
SEQ = SEQUENCE - 1500           # the numbers wrap within the packet


def data_of(length):
    return bytes(number * 7 % 251 for number in range(length))


def whole(t, length, **fields):
    """The packet as a stack hands it down: its checksum is that of the pseudo-header."""
    fields = {"sport": PORT, "dport": PEER_PORT, "seq": SEQ, "ack": 77, "flags": "A", **fields}
    packet = t.packet_out(**fields, chksum=0) / Raw(data_of(length))
    network = network_layer(packet[t.header])
    raw = bytearray(bytes(packet))
    size = len(raw) - t.ip_length
    partial = fold(pseudo_header(network, t.variant.number, size))
    struct.pack_into("!H", raw, t.ip_length + CHECKSUM_AT, partial)
    return bytes(raw)


def hand_down(t, packet, size, ecn=0, start=None, offset=CHECKSUM_AT, flags=NEEDS_CSUM):
    """The packet goes out at the device, if the kernel takes it from a guest at all."""
    kind = (GSO_TCPV6 if t.v6 else GSO_TCPV4) | ecn
    vnet = struct.pack("=BBHHHH", flags, kind, t.ip_length + 20, size, start or t.ip_length, offset)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        with contextlib.suppress(OSError):
            s.sendto(vnet + packet, (t.DEVICE, ETH_P_IPV6 if t.v6 else ETH_P_IP))


def comes_out(t, length, size, flags=("A", "A", "A"), urgent=None, **fields):
    """The segments, with the flags of the first, of those between, and of the last."""
    starts = range(0, length, size)
    for start in starts:
        which = 0 if start == 0 else 2 if start == starts[-1] else 1
        if urgent:
            fields["urgptr"] = urgent[start // size]
        t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, seq=(SEQ + start) % SEQUENCE, ack=77,
                              flags=flags[which], **fields) /
                 Raw(data_of(length)[start:start + size]))


@test("numbers, checksums and lengths of each segment", on=BOTH)
def plain(t):
    for length, size in ((3000, 1000), (3001, 1000), (2999, 1000), (10000, 1001), (60000, 1400)):
        hand_down(t, whole(t, length), size)
        comes_out(t, length, size)


@test("PSH and FIN in the last, CWR in the first", on=BOTH)
def flags(t):
    hand_down(t, whole(t, 3000, flags="FPA"), 1000)
    comes_out(t, 3000, 1000, ("A", "A", "FPA"))
    hand_down(t, whole(t, 3000, flags="PAC"), 1000, ecn=GSO_ECN)
    comes_out(t, 3000, 1000, ("AC", "A", "PA"))
    hand_down(t, whole(t, 3000, flags="PAEC"), 1000, ecn=GSO_ECN)
    comes_out(t, 3000, 1000, ("AEC", "AE", "PAE"))


@test("options are in each segment", on=BOTH)
def options(t):
    wanted = [("NOP", None), ("NOP", None), ("Timestamp", (5, 6))]
    hand_down(t, whole(t, 3000, options=wanted), 1000)
    comes_out(t, 3000, 1000, options=wanted)


@test("URG as far as something is urgent", on=BOTH)
def urgent(t):
    if KERNEL:      # which never has urgent data in such a packet
        return
    hand_down(t, whole(t, 3000, flags="AU", urgptr=1500), 1000)
    comes_out(t, 3000, 1000, ("AU", "AU", "A"), urgent=(1500, 500, 0))
    hand_down(t, whole(t, 3000, flags="AU", urgptr=1000), 1000)
    comes_out(t, 3000, 1000, ("AU", "A", "A"), urgent=(1000, 0, 0))


@test("a guest that lies: nothing comes out", on=BOTH)
def lies(t):
    for offset in range(5):
        hand_down(t, whole(t, 3000, dataofs=offset), 1000)
    hand_down(t, whole(t, 30, dataofs=15), 8)
    hand_down(t, whole(t, 3000), 0xFFFF)
    hand_down(t, whole(t, 3000), 0)
    t.quiet()
    if not KERNEL:      # which checks less
        hand_down(t, whole(t, 3000), 1000, flags=0)
        hand_down(t, whole(t, 3000), 1000, offset=6)
        hand_down(t, whole(t, 3000), 1000, start=t.ip_length + 8)
        hand_down(t, whole(t, 3000, flags="S"), 1000)
        hand_down(t, whole(t, 3000, flags="RA"), 1000)
        t.quiet()
    hand_down(t, whole(t, 3000), 1000)
    comes_out(t, 3000, 1000)


if __name__ == "__main__":
    main(Conversation)
