#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Over a bad line every datagram that arrives is one that was sent, and all are accounted for."""
import hashlib
import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from counters import moved
from linux import SO_RCVBUFFORCE
from netns import sysctl
from packets import fold
from pair import Pair
from tap import Failed, main, test
from udp import ALL, LITE, SOL_UDPLITE, UDPLITE_SEND_CSCOV

COUNT = 500
LIMIT = float(os.environ.get("XL4_LIMIT", "30"))
HEADER = struct.Struct("!Q16s")
WHOLE = 1452    # larger datagrams are fragmented
MARK = b"the way is clear"


def datagram(number, size):
    """Its number, a digest, and data that follow from the number."""
    data = random.Random(number).randbytes(size)
    return HEADER.pack(number, hashlib.md5(struct.pack("!Q", number) + data).digest()) + data


def sizes(largest):
    chance = random.Random(1)
    return [chance.randrange(largest) for _ in range(COUNT)]


class Transfer:
    """COUNT datagrams from the one to the other, and what became of them."""

    def __init__(self, t, largest=1000, prepare=lambda s: None):
        self.t = t
        self.sizes = sizes(largest)
        self.target = t.receiver.socket(7)
        self.target.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
        self.source = t.sender.socket()
        self.source.connect((t.receiver.address, 7))
        prepare(self.source)
        before = t.receiver.counters()
        for number, size in enumerate(self.sizes):
            self.source.send(datagram(number, size))
        self.let_through, self.dropped, _ = self._wait_for_netem()
        self.noise = t.chatter()
        self.received = self._receive()
        self.errors = moved(before, t.receiver.counters())

    def _wait_for_netem(self):
        """Until it holds no packet any more."""
        end = time.monotonic() + LIMIT
        while (state := self.t.passed())[2]:
            if time.monotonic() > end:
                raise Failed(f"netem still holds {state[2]} packets")
            time.sleep(0.01)
        return state

    def _receive(self):
        """All that comes before marks from every CPU: each queues behind its own packets."""
        self.t.impair_not()
        cpus = os.sched_getaffinity(0)
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            self.source.send(MARK)
        os.sched_setaffinity(0, cpus)
        received, marks = [], 0
        poll = select.poll()
        poll.register(self.target, select.POLLIN)
        while marks < len(cpus):
            if not poll.poll(LIMIT * 1000):
                raise Failed(f"only {len(received)} datagrams and {marks} marks came")
            try:
                data = self.target.recv(1 << 16)
            except BlockingIOError:    # it had a wrong checksum
                continue
            if data == MARK:
                marks += 1
            else:
                received.append(data)
        return received

    def numbers(self):
        """The numbers of what came, each of which is as it was sent."""
        found = []
        for data in self.received:
            number, _digest = HEADER.unpack(data[:HEADER.size])
            if number < COUNT and data == datagram(number, self.sizes[number]):
                found.append(number)
            elif not self._passes_the_checksum(data):
                raise Failed(f"this was never sent: {data[:32].hex()}... {len(data)} bytes")
        return found

    def _passes_the_checksum(self, data):
        """Netem spoils one bit in a packet, so that two fragments may cancel each other out."""
        sent = (datagram(number, size) for number, size in enumerate(self.sizes))
        return len(data) > WHOLE and any(
            (len(data), fold(data)) == (len(one), fold(one)) for one in sent)


def account(transfer, expected, found):
    if abs(expected - found) > transfer.noise:
        raise Failed(f"of {COUNT} datagrams netem let {transfer.let_through} through and dropped "
                     f"{transfer.dropped}; {len(transfer.received)} arrived, "
                     f"counters {transfer.errors}, chatter {transfer.noise}")


@test("loss: all but the lost arrive once, in order", on=ALL)
def loss(t):
    t.impair("loss", "20%")
    transfer = Transfer(t)
    numbers = transfer.numbers()
    account(transfer, COUNT, len(numbers) + transfer.dropped)
    if not 0 < len(numbers) < COUNT or numbers != sorted(set(numbers)):
        raise Failed(f"{len(numbers)} arrived, or not in order")


@test("delay and reordering: all arrive, once", on=ALL)
def delay(t):
    t.impair("delay", "5ms", "4ms", "reorder", "25%", "50%")
    transfer = Transfer(t)
    numbers = transfer.numbers()
    account(transfer, COUNT, len(numbers))
    if sorted(numbers) != list(range(COUNT)) or numbers == list(range(COUNT)):
        raise Failed(f"{len(set(numbers))} arrived, or none was out of order")


@test("duplicates are delivered as often as they come", on=ALL)
def duplicate(t):
    t.impair("duplicate", "20%")
    transfer = Transfer(t)
    numbers = transfer.numbers()
    account(transfer, transfer.let_through, len(numbers))
    if set(numbers) != set(range(COUNT)) or len(numbers) <= COUNT:
        raise Failed(f"{len(numbers)} arrived")


@test("corrupted ones are counted as errors and never delivered", on=ALL)
def corrupt(t):
    t.impair("corrupt", "20%")
    transfer = Transfer(t)
    numbers = transfer.numbers()
    errors = transfer.errors.get("InErrors", 0)
    if not transfer.errors.get("InCsumErrors") or len(numbers) + errors > COUNT:
        raise Failed(f"{len(numbers)} arrived, counters {transfer.errors}")
    # A flipped bit in the Ethernet or IP header never gets here: a tenth of all bits at most.
    if COUNT - len(numbers) - errors > COUNT / 10:
        raise Failed(f"{COUNT - len(numbers) - errors} are unaccounted for")


@test("all of it at once, and large datagrams in fragments: what arrives was sent", on=ALL)
def everything(t):
    t.impair("delay", "3ms", "3ms", "loss", "3%", "duplicate", "5%", "corrupt", "3%",
             "reorder", "20%")
    transfer = Transfer(t, largest=5000)
    numbers = transfer.numbers()
    if not COUNT / 4 < len(set(numbers)) < COUNT:
        raise Failed(f"{len(set(numbers))} arrived")


@test("fragments out of order: all datagrams arrive whole", on=ALL)
def fragments(t):
    t.receiver.namespace.enter()
    sysctl("ipv4.ipfrag_max_dist", 0)    # or IP gives up a datagram that many others overtake
    t.impair("delay", "3ms", "2ms", "reorder", "25%", "50%")
    numbers = Transfer(t, largest=8000).numbers()
    if sorted(numbers) != list(range(COUNT)):
        raise Failed(f"{len(set(numbers))} of {COUNT} arrived")


@test("behind the coverage corruption is delivered, in it never", on=LITE)
def partial_coverage(t):
    t.impair("corrupt", "20%")
    transfer = Transfer(t, prepare=lambda s: s.setsockopt(
        SOL_UDPLITE, UDPLITE_SEND_CSCOV, 8 + HEADER.size))
    spoiled = 0
    for data in transfer.received:
        number, _digest = HEADER.unpack(data[:HEADER.size])
        sent = datagram(number, transfer.sizes[number])
        if (data[:HEADER.size], len(data)) != (sent[:HEADER.size], len(sent)):
            raise Failed(f"the covered part of number {number} is spoiled")
        spoiled += data != sent
    if not spoiled:
        raise Failed("no corruption was delivered")


if __name__ == "__main__":
    main(Pair)
