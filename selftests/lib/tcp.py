# SPDX-License-Identifier: GPL-2.0
"""TCP as conversations see it: the header, the variants, and a peer that keeps count."""
import socket

from scapy.layers.inet import TCP

from machine import Variant
from packets import Raw, TransportHeader, bind

SEQUENCE = 1 << 32


class Tcp(TransportHeader, TCP):
    """RFC 9293."""
    name = "TCP"
    fields_desc = TCP.fields_desc
    CHECKSUM_AT = 16

    def with_lengths(self, packet):
        packet = TCP.post_build(self, packet, b"")          # which takes the number for 6
        return packet[:16] + bytes(2) + packet[18:] if self.chksum is None else packet

    def mysummary(self):
        options = " ".join(name if value in (None, b"") else f"{name} {value}"
                           for name, value in self.options if name not in ("NOP", "EOL"))
        return (f"TCP {self.sport} > {self.dport} {self.flags} seq {self.seq} ack {self.ack} "
                f"win {self.window} {options}").rstrip()


def variants(number, kernel=False):
    """TCP over IPv4 and over IPv6, at this IP protocol number."""
    bind(Tcp, number)
    return tuple(Variant(f"TCP over {name}", family, socket.SOCK_STREAM, number, Tcp, "Tcp", kernel)
                 for name, family in (("IPv4", socket.AF_INET), ("IPv6", socket.AF_INET6)))


class Peer:
    """The other end of one connection, which the test plays.

    It knows the ports from the first segment on, counts sequence numbers, and fills in
    and checks what follows from them.
    """

    def __init__(self, t, port=None, to=None, isn=1000):
        self.t = t
        self.port, self.program_port = port, to     # its own, and the program's
        self.next = isn                             # what it will send
        self.expected = None                        # what it expects
        self.window = 65535

    def sends(self, flags, data=b"", **fields):
        """A segment goes in, in sequence if `seq` is not given."""
        fields = {"sport": self.port, "dport": self.program_port, "flags": flags,
                  "seq": self.next, "ack": self.expected or 0, "window": self.window, **fields}
        segment = self.t.packet_in(**fields)
        self.t.inject(segment / Raw(data) if data else segment)
        if fields["seq"] == self.next:
            self.next = (self.next + len(data) + _marks(flags)) % SEQUENCE

    def gets(self, flags, data=b"", after=0, again=False, **fields):
        """A segment comes out with these flags and just these data; the next one in sequence.

        `again`: no new one but a retransmission, so that the count does not move.
        """
        known = {"dport": self.port, "sport": self.program_port, "flags": flags,
                 "seq": self.expected if not again else None,
                 "ack": self.next if "A" in flags else None, **fields}
        known = {name: value for name, value in known.items() if value is not None}
        segment = self.t.expect(self.t.packet_out(**known) / Raw(data), after)
        if "S" in flags and self.expected is None:
            self.port, self.program_port = segment.dport, segment.sport
            self.expected = segment.seq
        if not again:
            self.expected = (segment.seq + len(data) + _marks(flags)) % SEQUENCE
        return segment

    def accepts(self, **fields):
        """The peer answers the program's SYN, and the handshake ends."""
        self.gets("S")
        self.sends("SA", **fields)
        self.gets("A")

    def connects(self, **fields):
        """The peer opens the connection to a program that listens."""
        self.sends("S", **fields)
        self.gets("SA")
        self.sends("A")


def _marks(flags):
    """SYN and FIN take a number each."""
    return ("S" in flags) + ("F" in flags)
