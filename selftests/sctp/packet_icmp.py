#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""What routers and the peer's host say of our packets: RFC 9260 section 10, and 7.3."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, COOKIE_WAIT, ESTABLISHED, SCTP_NODELAY, SOL_SCTP, active, calling,
                         message, no_heartbeats, state, works)
from conversation import Conversation
from netns import ip
from rtnetlink import add_neighbour
from sctp import CookieEcho, Data, Peer, Sctp, chunks_of
from tap import main, test
from tun import Tap

HEADERS = 12 + 16


def about(t, packet, tag=None, length=None):
    """What an ICMP error quotes: the packet, perhaps with another tag, as far as that."""
    data = bytearray(packet.original)
    if tag is not None:
        data[t.ip_length + 4:t.ip_length + 8] = tag.to_bytes(4, "big")
    return bytes(data[:length])


def too_big(t, packet, mtu, **quote):
    kind = (2, 0) if t.v6 else (3, 4)
    t.inject(t.icmp_error(*kind, about(t, packet, **quote), rest=mtu))


def no_protocol(t, packet, **quote):
    """Nobody there knows this protocol."""
    kind, rest = ((4, 1), 6) if t.v6 else ((3, 2), 0)
    t.inject(t.icmp_error(*kind, about(t, packet, **quote), rest=rest, source=t.there))


def sizes(packets):
    return [len(packet.original) for packet in packets if Data in packet]


# 7.3
@test("a path with a smaller MTU: what was sent comes again in smaller packets", on=BOTH)
def path_mtu(t):
    no_heartbeats()
    mtu = 1300
    s, peer = active(t)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    message(s, bytes(t.mtu - t.ip_length - HEADERS))
    peer.gets_data()
    too_big(t, peer.last, mtu)
    t.passes(3.2)
    t.check(t.collect(), "it comes again")     # a chunk cannot be cut: IP may have to do that
    peer.sacks()
    message(s, bytes(3000))
    found = t.collect()
    t.check(found and max(sizes(found)) <= mtu, f"{sizes(found)} within {mtu}")


@test("a smaller MTU than any path may have: not believed below the least", on=BOTH)
def path_mtu_small(t):
    no_heartbeats()
    s, peer = active(t)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    message(s, bytes(1000))
    peer.gets_data()
    too_big(t, peer.last, 68 if not t.v6 else 1000)
    t.passes(3.2)
    t.collect()
    peer.sacks()
    message(s, bytes(3000))
    found = t.collect()
    t.check(found, "it goes on")
    t.check(max(sizes(found)) >= (1280 if t.v6 else 512) - 100, f"{sizes(found)}")


# ICMP7: who does not know the tag has not seen a packet of ours
@test("an MTU told with another tag, or of a packet of nobody: nothing", on=BOTH)
def path_mtu_forged(t):
    s, peer = active(t)
    s.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    message(s, bytes(t.mtu - t.ip_length - HEADERS))
    peer.gets_data()
    for tag in (0, peer.tag ^ 1, peer.program_tag):
        too_big(t, peer.last, 1300, tag=tag)
    for length in (t.ip_length, t.ip_length + 4, t.ip_length + 7):
        too_big(t, peer.last, 1300, length=length)
    t.quiet()
    peer.sacks()
    message(s, bytes(3000))
    t.check(max(sizes(t.collect())) > 1400, "as large as before")


