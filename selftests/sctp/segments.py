#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Packets that go through IP as one (net.xl4.sctp.gso) are on the wire what they would have been
one by one: none is longer than the path bears, and each has its own header and CRC32c.

Over a narrow loopback they arrive as one."""
import os
import pathlib
import select
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from scapy.layers.sctp import crc32c  # noqa: E402

import counters  # noqa: E402
import rtnetlink  # noqa: E402
from association import BOTH, SCTP, SCTP_NODELAY, SOL_SCTP, setting  # noqa: E402
from linux import SO_RCVBUFFORCE  # noqa: E402
from netns import run  # noqa: E402
from pair import DEVICE, Pair  # noqa: E402
from sctp import variants  # noqa: E402
from tap import Failed, Skip, main, test  # noqa: E402

PORT, MTU = 7, 1500
SIZE, MESSAGE = 400_000, 20_000
PATIENCE = 60
ETH_P_ALL = 3
OUTGOING = 4            # sll_pkttype
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_CSUMNOTREADY = 263, 8, 1 << 3


def tap(t):
    """What the receiver's device hears, and says."""
    t.receiver.namespace.enter()
    s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    s.bind((DEVICE, ETH_P_ALL))
    s.setblocking(False)
    return s


def connected(t, server=None):
    server = server or t.receiver
    listener = server.socket(PORT)
    listener.listen(1)
    client = t.sender.socket()
    client.settimeout(PATIENCE)
    client.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    client.connect((server.address, PORT))
    if not select.select([listener], [], [], PATIENCE)[0]:
        raise Failed("the handshake did not end")
    server, _peer = listener.accept()
    listener.close()
    return client, server


def transfer(client, server, data):
    """All of it, both ends at once; what was heard."""
    heard, said = [], 0
    for s in (client, server):
        s.setblocking(False)
    while sum(map(len, heard)) < len(data):
        ready = select.select([server], [client] if said < len(data) else [], [], PATIENCE)
        if not any(ready):
            raise Failed(f"nothing more after {sum(map(len, heard))} octets")
        if ready[0]:
            heard.append(server.recv(1 << 16))
        if ready[1]:
            said += client.send(data[said:said + MESSAGE])
    return b"".join(heard)


def sctp_of(packet):
    """The SCTP packet in an IP packet; None if there is none."""
    if packet[0] >> 4 == 4:
        number, start, end = packet[9], packet[0] % 16 * 4, struct.unpack_from("!H", packet, 2)[0]
    else:
        number, start, end = packet[6], 40, 40 + struct.unpack_from("!H", packet, 4)[0]
    return packet[start:end] if number == SCTP else None


def chunks(packet):
    """The types of a packet's chunks, which fill it."""
    types, at = [], 12
    while at < len(packet):
        type_, _, length = struct.unpack_from("!BBH", packet, at)
        if length < 4:
            raise Failed(f"a chunk of {length} octets")
        types.append(type_)
        at += length + -length % 4
    if at != len(packet):
        raise Failed(f"{at - len(packet)} octets are missing")
    return types


def check(packet):
    """A packet that is as RFC 9260 wants it; whether it has data."""
    if len(packet) > MTU:
        raise Failed(f"a packet of {len(packet)} octets")
    found = sctp_of(packet)
    if found is None:
        return False
    sum_, = struct.unpack_from("!I", found, 8)
    if sum_ != crc32c(found[:8] + bytes(4) + found[12:]):
        raise Failed("a wrong CRC32c")
    return 0 in chunks(found)


def story(t, gso, *how):
    if SCTP == socket.IPPROTO_SCTP:
        raise Skip("the kernel's own cuts when a device must")
    t.sender.namespace.enter()
    setting("gso", gso)
    client, server = connected(t)
    if how:
        t.impair(*how)
    with tap(t) as wire:
        data = os.urandom(SIZE)
        if transfer(client, server, data) != data:
            raise Failed("something else arrived")
        full = 0
        while select.select([wire], [], [], 0)[0]:
            packet, source = wire.recvfrom(1 << 17)
            full += source[2] != OUTGOING and check(packet)
    if full < SIZE // MTU:
        raise Failed(f"{full} packets with data were seen")
    if t.receiver.counters()["ChecksumErrors"]:
        raise Failed("the receiver found wrong sums")


@test("at SCTP's own number the device sums, where it can", on=variants(socket.IPPROTO_SCTP))
def device_sums(t):
    if os.path.exists("/proc/net/sctp"):
        raise Skip("the kernel's own SCTP is at 132")
    client, server = connected(t)
    with tap(t) as wire:
        wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        data = os.urandom(SIZE)
        if transfer(client, server, data) != data:
            raise Failed("something else arrived")
        unsummed = 0
        while select.select([wire], [], [], 0)[0]:
            packet, control, _flags, _source = wire.recvmsg(1 << 17, 1000)
            status, = struct.unpack_from("I", control[0][2])
            unsummed += len(packet) > MTU // 2 and bool(status & TP_STATUS_CSUMNOTREADY)
    if unsummed < SIZE // MTU:
        raise Failed(f"{unsummed} packets with data had no sum yet")


@test("packets that go through IP as one are whole on the wire", on=BOTH)
def trains(t):
    story(t, 1)


@test("without that they are the same", on=BOTH)
def single(t):
    story(t, 0)


@test("and where packets are lost", on=BOTH)
def lossy(t):
    story(t, 1, "delay", "2ms", "loss", "3%")


def loopback(t):
    """Both ends on one machine: what SIZE octets moved of its counters."""
    t.sender.namespace.enter()
    rtnetlink.link_up("lo", mtu=MTU)
    client, server = connected(t, t.sender)
    data = os.urandom(SIZE)
    before = t.sender.counters()
    if transfer(client, server, data) != data:
        raise Failed("something else arrived")
    moved = counters.moved(before, t.sender.counters())
    if "ChecksumErrors" in moved:
        raise Failed("wrong sums were found")
    return moved


@test("over loopback one SACK is for all that came as one", on=BOTH)
def few_sacks(t):
    moved = loopback(t)
    if moved["OutOrderChunks"] < SIZE // MTU or moved["OutCtrlChunks"] > SIZE // MTU // 3:
        raise Failed(f"{moved}")


@test("over loopback they are cut, and summed, where it does not take them as one", on=BOTH)
def cut_after_all(t):
    t.sender.namespace.enter()
    run(["ethtool", "-K", "lo", "tx-sctp-segmentation", "off"])
    loopback(t)


@test("over loopback they may be listened to", on=BOTH)
def tapped(t):
    t.sender.namespace.enter()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL)) as wire:
        wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        wire.bind(("lo", ETH_P_ALL))
        loopback(t)
        longest = 0
        while select.select([wire], [], [], 0)[0]:
            longest = max(longest, len(wire.recv(1 << 17)))
    if longest <= MTU:
        raise Failed("nothing went as one")


main(Pair)
