#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ICMP errors quote packets: with xl4's number within this host, with the standard one outside."""
import errno
import os
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from bridge import OURS, TCP, rules
from bridged import BOTH, TCPS, UDPS, Bridged
from connection import calling, caller
from linux import IP_MTU, IP_MTU_DISCOVER, IPV6_MTU, IPV6_MTU_DISCOVER, PMTUDISC_DO, SOL_IP, SOL_IPV6
from packets import Icmp, IPv6ExtHdrDestOpt, Raw, checksum, fold, parse
from tap import Failed, main, test

PORT, PEER = 7, 4444
CHECK_AT = {TCP: 16, socket.IPPROTO_UDP: 6}
UNREACHABLE = {False: (3, 3), True: (1, 4)}         # the port
NO_HOST = {False: (3, 1), True: (1, 3)}
TOO_BIG = {False: (3, 4), True: (2, 0)}


def sent(t):
    """Something that was sent: (its socket, the packet on the wire)."""
    if t.standard == TCP:
        return calling(t), t.expect(t.packet_out(dport=7, flags="S")).original
    s = t.socket(port=PORT, peer=PEER)
    s.send(b"question")
    return s, t.expect(t.packet_out(sport=PORT, dport=PEER) / Raw(b"question")).original


def icmp_socket(t):
    """Hears ICMP as the protocols of this host do: behind the bridge."""
    number = socket.IPPROTO_ICMPV6 if t.v6 else socket.IPPROTO_ICMP
    s = socket.socket(t.variant.family, socket.SOCK_RAW, number)
    s.setblocking(False)
    return s


def heard(t, s, kind):
    """The next such message, without its IP header."""
    while select.select([s], [], [], 20)[0]:
        data = s.recv(65536)
        data = data if t.v6 else data[20:]
        if data[0] == kind:
            return data
    raise Failed("no ICMP message came in")


