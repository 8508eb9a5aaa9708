#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which packets get another number, and that nothing else about them changes."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from bridge import OURS, TCP, UDP, rules
from bridged import BOTH, TCPS, UDPS, Bridged, wire
from connection import accepted, calling, caller, listening
from packets import (IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Raw)
from scapy.layers.inet import IPOption_NOP
from tap import main, test
from tcp import Peer

PORT, PEER = 7, 4444


def asks(t, **fields):
    """The peer asks port 7."""
    t.inject(t.packet_in(t.ip_in(**fields), sport=PEER, dport=PORT) / Raw(b"question"))


def heard(t, s, data=b"question"):
    found, (host, port, *_) = s.receive()
    t.equal((found, host, port), (data, t.there, PEER))


@test("a program connects, speaks, and both close", on=TCPS)
def client(t):
    s = calling(t)
    peer = Peer(t)
    peer.accepts()
    s.send(b"hello")
    peer.gets("PA", b"hello")
    peer.sends("PA", b"HELLO")
    s.wait()
    t.equal(s.recv(100), b"HELLO")
    s.shutdown(socket.SHUT_WR)
    t.collect()             # acknowledgments, alone or with the FIN
    peer.expected += 1
    peer.sends("FA")
    peer.gets("A")
    t.check(s.recv(100) == b"", "no end")


@test("a peer connects to a program", on=TCPS)
def server(t):
    listener, peer = listening(t), caller(t)
    peer.connects()
    s = accepted(listener)
    s.send(b"welcome")
    peer.gets("PA", b"welcome")


@test("nobody listens: the reset has the standard number", on=TCPS)
def refused(t):
    peer = caller(t)
    peer.sends("S")
    peer.gets("RA", seq=0)


@test("datagrams in and out", on=UDPS)
def datagrams(t):
    s = t.socket(port=PORT)
    for data in (b"", b"x", b"question", os.urandom(1400)):
        t.inject(t.packet_in(sport=PEER, dport=PORT) / Raw(data))
        found, address = s.receive()
        t.equal(found, data)
        s.sendto(data, address)
        t.expect(t.packet_out(sport=PORT, dport=PEER) / Raw(data))
    t.did(in_=4, out=4)


@test("a wrong checksum stays wrong", on=UDPS)
def spoiled(t):
    s = t.socket(port=PORT)
    good = bytes(t.packet_in(sport=PEER, dport=PORT) / Raw(b"question"))
    with t.counted(InErrors=1, InCsumErrors=1, InDatagrams=1):
        t.inject(good[:-1] + b"!")
        t.only(s)


@test("no checksum stays none", on=UDPS[:1])
def unsummed(t):
    s = t.socket(port=PORT)
    t.inject(t.packet_in(sport=PEER, dport=PORT, chksum=0) / Raw(b"question"))
    heard(t, s)


@test("a sum that becomes zero is sent as all ones", on=UDPS)
def ones(t):
    s = t.socket(port=PORT)
    packet = bytes(t.packet_out(sport=PORT, dport=PEER) / Raw(bytes(2)))
    # With its own complement in it, a sum is zero.
    data = packet[t.ip_length + 6:t.ip_length + 8]
    s.sendto(data, t.address(PEER))
    t.expect(t.packet_out(sport=PORT, dport=PEER, chksum=0xFFFF) / Raw(data))


@test("IP options, and extension headers, stand between", on=UDPS)
def between(t):
    s = t.socket(port=PORT)
    headers = ([t.ip_in() / IPv6ExtHdrHopByHop(), t.ip_in() / IPv6ExtHdrDestOpt(),
                t.ip_in() / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrDestOpt(),
                t.ip_in() / IPv6ExtHdrRouting(type=0, segleft=0)] if t.v6 else
               [t.ip_in(options=[IPOption_NOP()] * 4), t.ip_in(options=[IPOption_NOP()] * 40)])
    for header in headers:
        t.inject(t.packet_in(header, sport=PEER, dport=PORT) / Raw(b"question"))
        heard(t, s)
    t.did(in_=len(headers))


