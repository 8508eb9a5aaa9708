#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Hostile floods: a full socket drops and counts, keeps what it took, and harms no other."""
import contextlib
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import counters
from linux import IP_RECVERR, IPV6_RECVERR, SO_MEMINFO, SO_RCVBUFFORCE, SO_RXQ_OVFL, SOL_IP, SOL_IPV6
from netns import ExistingNamespace
from packets import Raw
from conversation import Conversation
from tap import Skip, main, test
from udp import ALL, KERNEL

PORT = 7
COUNT = 5000
RCVBUF = 1 << 16


def datagrams(t, count, size=100, port=PORT):
    """Datagrams with the numbers 0 to count: a number and its complement, so that the
    checksum is the same for all."""
    whole = bytes(t.packet_in(sport=9, dport=port) / Raw(number_of(0) + bytes(size)))
    start = t.ip_length + 8
    for number in range(count):
        yield whole[:start] + number_of(number) + whole[start + 8:]


def number_of(number):
    return struct.pack("!II", number, number ^ 0xFFFFFFFF)


def number_in(data):
    return struct.unpack("!I", data[:4])[0]


def drain(s):
    """All that the socket holds."""
    while True:
        try:
            yield s.recv(1 << 16)
        except BlockingIOError:
            return


def memory(s):
    """(bytes that the socket's datagrams take, bytes that they may take, datagrams dropped)."""
    values = struct.unpack("9I", s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))
    return values[0], values[1], values[8]


def full_socket(t, port=PORT):
    return t.socket(port=port, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): RCVBUF,
                                        (socket.SOL_SOCKET, SO_RXQ_OVFL): 1})


def flood(t, packets):
    for packet in packets:
        t.tun.write(packet)
    t.settle()


@test("what a full socket took stays whole and in order, all else is counted", on=ALL)
def full(t):
    s = full_socket(t)
    before = t.counters()
    flood(t, datagrams(t, COUNT))
    used, limit, drops = memory(s)
    held = [number_in(data) for data in drain(s)]
    t.equal(held, list(range(len(held))), "the numbers held")
    t.check(0 < len(held) < COUNT, f"{len(held)} of {COUNT} were held")
    moved = counters.moved(before, t.counters())
    lost = COUNT - len(held)
    t.equal(moved, {"InDatagrams": len(held), "InErrors": lost, "RcvbufErrors": lost})
    t.equal(drops, lost, "drops of the socket")
    t.check(used <= limit + 4096, f"{used} bytes are held, {limit} allowed")
    t.equal(memory(s)[0], 0, "bytes held by an empty socket")
    t.inject(t.packet_in(sport=9, dport=PORT) / b"and now?")
    data, control, _flags, _sender = s.receive_message()
    t.equal((data, struct.unpack("I", control[socket.SOL_SOCKET, SO_RXQ_OVFL])[0]),
            (b"and now?", lost), "SO_RXQ_OVFL")


