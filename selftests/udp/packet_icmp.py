#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ICMP errors reach the program whose datagram they are about, and nobody by a forged one."""
import errno
import os
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from icmp import (CODES, CODES6, PARAMETER, PARAMETER6, PORT_UNREACHABLE, QUENCH, REDIRECT,
                  TIME_EXCEEDED, TIME_EXCEEDED6, UNREACHABLE, UNREACHABLE6, discover, recverr,
                  too_big)
from linux import (IP_MTU, IPV6_MTU, PMTUDISC_DO, PMTUDISC_DONT, PMTUDISC_INTERFACE, PMTUDISC_OMIT,
                   SOL_IP, SOL_IPV6)
from packets import Icmp
from conversation import Conversation
from tap import main, test
from udp import ALL, V4, V6

QUESTION = b"what do you say?"


def asked(t, options=()):
    """A socket connected to port 7, and the packet that it has sent."""
    s = t.socket(port=5000, peer=7, options=options)
    s.send(QUESTION)
    return s, t.expect(t.packet_out(sport=5000, dport=7) / QUESTION).original


def refusal(t, about, **fields):
    return t.icmp_error(*PORT_UNREACHABLE[t.v6], about, **fields)


def quote(t, network=None, data=QUESTION, **fields):
    """What an error would quote, had socket 5000 asked port 7."""
    return bytes(t.packet_out(network, **{"sport": 5000, "dport": 7, **fields}) / data)


def told(t, s, packet):
    """The error goes in; what does the socket say?"""
    t.inject(packet)
    t.settle()
    return s.error()


@test("port unreachable is ECONNREFUSED, once", on=ALL)
def refused(t):
    s, out = asked(t)
    t.inject(refusal(t, out))
    t.settle()
    with t.fails(errno.ECONNREFUSED):
        s.recv(100)
    with t.fails(errno.EAGAIN):
        s.recv(100)


@test("port unreachable fails the next send, and the one after it is sent", on=ALL)
def refused_send(t):
    s, out = asked(t)
    t.inject(refusal(t, out))
    t.settle()
    with t.fails(errno.ECONNREFUSED):
        s.send(b"again")
    s.send(b"once more")
    t.expect(t.packet_out(sport=5000, dport=7) / b"once more")


@test("an error wakes who waits, and takes no datagram away", on=ALL)
def wakes(t):
    s, out = asked(t)
    t.inject(t.packet_in(sport=7, dport=5000) / b"an answer")
    t.inject(refusal(t, out))
    t.settle()
    poll = select.poll()
    poll.register(s, 0)
    t.equal(poll.poll(0)[0][1] & select.POLLERR, select.POLLERR, "POLLERR")
    t.equal(s.error(), errno.ECONNREFUSED)
    t.equal(s.receive()[0], b"an answer")


@test("eight bytes of the datagram are enough of a quote", on=ALL)
def short_quote(t):
    s, out = asked(t)
    t.equal(told(t, s, refusal(t, out[:t.ip_length + 8])), errno.ECONNREFUSED)


@test("a quote with IP options is understood", on=V4)
def quote_with_options(t):
    s, _ = asked(t)
    with_options = quote(t, t.ip_out(options=[b"\1", b"\1", b"\1", b"\0"]))
    t.equal(told(t, s, refusal(t, with_options)), errno.ECONNREFUSED)


@test("each code of unreachable is the errno that ip(7) promises", on=V4)
def codes(t):
    s, out = asked(t)
    for code, number, unasked in CODES:
        t.equal(told(t, s, t.icmp_error(UNREACHABLE, code, out)), number if unasked else 0,
                f"code {code}")


@test("each code of unreachable is its errno", on=V6)
def codes_6(t):
    s, out = asked(t)
    for code, number, unasked in CODES6:
        t.equal(told(t, s, t.icmp_error(UNREACHABLE6, code, out)), number if unasked else 0,
                f"code {code}")


@test("with RECVERR a program is told every code, RFC 1122 4.1.3.3", on=ALL)
def every_code(t):
    s, out = asked(t, recverr(t))
    kind = UNREACHABLE6 if t.v6 else UNREACHABLE
    for code, number, _ in CODES6 if t.v6 else CODES:
        t.equal(told(t, s, t.icmp_error(kind, code, out)), number, f"code {code}")


@test("unknown codes do no harm", on=ALL)
def unknown_codes(t):
    s, out = asked(t)
    for kind in (UNREACHABLE6, PARAMETER6, 100) if t.v6 else (UNREACHABLE, PARAMETER, 40):
        for code in (16, 17, 255):
            t.inject(t.icmp_error(kind, code, out))
    t.settle()
    s.error()
    t.only(s, sport=7)


