#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""DCCP in UDP: RFC 6773."""
import os
import sys
from socket import IPPROTO_UDP

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, CLOSE, CLOSED, DATA, NO_CONNECTION, REQUEST, RESET, RESPONSE, Dccp,
                  confirms)
from dialogue import BOTH, KERNEL, VECTORS, accepted, caller, gets, listening, setting
from packets import Raw, checksum
from tap import Skip, main, test

UDP_PORT, THEIR_PORT = 6511, 50000


def opened(t):
    """The machine takes DCCP in UDP."""
    if KERNEL:
        raise Skip("the kernel's DCCP has no UDP")
    setting("encap_port", UDP_PORT)


def datagram(t, payload, sport=THEIR_PORT, check=None):
    """A UDP datagram towards the machine."""
    network = t.ip_in()
    network.setfieldval("nh" if t.v6 else "proto", IPPROTO_UDP)
    header = sport.to_bytes(2, "big") + UDP_PORT.to_bytes(2, "big") + (
        8 + len(payload)).to_bytes(2, "big")
    if check is None:
        whole = header + bytes(2) + payload
        check = checksum(network, IPPROTO_UDP, whole, len(whole)) or 0xFFFF
    return network / Raw(header + check.to_bytes(2, "big") + payload)


class InUdp:
    """Packets of a peer that is behind UDP."""

    def __init__(self, t, peer):
        self.t, self.peer = t, peer

    def sends(self, kind, data=b"", **fields):
        packet = self.peer.packet(kind, data, chksum=0, **fields)
        self.t.inject(datagram(self.t, bytes(packet)[self.t.ip_length:]))

    def gets(self, kind):
        """The next packet, which is UDP with a checksum: what DCCP's header in it says."""
        t = self.t
        t.settle()
        packet = t.collect()[0]
        data = bytes(packet)
        t.equal(data[6 if t.v6 else 9], IPPROTO_UDP, "protocol")
        body = data[t.ip_length:]
        t.equal((int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")),
                (UDP_PORT, THEIR_PORT), "UDP's ports")
        t.check(body[6:8] != bytes(2), "UDP's checksum")
        found = Dccp(body[8:])
        t.equal((found.type, found.chksum), (kind, 0), "type, DCCP's checksum")
        self.peer.expected = found.seq + 1
        return found


@test("a connection in UDP: handshake, data both ways, close", on=BOTH)
def hello(t):
    opened(t)
    listener, peer = listening(t), caller(t)
    udp = InUdp(t, peer)
    udp.sends(REQUEST, options=list(VECTORS))
    response = udp.gets(RESPONSE)
    udp.sends(ACK, options=confirms(response))
    s = accepted(listener)
    udp.sends(DATA, b"hello")
    gets(s, b"hello")
    udp.gets(ACK)
    s.send(b"hello, too")
    found = udp.gets(DATA)
    t.equal(bytes(found.payload), b"hello, too", "data")
    udp.sends(CLOSE)
    t.equal(udp.gets(RESET).code, CLOSED, "code")


@test("nobody there: the Reset is in UDP, too", on=BOTH)
def nobody(t):
    opened(t)
    udp = InUdp(t, caller(t))
    udp.sends(REQUEST)
    t.equal(udp.gets(RESET).code, NO_CONNECTION, "code")


@test("without UDP's checksum, or with a wrong one, it is ignored; DCCP's is not looked at", on=BOTH)
def checksums(t):
    opened(t)
    peer = caller(t)
    body = bytes(peer.packet(REQUEST, chksum=0x1234))[t.ip_length:]
    for check in (0, 0x1234):
        t.inject(datagram(t, body, check=check))
    t.quiet()
    t.inject(datagram(t, body))
    t.equal(len(t.collect()), 1, "an answer")


@test("a connection in UDP is none without, nor from another UDP port", on=BOTH)
def same_carrier(t):
    opened(t)
    listener, peer = listening(t), caller(t)
    udp = InUdp(t, peer)
    udp.sends(REQUEST, options=list(VECTORS))
    udp.sends(ACK, options=confirms(udp.gets(RESPONSE)))
    s = accepted(listener)
    peer.sends(DATA, b"bare")
    body = bytes(peer.packet(DATA, b"another port", chksum=0))[t.ip_length:]
    t.inject(datagram(t, body, sport=THEIR_PORT + 1))
    t.quiet()
    t.check(s.is_empty(), "nothing is read")
    udp.sends(DATA, b"the right one")
    gets(s, b"the right one")
    t.collect()


@test("closed again, the port is UDP's own", on=BOTH)
def closed(t):
    opened(t)
    setting("encap_port", 0)
    udp = InUdp(t, caller(t))
    udp.sends(REQUEST)
    found, = t.collect()
    t.check(bytes(found)[6 if t.v6 else 9] in (1, 58), "ICMP: port unreachable")


if __name__ == "__main__":
    main(Conversation)
