# SPDX-License-Identifier: GPL-2.0
"""DCCP (RFC 4340) as a scapy layer, which scapy has not, and the variants of it."""
import socket
import struct

from scapy.fields import (BitEnumField, BitField, ByteField, ConditionalField, Field, IntField,
                          ShortField, StrField, XShortField)
from scapy.layers import sctp

from machine import Variant
from packets import Raw, TransportHeader, bind

SOCK_DCCP = 6

TYPES = ("Request", "Response", "Data", "Ack", "DataAck", "CloseReq", "Close", "Reset",
         "Sync", "SyncAck", "Listen")
(REQUEST, RESPONSE, DATA, ACK, DATAACK, CLOSEREQ, CLOSE, RESET, SYNC, SYNCACK,
 LISTEN) = range(11)

NO_ACK = (REQUEST, DATA, LISTEN)       # those without an acknowledgement

RESET_CODES = ("Unspecified", "Closed", "Aborted", "No Connection", "Packet Error",
               "Option Error", "Mandatory Error", "Connection Refused", "Bad Service Code",
               "Too Busy", "Bad Init Cookie", "Aggression Penalty")
(UNSPECIFIED, CLOSED, ABORTED, NO_CONNECTION, PACKET_ERROR, OPTION_ERROR, MANDATORY_ERROR,
 REFUSED, BAD_SERVICE, TOO_BUSY, BAD_COOKIE, AGGRESSION) = range(12)

# Those below LONG_OPTIONS are a single byte, the others have a length and a value.
LONG_OPTIONS = 32
OPTIONS = {0: "Padding", 1: "Mandatory", 2: "Slow Receiver", 32: "Change L", 33: "Confirm L",
           34: "Change R", 35: "Confirm R", 36: "Init Cookie", 37: "NDP Count",
           38: "Ack Vector 0", 39: "Ack Vector 1", 40: "Data Dropped", 41: "Timestamp",
           42: "Timestamp Echo", 43: "Elapsed Time", 44: "Data Checksum",
           192: "Loss Event Rate", 193: "Loss Intervals", 194: "Receive Rate",
           195: "Dropped Packets"}
_NUMBERS = {name: number for number, name in OPTIONS.items()}


