#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Over a bad line every packet of data that arrives is one that was sent, whole, and only what the
line doubles comes twice; what does not arrive is accounted for. Under each CCID, both ways at once.

XL4_TRANSFER_PACKETS=100000 sends more each way than the 400 that make check does.
"""
import hashlib
import os
import pathlib
import random
import select
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from dccp import variants  # noqa: E402
from pair import Pair  # noqa: E402
from tap import Failed, main, test  # noqa: E402

SOL_DCCP, SERVICE, CCID = 269, 2, 13
COUNT = int(os.environ.get("XL4_TRANSFER_PACKETS", "400"))
QUIET, PATIENCE = 200, 600      # seconds: nothing comes any more (RFC 5348: a packet in 64); nothing can be sent
PORT, LARGEST = 7, 1400
BOTH = variants(int(os.environ.get("XL4_DCCP", "250")))
HEADER = struct.Struct("!Q16s")
# What a packet may come to that has not been lost on the line.
REFUSED = ("InErrors", "OutOfWindow", "RcvQDrop", "BacklogDrop", "OptionErrors", "MandatoryErrors")


def packet(number, size):
    """Its number, a digest, and data that follow from the number."""
    data = random.Random(number).randbytes(size)
    return HEADER.pack(number, hashlib.md5(struct.pack("!Q", number) + data).digest()) + data


def number_of(data):
    number, digest = HEADER.unpack_from(data)
    if hashlib.md5(struct.pack("!Q", number) + data[HEADER.size:]).digest() != digest:
        raise Failed(f"packet {number} is not whole")
    return number


class End:
    """A socket, how much it has said, and what it has heard."""

    def __init__(self, sock, chance):
        self.sock, self.chance = sock, chance
        self.said, self.heard = 0, []
        sock.setblocking(False)

    @property
    def wants(self):
        return select.POLLIN | (select.POLLOUT if self.said < COUNT else 0)

    def write(self):
        size = self.chance.randrange(LARGEST - HEADER.size)
        try:
            self.sock.send(packet(self.said, size))
        except BlockingIOError:
            return
        self.said += 1

    def read(self):
        data = self.sock.recv(1 << 16)
        if not data:
            raise Failed("the end, which nobody asked for")
        self.heard.append(number_of(data))


def pump(ends):
    """Until both have said all, and nothing comes any more."""
    by_number = {end.sock.fileno(): end for end in ends}
    while True:
        poll = select.poll()
        for number, end in by_number.items():
            poll.register(number, end.wants)
        over = all(end.said == COUNT for end in ends)
        ready = poll.poll(1000 * (QUIET if over else PATIENCE))
        if not ready and over:
            return
        if not ready:
            raise Failed("stalled: " + ", ".join(f"said {end.said}, heard {len(end.heard)}"
                                                 for end in ends))
        for number, events in ready:
            if events & (select.POLLERR | select.POLLHUP):
                raise Failed(f"an error: {by_number[number].sock.getsockopt(1, 4)}")
            if events & select.POLLIN:
                by_number[number].read()
            elif events & select.POLLOUT:
                by_number[number].write()


def connected(t, ccid):
    listener, client = t.receiver.socket(PORT), t.sender.socket()
    for sock in (listener, client):
        sock.setsockopt(SOL_DCCP, SERVICE, struct.pack("!I", 42))
        sock.setsockopt(SOL_DCCP, CCID, bytes([ccid]))
    listener.listen(1)
    client.settimeout(PATIENCE)
    client.connect((t.receiver.address, PORT))
    if not select.select([listener], [], [], PATIENCE)[0]:
        raise Failed("the handshake did not end")
    server = listener.accept()[0]
    listener.close()
    return End(client, random.Random(1)), End(server, random.Random(2))


def check_data(said, heard, ordered, twice):
    """Those that were sent. RFC 4340 does not say that a packet that came twice is dropped."""
    if not twice and len(set(heard.heard)) != len(heard.heard):
        raise Failed(f"{len(heard.heard) - len(set(heard.heard))} packets came twice")
    if heard.heard and max(heard.heard) >= said.said:
        raise Failed("a packet came that nobody sent")
    if ordered and heard.heard != sorted(heard.heard):
        raise Failed("not in order")


def check_counts(said, heard, through, dropped, counters, before):
    """What did not come was lost by netem, refused by IP, or is in a counter."""
    missing = said.said - len(set(heard.heard))
    arrived = counters["InPackets"] - before["InPackets"]
    refused = sum(counters[name] for name in REFUSED) + max(0, through - arrived)
    if missing > dropped + refused:
        raise Failed(f"{missing} of {said.said} packets are missing: netem dropped {dropped}, and "
                     f"{refused} were refused: {counters}")


def transfer(title, *how, ordered=True, twice=False, clean=False):
    for ccid in (2, 3, 4):
        @test(f"{title}, CCID {ccid}: {COUNT} packets each way", on=BOTH)
        def run(t, ccid=ccid):
            ends = connected(t, ccid)
            before = t.receiver.counters()
            if how:
                t.impair_both(*how, seed=5)
            pump(ends)
            through, dropped, held = t.passed() if how else (0, 0, 0)
            if held:
                raise Failed(f"netem still holds {held} packets")
            check_data(*ends, ordered, twice)
            check_data(*reversed(ends), ordered, twice)
            check_counts(*ends, through, dropped, t.receiver.counters(), before)
            if clean and any(len(end.heard) != COUNT for end in ends):
                raise Failed(f"{[len(end.heard) for end in ends]} came over a good line")
            if any(len(end.heard) < COUNT / 2 for end in ends):
                raise Failed(f"only {[len(end.heard) for end in ends]} came")
            for end in ends:
                end.sock.close()


transfer("a good line", clean=True)
transfer("loss of 1%", "delay", "10ms", "loss", "1%")
transfer("loss of 20%", "delay", "10ms", "loss", "20%")
transfer("reordering", "delay", "5ms", "4ms", "reorder", "25%", "50%", ordered=False)
transfer("duplicates", "delay", "5ms", "duplicate", "20%", twice=True)
transfer("corruption", "delay", "5ms", "corrupt", "5%")
transfer("200 ms of delay", "delay", "200ms")
transfer("all of it at once", "delay", "3ms", "3ms", "loss", "3%", "duplicate", "5%", "corrupt",
         "3%", "reorder", "20%", ordered=False, twice=True)


@test("close() with packets in the queue: those that are not lost arrive before the end", on=BOTH)
def close(t):
    here, there = connected(t, 2)
    t.impair_both("delay", "20ms", seed=5)
    here.sock.setblocking(True)
    for n in range(30):
        here.sock.send(packet(n, 1000))
    here.sock.close()
    last = time.monotonic()
    while True:
        if not select.select([there.sock], [], [], PATIENCE)[0]:
            raise Failed(f"no end after {time.monotonic() - last:.0f} s, {len(there.heard)} came")
        data = there.sock.recv(1 << 16)
        if not data:
            break
        there.heard.append(number_of(data))
    if there.heard != list(range(30)):
        raise Failed(f"{there.heard} came")


main(Pair)
