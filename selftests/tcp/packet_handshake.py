#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""A connection comes to be: RFC 9293 sections 3.4, 3.5 and 3.10.7.3."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE, ESTABLISHED, KERNEL, LATE, LISTEN, PEER_PORT, PORT, SYN_RECV,
                        SYN_SENT, accepted, active, caller, calling, gets, gets_end, listening,
                        passive, state)
from conversation import Conversation
from tap import main, test
from tcp import Peer


@test("an active open: SYN, SYN-ACK, ACK", on=BOTH)
def active_open(t):
    s = calling(t)
    t.equal(state(s), SYN_SENT, "state")
    peer = Peer(t)
    syn = peer.gets("S")
    t.equal(syn.dport, PORT, "port")
    peer.sends("SA")
    peer.gets("A")
    t.equal((state(s), s.error()), (ESTABLISHED, 0), "state, error")


@test("a passive open: SYN, SYN-ACK, ACK", on=BOTH)
def passive_open(t):
    listener, peer = listening(t), caller(t)
    t.equal(state(listener), LISTEN, "state")
    peer.sends("S")
    peer.gets("SA")
    t.equal(listener.ready(), "", "nobody to accept yet")
    peer.sends("A")
    s = accepted(listener)
    t.equal((state(s), s.getpeername()[1]), (ESTABLISHED, PEER_PORT), "state, peer")


@test("a connect() that blocks returns with the SYN-ACK", on=BOTH)
def blocking(t):
    s = t.socket()
    connecting = t.blocks(s.connect, t.address(PORT))
    peer = Peer(t)
    peer.gets("S")
    peer.sends("SA")
    peer.gets("A")
    connecting.returns()


@test("both open at once: one connection", on=BOTH)
def simultaneous(t):
    s = t.socket(port=PEER_PORT)
    calling(t, s)
    peer = Peer(t)
    syn = peer.gets("S")
    peer.sends("S", ack=0)
    peer.gets("SA", seq=syn.seq, again=True)
    t.equal(state(s), SYN_RECV, "state")
    peer.sends("A", b"hello")
    peer.gets("A", after=LATE)
    t.equal(state(s), ESTABLISHED, "state")
    gets(s, b"hello")


@test("a reset in SYN-RECEIVED after a simultaneous open: connection refused", on=BOTH)
def simultaneous_reset(t):
    s = calling(t)
    peer = Peer(t)
    syn = peer.gets("S")
    peer.sends("S", ack=0)
    peer.gets("SA", seq=syn.seq, again=True)
    peer.sends("R", ack=0)
    t.quiet()
    t.equal(state(s), CLOSE, "state")
    t.equal(s.error(), errno.ECONNRESET if KERNEL else errno.ECONNREFUSED, "error")


