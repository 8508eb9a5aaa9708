#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""The lamp test segment of RFC 1025: every flag that a peer may set, and a byte of data."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from connection import (BOTH, CLOSE_WAIT, ESTABLISHED, LATE, PEER_PORT, PORT, accepted, calling,
                        gets, gets_end, listening, passive, state)
from conversation import Conversation
from tap import main, test
from tcp import SEQUENCE, Peer, Tcp

LAMP = "SUPF"
BYTE = b"!"


def lamp(t, **fields):
    fields = {"sport": PEER_PORT, "dport": PORT, "flags": LAMP, "seq": 1000, "urgptr": 1, **fields}
    t.inject(t.packet_in(**fields) / BYTE)


def completed(t, listener, synack):
    """All of it was taken for an open: the handshake ends, and what was not taken comes again."""
    peer = Peer(t, PEER_PORT, PORT, isn=synack[Tcp].ack)
    peer.expected = (synack[Tcp].seq + 1) % SEQUENCE
    if peer.next == 1001:
        peer.sends("UPFA", BYTE, urgptr=1)
        peer.gets("A", after=LATE)
    else:
        t.equal(peer.next, 1003, "acknowledged")
        peer.sends("A")
    s = accepted(listener)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    gets(s, BYTE)
    gets_end(s)
    t.equal(state(s), CLOSE_WAIT, "state")


@test("at a listener: an open with a byte and an end, or nothing at all", on=BOTH)
def at_listener(t):
    listener = listening(t)
    lamp(t)
    for packet in t.collect():
        t.equal(packet[Tcp].flags, "SA", "flags")
        completed(t, listener, packet)
    peer = Peer(t, PEER_PORT + 1, PORT)
    peer.connects()
    t.equal(state(accepted(listener)), ESTABLISHED, "state")


@test("at a closed port: a reset for all of it", on=BOTH)
def at_nobody(t):
    lamp(t)
    t.expect(t.packet_out(flags="RA", seq=0, ack=1003))


@test("at a program that connects: both have opened", on=BOTH)
def at_caller(t):
    s = calling(t)
    peer = Peer(t)
    peer.gets("S")
    lamp(t, sport=PORT, dport=peer.program_port)
    synack = t.expect(t.packet_out(flags="SA", seq=peer.expected - 1))
    t.check(synack[Tcp].ack in (1001, 1003), f"it acknowledges {synack[Tcp].ack}")
    peer.next = synack[Tcp].ack
    peer.sends("A")
    t.quiet()
    if peer.next == 1001:
        t.equal(state(s), ESTABLISHED, "state")


@test("in a connection: challenged like any SYN", on=BOTH)
def in_connection(t):
    s, peer = passive(t)
    lamp(t, seq=peer.next, ack=peer.expected)
    peer.gets("A")
    t.quiet()
    t.equal((state(s), s.error()), (ESTABLISHED, 0), "state, error")
    t.check(s.is_empty(), "its byte arrived")


@test("with ACK, at a listener: a reset", on=BOTH)
def with_ack(t):
    listening(t)
    lamp(t, flags=LAMP + "A", ack=9000)
    t.expect(t.packet_out(flags="R", seq=9000))


@test("with RST, anywhere: no answer", on=BOTH)
def with_reset(t):
    lamp(t, flags=LAMP + "R")
    lamp(t, flags="FSRPAUEC")
    listening(t)
    lamp(t, flags=LAMP + "R")
    lamp(t, flags="FSRPAUEC")
    t.quiet()


@test("all eight flags at a program that connects: a reset it is", on=BOTH)
def all_flags(t):
    s = calling(t)
    peer = Peer(t)
    peer.gets("S")
    lamp(t, sport=PORT, dport=peer.program_port, flags="FSRPAUEC", ack=peer.expected)
    t.quiet()
    t.check(s.error(), "it did not hear the reset")


if __name__ == "__main__":
    main(Conversation)
