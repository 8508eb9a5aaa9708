#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Data that came and that nobody gets: Data Dropped and Data Checksum, RFC 4340 11.7 and 9.3."""
import errno
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, CHANGE_R, CONFIRM_L, DATA, DATA_CHECKSUM, DATAACK, REQUEST, RESPONSE, Peer,
                  confirms, crc32c, feature, options)
from dialogue import (BOTH, KERNEL, QPOLICY_TXQLEN, SOL_DCCP, VECTORS, accepted, active,
                      caller, calling, gets, listening, passive, tells, told)
from tap import Skip, main, test

PROTOCOL, NOT_LISTENING, BUFFER, CORRUPT = (bytes([0x80 | code << 4]) for code in range(4))
ASK = 0x8002        # XDCCP_SOCKOPT_DATA_CHECKSUM


def ours():
    if KERNEL:
        raise Skip("the kernel's DCCP tells nothing of what it dropped")


def dropped(packet):
    """The Data Dropped of a packet."""
    return b"".join(options(packet, "Data Dropped"))


def said(*cells):
    return ("Data Dropped", bytes(cells))


def summed(data):
    """A Data Checksum."""
    return "Data Checksum", crc32c(data)


def is_dropped(t, peer, code, data=b"gone", kind=DATA, **fields):
    """The data are dropped, and the Ack says why."""
    peer.sends(kind, data, **fields)
    found = peer.gets(ACK, after=(0, 0.2))
    t.equal(dropped(found)[:1], code, "Data Dropped")
    return found


@test("a program that reads no more: Application Not Listening", on=BOTH)
def not_listening(t):
    ours()
    s, peer = passive(t, *VECTORS)
    t.equal(dropped(told(t, s, peer)), b"", "nothing yet")
    s.shutdown(socket.SHUT_RD)
    is_dropped(t, peer, NOT_LISTENING)


@test("no room in the buffer: Receive Buffer, for those that it is about", on=BOTH)
def no_room(t):
    ours()
    s, peer = passive(t, *VECTORS, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 1})
    for _ in range(20):
        peer.sends(DATA, b"x" * 1000)
        found = peer.gets(ACK, after=(0, 0.2))
        if dropped(found):
            break
    t.equal(dropped(found), BUFFER, "Data Dropped")
    last = peer.last
    while not s.is_empty():
        s.recv(2000)
    found = told(t, s, peer)
    t.equal(dropped(found), bytes([peer.last - last - 1]) + BUFFER, "a packet later")


@test("each is told four times at most, whatever comes behind it", on=BOTH)
def told_again(t):
    ours()
    s, peer = passive(t, *VECTORS)
    is_dropped(t, peer, PROTOCOL, cscov=1)
    for later in range(3):
        t.equal(dropped(told(t, s, peer)), bytes([later]) + PROTOCOL, "Data Dropped")
    t.equal(dropped(told(t, s, peer)), b"", "enough")


@test("less than the coverage that is wanted: Protocol Constraints", on=BOTH)
def coverage(t):
    ours()
    s, peer = passive(t, *VECTORS)
    is_dropped(t, peer, PROTOCOL, cscov=1)
    told(t, s, peer)


@test("data on a Response are not for the program: Protocol Constraints", on=BOTH)
def on_response(t):
    ours()
    s, peer = calling(t), Peer(t)
    request = peer.asked()
    peer.sends(RESPONSE, b"too early", options=confirms(request))
    t.equal(dropped(peer.gets(ACK)), PROTOCOL, "Data Dropped")
    tells(s, peer, kind=DATAACK)
    t.check(s.is_empty(), "nothing is read")


@test("data on a Request are not for the program: the Response says so", on=BOTH)
def on_request(t):
    ours()
    listener, peer = listening(t), caller(t)
    peer.sends(REQUEST, b"too early", options=list(VECTORS))
    response = peer.gets(RESPONSE)
    t.equal(dropped(response), PROTOCOL, "Data Dropped")
    peer.sends(ACK, options=confirms(response))
    s = accepted(listener)
    told(t, s, peer)
    t.check(s.is_empty(), "nothing is read")


