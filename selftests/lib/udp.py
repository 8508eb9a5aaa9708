# SPDX-License-Identifier: GPL-2.0
"""UDP and UDP-Lite as this project's tests see them: headers, numbers, options."""
import os
import socket
import struct

from scapy.fields import ShortField, XShortField

from packets import TransportHeader, bind
from machine import Variant


class _Datagram(TransportHeader):
    CHECKSUM_AT = 6

    def mysummary(self):
        third = self.fields_desc[2].name
        return f"{self.name} {self.sport} > {self.dport} {third} {self.getfieldval(third)}"


class Udp(_Datagram):
    """RFC 768."""
    name = "UDP"
    fields_desc = [ShortField("sport", 0), ShortField("dport", 0),
                   ShortField("len", None), XShortField("chksum", None)]

    def with_lengths(self, packet):
        if self.len is None:
            packet = packet[:4] + struct.pack("!H", len(packet) & 0xFFFF) + packet[6:]
        return packet


class UdpLite(_Datagram):
    """RFC 3828: a checksum coverage in place of the length; 0 means all."""
    name = "UDP-Lite"
    fields_desc = [ShortField("sport", 0), ShortField("dport", 0),
                   ShortField("coverage", 0), XShortField("chksum", None)]

    def covered(self, packet):
        return packet[:self.coverage or len(packet)]


UDP = int(os.environ.get("XL4_UDP", "253"))
UDPLITE = int(os.environ.get("XL4_UDPLITE", "252"))
KERNEL = UDP == socket.IPPROTO_UDP

SOL_UDP, SOL_UDPLITE = 17, 136
UDP_CORK, UDP_SEGMENT, UDP_GRO = 1, 103, 104
UDPLITE_SEND_CSCOV, UDPLITE_RECV_CSCOV = 10, 11
UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX = 101, 102

bind(Udp, UDP)
bind(UdpLite, UDPLITE)


def _variant(name, family, number, header, counters):
    return Variant(name, family, socket.SOCK_DGRAM, number, header, counters, KERNEL)


UDP4 = _variant("UDP over IPv4", socket.AF_INET, UDP, Udp, "Udp")
UDP6 = _variant("UDP over IPv6", socket.AF_INET6, UDP, Udp, "Udp6")
LITE4 = _variant("UDP-Lite over IPv4", socket.AF_INET, UDPLITE, UdpLite, "UdpLite")
LITE6 = _variant("UDP-Lite over IPv6", socket.AF_INET6, UDPLITE, UdpLite, "UdpLite6")

V4, V6 = (UDP4, LITE4), (UDP6, LITE6)
PLAIN, LITE = (UDP4, UDP6), (LITE4, LITE6)
ALL = V4 + V6