@test("more extension headers than any honest packet has are not followed", on=UDPS[1:])
def many(t):
    header = t.ip_in()
    for _ in range(9):
        header /= IPv6ExtHdrDestOpt()
    s = t.socket(port=PORT)
    t.inject(t.packet_in(header, sport=PEER, dport=PORT) / Raw(b"question"))
    t.collect()         # the kernel's UDP refuses it
    asks(t)
    heard(t, s)
    t.did(in_=1)


@test("what comes with xl4's number stays so, and without a rule all does", on=UDPS)
def others(t):
    s = t.socket(port=PORT)
    wire(OURS[UDP])
    asks(t)
    heard(t, s)
    t.remove("%s")
    asks(t)
    heard(t, s)
    s.sendto(b"answer", t.address(PEER))
    t.expect(t.packet_out(sport=PORT, dport=PEER) / Raw(b"answer"))


@test("the kernel's own sockets go on speaking", on=UDPS, rules=("%s local port 7",))
def kernels(t):
    with socket.socket(t.variant.family, socket.SOCK_DGRAM) as s:
        s.bind((t.here, 8))
        s.settimeout(20)
        t.inject(t.packet_in(sport=PEER, dport=8) / Raw(b"question"))
        t.equal(s.recvfrom(100)[0], b"question")
        s.sendto(b"answer", (t.there, PEER))
        t.expect(t.packet_out(sport=8, dport=PEER) / Raw(b"answer"))


# What rules say, and whether a datagram from port 4444 to port 7 falls under them.
SELECT = [
    ("dev wire", True), ("dev wir", False), ("dev wire1", False), ("dev lo", False),
    ("local port 7", True), ("local port 4444", False), ("local port 1-7", True),
    ("local port 8-65535", False), ("local port 1-6", False), ("local port 7-7", True),
    ("remote port 4444", True), ("remote port 7", False),
    ("local {here}", True), ("local {near}", False), ("local {other}", False),
    ("remote {there}", True), ("remote {here}", False), ("remote {net}", True),
    ("remote {all}", True), ("local {foreign}", False), ("remote {there} port 4444", True),
    ("remote {there} port 4445", False),
    ("local {here} port 7 remote {net} port 4444 dev wire", True),
    ("local {here} port 7 remote {other} port 4444", False),
]
# `near` differs from the machine's address in the last bit of the prefix.
NAMES = {False: {"near": "192.0.2.3/31", "net": "192.0.2.77/24", "all": "0.0.0.0/0", "foreign": "::/0"},
         True: {"near": "2001:db8:0:1::/64", "net": "2001:db8::77/64", "all": "::/0",
                "foreign": "0.0.0.0/0"}}


@test("a rule selects by device, address, prefix and ports, in both directions", on=UDPS, rules=())
def selects(t):
    s = t.socket(port=PORT)
    names = {**NAMES[t.v6], "here": t.here, "there": t.there, "other": t.names.other}
    for words, mine in SELECT:
        rule = "%s " + words.format(**names)
        t.add(rule)
        s.sendto(b"out", t.address(PEER))
        wire(UDP if mine else OURS[UDP])
        t.expect(t.packet_out(sport=PORT, dport=PEER) / Raw(b"out"))
        wire(UDP)
        if mine:
            asks(t)
            heard(t, s)
        t.did(in_=int(mine), out=int(mine))
        t.remove(rule)


@test("a rule without prefix is for both families, the first that fits counts", on=BOTH,
      rules=("%s remote port 4444", "%s"))
def first(t):
    if t.standard == TCP:
        caller(t).sends("S")
        t.expect(t.packet_out(flags="RA"))
    else:
        s = t.socket(port=PORT)
        asks(t)
        heard(t, s)
        s.sendto(b"answer", t.address(PEER))
        t.expect(t.packet_out(sport=PORT, dport=PEER) / Raw(b"answer"))
    t.did(in_=1, out=1)
    t.equal([counts["in"] for _, counts in rules()], [1, 0])


@test("a header that is cut short is left to who gets it", on=BOTH)
def short(t):
    for length in range(8 if t.standard == UDP else 20):
        network = t.ip_in()
        network.setfieldval("nh" if t.v6 else "proto", t.standard)
        t.inject(network / Raw(bytes([0, 9, 0, 9, 0, 99] + [0] * 14)[:length]))
    t.collect()
    t.did()


if __name__ == "__main__":
    main(Bridged)