def told(t, s, number):
    with t.fails(number):
        s.wait()
        if t.standard == TCP and (error := s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
            raise OSError(error, os.strerror(error))
        s.recv(100)


def check_quote(t, message, packet):
    """The quotation has xl4's number; its sum is right, if there is so much of it."""
    quote = message[8:]
    at, start = (6, 40) if t.v6 else (9, 20)
    t.equal(quote[at], OURS[t.standard], "number in the quotation")
    if not t.v6:
        t.equal(fold(message), 0xFFFF, "sum of the message")
        t.equal(fold(quote[:20]), 0xFFFF, "sum of the quoted IP header")
    check_at = start + CHECK_AT[t.standard]
    expected = bytearray(packet[:len(quote)])
    expected[at] = quote[at]
    if len(quote) >= check_at + 2:
        whole = packet[start:]
        blank = whole[:CHECK_AT[t.standard]] + bytes(2) + whole[CHECK_AT[t.standard] + 2:]
        struct.pack_into("!H", expected, check_at, checksum(parse(packet), quote[at], blank, len(whole)))
    if not t.v6:
        expected[10:12] = quote[10:12]
    t.equal(quote.hex(" "), bytes(expected).hex(" "))


@test("refused: the program is told so", on=BOTH)
def refused(t):
    s, packet = sent(t)
    t.inject(t.icmp_error(*UNREACHABLE[t.v6], packet))
    told(t, s, errno.ECONNREFUSED)
    t.did(out=1, errors=1)


@test("as much of the packet as RFC 792 asks for", on=BOTH)
def least(t):
    s, packet = sent(t)
    t.inject(t.icmp_error(*UNREACHABLE[t.v6], packet[:t.ip_length + 8]))
    told(t, s, errno.ECONNREFUSED)
    t.did(out=1, errors=1)


@test("the quotation is that of a packet with xl4's number, however much there is of it", on=BOTH)
def quotation(t):
    with icmp_socket(t) as raw:
        _, packet = sent(t)
        kind, code = NO_HOST[t.v6]
        lengths = sorted({t.ip_length + n for n in (8, 9, 15, 16, 17, 18, 19, 20)} | {len(packet)})
        lengths = [n for n in lengths if n <= len(packet)]
        for length in lengths:
            t.inject(t.icmp_error(kind, code, packet[:length]))
            message = heard(t, raw, kind)
            t.equal(len(message), 8 + length)
            check_quote(t, message, packet)
        t.did(out=1, errors=len(lengths))


@test("the path's MTU", on=BOTH)
def mtu(t):
    option = (SOL_IPV6, IPV6_MTU) if t.v6 else (SOL_IP, IP_MTU)
    s, packet = sent(t)
    s.setsockopt(*((SOL_IPV6, IPV6_MTU_DISCOVER) if t.v6 else (SOL_IP, IP_MTU_DISCOVER)), PMTUDISC_DO)
    t.inject(t.icmp_error(*TOO_BIG[t.v6], packet, rest=1300))
    t.settle()
    t.did(out=1, errors=1)
    if t.standard == TCP:
        t.collect()     # the SYN again, perhaps
    else:
        t.equal(s.getsockopt(*option), 1300)


@test("what a router says of extension headers and options", on=UDPS)
def extended(t):
    _, packet = sent(t)
    if t.v6:
        longer = bytes(t.ip_out() / IPv6ExtHdrDestOpt(nh=t.standard)) + packet[40:]
        longer = longer[:4] + struct.pack("!H", len(longer) - 40) + longer[6:]
    else:
        longer = bytes(t.ip_out(options=b"\1" * 8, proto=t.standard)) + packet[20:]
    t.inject(t.icmp_error(*UNREACHABLE[t.v6], longer))
    t.settle()
    t.did(out=1, errors=1)


@test("what does not fall under the rule is left alone", on=UDPS, rules=("%s local port 7 remote port 4444",))
def others(t):
    with icmp_socket(t) as raw:
        kind, code = NO_HOST[t.v6]
        for fields in ({"sport": 7, "dport": 9}, {"sport": 4444, "dport": 7}, {"sport": 9, "dport": 4444}):
            packet = bytes(t.packet_out(**fields) / Raw(b"question"))
            t.inject(t.icmp_error(kind, code, packet))
            t.equal(heard(t, raw, kind)[8:], packet)
        t.did()


@test("what is no quotation of a whole start is left alone", on=BOTH)
def malformed(t):
    packet = bytes(t.packet_out(sport=PORT, dport=PEER) / Raw(b"question"))
    fragment = bytearray(packet)
    wrong_version = b"\x00" + packet[1:]
    quotes = [packet[:length] for length in range(t.ip_length + 4)] + [wrong_version]
    if not t.v6:
        struct.pack_into("!H", fragment, 6, 1)          # not the first
        quotes += [bytes(fragment), b"\x44" + packet[1:], b"\x4f" + packet[1:]]
    for quote in quotes:
        t.inject(t.icmp_error(*UNREACHABLE[t.v6], quote))
    t.settle()
    t.did()


@test("a wrong sum of the message stays wrong", on=UDPS)
def spoiled(t):
    s, packet = sent(t)
    error = bytearray(bytes(t.icmp_error(*UNREACHABLE[t.v6], packet)))
    error[t.ip_length + 2] ^= 1
    t.inject(error)
    t.settle()
    t.check(s.is_empty(), "the program was told")


@test("a ping is no error, whatever it carries", on=UDPS)
def ping(t):
    packet = bytes(t.packet_in(sport=PEER, dport=PORT) / Raw(b"question"))
    kind, answer = (128, 129) if t.v6 else (8, 0)
    t.inject(t.ip_in() / Icmp(type=kind, rest=7) / Raw(packet))
    t.expect(t.ip_out() / Icmp(type=answer, rest=7) / Raw(packet))
    t.did()


@test("this host refuses: what it quotes has the standard number and is what came", on=UDPS)
def refusing(t):
    for data in (b"", b"question", os.urandom(1000)):
        packet = bytes(t.packet_in(sport=PEER, dport=9) / Raw(data))
        t.inject(packet)
        kind, code = UNREACHABLE[t.v6]
        error = t.expect(t.ip_out() / Icmp(type=kind, code=code))
        quote = bytes(error[Icmp].payload)
        t.equal(quote.hex(" "), packet[:len(quote)].hex(" "))
        t.check(len(quote) >= t.ip_length + 8, "too little is quoted")
        message = bytes(error)[t.ip_length:]
        t.equal(checksum(parse(bytes(error)), 58, message, len(message)) if t.v6 else 0xFFFF ^ fold(message),
                0, "sum of the message")
    t.did(in_=3, errors=3)


@test("this host finds no neighbour: what it says of that has xl4's number, over loopback", on=TCPS,
      rules=("%s dev wire",), ethernet=True, knows_peer=False)
def neighbour(t):
    with icmp_socket(t) as raw:
        calling(t)
        message = heard(t, raw, NO_HOST[t.v6][0])
        t.equal(message[1], NO_HOST[t.v6][1], "code")
        t.equal(message[8 + (6 if t.v6 else 9)], OURS[TCP], "number in the quotation")
    t.check(rules()[0][1]["errors"], "the rule has not seen it")


@test("attackers' errors do not reach a connection that is not theirs", on=TCPS)
def attack(t):
    peer = caller(t)
    peer.sends("S")
    peer.gets("RA", seq=0)
    packet = bytes(t.packet_out(sport=PORT, dport=PEER, seq=1, flags="A"))
    t.inject(t.icmp_error(*UNREACHABLE[t.v6], packet))
    t.settle()
    t.did(in_=1, out=1, errors=1)


if __name__ == "__main__":
    main(Bridged)