@test("other sockets are served during the flood", on=ALL)
def others(t):
    victim, other = full_socket(t), t.socket(port=PORT + 1)
    for round_trip in range(10):
        flood(t, datagrams(t, COUNT // 10))
        t.only(other, b"round %d" % round_trip)
        other.sendto(b"answer", t.address(4444))
        t.expect(t.packet_out(sport=PORT + 1, dport=4444) / b"answer")
    t.check(memory(victim)[2] > 0, "the victim was never full")


@test("a socket that is read during the flood loses only what found it full", on=ALL)
def read_meanwhile(t):
    s = full_socket(t)
    held, packets = [], datagrams(t, COUNT)
    for at, packet in enumerate(packets):
        t.tun.write(packet)
        if at % 5 == 0:
            with contextlib.suppress(BlockingIOError):
                held.append(number_in(s.recv(1 << 16)))
    t.settle()
    held += [number_in(data) for data in drain(s)]
    t.equal(held, sorted(set(held)), "the numbers held")
    t.equal(len(held) + memory(s)[2], COUNT, "held and dropped")


@test("large datagrams fill a socket no further than small ones", on=ALL)
def large(t):
    s = full_socket(t)
    flood(t, datagrams(t, 200, size=60000))
    used, limit, drops = memory(s)
    t.check(used <= limit + (1 << 17), f"{used} bytes are held, {limit} allowed")
    t.equal(len(list(drain(s))) + drops, 200, "held and dropped")
    t.equal(memory(s)[0], 0, "bytes held by an empty socket")


@test("empty datagrams take memory too", on=ALL)
def empty(t):
    s = full_socket(t)
    flood(t, [bytes(t.packet_in(sport=9, dport=PORT))] * COUNT)
    used, limit, drops = memory(s)
    t.check(used <= limit + 4096, f"{used} bytes are held, {limit} allowed")
    t.equal(len(list(drain(s))) + drops, COUNT, "held and dropped")


@test("wrong checksums in a flood cost the socket nothing for good", on=ALL)
def bad_checksums(t):
    s = full_socket(t)
    before = t.counters()
    bad = bytes(t.packet_in(sport=9, dport=PORT, chksum=0x1234) / bytes(100))
    flood(t, [bad] * COUNT)
    t.equal(list(drain(s)), [])
    moved = counters.moved(before, t.counters())
    t.equal(moved["InErrors"], COUNT, "InErrors")
    t.equal(moved["InCsumErrors"] + moved.get("RcvbufErrors", 0), COUNT, "the reasons")
    t.equal(memory(s)[0], 0, "bytes held by an empty socket")
    t.only(s)


@test("a flood of ICMP errors fills the error queue no further than the buffer", on=ALL)
def errors(t):
    s = full_socket(t)
    s.setsockopt(*((SOL_IPV6, IPV6_RECVERR) if t.v6 else (SOL_IP, IP_RECVERR)), 1)
    s.connect(t.address(9))
    s.send(b"question")
    out = t.expect(t.packet_out(sport=PORT, dport=9)).original
    refusal = bytes(t.icmp_error(*((1, 4) if t.v6 else (3, 3)), out))
    flood(t, [refusal] * 1000)
    used, limit, _ = memory(s)
    t.check(used <= limit + 4096, f"{used} bytes are held, {limit} allowed")
    told = 0
    while True:
        try:
            s.recvmsg(100, 1000, socket.MSG_ERRQUEUE)
            told += 1
        except BlockingIOError:
            break
    t.check(0 < told < 1000, f"{told} errors were queued")
    s.error()
    t.equal(memory(s)[0], 0, "bytes held by an empty socket")
    t.only(s, sport=9)


@test("closing a full socket, and the next on its port starts empty", on=ALL)
def close_full(t):
    for _ in range(20):
        s = full_socket(t)
        flood(t, datagrams(t, 100))
        s.close()
    s = full_socket(t)
    t.equal(memory(s)[0], 0, "bytes held by a new socket")
    t.only(s)


# Datagrams to each socket: in all more than the kernel lets each processor take, or owe, before
# it counts (twice 256 pages).
FLOOD = 1000
# The namespace in which the machine started: udp_mem is one for all, and set there.
_FIRST = ExistingNamespace()
_MEMORY = "/proc/sys/net/xl4/udp_mem"


@contextlib.contextmanager
def memory_limit(t, value):
    """All UDP sockets of the machine together may take this many pages."""
    def write(text):
        _FIRST.enter()
        try:
            with open(_MEMORY, "r+", encoding="ascii") as file:
                old = file.read()
                file.seek(0)
                file.write(text)
        finally:
            t.namespace.enter()
        return old

    old = write(f"{value} {value} {value}")
    try:
        yield
    finally:
        write(old)


@test("with no memory left for the protocol it drops and counts, and recovers", on=ALL)
def no_memory(t):
    if KERNEL:
        raise Skip("net.ipv4.udp_mem belongs to the whole machine")
    sockets = [t.socket(port=PORT + at, options={
        (socket.SOL_SOCKET, SO_RCVBUFFORCE): 1 << 23}) for at in range(4)]
    before = t.counters()
    with memory_limit(t, 1):
        for s in sockets:
            flood(t, datagrams(t, FLOOD, size=1000, port=s.port))
        moved = counters.moved(before, t.counters())
        t.check(moved.get("MemErrors", 0) > 0, f"the limit did not bite: {moved}")
        t.equal(moved["InErrors"], moved["MemErrors"] + moved.get("RcvbufErrors", 0))
        held = [[number_in(data) for data in drain(s)] for s in sockets]
        t.equal(sum(map(len, held)) + moved["InErrors"], FLOOD * len(sockets), "held and dropped")
        for numbers in held:
            t.equal(numbers, sorted(set(numbers)), "the numbers held")
        with contextlib.suppress(OSError):    # sending may fail, but not crash
            sockets[0].sendto(bytes(60000), t.address(9))
        t.collect()
    for s in sockets:
        t.equal(memory(s)[0], 0, "bytes held by an empty socket")
        t.only(s)


if __name__ == "__main__":
    main(Conversation)
