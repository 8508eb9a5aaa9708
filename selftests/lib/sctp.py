# SPDX-License-Identifier: GPL-2.0
"""SCTP as conversations see it: header and chunks, the variants, a peer that keeps count.

Chunks are scapy's, by shorter names. What is no whole chunk (a wrong length, an unknown
type) is bytes: chunk().
"""
import socket
import struct

from scapy.fields import ByteEnumField, FieldLenField, ShortField, StrLenField, XByteField, XIntField
from scapy.layers import sctp
from scapy.packet import Packet

from machine import Variant
from packets import NoPayload, Padding, Raw, bind
from tap import Failed

SCTP = sctp.SCTP
Abort, CookieAck, CookieEcho = sctp.SCTPChunkAbort, sctp.SCTPChunkCookieAck, sctp.SCTPChunkCookieEcho
Data, Error, Heartbeat = sctp.SCTPChunkData, sctp.SCTPChunkError, sctp.SCTPChunkHeartbeatReq
HeartbeatAck, Init, InitAck = sctp.SCTPChunkHeartbeatAck, sctp.SCTPChunkInit, sctp.SCTPChunkInitAck
Sack, Shutdown, ShutdownAck = sctp.SCTPChunkSACK, sctp.SCTPChunkShutdown, sctp.SCTPChunkShutdownAck
ShutdownComplete = sctp.SCTPChunkShutdownComplete

TSNS = 1 << 32

# Parameters (RFC 9260 section 3.3.2)
(P_HEARTBEAT, P_IPV4, P_IPV6, P_COOKIE, P_UNRECOGNIZED, P_PRESERVATIVE, P_HOSTNAME,
 P_FAMILIES) = 1, 5, 6, 7, 8, 9, 11, 12
P_ECN, P_FORWARD_TSN = 0x8000, 0xC000

# Error causes (3.3.10)
(INVALID_STREAM, MISSING_PARAM, STALE_COOKIE, OUT_OF_RESOURCE, UNRESOLVABLE, UNKNOWN_CHUNK,
 INVALID_PARAM, UNKNOWN_PARAM, NO_USER_DATA, COOKIE_IN_SHUTDOWN, RESTART, USER_ABORT,
 PROTOCOL_VIOLATION) = range(1, 14)


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


def _of_number(name, number, desc):
    """A chunk that is one TSN, for scapy has none of them."""
    chunk = type(name, (sctp._SCTPChunkGuessPayload, Packet), {"name": name, "fields_desc": [
        ByteEnumField("type", number, sctp.sctpchunktypes), XByteField("flags", None),
        *desc]})
    sctp.sctpchunktypes[number] = name.lower()
    sctp.sctpchunktypescls[number] = name
    setattr(sctp, name, chunk)
    return chunk


Ecne = _of_number("Ecne", 12, [ShortField("len", 8), XIntField("tsn", 0)])
Cwr = _of_number("Cwr", 13, [ShortField("len", 8), XIntField("tsn", 0)])
ForwardTsn = _of_number("ForwardTsn", 0xC0, [
    FieldLenField("len", None, length_of="streams", adjust=lambda _p, x: x + 8),
    XIntField("tsn", 0), StrLenField("streams", b"", length_from=lambda p: p.len - 8)])


def chunk(type_, value=b"", flags=0, length=None):
    """Any chunk, as bytes, padded; `length` is a lie that it shall tell."""
    length = 4 + len(value) if length is None else length
    return struct.pack("!BBH", type_, flags, length) + value + bytes(-len(value) % 4)


def tlv(type_, value=b"", length=None):
    """A parameter or a cause, as bytes, padded."""
    length = 4 + len(value) if length is None else length
    return struct.pack("!HH", type_, length) + value + bytes(-len(value) % 4)


def tlvs(data):
    """The parameters or causes that these bytes are: [(type, value), ...]."""
    found = []
    while len(data) >= 4:
        type_, length = struct.unpack_from("!HH", data)
        if length < 4 or length > len(data):
            raise Failed(f"a length of {length} in {data!r}")
        found.append((type_, data[4:length]))
        data = data[length + -length % 4:]
    if data.strip(b"\0"):
        raise Failed(f"no parameter: {data!r}")
    return found


