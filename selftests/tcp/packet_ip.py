#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What TCP hands to IP, and gets from it: RFC 9293 section 3.9.2."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, KERNEL, LATE, PEER_PORT, PORT, TCP4, TCP6, accepted,
                        caller, calling, gets, listening, passive, state)
from conversation import Conversation
from linux import DF, SOL_IP, SOL_IPV6
from packets import Raw
from tap import main, test
from tcp import SEQUENCE, Peer

NOP, UNKNOWN, LSRR = b"\1", b"\x9e\4ab", b"\x83\7\4"


def hops(t):
    return (SOL_IPV6, socket.IPV6_UNICAST_HOPS) if t.v6 else (SOL_IP, socket.IP_TTL)


def service(t):
    return (SOL_IPV6, socket.IPV6_TCLASS) if t.v6 else (SOL_IP, socket.IP_TOS)


def hops_of(packet):
    return packet.hlim if packet.version == 6 else packet.ttl


def service_of(packet):
    return packet.tc if packet.version == 6 else packet.tos


def life(t, s, peer, look):
    """What each kind of segment of a connection looks like."""
    found = []
    s.send(b"hello")
    found.append(look(peer.gets("PA", b"hello")))
    peer.sends("PA", b"world")
    found.append(look(peer.gets("A", after=LATE)))
    gets(s, b"world")
    s.close()
    found.append(look(peer.gets("FA")))
    peer.sends("FA")
    found.append(look(peer.gets("A")))
    return found


def opened(t, look, options=()):
    """A connection of a program that calls: what its SYN and its ACK look like, (socket, peer)."""
    s, peer = calling(t, t.socket(options=options)), Peer(t)
    found = [look(peer.gets("S"))]
    peer.sends("SA")
    found.append(look(peer.gets("A")))
    return found, s, peer


@test("hops: as the program says, in each segment", on=BOTH)
def hop_limit(t):
    found, s, peer = opened(t, hops_of, {hops(t): 33})
    t.equal(found + life(t, s, peer, hops_of), [33] * 6, "hops")


@test("hops: a listener's, too, and those of what it accepts", on=BOTH)
def hop_limit_passive(t):
    listener = t.socket(port=PORT, options={hops(t): 33})
    listener.listen()
    peer = caller(t)
    peer.sends("S")
    t.equal(hops_of(peer.gets("SA")), 33, "hops")
    peer.sends("A")
    t.equal(life(t, accepted(listener), peer, hops_of), [33] * 4, "hops")


@test("service: as the program says, also later", on=BOTH)
def tos(t):
    found, s, peer = opened(t, service_of, {service(t): 0x20})
    t.equal(found, [0x20] * 2, "service")
    s.setsockopt(*service(t), 0x48)
    t.equal(life(t, s, peer, service_of)[:3], [0x48] * 3, "service")


@test("service: the bits of ECN are not the program's", on=BOTH)
def tos_ecn(t):
    found, s, peer = opened(t, service_of, {service(t): 0x23})
    t.equal([value & 3 for value in found + life(t, s, peer, service_of)], [0] * 6, "ECN")


@test("a segment is not to be fragmented on its way", on=(TCP4,))
def fragments(t):
    found, s, peer = opened(t, lambda packet: packet.flags)
    found += life(t, s, peer, lambda packet: packet.flags)
    t.equal([int(flags) for flags in found], [DF] * 6, "flags of IP")


@test("a connection has one flow label, each its own", on=(TCP6,))
def flow_label(t):
    labels = []
    for port in (5000, 5001):
        s, peer = calling(t, t.socket(port=port)), Peer(t)
        found = {peer.gets("S").fl}
        peer.sends("SA")
        found.add(peer.gets("A").fl)
        found.update(life(t, s, peer, lambda packet: packet.fl))
        t.equal(len(found), 1, f"labels {found}")
        labels += found
    t.check(0 not in labels and labels[0] != labels[1], f"labels {labels}")


@test("IP options that nobody understands are passed over", on=(TCP4,))
def unknown_options(t):
    listener, peer = listening(t), caller(t)
    for flags in ("S", "A"):
        network = t.ip_in(options=[UNKNOWN])
        t.inject(t.packet_in(network, sport=PEER_PORT, dport=PORT, flags=flags, seq=peer.next,
                             ack=peer.expected or 0))
        if flags == "S":
            peer.next += 1
            peer.gets("SA")
    s = accepted(listener)
    t.inject(t.packet_in(t.ip_in(options=[UNKNOWN]), sport=PEER_PORT, dport=PORT, flags="PA",
                         seq=peer.next, ack=peer.expected) / Raw(b"hello"))
    peer.next += 5
    peer.gets("A", after=LATE)
    gets(s, b"hello")


def source_route(*routers):
    addresses = b"".join(map(socket.inet_aton, routers))
    return LSRR[:1] + bytes([3 + len(addresses)]) + LSRR[2:] + addresses


@test("a source route of the program: in each segment, and first to its router", on=(TCP4,))
def routed(t):
    option = source_route(t.names.other, t.there) + NOP
    s = t.socket(options={(SOL_IP, socket.IP_OPTIONS): option})
    calling(t, s)
    syn = t.expect(t.packet_out(t.ip_out(dst=t.names.other), flags="S"))
    t.equal(syn.ihl, 5 + (len(option) + 3) // 4, "length of the header")


@test("a program's IP options make segments shorter", on=(TCP4,))
def shorter(t):
    s, peer = passive(t, options=[("MSS", 1460)])
    s.setsockopt(SOL_IP, socket.IP_OPTIONS, NOP * 8)
    s.send(bytes(3000))
    packets = t.collect()
    t.equal([len(packet.original) for packet in packets[:2]], [1500, 1500], "bytes")
    t.equal(sum(len(packet[t.header].payload) for packet in packets), 3000, "octets")
    peer.expected = (peer.expected + 3000) % SEQUENCE
    peer.sends("A")


@test("from an address that is none: silently dropped", on=BOTH)
def no_address(t):
    listener = listening(t)
    hosts = ("::ffff:192.0.2.2", "ff02::1", "::") if t.v6 else ("0.0.0.0", "224.0.0.1")
    for host in hosts[:2 if KERNEL else 3]:     # which answers ::, and mapped ones with a reset
        t.inject(t.packet_in(t.ip_in(src=host), sport=PEER_PORT, dport=PORT, flags="S"))
        if not KERNEL:
            t.inject(t.packet_in(t.ip_in(src=host), sport=PEER_PORT, dport=9, flags="S"))
    t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")
    peer = caller(t)
    peer.connects()
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


if __name__ == "__main__":
    main(Conversation)
