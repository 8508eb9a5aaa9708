#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A datagram that no socket wants is answered as RFC 1122 and RFC 4443 say, or not at all."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from netns import sysctl
from packets import Icmp
from conversation import Conversation
from tap import Failed, main, test
from tun import Tap
from udp import ALL, UDP4, UDP6, V4, V6

CLOSED = 9999
DESTINATION_UNREACHABLE = {4: 3, 6: 1}
PORT_UNREACHABLE = {4: 3, 6: 4}
# RFC 1812 and RFC 4443: how long an error that quotes may be
LONGEST = {4: 576, 6: 1280}


def unwanted(t, network=None, data=b"hello", **fields):
    return t.packet_in(network, **{"sport": 1000, "dport": CLOSED, **fields}) / data


def expect_unreachable(t, packet):
    """A port unreachable comes out and quotes the packet; return how much it quotes."""
    version = 6 if t.v6 else 4
    out = t.expect(t.ip_out() / Icmp(type=DESTINATION_UNREACHABLE[version],
                                     code=PORT_UNREACHABLE[version], rest=0))
    quote = bytes(out[Icmp].payload)
    if not bytes(packet).startswith(quote):
        raise Failed(f"the quote is not the start of the packet: {quote.hex(' ')}")
    t.check(len(quote) >= min(t.ip_length + 8, len(bytes(packet))), "the quote is too short")
    t.check(len(out.original) <= LONGEST[version], "the error is too long")
    return len(quote)


@test("a closed port is unreachable, and NoPorts counts it", on=ALL)
def closed_port(t):
    packet = unwanted(t)
    with t.counted(NoPorts=1):
        t.inject(packet)
        quoted = expect_unreachable(t, packet)
    t.equal(quoted, len(bytes(packet)), "length of the quote")


@test("the error has a right checksum", on=ALL)
def icmp_checksum(t):
    t.inject(unwanted(t))
    out = t.collect()[0]
    again = out.copy()
    again[Icmp].chksum = None
    t.equal(hex(type(out)(bytes(again))[Icmp].chksum), hex(out[Icmp].chksum))


@test("a long datagram is quoted as far as the longest error allows", on=ALL)
def long_quote(t):
    packet = unwanted(t, data=bytes(range(256)) * 5)
    t.inject(packet)
    quoted = expect_unreachable(t, packet)
    t.equal(quoted, LONGEST[6 if t.v6 else 4] - t.ip_length - 8, "length of the quote")


@test("a fragmented one is answered once, when it is whole", on=ALL)
def fragmented(t):
    first, last = t.fragments_in(unwanted(t, data=bytes(32)), 24)
    with t.counted(NoPorts=1):
        t.inject(first)
        t.quiet()
        t.inject(last)
        version = 6 if t.v6 else 4
        t.expect(t.ip_out() / Icmp(type=DESTINATION_UNREACHABLE[version],
                                   code=PORT_UNREACHABLE[version]))


@test("a bad checksum is not answered but counted", on=ALL)
def bad_checksum(t):
    with t.counted(InErrors=1, InCsumErrors=1):
        t.inject(unwanted(t, chksum=0x1234))
    t.quiet()


@test("a checksum of zero is no reason to be silent", on=(UDP4,))
def no_checksum(t):
    packet = unwanted(t, chksum=0)
    with t.counted(NoPorts=1):
        t.inject(packet)
        expect_unreachable(t, packet)


@test("a checksum of zero is not answered but counted", on=(UDP6,))
def no_checksum_refused(t):
    with t.counted(InErrors=1, InCsumErrors=1):
        t.inject(unwanted(t, chksum=0))
    t.quiet()


@test("a short or lying header is not answered", on=ALL)
def malformed(t):
    with t.counted(InErrors=1):
        t.inject(t.bare_in(b"\x03\xe8\x27\x0f\0\0\0"))
    t.quiet()


@test("a broadcast is not answered", on=V4)
def broadcast(t):
    for address in ("255.255.255.255", "192.0.2.255"):
        with t.counted(IgnoredMulti=1):
            t.inject(unwanted(t, t.ip_in(dst=address)))
        t.quiet()


@test("a multicast is not answered", on=ALL)
def multicast(t):
    with t.counted(IgnoredMulti=1):
        t.inject(unwanted(t, t.ip_in(dst="ff02::1" if t.v6 else "224.0.0.1")))
    t.quiet()


@test("a multicast with a bad checksum is not answered", on=ALL)
def multicast_bad(t):
    t.inject(unwanted(t, t.ip_in(dst="ff02::1" if t.v6 else "224.0.0.1"), chksum=0x1234))
    t.quiet()


@test("a broadcast frame around a unicast datagram is not answered", on=V4, ethernet=True)
def broadcast_frame(t):
    with t.counted(NoPorts=1):
        t.inject(unwanted(t), to=Tap.BROADCAST)
    t.quiet()
    packet = unwanted(t)
    t.inject(packet)
    expect_unreachable(t, packet)


@test("the unspecified source is not answered", on=V6)
def unspecified_source(t):
    with t.counted(NoPorts=1):
        t.inject(unwanted(t, t.ip_in(src="::")))
    t.quiet()


@test("answers are limited in rate", on=V4)
def rate_limit(t):
    sysctl("ipv4.icmp_ratelimit", 10000)    # ms a packet, six may come at once
    start = time.monotonic()
    with t.counted(NoPorts=40):
        for _ in range(40):
            t.inject(unwanted(t))
    answers = len(t.collect())
    most = 6 + (time.monotonic() - start) // 10
    t.check(1 <= answers <= most, f"{answers} answers")


@test("answers are limited in rate", on=V6)
def rate_limit_6(t):
    sysctl("ipv6.icmp.ratelimit", 30000)    # ms a packet, or less: six may come at once
    with t.counted(NoPorts=40):
        for _ in range(40):
            t.inject(unwanted(t))
    answers = len(t.collect())
    t.check(1 <= answers <= 20, f"{answers} answers")


@test("an answer to a closed port is no datagram for an open one", on=ALL)
def open_port_untouched(t):
    s = t.socket(port=7)
    packet = unwanted(t)
    t.dropped(s, packet, NoPorts=1)
    expect_unreachable(t, packet)


@test("the port of a socket that is closed is unreachable at once", on=ALL)
def after_close(t):
    s = t.socket(port=CLOSED)
    t.inject(unwanted(t))
    t.equal(s.receive()[0], b"hello")
    s.close()
    packet = unwanted(t)
    with t.counted(NoPorts=1):
        t.inject(packet)
        expect_unreachable(t, packet)


@test("closing with datagrams unread answers none of them", on=ALL)
def close_with_unread(t):
    s = t.socket(port=CLOSED)
    for _ in range(5):
        t.inject(unwanted(t))
    s.close()
    t.quiet()


if __name__ == "__main__":
    main(Conversation)
