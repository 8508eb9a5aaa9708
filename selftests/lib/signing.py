# SPDX-License-Identifier: GPL-2.0
"""AUTH (RFC 4895) as the peer of a test does it: key vectors, and chunks that are signed."""
import hashlib
import hmac
import struct

from sctp import Sctp, params, tlv
from tap import Failed

P_RANDOM, P_CHUNKS, P_HMACS, P_EXTENSIONS = 0x8002, 0x8003, 0x8004, 0x8008
AUTH, ASCONF, ASCONF_ACK, DATA, COOKIE_ECHO = 0x0F, 0xC1, 0x80, 0, 10
SHA1, SHA256 = 1, 3
HASHES = {SHA1: hashlib.sha1, SHA256: hashlib.sha256}

# Of RFC 6458, by the kernel's numbers
SCTP_AUTH_CHUNK, SCTP_HMAC_IDENT, SCTP_AUTH_KEY, SCTP_AUTH_ACTIVE_KEY = 21, 22, 23, 24
SCTP_AUTH_SUPPORTED, SCTP_ASCONF_SUPPORTED, SCTP_AUTHINFO = 129, 128, 6


def vector(found):
    """The key vector that these parameters are: {type: value}."""
    return b"".join(struct.pack("!HH", kind, 4 + len(found[kind])) + found[kind]
                    for kind in (P_RANDOM, P_CHUNKS, P_HMACS) if kind in found)


def chunks_in(data):
    """The chunks that these bytes are: [(type, flags, value, offset), ...]."""
    found, at = [], 0
    while at < len(data):
        kind, flags, length = struct.unpack_from("!BBH", data, at)
        if length < 4:
            raise Failed(f"a chunk of length {length}")
        found.append((kind, flags, data[at + 4:at + length], at))
        at += length + -length % 4
    return found


def said(packet):
    """The chunks of a packet that came out."""
    return chunks_in(packet[Sctp].original[12:])


class Signing:
    """What the peer of one association has of AUTH."""

    def __init__(self, chunks=(), hmacs=(SHA256, SHA1), random=bytes(range(32)), extensions=()):
        self.mine = {P_RANDOM: random, P_HMACS: struct.pack(f"!{len(hmacs)}H", *hmacs)}
        if chunks:
            self.mine[P_CHUNKS] = bytes(chunks)
        self.extensions = bytes((AUTH, *extensions))
        self.theirs = {}

    def params(self):
        """For the peer's INIT or INIT ACK."""
        return (tlv(P_EXTENSIONS, self.extensions), *(tlv(*item) for item in self.mine.items()))

    def hears(self, init):
        """What the program's INIT or INIT ACK tells."""
        found = params(init)
        self.theirs = {kind: found[kind] for kind in (P_RANDOM, P_CHUNKS, P_HMACS) if kind in found}
        return init

    def key(self, pair=b""):
        vectors = sorted((vector(self.mine), vector(self.theirs)), key=lambda v: (len(v), v))
        return pair + b"".join(vectors)

    def mac(self, body, kind, pair=b""):
        return hmac.new(self.key(pair), body, HASHES[kind]).digest()

    def sign(self, *chunks, number=0, pair=b"", kind=SHA256, spoil=0):
        """An AUTH chunk and these, which are bytes; `spoil` is xored to the MAC."""
        size = HASHES[kind]().digest_size
        head = struct.pack("!BBHHH", AUTH, 0, 8 + size, number, kind)
        rest = b"".join(chunks)
        mac = bytearray(self.mac(head + bytes(size) + rest, kind, pair))
        mac[-1] ^= spoil
        return head + bytes(mac) + rest

    def check(self, packet, number=0, pair=b"", kind=None):
        """The types behind the AUTH chunk of a packet that came out, which must be right."""
        body = packet[Sctp].original[12:]
        found = chunks_in(body)
        auths = [one for one in found if one[0] == AUTH]
        if len(auths) != 1:
            raise Failed(f"{len(auths)} AUTH chunks: {found!r}")
        _type, _flags, value, at = auths[0]
        used, algorithm = struct.unpack_from("!HH", value)
        if used != number or (kind and algorithm != kind) or algorithm not in HASHES:
            raise Failed(f"key {used}, algorithm {algorithm}")
        mac, rest = value[4:], body[at + 4 + len(value):]
        if mac != self.mac(body[at:at + 8] + bytes(len(mac)) + rest, algorithm, pair):
            raise Failed("the MAC is wrong")
        return [one[0] for one in found if one[3] > at]