class SequenceField(Field):
    """48 bits, or the lower 24 in a packet with the short header."""
    __slots__ = ["padding"]     # bytes before it in a packet with the long header

    def __init__(self, name, padding):
        super().__init__(name, 0)
        self.padding = padding

    def addfield(self, packet, built, value):
        if packet.X:
            return built + bytes(self.padding) + value.to_bytes(6, "big")
        return built + bytes(self.padding // 2) + (value & 0xFFFFFF).to_bytes(3, "big")

    def getfield(self, packet, data):
        padding, length = (self.padding, 6) if packet.X else (self.padding // 2, 3)
        end = padding + length
        return data[end:], int.from_bytes(data[padding:end], "big")


class OptionsField(StrField):
    """A list of (name or number, value); the value of a single-byte option is empty."""
    islist = 1

    def i2m(self, packet, options):
        return b"".join(map(_option, options))

    def any2i(self, packet, options):
        return options or []

    def i2repr(self, packet, options):
        return repr(options)

    def addfield(self, packet, built, options):
        return built + self.i2m(packet, options)

    def getfield(self, packet, data):
        end = max(packet.dataofs * 4 - packet.header_length(), 0)
        return data[end:], list(_options(data[:end]))


def _option(option):
    name, value = option
    number = _NUMBERS.get(name, name)
    return bytes([number]) + (bytes([2 + len(value)]) + value if number >= LONG_OPTIONS else b"")


def _options(data):
    while data:
        number, length = data[0], 1
        if number >= LONG_OPTIONS:
            if len(data) < 2 or not 2 <= data[1] <= len(data):
                yield "malformed", data
                return
            length = data[1]
        yield OPTIONS.get(number, number), data[2:length]
        data = data[length:]


def _of(*types):
    return lambda packet: packet.type in types


class Dccp(TransportHeader):
    """The header with its acknowledgement, the fields of its type, and options."""
    name = "DCCP"
    CHECKSUM_AT = 6
    fields_desc = [
        ShortField("sport", 0), ShortField("dport", 0),
        ByteField("dataofs", None),                     # in words of 32 bits
        BitField("ccval", 0, 4), BitField("cscov", 0, 4), XShortField("chksum", None),
        BitField("reserved", 0, 3), BitEnumField("type", REQUEST, 4, dict(enumerate(TYPES))),
        BitField("X", 1, 1),                            # the long header
        SequenceField("seq", 1),
        ConditionalField(SequenceField("ack", 2), lambda p: p.type not in NO_ACK),
        ConditionalField(IntField("service", 0), _of(REQUEST, RESPONSE, LISTEN)),
        ConditionalField(ByteField("code", 0), _of(RESET)),
        *(ConditionalField(ByteField(f"data{n}", 0), _of(RESET)) for n in (1, 2, 3)),
        OptionsField("options", [])]

    def header_length(self):
        """Without options."""
        length = 16 if self.X else 12
        if self.type not in NO_ACK:
            length += 8 if self.X else 4
        return length + (4 if self.type in (REQUEST, RESPONSE, RESET, LISTEN) else 0)

    def covered(self, packet):
        """All, or header and options and 4 * (cscov - 1) bytes of data."""
        return packet[:4 * (packet[4] + self.cscov - 1)] if self.cscov else packet

    def self_build(self, *arguments):
        """Options fill whole words."""
        built = super().self_build(*arguments)
        return built + bytes(-len(built) % 4)

    def with_lengths(self, packet):
        if self.dataofs is None:
            built = self.header_length() + len(self.get_field("options").i2m(self, self.options))
            packet = packet[:4] + struct.pack("B", (built + 3) // 4) + packet[5:]
        return packet

    def mysummary(self):
        kind = TYPES[self.type] if self.type < len(TYPES) else f"type {self.type}"
        words = [f"DCCP {self.sport} > {self.dport} {kind} seq {self.seq}"]
        if self.ack is not None:
            words.append(f"ack {self.ack}")
        if self.type in (REQUEST, RESPONSE, LISTEN):
            words.append(f"service {self.service}")
        if self.type == RESET:
            words.append(RESET_CODES[self.code] if self.code < len(RESET_CODES) else str(self.code))
        words += [f"{name} {value.hex()}".rstrip() for name, value in self.options
                  if name != "Padding"]
        return " ".join(words)


def variants(number, kernel=False):
    """DCCP over IPv4 and over IPv6, at this IP protocol number."""
    bind(Dccp, number)
    return tuple(Variant(f"DCCP over {name}", family, SOCK_DCCP, number, Dccp, counters, kernel)
                 for name, family, counters in (("IPv4", socket.AF_INET, "Dccp"),
                                                ("IPv6", socket.AF_INET6, "Dccp6")))


# Features (RFC 4340 section 6.4), and the numbers of sequence
(CCID, SHORT_SEQNOS, SEQUENCE_WINDOW, ECN_INCAPABLE, ACK_RATIO, SEND_ACK_VECTOR, SEND_NDP_COUNT,
 MIN_CSUM_COVER, DATA_CHECKSUM) = range(1, 10)
SEND_LEV_RATE = 192
SEQUENCE = 1 << 48

CHANGE_L, CHANGE_R, CONFIRM_L, CONFIRM_R = "Change L", "Change R", "Confirm L", "Confirm R"
_CONFIRM = {CHANGE_L: CONFIRM_R, CHANGE_R: CONFIRM_L}


def feature(kind, number, *values):
    """An option: (CHANGE_L, CCID, 3, 2) prefers 3."""
    return kind, bytes([number, *values])


def options(packet, name):
    """The values of all options of that name in a packet."""
    return [value for found, value in packet.options if found == name]


def crc32c(data):
    """The value of a Data Checksum (RFC 4340 section 9.3)."""
    return struct.pack("!I", sctp.crc32c(data))


def confirms(packet):
    """Confirms that agree to the first that each Change of the packet asks for."""
    return [(_CONFIRM[name], value[:2] + value[1:]) for name, value in packet.options
            if name in _CONFIRM and value[0] not in (SEQUENCE_WINDOW, ACK_RATIO)] + [
           (_CONFIRM[name], value) for name, value in packet.options
            if name in _CONFIRM and value[0] in (SEQUENCE_WINDOW, ACK_RATIO)]


class Peer:
    """The other end of one connection, which the test plays.

    It knows the ports from the first packet on, counts the numbers of packets, and fills in
    and checks what follows from them.
    """

    def __init__(self, t, port=None, to=None, iss=1000, service=0):
        self.t = t
        self.port, self.program_port = port, to     # its own, and the program's
        self.next = iss                             # what it will send
        self.expected = None                        # the number that it expects
        self.service = service
        self.ecn = None                             # of the last packet that came

    @property
    def last(self):
        """The number of the packet that it sent last."""
        return (self.next - 1) % SEQUENCE

    @property
    def heard(self):
        """The number of the packet that came last."""
        return None if self.expected is None else (self.expected - 1) % SEQUENCE

    def packet(self, kind, data=b"", **fields):
        """The next packet towards the program; a number that is given does not count."""
        fields = {"type": kind, "sport": self.port, "dport": self.program_port,
                  "seq": self.next, **fields}
        if kind not in NO_ACK:
            fields.setdefault("ack", self.heard or 0)
        if kind in (REQUEST, RESPONSE, LISTEN):
            fields.setdefault("service", self.service)
        if fields["seq"] == self.next:
            self.next = (self.next + 1) % SEQUENCE
        packet = self.t.packet_in(**fields)
        return packet / Raw(data) if data else packet

    def sends(self, kind, data=b"", **fields):
        """It goes in."""
        self.t.inject(self.packet(kind, data, **fields))

    def loses(self, packets=1):
        """So many packets of the peer are lost on their way."""
        self.next = (self.next + packets) % SEQUENCE

    def gets(self, kind, data=b"", after=0, **fields):
        """A packet of this kind and just these data comes out, with the next number.

        It acknowledges what was sent last, unless another `ack` is given. `kind` may be None:
        any will do.
        """
        known = {"type": kind, "dport": self.port, "sport": self.program_port,
                 "seq": self.expected, **fields}
        if kind not in (None, *NO_ACK, SYNC, SYNCACK):
            known.setdefault("ack", self.last)
        known = {name: value for name, value in known.items() if value is not None}
        packet = self.t.expect(self.t.packet_out(**known) / Raw(data), after)
        header = packet[Dccp]
        header.time = packet.time
        self.ecn = (packet.tc if self.t.v6 else packet.tos) & 3
        self.port, self.program_port = header.dport, header.sport
        self.expected = (header.seq + 1) % SEQUENCE
        return header

    def asked(self, after=0, **fields):
        """The program's Request comes."""
        request = self.gets(REQUEST, after=after, **fields)
        self.service = request.service
        return request

    def accepts(self, *more, **fields):
        """The peer answers the program's Request, agrees to all that it asks for, and asks for more."""
        return self.accepted(self.asked(), *more, **fields)

    def accepted(self, request, *more, **fields):
        """Likewise, of a Request that came."""
        self.sends(RESPONSE, options=[*confirms(request), *more], **fields)
        return self.gets(ACK)

    def asks(self, *asked, **fields):
        """The peer's Request goes to a program that listens, and is answered."""
        self.sends(REQUEST, options=list(asked), **fields)
        return self.gets(RESPONSE)

    def connects(self, *asked, **fields):
        """The peer connects to a program that listens, and agrees to all that it asks for."""
        response = self.asks(*asked, **fields)
        self.sends(ACK, options=confirms(response))
        return response