@test("a Data Checksum that is right is none the worse; a wrong one: Corrupt", on=BOTH)
def checksum(t):
    ours()
    s, peer = passive(t, *VECTORS)
    for data in (b"", b"a", b"x" * 1400):
        peer.sends(DATA, data, options=[summed(data)])
        gets(s, data)
        t.collect()
        peer.expected = None
    with t.counted(InDataCsumErrors=1, InPackets=1, OutPackets=1):
        is_dropped(t, peer, CORRUPT, options=[summed(b"other")])
    told(t, s, peer)


@test("a program asks for Data Checksums: each packet has one, and the peer is to look", on=BOTH)
def checksums_sent(t):
    ours()
    s, peer = calling(t, options={(SOL_DCCP, ASK): 1}), Peer(t)
    request = peer.asked()
    t.check((CHANGE_R, bytes([DATA_CHECKSUM, 1, 0])) in request.options, "Check Data Checksum")
    peer.sends(RESPONSE, options=confirms(request))
    peer.gets(ACK)
    for kind, data in ((DATAACK, b"one"), (DATAACK, b"x" * 999)):
        found = tells(s, peer, data, kind)
        t.equal(options(found, "Data Checksum"), [summed(data)[1]], "Data Checksum")


@test("the peer asks us to look at Data Checksums, which we do anyway", on=BOTH)
def check_confirmed(t):
    ours()
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS, feature(CHANGE_R, DATA_CHECKSUM, 1))
    t.check((CONFIRM_L, bytes([DATA_CHECKSUM, 1, 0, 1])) in response.options, "Confirm")
    peer.sends(ACK, options=confirms(response))
    told(t, accepted(listener), peer)


def sending(t):
    """A connection by CCID 2 with much to send, of which seven packets are out and three acknowledged."""
    s, peer = active(t, options={(SOL_DCCP, QPOLICY_TXQLEN): 100})
    for _ in range(30):
        socket.socket.send(s, b"x" * 1000)      # of which the ladder need not tell
    arrive(peer, 3)
    peer.sends(ACK, options=[("Ack Vector 0", bytes([2]))])
    arrive(peer, 4)
    return s, peer


def arrive(peer, n):
    """So many packets of data come out."""
    for _ in range(n):
        peer.gets(None, b"x" * 1000)


@test("CCID 2: a packet less in flight for each that there was no room for, and no slow start",
      on=BOTH)
def ccid2(t):
    ours()
    t.ours, peer = sending(t)
    peer.sends(ACK, options=[("Ack Vector 0", bytes([3])), said(0xa1)])
    arrive(peer, 3)         # 6 in slow start; 2 now, and one for a window that came
    t.quiet(0.1)


@test("CCID 2: a Slow Receiver is sent no more than before", on=BOTH)
def slow_receiver(t):
    ours()
    t.ours, peer = sending(t)
    peer.sends(ACK, options=[("Ack Vector 0", bytes([3])), ("Slow Receiver", b"")])
    arrive(peer, 4)
    t.quiet(0.1)


@test("a peer that listens no more: the program cannot send", on=BOTH)
def stopped(t):
    ours()
    s, peer = active(t)
    tells(s, peer)
    peer.sends(ACK, options=[("Ack Vector 0", b"\x00"), said(0x90)])
    t.quiet()
    with t.fails(errno.EPIPE):
        s.send(b"in vain")
    peer.sends(DATA, b"but it reads")
    gets(s, b"but it reads")
    t.collect()


@test("Data Dropped of what was never sent, on Data, or twice, is nothing", on=BOTH)
def nonsense(t):
    ours()
    s, peer = active(t)
    tells(s, peer)
    peer.sends(ACK, options=[("Ack Vector 0", b"\x00"), said(*[0xaf] * 200)])
    peer.sends(DATA, b"x", options=[said(0x90)])
    gets(s, b"x")
    peer.sends(ACK, options=[said()])
    t.collect()
    peer.expected = None
    tells(s, peer, kind=None)


if __name__ == "__main__":
    main(Conversation)
