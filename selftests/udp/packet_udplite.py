#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""UDP-Lite's checksum coverage, RFC 3828: what it protects, what it refuses."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import counters
from packets import checksum
from conversation import Conversation
from tap import main, test
from udp import KERNEL, LITE, SOL_UDP, SOL_UDPLITE, UDPLITE_RECV_CSCOV, UDPLITE_SEND_CSCOV, UdpLite

PORT = 7
DATA = b"twenty bytes of data"
LENGTH = 8 + len(DATA)


# The kernel's own takes a header that RFC 3828 forbids for a checksum error.
ILLEGAL = {"InErrors": 1, "InCsumErrors": 1} if KERNEL else {"InErrors": 1}


def datagram(t, **fields):
    return t.packet_in(**{"sport": 9, "dport": PORT, **fields}) / DATA


def arrives(t, s, packet, data=DATA):
    with t.counted(InDatagrams=1):
        t.inject(packet)
        t.equal(s.receive(), (data, (t.there, 9)))


def flipped(packet, at):
    """The packet with one bit flipped in the byte at this offset of UDP-Lite's header."""
    whole = bytearray(bytes(packet))
    whole[len(whole) - LENGTH + at] ^= 0x10
    return bytes(whole)


@test("every coverage from the header to all is accepted, and 0 for all", on=LITE)
def accepted(t):
    s = t.socket(port=PORT)
    for coverage in (0, *range(8, LENGTH + 1)):
        arrives(t, s, datagram(t, coverage=coverage))


@test("a coverage of 1 to 7 is refused", on=LITE)
def too_small(t):
    s = t.socket(port=PORT)
    for coverage in range(1, 8):
        t.dropped(s, datagram(t, coverage=coverage), **ILLEGAL)


@test("a coverage beyond the datagram is refused", on=LITE)
def too_large(t):
    s = t.socket(port=PORT)
    for coverage in (LENGTH + 1, LENGTH + 2, 0x8000, 0xFFFF):
        t.dropped(s, datagram(t, coverage=coverage), InErrors=1)


@test("a coverage beyond the datagram is refused though zeros behind it would sum up", on=LITE)
def too_large_and_right(t):
    packet = datagram(t, coverage=LENGTH + 2, chksum=0)
    covered = bytes(packet)[t.ip_length:]
    packet[UdpLite].chksum = checksum(packet, t.variant.number, covered, LENGTH)
    t.dropped(t.socket(port=PORT), packet, InErrors=1)


@test("a header alone is a datagram: coverage 0 or 8", on=LITE)
def empty(t):
    s = t.socket(port=PORT)
    for coverage in (0, 8):
        arrives(t, s, t.packet_in(sport=9, dport=PORT, coverage=coverage), b"")


@test("a checksum of zero is refused whatever the coverage", on=LITE)
def zero_checksum(t):
    s = t.socket(port=PORT)
    for coverage in (0, 8, 16, LENGTH):
        t.dropped(s, datagram(t, coverage=coverage, chksum=0), **ILLEGAL)


@test("an error behind the coverage is delivered", on=LITE)
def error_outside(t):
    s = t.socket(port=PORT)
    for coverage in (8, 9, 15, 16, LENGTH - 1):
        for at in range(coverage, LENGTH):
            packet = flipped(datagram(t, coverage=coverage), at)
            arrives(t, s, packet, packet[-len(DATA):])


@test("an error within the coverage is dropped", on=LITE)
def error_inside(t):
    s = t.socket(port=PORT)
    for coverage in (0, 16, 17, LENGTH):
        wrong = [flipped(datagram(t, coverage=coverage), at)
                 for at in (0, 1, *range(6, coverage or LENGTH))]
        t.dropped(s, *wrong, InErrors=len(wrong), InCsumErrors=len(wrong))


@test("an error in the coverage field itself is dropped", on=LITE)
def error_in_coverage(t):
    s = t.socket(port=PORT)
    for coverage, wrong in ((0, 16), (8, 9), (16, 0), (LENGTH, 8), (LENGTH, 0)):
        right = bytes(datagram(t, coverage=coverage))
        at = len(right) - LENGTH + 4
        t.dropped(s, right[:at] + struct.pack("!H", wrong) + right[at + 2:],
                  InErrors=1, InCsumErrors=1)


@test("the pseudo-header has the packet's length, not the coverage", on=LITE)
def pseudo_header_length(t):
    packet = datagram(t, coverage=12, chksum=0)
    covered = bytes(packet)[t.ip_length:][:12]
    packet[UdpLite].chksum = checksum(packet, t.variant.number, covered, 12)
    t.dropped(t.socket(port=PORT), packet, InErrors=1, InCsumErrors=1)


@test("there is no length field: all that IP carries is data", on=LITE)
def no_length(t):
    s = t.socket(port=PORT)
    whole = bytes(datagram(t, coverage=8))[t.ip_length:]
    # The pseudo-header's length changes with the packet, so the checksum is made anew.
    longer = t.packet_in(sport=9, dport=PORT, coverage=8) / (whole[8:] + b"and more")
    arrives(t, s, longer, DATA + b"and more")