# ICMP6
@test("an INIT to a host without SCTP: connect() fails at once", on=BOTH)
def no_sctp(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    no_protocol(t, peer.last)
    t.quiet()
    t.equal(state(s), CLOSED, "state")
    t.check(s.error(), "an error")


@test("but not if the quoted INIT is of somebody else", on=BOTH)
def no_sctp_forged(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    data = bytearray(peer.last.original)
    data[t.ip_length + 12 + 4] ^= 1         # the initiate tag
    peer.last.original = bytes(data)
    no_protocol(t, peer.last)
    no_protocol(t, peer.last, length=t.ip_length + 8)
    t.quiet()
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())


@test("hosts and networks that cannot be reached for now do not end an association", on=BOTH)
def unreachable(t):
    s, peer = active(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    kinds = [(1, code) for code in (0, 1, 3)] if t.v6 else [(3, code) for code in (0, 1, 5)] + [(11, 0), (4, 0)]
    for kind in kinds:
        t.inject(t.icmp_error(*kind, about(t, peer.last)))
    t.quiet()
    t.equal(state(s), ESTABLISHED, "state")
    peer.sacks()
    works(t, s, peer)


@test("errors that are cut off anywhere do no harm", on=BOTH)
def cut_off(t):
    s, peer = active(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    for length in range(0, len(peer.last.original), 3):
        too_big(t, peer.last, 1300, length=length)
        no_protocol(t, peer.last, length=length, tag=1)
    t.passes(4)
    t.check(any(isinstance(one, Data) for packet in t.collect() if Sctp in packet for one in chunks_of(packet)),
            "sent again")
    peer.sacks()
    t.equal(state(s), ESTABLISHED, "state")


# Redirects: RFC 792, RFC 4861 section 8

ROUTERS = {False: ("192.0.2.254", "192.0.2.77"), True: ("fe80::fe", "fe80::77")}
BETTER = bytes.fromhex("020000000077")      # the second router's Ethernet address


def behind_routers(t):
    """An association with a peer behind the first of two routers, and what the program sent."""
    first, second = ROUTERS[t.v6]
    ip(f"route replace default via {first} dev {t.DEVICE}")
    if t.v6:
        add_neighbour(t.DEVICE, first, Tap.THERE)
    add_neighbour(t.DEVICE, second, BETTER)
    t.there = t.names.far
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s, peer = active(t)
    message(s, b"hello")
    peer.gets_data(b"hello")
    t.equal(sent_to(t, frames), {Tap.THERE}, "by the first")
    return s, peer, frames


def sent_to(t, frames):
    """To which Ethernet addresses packets for the peer went."""
    found, far = set(), socket.inet_pton(t.variant.family, t.there)
    while True:
        try:
            frame = frames.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return found
        if frame[14:].startswith(far, 24 if t.v6 else 16):
            found.add(frame[:6])


def redirect(t, packet, **quote):
    """The first router says that the second one is nearer to the peer."""
    second = socket.inet_pton(t.variant.family, ROUTERS[t.v6][1])
    quoted = about(t, packet, **quote)
    if not t.v6:
        t.inject(t.icmp_error(5, 1, quoted, rest=int.from_bytes(second, "big")))
        return
    quoted += bytes(-len(quoted) % 8)
    option = bytes([4, 1 + len(quoted) // 8]) + bytes(6) + quoted
    made = t.icmp_error(137, 0, second + socket.inet_pton(socket.AF_INET6, t.there) + option,
                        source=ROUTERS[True][0])
    made.hlim = 255
    t.inject(made)


@test("a router knows a nearer one: the association goes on by that", on=BOTH, ethernet=True)
def redirected(t):
    s, peer, frames = behind_routers(t)
    redirect(t, peer.last)
    t.quiet()
    t.equal(s.error(), 0, "error")
    sent_to(t, frames)
    peer.sacks()
    message(s, b"again")
    peer.gets_data(b"again")
    t.equal(sent_to(t, frames), {BETTER}, "by the second")
    peer.sacks()
    works(t, s, peer)


# ICMP7
@test("a redirect for a packet that was never sent: nothing", on=BOTH, ethernet=True)
def redirected_forged(t):
    s, peer, frames = behind_routers(t)
    for tag in (0, peer.tag ^ 1, peer.program_tag):
        redirect(t, peer.last, tag=tag)
    redirect(t, peer.last, length=t.ip_length + 4)
    t.quiet()
    sent_to(t, frames)
    peer.sacks()
    message(s, b"again")
    peer.gets_data(b"again")
    t.equal(sent_to(t, frames), {Tap.THERE}, "by the first")


main(Conversation)
