# SPDX-License-Identifier: GPL-2.0
"""A capture file as the rungs of a ladder: who sent what to whom, and when.

Knows the transports of xl4 by their own numbers as well as by the standard ones,
so the same drawing shows an xl4 exchange and the kernel's.
"""
import logging
import struct
from dataclasses import dataclass

logging.getLogger("scapy").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.layers.dns import DNS  # noqa: E402
from scapy.layers.inet import IP, TCP, icmpcodes, icmptypes  # noqa: E402
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment  # noqa: E402
from scapy.layers.sctp import sctpchunktypes  # noqa: E402
from scapy.utils import PcapReader  # noqa: E402

TRANSPORTS = {17: "UDP", 253: "UDP", 136: "UDP-Lite", 252: "UDP-Lite", 6: "TCP", 254: "TCP",
              132: "SCTP", 251: "SCTP", 1: "ICMP", 58: "ICMPv6"}
HEADERS = {"UDP": 8, "UDP-Lite": 8, "TCP": 20, "SCTP": 12, "ICMP": 8, "ICMPv6": 8}
FLAGS = {"S": "SYN", "F": "FIN", "R": "RST", "P": "PSH", "U": "URG", "A": "ACK", "E": "ECE", "C": "CWR"}
UNREACHABLE6 = {0: "no route", 1: "prohibited", 3: "host unreachable", 4: "port unreachable"}
NEIGHBOURS = {*range(130, 138), 143}
SHOWN = 40


@dataclass
class Rung:
    time: float			# in seconds, from the first one
    source: str
    target: str
    label: str			# what is said
    detail: str			# how it travels
    alarm: bool = False		# an error or a reset


def read(path):
    """The rungs of a capture file."""
    describe = Describer()
    rungs = []
    with PcapReader(path) as packets:
        for packet in packets:
            network = packet.getlayer(IP) or packet.getlayer(IPv6)
            said = describe(network) if network else None
            if said:
                rungs.append(Rung(float(packet.time), network.src, network.dst, *said))
    start = rungs[0].time if rungs else 0
    for rung in rungs:
        rung.time -= start
    return rungs


def transport(network):
    """Protocol number, place in the fragmented whole (None: it is whole), bytes above IP."""
    if isinstance(network, IP):
        whole = not network.frag and not network.flags.MF
        body = bytes(network.payload)[:network.len - network.ihl * 4]
        return network.proto, None if whole else network.frag * 8, body
    if IPv6ExtHdrFragment in network:
        part = network[IPv6ExtHdrFragment]
        return part.nh, part.offset * 8, bytes(part.payload)
    return network.nh, None, bytes(network.payload)[:network.plen]


class Describer:
    """Label, detail and alarm of each packet; remembers where sequence numbers began."""

    def __init__(self):
        self.first = {}

    def __call__(self, network):
        number, place, body = transport(network)
        name = TRANSPORTS.get(number, f"protocol {number}")
        if place:
            return f"… from byte {place - 8} on", f"{name}, IP fragment, {len(body)} bytes", False
        describe = {"UDP": self.datagram, "UDP-Lite": self.datagram, "TCP": self.segment,
                    "SCTP": self.chunks, "ICMP": self.icmp, "ICMPv6": self.icmp6}.get(name, self.unknown)
        if len(body) < HEADERS.get(name, 0):
            return f"{len(body)} bytes", f"{name}, cut short", True
        said = describe(name, network, body)
        if said and place == 0:
            label, detail, alarm = said
            return label, detail + ", IP fragment", alarm
        return said

    def unknown(self, name, _network, body):
        return f"{len(body)} bytes", name, False

    def datagram(self, name, _network, body):
        source, target, length = struct.unpack_from("!HHH", body)
        data = body[8:]
        if 53 in (source, target):
            label = dns(data)
        elif name == "UDP":
            label = content(data, length - 8)
        else:
            label = content(data, len(data))
        detail = f"{name} {source} → {target}, {length if name == 'UDP' else len(body)} bytes"
        return label, detail + (f", {length or len(body)} covered" if name == "UDP-Lite" else ""), False

    def segment(self, name, network, body):
        segment = TCP(body)
        label = " ".join(word for flag, word in FLAGS.items() if flag in str(segment.flags))
        length = len(body) - segment.dataofs * 4
        there = network.src, segment.sport, network.dst, segment.dport
        detail = f"{name} {segment.sport} → {segment.dport}, seq {self.relative(there, segment.seq)}"
        if segment.flags.A:
            detail += f" ack {self.relative(there[2:] + there[:2], segment.ack)}"
        detail += f" win {segment.window}"
        for option, value in segment.options:
            if option in ("MSS", "WScale"):
                detail += f" {option.lower()} {value}"
        return label + (f", {length} bytes" if length else ""), detail, bool(segment.flags.R)

    def relative(self, direction, sequence):
        return (sequence - self.first.setdefault(direction, sequence)) % (1 << 32)

    def chunks(self, name, _network, body):
        source, target, tag = struct.unpack_from("!HHI", body)
        kinds, at = [], 12
        while at + 4 <= len(body):
            kind, _, length = struct.unpack_from("!BBH", body, at)
            kinds.append(sctpchunktypes.get(kind, f"chunk {kind}").replace("-req", "").replace("-", " ").upper())
            at += max(4, length + 3 & ~3)
        return ", ".join(kinds), f"{name} {source} → {target}, tag {tag:08x}", "ABORT" in kinds

    def icmp(self, name, _network, body):
        kind, code = body[:2]
        label = icmpcodes.get(kind, {}).get(code) or icmptypes.get(kind, f"type {kind} code {code}")
        return label.replace("-", " "), name, kind == 3

    def icmp6(self, name, _network, body):
        kind, code = body[:2]
        if kind in NEIGHBOURS:
            return None
        label = UNREACHABLE6.get(code) if kind == 1 else None
        return label or f"type {kind} code {code}", name, kind == 1


def content(data, length):
    """What a person can read of some data."""
    text = data[:SHOWN].decode("ascii", "replace")
    if not data or not text.isprintable():
        return f"{length} bytes"
    return f"“{text}{'…' if length > SHOWN else ''}”"


def dns(data):
    message = DNS(data)
    question = f"{message.qd.sprintf('%qtype%')} {message.qd.qname.decode().rstrip('.')}" if message.qd else ""
    if not message.qr:
        return f"DNS: {question}?"
    answers = []
    for index in range(message.ancount):
        value = message.an[index].rdata
        answers.append(" ".join(map(_plain, value)) if isinstance(value, list) else _plain(value))
    text = ", ".join(answers) or message.sprintf("%rcode%")
    return f"DNS: {question} is {text[:SHOWN]}{'…' if len(text) > SHOWN else ''}"


def _plain(value):
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