def params(init):
    """The parameters of an INIT or INIT ACK that came: {type: value}; addresses too."""
    return dict(tlvs(init.original[20:init.len]))


def causes(error):
    """What an ERROR or ABORT says: [(cause, value), ...]."""
    return tlvs(error.error_causes)


def variants(number, kind=socket.SOCK_STREAM, kernel=False):
    """SCTP over IPv4 and over IPv6, at this IP protocol number."""
    bind(Sctp, number)
    return tuple(Variant(f"SCTP over {name}", family, kind, number, Sctp, counters, kernel)
                 for name, family, counters in (("IPv4", socket.AF_INET, "Sctp"),
                                                ("IPv6", socket.AF_INET6, "Sctp6")))


class Peer:
    """The other end of one association, which the test plays.

    It keeps the tags and counts TSNs, and fills in and checks what follows from them. The
    program's cookie it echoes as it came.
    """

    def __init__(self, t, port=None, to=None, tag=0x11111111, tsn=1000):
        self.t = t
        self.port, self.program_port = port, to    # its own, and the program's
        self.tag, self.program_tag = tag, 0
        self.first_tsn = self.next = tsn           # what it will send
        self.expected = None                       # the TSN that it expects
        self.rwnd, self.streams = 65536, 10
        self.ssn = {}                              # of the next ordered message, by stream
        self.cookie = b"a cookie of the peer"      # that it gives; or the program's

    # Packets

    def packet(self, *chunks, **fields):
        """A packet towards the program."""
        packet = self.t.packet_in(**{"sport": self.port, "dport": self.program_port,
                                     "tag": self.program_tag, **fields})
        # One by one they would all be copied for each.
        return packet / Raw(b"".join(map(bytes, chunks)))

    def sends(self, *chunks, **fields):
        """These chunks go in, as one packet."""
        self.t.inject(self.packet(*chunks, **fields))

    def gets(self, *chunks, after=0, others=False, **fields):
        """A packet of just these chunks comes out (or of `others` after them, too): the chunks."""
        known = {"dport": self.port, "sport": self.program_port, "tag": self.tag, **fields}
        expected = self.t.packet_out(**{k: v for k, v in known.items() if v is not None})
        for one in chunks:
            one.fields["type"] = one.type     # an INIT ACK is an INIT to scapy
            expected /= one
        packet = self.t.expect(expected, after)
        found = chunks_of(packet)
        if len(found) != len(chunks) and not others:
            raise Failed("other chunks came: " + " / ".join(map(repr, found)))
        self.last = packet
        return found[0] if len(found) == 1 else found

    # Setting up

    def init(self, kind=Init, **fields):
        """The INIT that it sends, or the INIT ACK."""
        return kind(**{"init_tag": self.tag, "a_rwnd": self.rwnd, "n_out_streams": self.streams,
                       "n_in_streams": self.streams, "init_tsn": self.first_tsn, **fields})

    def init_ack(self, *more, **fields):
        """With its cookie, and more parameters, which are bytes."""
        return self.init(InitAck, params=[Raw(tlv(P_COOKIE, self.cookie)), *map(Raw, more)], **fields)

    def knows(self, init):
        """What the program's INIT or INIT ACK tells."""
        self.program_tag, self.expected = init.init_tag, init.init_tsn
        return init

    def asked(self, after=0, **fields):
        """The program's INIT comes."""
        init = self.gets(Init(**fields), tag=0, after=after)
        self.port, self.program_port = self.last[Sctp].dport, self.last[Sctp].sport
        return self.knows(init)

    def accepts(self, *more, **fields):
        """The peer answers the program's INIT and its COOKIE ECHO."""
        init = self.asked()
        self.sends(self.init_ack(*more, **fields))
        self.gets(CookieEcho(cookie=self.cookie))
        self.sends(CookieAck())
        return init

    def accepts_with_data(self, *more, **fields):
        """The same of a program that sent a message without a connect(), one-to-many."""
        init = self.asked()
        self.sends(self.init_ack(*more, **fields))
        found = self.gets(CookieEcho(cookie=self.cookie), others=True)
        rode_along = isinstance(found, list)
        self.sends(CookieAck(), *[self.sack(self.expected)] * rode_along)
        if not rode_along:
            self.gets(Data(tsn=self.expected))
            self.sends(self.sack(self.expected))
        self.expected = (self.expected + 1) % TSNS
        return init

    def asks(self, *more, **fields):
        """The peer's INIT goes to a program that listens, and is answered."""
        self.sends(self.init(params=[*map(Raw, more)], **fields), tag=0)
        answer = self.knows(self.gets(InitAck()))
        self.cookie = params(answer)[P_COOKIE]
        return answer

    def connects(self, *more, **fields):
        """The peer sets up the association with a program that listens."""
        answer = self.asks(*more, **fields)
        self.sends(CookieEcho(cookie=self.cookie))
        self.gets(CookieAck())
        return answer

    # Data

    def data(self, data, tsn=None, stream=0, ssn=None, flags="BE", **fields):
        """A DATA chunk of the peer, with the next TSN and SSN if none are given.

        `flags`: B and E as it begins or ends a message, U unordered, I for a SACK at once.
        """
        if ssn is None:
            ssn = self.ssn.get(stream, 0)
            if "E" in flags and "U" not in flags:
                self.ssn[stream] = (ssn + 1) % 65536
        made = Data(data=data, len=16 + len(data), tsn=self.next if tsn is None else tsn,
                    stream_id=stream, stream_seq=ssn, proto_id=0, beginning="B" in flags,
                    ending="E" in flags, unordered="U" in flags, delay_sack="I" in flags, **fields)
        if made.tsn == self.next:
            self.next = (self.next + 1) % TSNS
        return made

    def sends_data(self, data, **fields):
        """A packet with one chunk of data goes in."""
        self.sends(self.data(data, **fields))

    def gets_data(self, data=None, again=False, after=0, more=(), **fields):
        """One DATA chunk comes out, the next one unless it is sent `again`."""
        if not again:
            fields.setdefault("tsn", self.expected)
        if data is not None:
            fields["data"] = data
        found = self.gets(Data(**fields), *more, after=after)
        if not again:
            self.expected = (self.expected + 1) % TSNS
        return found

    def sacks(self, cum=None, gaps=(), dups=(), rwnd=None, more=()):
        """Up to what came, or to `cum`; gaps are [(start, end), ...]."""
        self.sends(self.sack(cum, gaps, dups, rwnd), *more)

    def sack(self, cum=None, gaps=(), dups=(), rwnd=None):
        return Sack(cumul_tsn_ack=(self.expected - 1) % TSNS if cum is None else cum % TSNS,
                    a_rwnd=self.rwnd if rwnd is None else rwnd,
                    gap_ack_list=[f"{start}:{end}" for start, end in gaps],
                    dup_tsn_list=list(dups))

    def gets_sack(self, cum=None, gaps=(), dups=(), after=0, **fields):
        """A SACK comes out, up to what was sent, or to `cum`, with just these gaps."""
        found = self.gets(Sack(cumul_tsn_ack=(self.next - 1) % TSNS if cum is None else cum % TSNS,
                               n_gap_ack=len(gaps), n_dup_tsn=len(dups), **fields), after=after)
        self.check_sack(found, gaps, dups)
        return found

    def check_sack(self, found, gaps=(), dups=()):
        self.t.equal(found.gap_ack_list, [f"{start}:{end}" for start, end in gaps], "gaps")
        self.t.equal(sorted(found.dup_tsn_list), sorted(dups), "duplicates")

    # The end

    def shuts_down(self):
        """The peer ends the association, of which nothing is under way."""
        self.sends(Shutdown(cumul_tsn_ack=(self.expected - 1) % TSNS))
        self.gets(ShutdownAck())
        self.sends(ShutdownComplete())

    def answers_heartbeat(self, after=0, **fields):
        """A HEARTBEAT comes, and goes back as it was."""
        question = self.gets(Heartbeat(), after=after, **fields)
        self.sends(chunk(5, question.original[4:question.len]))
        return question


def chunks_of(packet):
    """The chunks of a packet that came."""
    found, one = [], packet[Sctp].payload
    while not isinstance(one, (NoPayload, Padding)):
        found.append(one)
        one = one.payload
    return found