@test("a reset in SYN-RECEIVED from a passive open: back to LISTEN", on=BOTH)
def passive_reset(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    peer.sends("R", ack=0)
    t.quiet()
    t.equal((listener.ready(), listener.error()), ("", 0), "events, error")
    again = caller(t, isn=70000)
    again.connects()
    accepted(listener)


# SYN-SENT

def not_its_ack(t, flags, distance):
    """A program that connects, and a peer that acknowledges what was not sent."""
    s, peer = calling(t), Peer(t)
    peer.gets("S")
    wrong = (peer.expected - 1 + distance) % (1 << 32)
    peer.sends(flags, ack=wrong)
    if "R" not in flags:
        t.expect(t.packet_out(sport=peer.program_port, dport=PORT, flags="R", seq=wrong))
    if KERNEL:      # which asks again without waiting for its timer
        peer.gets("S", again=True, after=(0, 0.1))
    return s, peer


def still_connects(t, s, peer):
    t.quiet()
    t.equal(state(s), SYN_SENT, "state")
    peer.next = 5000
    peer.sends("SA")
    peer.gets("A")
    t.equal(state(s), ESTABLISHED, "state")


@test("SYN-SENT: an ACK of what was never sent is answered with a reset", on=BOTH)
def synsent_wrong_ack(t):
    for flags in ("A", "SA"):
        for distance in (0, -1, 2, 1 << 31):
            still_connects(t, *not_its_ack(t, flags, distance))


@test("SYN-SENT: such an ACK with a reset is passed over", on=BOTH)
def synsent_wrong_reset(t):
    for flags in ("RA", "SRA"):
        for distance in (0, -1, 2, 1 << 31):
            still_connects(t, *not_its_ack(t, flags, distance))


@test("SYN-SENT: a reset with the right ACK: connection refused", on=BOTH)
def refused(t):
    s, peer = calling(t), Peer(t)
    peer.gets("S")
    peer.sends("RA", seq=0)
    t.quiet()
    t.equal((state(s), s.error(), s.error()), (CLOSE, errno.ECONNREFUSED, 0),
            "state, error, error again")


@test("SYN-SENT: a reset without ACK changes nothing", on=BOTH)
def synsent_bare_reset(t):
    s, peer = calling(t), Peer(t)
    peer.gets("S")
    peer.sends("R", ack=0)
    peer.sends("SR", ack=0)
    still_connects(t, s, peer)


@test("SYN-SENT: neither SYN nor RST is dropped", on=BOTH)
def synsent_nothing(t):
    s, peer = calling(t), Peer(t)
    peer.gets("S")
    for flags in ("A", "PA", "FA", "P", "F", ""):
        peer.sends(flags, b"data", seq=0)
    still_connects(t, s, peer)


@test("data in the SYN-ACK are delivered, or sent again by the peer", on=BOTH)
def synack_data(t):
    s, peer = calling(t), Peer(t)
    peer.gets("S")
    start = peer.next + 1
    peer.sends("SA", b"hello")
    first = t.expect(t.packet_out(flags="A", seq=peer.expected))
    if first.ack == start:
        peer.next = start
        peer.sends("A", b"hello")
        peer.gets("A", after=LATE)
    gets(s, b"hello")


# SYN-RECEIVED

def half_open(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    return listener, peer


def still_opens(t, listener, peer):
    t.quiet()
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


@test("SYN-RECEIVED: the SYN again gets the SYN-ACK again", on=BOTH)
def syn_again(t):
    listener, peer = half_open(t)
    peer.sends("S", seq=peer.next - 1, ack=0)
    peer.gets("SA", seq=peer.expected - 1, again=True)
    still_opens(t, listener, peer)


@test("SYN-RECEIVED: a wrong ACK is answered with a reset", on=BOTH)
def synrecv_wrong_ack(t):
    listener, peer = half_open(t)
    for distance in (-1, 1, 1 << 31):
        wrong = (peer.expected + distance) % (1 << 32)
        peer.sends("A", ack=wrong)
        t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=wrong))
    still_opens(t, listener, peer)


@test("SYN-RECEIVED: a segment out of the window is acknowledged", on=BOTH)
def synrecv_out_of_window(t):
    listener, peer = half_open(t)
    peer.sends("A", b"far away", seq=peer.next + (1 << 30))
    peer.gets("A")
    still_opens(t, listener, peer)


@test("SYN-RECEIVED: a reset out of the window is passed over", on=BOTH)
def synrecv_far_reset(t):
    listener, peer = half_open(t)
    peer.sends("R", seq=peer.next + (1 << 30), ack=0)
    still_opens(t, listener, peer)


@test("SYN-RECEIVED: neither ACK, SYN nor RST is dropped", on=BOTH)
def synrecv_no_ack(t):
    listener, peer = half_open(t)
    for flags in ("P", "F", ""):
        peer.sends(flags, b"data", seq=peer.next, ack=0)
        peer.next -= 5 if flags == "F" else 4
    still_opens(t, listener, peer)


@test("an old duplicate SYN is cleared by a reset from its sender", on=BOTH)
def old_duplicate(t):
    listener, peer = listening(t), caller(t, isn=90)
    peer.sends("S")
    wrong = peer.gets("SA")
    peer.sends("R", seq=91, ack=0)
    fresh = caller(t, isn=100)
    fresh.sends("S")
    right = fresh.gets("SA")
    t.check(right.ack != wrong.ack, "the new SYN is acknowledged")
    fresh.sends("A")
    accepted(listener)


# The last ACK

@test("data in the last ACK of the handshake are delivered", on=BOTH)
def data_in_last_ack(t):
    listener, peer = half_open(t)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    gets(accepted(listener), b"hello")


@test("FIN in the last ACK of the handshake", on=BOTH)
def fin_in_last_ack(t):
    listener, peer = half_open(t)
    peer.sends("FA", b"hello")
    peer.gets("A", after=LATE)
    s = accepted(listener)
    gets(s, b"hello")
    gets_end(s)