@test("parameter problem is EPROTO", on=ALL)
def parameter_problem(t):
    s, out = asked(t)
    kind = PARAMETER6 if t.v6 else PARAMETER
    t.equal(told(t, s, t.icmp_error(kind, 0, out, rest=6 if t.v6 else 1 << 24)), errno.EPROTO)


@test("time exceeded is told to who asked, as EHOSTUNREACH", on=ALL)
def time_exceeded(t):
    kind = TIME_EXCEEDED6 if t.v6 else TIME_EXCEEDED
    s, out = asked(t)
    t.equal(told(t, s, t.icmp_error(kind, 0, out)), 0)
    level, option = next(iter(recverr(t)))
    s.setsockopt(level, option, 1)
    t.equal(told(t, s, t.icmp_error(kind, 0, out)), errno.EHOSTUNREACH)


@test("source quench and redirect are no errors", on=V4)
def quench_and_redirect(t):
    s, out = asked(t, recverr(t))
    t.equal(told(t, s, t.icmp_error(QUENCH, 0, out)), 0)
    router = struct.unpack("!I", socket.inet_aton(t.names.other))[0]
    t.equal(told(t, s, t.icmp_error(REDIRECT, 1, out, rest=router)), 0)
    s.send(b"still here")
    t.expect(t.packet_out() / b"still here")


@test("an unconnected socket is not told", on=ALL)
def unconnected(t):
    s = t.socket(port=5000)
    s.sendto(QUESTION, t.address(7))
    out = t.expect(t.packet_out(sport=5000, dport=7)).original
    t.equal(told(t, s, refusal(t, out)), 0)


@test("an unconnected socket with RECVERR learns who, where and what", on=ALL)
def error_queue(t):
    s = t.socket(port=5000, options=recverr(t))
    s.sendto(QUESTION, t.address(7))
    out = t.expect(t.packet_out(sport=5000, dport=7)).original
    t.inject(refusal(t, out))
    data, control, flags, destination = s.receive_message(flags=socket.MSG_ERRQUEUE)
    t.equal((data, destination), (QUESTION, (t.there, 7)))
    t.check(flags & socket.MSG_ERRQUEUE, "MSG_ERRQUEUE is not set")
    report = control[next(iter(recverr(t)))]
    kind, code = PORT_UNREACHABLE[t.v6]
    origin = 3 if t.v6 else 2
    t.equal(struct.unpack("=IBBBxII", report[:16]), (errno.ECONNREFUSED, origin, kind, code, 0, 0))
    offender = report[24:40] if t.v6 else report[20:24]
    t.equal(socket.inet_ntop(t.variant.family, offender), t.names.router)


@test("of two sockets that share a port the right one is told", on=ALL)
def right_one(t):
    share = {(socket.SOL_SOCKET, socket.SO_REUSEADDR): 1}
    s = t.socket(port=5000, peer=7, options=share)
    other = t.socket(port=5000, peer=8, options=share)
    t.equal(told(t, other, refusal(t, quote(t, dport=7))), 0)
    t.equal(s.error(), errno.ECONNREFUSED)
    t.equal(told(t, s, refusal(t, quote(t, dport=8))), 0)
    t.equal(other.error(), errno.ECONNREFUSED)


def ignored(t, *forged, options=()):
    """The forged errors leave the socket alone; a true one still gets through."""
    s, out = asked(t, options)
    for packet in forged:
        t.equal(told(t, s, packet), 0)
    t.equal(told(t, s, refusal(t, out)), errno.ECONNREFUSED)


@test("an error that quotes other ports is ignored", on=ALL)
def forged_ports(t):
    ignored(t, refusal(t, quote(t, sport=5001)), refusal(t, quote(t, dport=8)),
            refusal(t, quote(t, sport=7, dport=5000)), refusal(t, quote(t, sport=0, dport=0)))


@test("an error that quotes other addresses is ignored", on=ALL)
def forged_addresses(t):
    ignored(t, refusal(t, quote(t, t.ip_out(dst=t.names.other))),
            refusal(t, quote(t, t.ip_out(src=t.names.other))),
            refusal(t, quote(t, t.ip_in())))


@test("an error about another protocol with the same ports is ignored", on=ALL)
def forged_number(t):
    field = "nh" if t.v6 else "proto"
    others = {17, 136, 253, 252, 6, 255} - {t.variant.number}
    ignored(t, *(refusal(t, quote(t, t.ip_out(**{field: number}))) for number in others))


@test("an error with a truncated quote is ignored", on=ALL)
def truncated_quote(t):
    whole = quote(t)
    ignored(t, *(refusal(t, whole[:length]) for length in range(t.ip_length + 4)))


