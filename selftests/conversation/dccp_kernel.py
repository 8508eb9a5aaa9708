#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Conversations with the kernel's own DCCP: the proof that they can test a DCCP."""
import errno
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, CLOSE, DATA, DATAACK, Dccp, REQUEST, RESET, RESPONSE, SYNC, SYNCACK,
                  variants)
from packets import Raw
from tap import Skip, main, test

for _family in ("dccp_ipv4", "dccp_ipv6"):
    subprocess.run(["modprobe", "-q", _family], check=False)
BOTH = variants(33, kernel=True)
SOL_DCCP, SERVICE_OPTION = 269, 2
SERVICE = 42
CLOSED, ABORTED, REFUSED = 1, 2, 7    # codes of a Reset
CONFIRM = {"Change L": "Confirm R", "Change R": "Confirm L"}


class Peer:
    """The other end of one connection, which the test plays."""

    def __init__(self, t, port):
        self.t, self.port, self.program_port = t, port, None
        self.seq, self.expected = 1000, None

    def sends(self, kind, data=b"", **fields):
        packet = self.t.packet_in(**{"type": kind, "sport": self.port, "dport": self.program_port,
                                     "seq": self.seq, "ack": self.expected, **fields})
        self.t.inject(packet / Raw(data) if data else packet)
        self.seq += 1

    def gets(self, kind, data=b"", after=0, **fields):
        """A packet of this kind and just these data comes out, with the next number."""
        known = {"type": kind, "dport": self.port, **fields}
        if self.expected is not None:
            known["seq"] = self.expected + 1
        packet = self.t.expect(self.t.packet_out(**known) / Raw(data), after)[Dccp]
        self.expected, self.program_port = packet.seq, packet.sport
        return packet

    def accepts(self):
        """Answers the program's Request, and agrees to all that it asks for."""
        request = self.gets(REQUEST, service=SERVICE)
        self.sends(RESPONSE, service=SERVICE, options=[
            (CONFIRM[name], value[:2] + value[1:]) for name, value in request.options
            if name in CONFIRM])
        self.gets(ACK)


def client(t):
    return t.socket(options={(SOL_DCCP, SERVICE_OPTION): struct.pack("!I", SERVICE)})


@test("connect, data both ways, close", on=BOTH)
def hello(t):
    s, peer = client(t), Peer(t, 7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.accepts()
    connecting.returns()
    reading = t.blocks(s.recv, 100)
    t.quiet(1)
    peer.sends(DATAACK, b"welcome")
    reading.returns(b"welcome")
    s.send(b"hello")
    peer.gets(DATA, b"hello")
    s.close()
    peer.gets(CLOSE)
    peer.sends(RESET, code=CLOSED)


@test("a Request that nobody answers: 3, 6, 12, ... seconds, a new number each", on=BOTH)
def request_lost(t):
    s, peer = client(t), Peer(t, 7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.gets(REQUEST)
    for wait in (3, 6, 12, 24, 48, 64):
        peer.gets(REQUEST, after=wait)
    connecting.fails(errno.ETIMEDOUT, after=64)
    peer.gets(RESET, code=ABORTED)


@test("a Reset refuses the connection", on=BOTH)
def refused(t):
    s, peer = client(t), Peer(t, 7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.gets(REQUEST)
    peer.sends(RESET, code=REFUSED)
    connecting.fails(errno.ECONNREFUSED)


@test("a Sync is answered with its number", on=BOTH)
def sync(t):
    s, peer = client(t), Peer(t, 7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.accepts()
    connecting.returns()
    asked = peer.seq
    peer.sends(SYNC)
    peer.gets(SYNCACK, ack=asked)
    peer.sends(DATA, b"hello")
    t.equal(s.receive()[0], b"hello")
    t.collect()    # it may acknowledge
    s.close()
    peer.expected = None
    peer.gets(CLOSE)
    peer.sends(RESET, code=CLOSED)


class WithKernel(Conversation):
    """The one that has 33: whichever was loaded first."""

    def __enter__(self):
        if os.path.exists("/proc/net/xl4/dccp_iana"):
            raise Skip("xdccp has 33")
        return super().__enter__()


if __name__ == "__main__":
    main(WithKernel)
