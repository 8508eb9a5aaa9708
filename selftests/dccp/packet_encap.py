#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""DCCP in UDP: RFC 6773."""
import errno
import os
import socket
import struct
import sys
from socket import IPPROTO_UDP

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, CLOSE, CLOSED, DATA, NO_CONNECTION, REQUEST, RESET, RESPONSE,
                  SOCK_DCCP, Dccp, Peer, confirms)
from dialogue import (BOTH, DCCP6, GET_CUR_MPS, KERNEL, PORT, SERVICE, SERVICE_CODE, SOL_DCCP, VECTORS,
                      accepted, caller, calling, gets, listening, setting)
from packets import Raw, checksum
from tap import Skip, main, test

UDP_PORT, THEIR_PORT = 6511, 50000
ENCAP = 0x8000          # XDCCP_SOCKOPT_ENCAP
PORT_REUSE = 12         # RFC 6773 section 3.8


def opened(t):
    """The machine takes DCCP in UDP."""
    if KERNEL:
        raise Skip("the kernel's DCCP has no UDP")
    setting("encap_port", UDP_PORT)


def at_33(t):
    """A socket at IANA's number, which the module has unless the kernel's own has it."""
    try:
        s = socket.socket(t.variant.family, SOCK_DCCP, 33)
    except OSError:
        raise Skip("no DCCP at 33") from None
    try:
        s.getsockopt(SOL_DCCP, ENCAP)
    except OSError:
        s.close()
        raise Skip("the kernel's DCCP is at 33") from None
    return s


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

    def __init__(self, t, peer, port=THEIR_PORT):
        self.t, self.peer, self.port = t, peer, port

    def sends(self, kind, data=b"", **fields):
        packet = self.peer.packet(kind, data, chksum=0, **fields)
        self.t.inject(datagram(self.t, bytes(packet)[self.t.ip_length:], self.port))

    def gets(self, kind):
        """The next packet, which is UDP with a checksum: what DCCP's header in it says."""
        t = self.t
        t.settle()
        packet = t.collect()[0]
        data = bytes(packet)
        t.equal(data[6 if t.v6 else 9], IPPROTO_UDP, "protocol")
        body = data[t.ip_length:]
        t.equal((int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")),
                (UDP_PORT, self.port), "UDP's ports")
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


@test("another's Request for the same DCCP ports, from another UDP port: Encapsulated Port Reuse",
      on=BOTH)
def port_reuse(t):
    opened(t)
    listener, peer = listening(t), caller(t)
    udp, other = InUdp(t, peer), InUdp(t, caller(t), THEIR_PORT + 1)
    udp.sends(REQUEST, options=list(VECTORS))
    response = udp.gets(RESPONSE)
    other.sends(REQUEST)
    t.equal(other.gets(RESET).code, PORT_REUSE, "code, half open")
    udp.sends(ACK, options=confirms(response))
    s = accepted(listener)
    other.sends(REQUEST)
    t.equal(other.gets(RESET).code, PORT_REUSE, "code, open")
    udp.sends(DATA, b"not disturbed")
    gets(s, b"not disturbed")
    t.collect()


def called(t):
    """A program calls in UDP: (its socket, the peer, its Request)."""
    opened(t)
    s, peer = calling(t, options={(SOL_DCCP, ENCAP): THEIR_PORT}), Peer(t)
    udp = InUdp(t, peer)
    request = udp.gets(REQUEST)
    peer.port, peer.program_port, peer.service = request.dport, request.sport, request.service
    return s, udp, request


@test("Encapsulated Port Reuse is an error of its own to a program", on=BOTH)
def port_is_reused(t):
    s, udp, request = called(t)
    udp.sends(RESET, ack=request.seq, code=PORT_REUSE)
    t.quiet()
    t.equal(s.error(), errno.EADDRINUSE, "error")


@test("at 33 it is in UDP, too: whoever listens there is found", on=BOTH)
def iana(t):
    opened(t)
    s = at_33(t)
    s.bind((t.names.any, PORT))
    s.setsockopt(SOL_DCCP, SERVICE_CODE, struct.pack("!I", SERVICE))
    s.listen(8)
    udp = InUdp(t, caller(t))
    udp.sends(REQUEST, options=list(VECTORS))
    udp.sends(ACK, options=confirms(udp.gets(RESPONSE)))
    udp.sends(DATA, b"at 33")
    connection = s.accept()[0]
    t.equal(connection.recv(100), b"at 33", "data")
    udp.gets(ACK)
    udp.sends(CLOSE)
    t.equal(udp.gets(RESET).code, CLOSED, "code")
    connection.close()
    s.close()


def quotes(t, udp, kind, seq):
    """What an ICMP error quotes of a datagram that came out."""
    network = t.ip_out()
    network.setfieldval("nh" if t.v6 else "proto", IPPROTO_UDP)
    dccp = bytes(t.packet_out(type=kind, sport=udp.peer.program_port, dport=udp.peer.port,
                              seq=seq))[t.ip_length:]
    header = UDP_PORT.to_bytes(2, "big") + udp.port.to_bytes(2, "big") + (
        8 + len(dccp)).to_bytes(2, "big") + bytes(2)
    return bytes(network / Raw(header + dccp))


@test("an ICMP error about a datagram: too big, and packets become smaller", on=BOTH)
def too_big(t):
    s, udp, request = called(t)
    udp.sends(RESPONSE, options=confirms(request))
    udp.gets(ACK)
    udp.sends(ACK)
    t.quiet()
    before = s.getsockopt(SOL_DCCP, GET_CUR_MPS)
    s.send(b"x" * before)
    seq = udp.gets(DATA).seq
    error = (2, 0) if t.v6 else (3, 4)
    for about, less in ((quotes(t, udp, DATA, seq + 50), 0),
                        (quotes(t, udp, DATA, seq)[:t.ip_length + 8], 0),
                        (quotes(t, udp, DATA, seq), 100)):
        t.inject(t.icmp_error(*error, about, rest=1400))
        t.settle()
        t.equal(s.getsockopt(SOL_DCCP, GET_CUR_MPS), before - less, "size")


@test("a Redirect is UDP's to follow, and no error", on=[DCCP6])
def redirected(t):
    s, udp, request = called(t)
    about = quotes(t, udp, REQUEST, request.seq)
    about += bytes(-len(about) % 8)
    option = bytes([4, 1 + len(about) // 8]) + bytes(6) + about
    there = socket.inet_pton(socket.AF_INET6, t.there)
    redirect = t.icmp_error(137, 0, there + there + option, source="fe80::9")
    redirect.hlim = 255
    t.inject(redirect)
    t.quiet()
    t.equal(s.error(), 0, "error")
    udp.sends(RESPONSE, options=confirms(request))
    udp.gets(ACK)


@test("an ICMP error about a Request in UDP: the attempt fails", on=BOTH)
def unreachable(t):
    s, udp, request = called(t)
    t.inject(t.icmp_error(1 if t.v6 else 3, 4 if t.v6 else 3,
                          quotes(t, udp, REQUEST, request.seq)))
    t.quiet()
    t.equal(s.error(), errno.ECONNREFUSED, "error")


@test("a datagram that is shorter than a header, or than it says, is ignored", on=BOTH)
def short(t):
    opened(t)
    body = bytes(caller(t).packet(REQUEST, chksum=0))[t.ip_length:]
    for length in (0, 4, 11, 16, len(body) - 1):
        t.inject(datagram(t, body[:length]))
    t.quiet()


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