@test("a lost last ACK: data open the connection", on=BOTH)
def lost_last_ack(t):
    listener, peer = half_open(t)
    peer.sends("PA", b"one")
    peer.gets("A", after=LATE)
    peer.sends("PA", b"two")
    peer.gets("A", after=LATE)
    gets(accepted(listener), b"onetwo")


@test("data in a SYN are not delivered before the handshake is over", on=BOTH)
def data_in_syn(t):
    listener, peer = listening(t), caller(t)
    peer.sends("S", b"early")
    synack = t.expect(t.packet_out(flags="SA"))
    t.equal(listener.ready(), "", "nobody to accept yet")
    peer.expected = (synack.seq + 1) % (1 << 32)
    peer.next = synack.ack
    peer.sends("A")
    s = accepted(listener)
    if synack.ack == 1001:      # the data were not taken: they come again
        peer.sends("PA", b"early")
        peer.gets("A", after=LATE)
    gets(s, b"early")


# Listeners

@test("two listeners of one port on two addresses", on=BOTH)
def two_addresses(t):
    second = t.add_second_address()
    listeners = {}
    for host in (t.here, second):
        listeners[host] = t.socket(port=PORT, address=host)
        listeners[host].listen()
    for host, listener in listeners.items():
        t.inject(t.packet_in(t.ip_in(dst=host), sport=PEER_PORT, dport=PORT, flags="S", seq=1))
        synack = t.expect(t.packet_out(t.ip_out(src=host), flags="SA", ack=2))
        t.inject(t.packet_in(t.ip_in(dst=host), sport=PEER_PORT, dport=PORT, flags="A", seq=2,
                             ack=synack.seq + 1))
        t.equal(accepted(listener).getsockname()[0], host, "address")


@test("a listener goes on beside connections on its port", on=BOTH)
def many(t):
    listener, peers = listening(t), []
    for number in range(5):
        peers.append(Peer(t, PEER_PORT + number, PORT))
        peers[-1].connects()
    sockets = [accepted(listener) for _ in peers]
    for number, (s, peer) in enumerate(zip(sockets, peers)):
        data = b"for %d" % number
        peer.sends("PA", data)
        peer.gets("A", after=LATE)
        gets(s, data)
    t.equal(state(listener), LISTEN, "state")


@test("the SYN's source: bound to, or asked of IP, and kept", on=BOTH)
def whose(t):
    second = t.add_second_address()
    for s in (t.socket(port=0, address=second), t.socket(port=0, address=t.here), t.socket()):
        bound = s.getsockname()[0]
        calling(t, s)
        source = s.getsockname()[0]
        t.check(source == bound or bound == t.names.any, f"bound to {bound}, not {source}")
        t.expect(t.packet_out(t.ip_out(src=source), flags="S", dport=PORT))


NOBODY = {socket.AF_INET: ("224.0.0.1", "192.0.2.255", "255.255.255.255"),
          socket.AF_INET6: ("ff02::1", "ff0e::1")}


@test("connect() to broadcast and multicast fails", on=BOTH)
def connect_to_nobody(t):
    for host in NOBODY[t.variant.family]:
        with t.fails(errno.ENETUNREACH, errno.EACCES, errno.EINVAL):
            t.socket().connect((host, PORT))


@test("a SYN to broadcast or multicast is silently dropped", on=BOTH)
def syn_to_nobody(t):
    listening(t)
    for host in NOBODY[t.variant.family]:
        t.inject(t.packet_in(t.ip_in(dst=host), sport=PEER_PORT, dport=PORT, flags="S"))
    t.quiet()


@test("a SYN from broadcast or multicast is silently dropped", on=BOTH)
def syn_from_nobody(t):
    listening(t)
    for host in NOBODY[t.variant.family]:
        if KERNEL and host == "192.0.2.255":    # where it does not look
            continue
        t.inject(t.packet_in(t.ip_in(src=host), sport=PEER_PORT, dport=PORT, flags="S"))
    t.quiet()


@test("data flow both ways over connections opened both ways", on=BOTH)
def both_ways(t):
    for s, peer in (active(t), passive(t)):
        s.send(b"hello")
        peer.gets("PA", b"hello")
        peer.sends("PA", b"welcome")
        peer.gets("A", after=LATE)
        gets(s, b"welcome")


if __name__ == "__main__":
    main(Conversation)
