# SPDX-License-Identifier: GPL-2.0
"""Packets as scapy layers: ICMP the same way for both families, checksums, comparison.

A transport has another IP protocol number here than scapy's own layers believe, and
a checksum is computed with that number: bind() tells scapy and checksum().
"""
import logging
import os
import socket
import struct
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)

# Two thirds of scapy's start go into Ethernet vendors and ciphers, and an emulated
# machine would take seconds for them.
_exists = os.path.exists
os.path.exists = lambda path: not str(path).endswith("wireshark/manuf") and _exists(path)
sys.modules.setdefault("cryptography", None)

from scapy.fields import ByteField, IntField, XShortField
from scapy.layers.inet import IP
from scapy.layers.inet6 import (
    IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP
from scapy.packet import NoPayload, Packet, Padding, Raw, bind_layers

os.path.exists = _exists
if sys.modules["cryptography"] is None:
    del sys.modules["cryptography"]

_EXTENSIONS = (IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
IPPROTO_HOPOPTS, IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_ICMPV6 = 0, 1, 2, 58


def bind(layer, number):
    """IP protocol `number` is `layer`, whatever scapy thought it was."""
    layer.number = number
    _bind_on_ipv4(layer, number)
    _bind_on_ipv6(layer, number)


def _bind_on_ipv4(layer, number):
    _bind_first(IP, layer, frag=0, proto=number)


def _bind_on_ipv6(layer, number):
    for below in (IPv6, *_EXTENSIONS):
        _bind_first(below, layer, nh=number)


def _bind_first(below, layer, **fields):
    bind_layers(below, layer, **fields)
    below.payload_guess.insert(0, below.payload_guess.pop())


def fold(data):
    """RFC 1071: the ones' complement sum of 16-bit words, the last padded with zero."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def network_layer(packet):
    """The IP or IPv6 header under a layer."""
    while packet is not None and not isinstance(packet, (IP, IPv6)):
        packet = packet.underlayer
    return packet


def pseudo_header(network, number, length):
    if isinstance(network, IPv6):
        return (socket.inet_pton(socket.AF_INET6, network.src) +
                socket.inet_pton(socket.AF_INET6, network.dst) +
                struct.pack("!II", length, number))
    return (socket.inet_aton(network.src) + socket.inet_aton(network.dst) +
            struct.pack("!BBH", 0, number, length))


def checksum(network, number, covered, length):
    """The Internet checksum of `covered`, the start of a transport packet of `length` bytes."""
    return 0xFFFF ^ fold(pseudo_header(network, number, length) + covered)


class Icmp(Packet):
    """Any ICMP or ICMPv6 message: what `rest` and the data mean depends on the type."""
    name = "ICMP"
    fields_desc = [ByteField("type", 0), ByteField("code", 0),
                   XShortField("chksum", None), IntField("rest", 0)]

    def post_build(self, header, payload):
        message = header + payload
        if self.chksum is None:
            network = network_layer(self.underlayer)
            if isinstance(network, IPv6):
                value = checksum(network, IPPROTO_ICMPV6, message, len(message))
            else:
                value = 0xFFFF ^ fold(message)
            message = message[:2] + struct.pack("!H", value) + message[4:]
        return message

    def mysummary(self):
        return f"ICMP type {self.type} code {self.code} rest {self.rest}"


_bind_on_ipv4(Icmp, IPPROTO_ICMP)
_bind_on_ipv6(Icmp, IPPROTO_ICMPV6)


def parse(data):
    """What came out: IPv4, IPv6 or ARP."""
    return {4: IP, 6: IPv6}.get(data[0] >> 4, ARP)(data)


def brief(value):
    """A value, or a packet that was sent, as the ladder shows it."""
    if isinstance(value, Packet):
        return _brief_packet(value)
    if isinstance(value, (bytes, bytearray)) and len(value) > 40:
        return f"{bytes(value[:16])!r}... {len(value)} bytes"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(brief, value))})"
    if isinstance(value, socket.socket):
        return "a socket"
    return repr(value)


def _brief_packet(packet):
    words = []
    for layer in layers(packet):
        if isinstance(layer, (Raw, Padding)):
            words.append(brief(layer.load))
        elif isinstance(layer, (IP, IPv6)):
            words += _fragment(layer)
        else:
            words.append(layer.mysummary() or layer.name)
    return " / ".join(words)


def _fragment(network):
    if isinstance(network, IP) and (network.frag or network.flags.MF):
        return [f"fragment {network.frag * 8}{'+' if network.flags.MF else ''}"]
    return []


# Who speaks to whom: seldom wrong, and in the way.
_UNTOLD = {"src", "dst", "sport", "dport"}


def described(expected):
    """What is demanded of a packet: its layers with the fields that are named."""
    words = []
    for layer in layers(expected):
        named = [f"{name}={layer.get_field(name).i2repr(layer, value)}"
                 for name, value in layer.fields.items()
                 if value not in ([], None) and name not in _UNTOLD]
        if isinstance(layer, Raw):
            words += [brief(layer.load)] if layer.load else []
        elif named or not isinstance(layer, (IP, IPv6)):
            words.append(" ".join([layer.name, *named]))
    return " / ".join(words)


def wrong_checksum(expected, packet):
    """A packet has the right checksum, whether or not somebody thought of asking."""
    for layer in layers(packet):
        asked = expected.getlayer(type(layer))
        if hasattr(layer, "is_intact") and not (asked and "chksum" in asked.fields):
            return [] if layer.is_intact() else [f"{layer.name}.chksum is wrong: {layer.chksum:#x}"]
    return []


def differences(expected, packet):
    """Where `packet` has not the layers, and in them the fields, that `expected` names.

    Headers alone match a packet with any data behind them; data have to match to the end.
    """
    found = []
    for layer in layers(expected):
        if isinstance(layer, Raw):
            data = bytes(packet)
            return found if data == layer.load else found + [f"expected {layer!r}, found {data!r}"]
        if not isinstance(packet, type(layer)):
            return found + [f"expected {layer.name}, found {packet.name}"]
        # Scapy puts lists among the fields though nobody named them: an empty one says nothing.
        found += [f"{layer.name}.{name}: expected {value!r}, found {getattr(packet, name)!r}"
                  for name, value in layer.fields.items()
                  if value != [] and getattr(packet, name) != value]
        packet = packet.payload
    return found


def layers(packet):
    while not isinstance(packet, NoPayload):
        yield packet
        packet = packet.payload


class TransportHeader(Packet):
    """Ports and a checksum over a pseudo-header: the base of UDP, UDP-Lite, TCP and DCCP.

    `number` is set when the layer is bound; the checksum lies `CHECKSUM_AT` bytes in.
    """
    number = None
    CHECKSUM_AT = None

    def covered(self, packet):
        """The bytes that the checksum covers."""
        return packet

    def with_lengths(self, packet):
        """Fill in length fields that were left to be computed."""
        return packet

    def is_intact(self):
        """The checksum is right, as far as these bytes can tell."""
        below, data = self.underlayer, self.original
        if isinstance(below, IP) and (below.ihl > 5 or _fragment(below)):
            return True
        return (not isinstance(below, (IP, IPv6))
                or not checksum(below, self.number, self.covered(data), len(data)))

    def post_build(self, header, payload):
        packet = self.with_lengths(header + payload)
        if self.chksum is not None:
            return packet
        value = checksum(network_layer(self.underlayer), self.number,
                         self.covered(packet), len(packet))
        at = self.CHECKSUM_AT
        return packet[:at] + struct.pack("!H", value or 0xFFFF) + packet[at + 2:]
