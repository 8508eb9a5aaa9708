#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""A listener asked for much: TCP_DEFER_ACCEPT, challenge ACKs, SYN cookies."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, ESTABLISHED, KERNEL, LATE, PEER_PORT, PORT, accepted, caller, gets,
                        listening, nobody_there, passive, setting, state)
from conversation import Conversation
from tap import main, test
from tcp import Peer

SOL_TCP = socket.IPPROTO_TCP

# TCP_DEFER_ACCEPT

def deferred(t):
    listener = t.socket(port=PORT, options={(SOL_TCP, socket.TCP_DEFER_ACCEPT): 10})
    listener.listen()
    peer = caller(t)
    peer.connects()
    t.quiet(0.5)
    t.equal(listener.ready(), "", "nothing to accept")
    return listener, peer


@test("TCP_DEFER_ACCEPT: accepted with the first data", on=BOTH)
def defer_accept(t):
    listener, peer = deferred(t)
    t.quiet(5)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    gets(accepted(listener), b"hello")


@test("TCP_DEFER_ACCEPT: without data at the end of the time", on=BOTH)
def defer_accept_over(t):
    listener, peer = deferred(t)
    peer.gets("SA", again=True, seq=peer.expected - 1, after=(13, 18))
    peer.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


# Challenge ACKs, RFC 5961

@test("challenge ACKs: two a second for a connection", on=BOTH)
def challenges(t):
    s, peer = passive(t)
    t.quiet(1)
    for _ in range(3):
        for _again in range(5):
            peer.sends("S", seq=peer.next + 100)
        peer.gets("A")
        t.quiet(0.6)
    t.equal(state(s), ESTABLISHED, "state")


@test("challenge ACKs: so many a second for all", on=BOTH)
def challenges_of_all(t):
    setting("challenge_ack_limit", 1)
    listener = listening(t)
    peers = [Peer(t, 4444 + number, PORT) for number in range(4)]
    for peer in peers:
        peer.connects()
    sockets = [accepted(listener) for _ in peers]
    t.quiet(2)
    for first, second in (peers[:2], peers[2:]):
        first.sends("S", seq=first.next + 100)
        first.gets("A")
        second.sends("S", seq=second.next + 100)
        t.quiet(2)
    t.equal([state(s) for s in sockets], [ESTABLISHED] * 4, "states")


@test("challenge ACKs: the largest limit is one, not none", on=BOTH)
def challenges_without_limit(t):
    setting("challenge_ack_limit", 0x7fffffff)
    _s, peer = passive(t)
    t.quiet(2)
    peer.sends("S", seq=peer.next + 100)
    peer.gets("A")


# SYN cookies

@test("a cookie: the ACK makes the connection", on=BOTH)
def cookie(t):
    setting("syncookies", 2)
    s, peer = passive(t)
    peer.sends("PA", b"hello")
    peer.gets("A", after=LATE)
    gets(s, b"hello")
    s.send(b"world")
    peer.gets("PA", b"world")
    peer.sends("A")


@test("a cookie costs no memory: the SYN,ACK is not sent again", on=BOTH)
def cookie_once(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    t.quiet(30)
    peer.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


@test("a wrong cookie is answered with a reset", on=BOTH)
def wrong_cookie(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    right = peer.expected
    for wrong in (right + 100, right - 100, right ^ 0x1000000, right ^ 0x80000000):
        wrong %= 1 << 32
        peer.sends("A", ack=wrong)
        t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=wrong))
    other = Peer(t, PEER_PORT + 1, PORT, isn=1001)      # of another connection
    other.sends("A", ack=right)
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT + 1, flags="R", seq=right))
    t.equal(listener.ready(), "", "nobody to accept")


@test("an old cookie is answered with a reset", on=BOTH)
def old_cookie(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    t.quiet(200)
    Peer(t, 5555, PORT).connects()          # cookies go on meanwhile
    accepted(listener)
    nobody_there(t, peer, "A")


@test("cookies are switched off: none is looked for", on=BOTH)
def cookies_off(t):
    setting("syncookies", 2)
    listener, peer = listening(t), caller(t)
    peer.sends("S")
    peer.gets("SA")
    setting("syncookies", 0)
    nobody_there(t, peer, "A")
    t.equal(listener.ready(), "", "nobody to accept")


@test("a cookie remembers the MSS, or a smaller one", on=BOTH)
def cookie_mss(t):
    setting("syncookies", 2)
    listener = listening(t)
    for number, (mss, size) in enumerate(((1440, (1440,)), (1439, (1300, 1420)), (536, (536,)))):
        peer = Peer(t, 4444 + number, PORT)
        if KERNEL and t.v6 and mss == 536:
            continue
        peer.connects(options=[("MSS", mss)])
        s = accepted(listener)
        s.send(bytes(1440))
        sizes = [len(bytes(packet[t.header].payload)) for packet in t.collect()]
        t.check(sizes[0] in size, f"{sizes} for {mss}")
        peer.sends("R", ack=0)


def options_of(s):
    """(timestamps, SACK, window scale), of TCP_INFO."""
    found = s.getsockopt(SOL_TCP, socket.TCP_INFO, 256)[5]
    return bool(found & 1), bool(found & 2), bool(found & 4)


@test("a cookie's timestamp remembers SACK and the window scale", on=BOTH)
def cookie_options(t):
    setting("syncookies", 2)
    listener = listening(t)
    for number, (sack, scale) in enumerate(((True, 7), (True, None), (False, 3), (False, None))):
        peer = Peer(t, 4444 + number, PORT)
        options = [("Timestamp", (1000, 0))]
        if sack:
            options.append(("SAckOK", b""))
        if scale is not None:
            options.append(("WScale", scale))
        peer.sends("S", options=options)
        synack = peer.gets("SA")
        told = dict(synack[t.header].options)["Timestamp"][0]
        peer.sends("A", options=[("Timestamp", (1001, told))])
        s = accepted(listener)
        t.equal(options_of(s), (True, sack, scale is not None), "timestamps, SACK, scale")
        if scale is not None:
            t.equal(s.getsockopt(SOL_TCP, socket.TCP_INFO, 256)[6] & 15, scale, "scale")
    plain = Peer(t, 4500, PORT)
    plain.connects(options=[("SAckOK", b""), ("WScale", 7)])
    t.equal(options_of(accepted(listener)), (False, False, False), "without timestamps: nothing")


@test("a full queue of requests: cookies; without them the SYN is dropped", on=BOTH)
def full_queue(t):
    setting("syncookies", 1)
    listener = listening(t, backlog=1)
    held = [Peer(t, 5000 + number, PORT) for number in range(8)]
    for peer in held:
        peer.sends("S")
        peer.gets("SA")
    late = Peer(t, 6000, PORT)
    late.sends("S")
    late.gets("SA")
    late.sends("A")
    t.equal(state(accepted(listener)), ESTABLISHED, "state")
    setting("syncookies", 0)
    Peer(t, 6001, PORT).sends("S")
    t.settle()
    again = [packet[t.header].dport for packet in t.collect()]
    t.equal(again, [], "answers")
    t.passes(1.5)
    again = {packet[t.header].dport for packet in t.collect()}
    t.check(6000 not in again and 5000 in again, f"sent again to {again}")


if __name__ == "__main__":
    main(Conversation)
