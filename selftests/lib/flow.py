# SPDX-License-Identifier: GPL-2.0
"""A program that sends, and a peer that says segment by segment what it got.

Segments are numbered from 0; all but the last are full.
"""
import socket

from connection import accepted, caller, info, listening
from tap import Failed
from tcp import SEQUENCE

MSS = 1000
TCP_CONGESTION = 13
OPEN, DISORDER, CWR, RECOVERY, LOSS = range(5)      # tcpi_ca_state


class Flow:
    """A connection from the program to a peer that is so many seconds away."""

    def __init__(self, t, rtt=0.1, sack=True, stamps=False, congestion=b"reno", flags="S"):
        self.t, self.stamps = t, stamps
        options = [("MSS", MSS + 12 * stamps)] + [("SAckOK", b"")] * sack
        listener, self.peer = listening(t), caller(t)
        self.told = 0           # the last timestamp that the program's machine told
        self.clock = 1000       # the peer's
        self.peer.sends(flags, options=options + self._stamp())
        synack = self.peer.gets("SA" if flags == "S" else "SAE")
        self._note(synack)
        if rtt:
            t.passes(rtt)
        self.peer.sends("A", options=self._stamp())
        self.s = accepted(listener)
        self.s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, congestion)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.base = self.peer.expected
        self.now = info(self.s)

    def _stamp(self, told=None):
        self.clock += 1
        return [("Timestamp", (self.clock, self.told if told is None else told))] * self.stamps

    def _note(self, packet):
        for name, value in packet[self.t.header].options:
            if name == "Timestamp":
                self.told = value[0]

    def writes(self, segments):
        """So many full segments' worth."""
        data = bytes(segments * MSS)
        if self.s.send(data) != len(data):
            raise Failed("the send buffer is full")

    def out(self):
        """The numbers of the segments that came out since."""
        packets = self.t.collect()
        for packet in packets:
            self._note(packet)
        return [self.number(packet) for packet in packets if packet[self.t.header].payload]

    def number(self, packet):
        offset = (packet[self.t.header].seq - self.base) % SEQUENCE
        return offset // MSS

    def sends(self, *numbers):
        """Just these segments come out."""
        self.t.equal(self.out(), list(numbers), "segments")

    def ack(self, upto, *blocks, told=None, flags="A"):
        """The peer has all before segment `upto`, and these blocks (first, behind the last)."""
        options = self._stamp(told)
        if blocks:
            edges = [(self.base + MSS * edge) % SEQUENCE for block in blocks for edge in block]
            options = options + [("SAck", tuple(edges))]
        self.peer.sends(flags, ack=(self.base + MSS * upto) % SEQUENCE, options=options)

    def later(self, number, after):
        """This segment comes out, and then."""
        packet = self.t.expect(self.t.packet_out(seq=(self.base + number * MSS) % SEQUENCE), after)
        self._note(packet)
        return packet

    @property
    def info(self):
        self.t.settle()
        return info(self.s)


def in_flight(t, written=20, wait=0.1, **flow):
    """Ten segments are out, and there is more to be sent. Time for the first ACK."""
    f = Flow(t, **flow)
    f.writes(written)
    f.sends(*range(min(written, 10)))
    if wait:
        t.passes(wait)
    return f


def sizes(t):
    """Of the segments with data that came out since."""
    return [size for size in (len(packet[t.header].payload) for packet in t.collect()) if size]