@test("a quote that lies about its IP header's length is ignored", on=V4)
def lying_quote(t):
    ignored(t, *(refusal(t, quote(t, t.ip_out(ihl=ihl))) for ihl in (0, 1, 4, 15)))


@test("an error with a wrong ICMP checksum is ignored", on=ALL)
def forged_checksum(t):
    forged = refusal(t, quote(t))
    forged[Icmp].chksum = 0x1234
    ignored(t, forged)


@test("an error is ignored with RECVERR too when it is not about this socket", on=ALL)
def forged_recverr(t):
    ignored(t, refusal(t, quote(t, sport=5001)), refusal(t, quote(t, dport=8)),
            refusal(t, quote(t, t.ip_out(src=t.names.other))), options=recverr(t))


@test("an error about a port that nobody has does no harm", on=ALL)
def nobodys_error(t):
    with t.counted():
        t.inject(refusal(t, quote(t)))
    t.quiet()


def path_mtu(t, s):
    return s.getsockopt(*((SOL_IPV6, IPV6_MTU) if t.v6 else (SOL_IP, IP_MTU)))


@test("a packet too big for the path is EMSGSIZE and lowers the path MTU", on=ALL)
def packet_too_big(t):
    s, out = asked(t)
    t.equal(path_mtu(t, s), 1500)
    t.equal(told(t, s, too_big(t, out, 1300)), errno.EMSGSIZE)
    t.equal(path_mtu(t, s), 1300)


@test("a lower path MTU makes smaller fragments", on=ALL)
def smaller_fragments(t):
    s, out = asked(t)
    told(t, s, too_big(t, out, 1300))
    s.send(bytes(1400))
    sizes = [len(packet.original) for packet in t.collect()]
    t.check(len(sizes) == 2 and max(sizes) <= 1300, f"packets of {sizes} bytes")


@test("a lower path MTU is EMSGSIZE at once to who forbids fragments", on=ALL)
def no_fragments(t):
    s, out = asked(t, discover(t, PMTUDISC_DO))
    told(t, s, too_big(t, out, 1300))
    room = 1300 - t.ip_length - 8
    with t.fails(errno.EMSGSIZE):
        s.send(bytes(room + 1))
    s.error()
    s.send(bytes(room))
    t.equal(len(t.expect(t.packet_out(sport=5000)).original), 1300)


@test("a packet too big is no matter to who does not discover path MTUs", on=ALL)
def dont_discover(t):
    s, out = asked(t, discover(t, PMTUDISC_DONT))
    t.equal(told(t, s, too_big(t, out, 1300)), 0)


@test("a packet too big is no matter at all to who trusts the device alone", on=V6)
def trust_device(t):
    for mode in (PMTUDISC_INTERFACE, PMTUDISC_OMIT):
        for options in ({}, recverr(t)):
            s, out = asked(t, {**discover(t, mode), **options})
            t.equal(told(t, s, too_big(t, out, 1300)), 0)
            t.equal(path_mtu(t, s), 1500)
            t.equal(told(t, s, refusal(t, out)), errno.ECONNREFUSED)
            s.close()


@test("an absurdly small MTU stops at the smallest allowed one", on=ALL)
def small_mtu(t):
    for mtu in (0, 1, 67, 68, 511):
        s, out = asked(t)
        told(t, s, too_big(t, out, mtu))
        t.check(path_mtu(t, s) >= (1280 if t.v6 else 552), f"{mtu} made it {path_mtu(t, s)}")
        s.send(bytes(1000))
        t.check(len(t.collect()) <= 2, "too many fragments")
        s.close()


@test("a larger MTU than the device's changes nothing", on=ALL)
def large_mtu(t):
    s, out = asked(t)
    for mtu in (1500, 1501, 65535, *((1 << 31, 0xFFFFFFFF) if t.v6 else ())):
        told(t, s, too_big(t, out, mtu))
        t.equal(path_mtu(t, s), 1500)


@test("a path MTU does not grow by an error", on=ALL)
def growing_mtu(t):
    s, out = asked(t)
    told(t, s, too_big(t, out, 1300))
    told(t, s, too_big(t, out, 1400))
    t.equal(path_mtu(t, s), 1300)


@test("a forged packet too big leaves the path MTU alone", on=ALL)
def forged_mtu(t):
    s, _ = asked(t)
    field = "nh" if t.v6 else "proto"
    for forged in (quote(t, sport=5001), quote(t, dport=8), quote(t, t.ip_out(src=t.names.other)),
                   quote(t, t.ip_out(**{field: 255})), quote(t)[:t.ip_length + 3]):
        t.equal(told(t, s, too_big(t, forged, 1300)), 0)
        t.equal(path_mtu(t, s), 1500)


if __name__ == "__main__":
    main(Conversation)