def too_short(t, s, coverage):
    t.dropped(s, datagram(t, coverage=coverage), InErrors=1)


@test("the receiver's minimum: less coverage is dropped, as much or full is delivered", on=LITE)
def minimum(t):
    s = t.socket(port=PORT, options={(SOL_UDPLITE, UDPLITE_RECV_CSCOV): 16})
    for coverage in (8, 12, 15):
        too_short(t, s, coverage)
    for coverage in (16, 17, LENGTH, 0):
        arrives(t, s, datagram(t, coverage=coverage))


@test("a receiver that asks for full coverage gets no partial one", on=LITE)
def minimum_full(t):
    s = t.socket(port=PORT, options={(SOL_UDPLITE, UDPLITE_RECV_CSCOV): 0})
    too_short(t, s, 8)
    too_short(t, s, LENGTH - 1)
    arrives(t, s, datagram(t, coverage=LENGTH))
    arrives(t, s, datagram(t, coverage=0))


@test("a minimum larger than a datagram does not refuse one that is covered whole", on=LITE)
def minimum_beyond(t):
    s = t.socket(port=PORT, options={(SOL_UDPLITE, UDPLITE_RECV_CSCOV): 1000})
    too_short(t, s, 16)
    arrives(t, s, datagram(t, coverage=0))


@test("one receiver's minimum is not another's", on=LITE)
def minimum_of_one(t):
    strict = t.socket(port=PORT, options={(SOL_UDPLITE, UDPLITE_RECV_CSCOV): 16})
    lax = t.socket(port=PORT + 1)
    too_short(t, strict, 8)
    arrives(t, lax, datagram(t, dport=PORT + 1, coverage=8))


def sent(t, coverage, level=SOL_UDPLITE):
    s = t.socket(port=5000, options={(level, UDPLITE_SEND_CSCOV): coverage})
    s.sendto(DATA, t.address(7))
    out = t.expect(t.packet_out(sport=5000, dport=7) / DATA)
    s.close()
    found = out[UdpLite].coverage
    body = out.original[-LENGTH:]
    covered = body[:found or LENGTH]
    t.equal(checksum(out, t.variant.number, covered, LENGTH), 0, f"checksum over {found} bytes")
    return found


@test("the sender's coverage is on the wire, and the checksum is over just that", on=LITE)
def send_coverage(t):
    for coverage in (8, 9, 12, 15, 16, LENGTH - 1):
        t.equal(sent(t, coverage), coverage, "coverage")


@test("SOL_UDP sets the coverage too", on=LITE)
def send_coverage_sol_udp(t):
    t.equal(sent(t, 12, SOL_UDP), 12, "coverage")


@test("a coverage of 1 to 7 is rounded up to the header", on=LITE)
def send_rounded(t):
    for coverage in (1, 7):
        t.equal(sent(t, coverage), 8, "coverage")


@test("a coverage of 0, or beyond the datagram, is all of it", on=LITE)
def send_all(t):
    for coverage in (0, LENGTH, LENGTH + 1, 0xFFFF):
        t.check(sent(t, coverage) in (0, LENGTH), f"{coverage} is not all")


@test("the coverage of a datagram in fragments, within the first and beyond it", on=LITE)
def send_fragments(t):
    data = os.urandom(4000)
    for coverage in (8, 100, 2000, 4007):
        s = t.socket(port=5000, options={(SOL_UDPLITE, UDPLITE_SEND_CSCOV): coverage})
        s.sendto(data, t.address(7))
        body = b"".join(out.original[t.ip_length + (8 if t.v6 else 0):] for out in t.collect())
        t.check(body[8:] == data, "the data differ")
        t.equal(struct.unpack("!H", body[4:6])[0], coverage, "coverage")
        t.equal(checksum(t.ip_out(), t.variant.number, body[:coverage], 4008), 0,
                f"checksum over {coverage} bytes")
        s.close()


@test("one that computes to zero is sent as 0xffff, and taken", on=LITE)
def computed_zero(t):
    s = t.socket(port=5000, options={(SOL_UDPLITE, UDPLITE_SEND_CSCOV): 10})
    s.sendto(b"\0\0rest", t.address(7))
    data = struct.pack("!H", t.expect(t.packet_out())[UdpLite].chksum) + b"rest"
    s.sendto(data, t.address(7))
    out = t.expect(t.packet_out() / data)
    t.equal(hex(out[UdpLite].chksum), "0xffff")
    # The checksum does not mind which of two addresses or ports is the source.
    t.inject(t.packet_in(sport=7, dport=5000, coverage=10, chksum=0xFFFF) / data)
    t.equal(s.receive(), (data, (t.there, 7)))


@test("UDP's counters do not move, nor do UDP-Lite's by UDP", on=LITE)
def own_counters(t):
    name = t.variant.counters.replace("Lite", "")
    before = counters.read(name, t.variant.kernel)
    arrives(t, t.socket(port=PORT), datagram(t, coverage=8))
    t.equal(counters.read(name, t.variant.kernel), before)


if __name__ == "__main__":
    main(Conversation)
