# SPDX-License-Identifier: GPL-2.0
"""SCTP as conversations see it: scapy's header and chunks at our protocol number."""
import socket
import struct

from scapy.layers import sctp
from scapy.layers.sctp import SCTP

from machine import Variant
from packets import bind


class Sctp(SCTP):
    """RFC 9260. Its CRC32c is of the packet alone, whatever the protocol's number."""
    name = "SCTP"
    fields_desc = SCTP.fields_desc
    number = None

    def is_intact(self):
        packet = self.original
        return struct.pack("!I", sctp.crc32c(packet[:8] + bytes(4) + packet[12:])) == packet[8:12]

    def mysummary(self):
        return f"SCTP {self.sport} > {self.dport} tag {self.tag:#x}"


def variants(number, kind=socket.SOCK_STREAM, kernel=False):
    """SCTP over IPv4 and over IPv6, at this IP protocol number."""
    bind(Sctp, number)
    return tuple(Variant(f"SCTP over {name}", family, kind, number, Sctp, "Sctp", kernel)
                 for name, family in (("IPv4", socket.AF_INET), ("IPv6", socket.AF_INET6)))
