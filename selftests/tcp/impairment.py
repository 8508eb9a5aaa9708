#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Over a bad line every octet arrives once, in order, both ways at once, and nothing stalls.

XL4_IMPAIRMENT_MB=100 sends more each way than the quarter of a megabyte that make check does.
One packet in five is so many that most of the time goes to timeouts that double, with any TCP:
in real time a transfer over such a line is short.
"""
import hashlib
import os
import pathlib
import select
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import netem  # noqa: E402
import tcp  # noqa: E402
from pair import DEVICE, Pair  # noqa: E402
from tap import Failed, main, test  # noqa: E402

TCP = int(os.environ.get("XL4_TCP", "254"))
BOTH = tcp.variants(TCP, kernel=TCP == socket.IPPROTO_TCP)
SIZE = int(float(os.environ.get("XL4_IMPAIRMENT_MB", "0.25")) * (1 << 20))
VIRTUAL = os.environ.get("XL4_TIME") == "virtual"
PATIENCE = 1800 if VIRTUAL else 100     # seconds without a single octet
PIECE = 1 << 16
CONTENT = os.urandom(1 << 20)


def content(position, length):
    """What stands there in a stream without end, which is CONTENT over and over."""
    start = position % len(CONTENT)
    return CONTENT[start:start + length]


class End:
    """One end's socket, what it has sent, of how much, and what it has got."""

    def __init__(self, sock, size):
        self.sock, self.size = sock, size
        self.sent = self.received = 0
        self.sum, self.sums = hashlib.sha256(), hashlib.sha256()
        self.heard_all = False
        sock.setblocking(False)

    @property
    def said_all(self):
        return self.sent == self.size

    @property
    def over(self):
        return self.said_all and self.heard_all

    @property
    def wants(self):
        return (0 if self.heard_all else select.POLLIN) | (0 if self.said_all else select.POLLOUT)

    def write(self):
        n = self.sock.send(content(self.sent, min(PIECE, self.size - self.sent)))
        self.sums.update(content(self.sent, n))
        self.sent += n
        if self.said_all:
            self.sock.shutdown(socket.SHUT_WR)

    def read(self):
        data = self.sock.recv(PIECE)
        self.sum.update(data)
        self.received += len(data)
        self.heard_all = not data


def connection(t, size):
    """A client at the sender, a server at the receiver, as (End, End)."""
    listener = t.receiver.socket(7)
    listener.listen(1)
    client = t.sender.socket()
    client.setblocking(True)
    client.settimeout(PATIENCE)
    client.connect((t.receiver.address, 7))
    if not select.select([listener], [], [], PATIENCE)[0]:
        raise Failed("the handshake did not end")
    server, _peer = listener.accept()
    listener.close()
    return End(client, size), End(server, size)


def pump(ends):
    """Until both have said all and heard all."""
    last = time.monotonic()
    by_number = {end.sock.fileno(): end for end in ends}
    while not all(end.over for end in ends):
        poll = select.poll()
        for number, end in by_number.items():
            if end.wants:
                poll.register(number, end.wants)
        ready = poll.poll(1000)
        if time.monotonic() - last > PATIENCE:
            raise Failed("stalled: " + ", ".join(
                f"sent {end.sent}, received {end.received}" for end in ends))
        for number, events in ready:
            last = time.monotonic()
            if events & (select.POLLIN | select.POLLERR | select.POLLHUP) and \
                    not by_number[number].heard_all:
                by_number[number].read()
            if events & select.POLLOUT and not by_number[number].said_all:
                by_number[number].write()


def transfer(t, size, *how):
    for end in (t.sender, t.receiver):
        end.namespace.enter()
        netem.impair(DEVICE, *how)
    here, there = connection(t, size)
    pump((here, there))
    for one, other in ((here, there), (there, here)):
        if (other.received, other.sum.digest()) != (size, one.sums.digest()):
            raise Failed(f"{other.received} octets of {size} came, or not the right ones")
    here.sock.close()
    there.sock.close()


def impaired(title, *how, size=SIZE):
    @test(f"{title}: {size} octets each way arrive", on=BOTH)
    def run(t):
        transfer(t, size, *how)


for share in ("0.1%", "1%", "5%"):
    impaired(f"loss of {share}", "loss", share)
impaired("loss of 20%", "loss", "20%",
         size=SIZE if VIRTUAL or "XL4_IMPAIRMENT_MB" in os.environ else SIZE // 8)
impaired("reordering", "delay", "5ms", "4ms", "reorder", "25%", "50%")
impaired("duplicates", "duplicate", "20%")
impaired("corruption", "corrupt", "5%")
impaired("200 ms of delay", "delay", "200ms")
impaired("all of it at once", "delay", "3ms", "3ms", "loss", "3%", "duplicate", "5%",
         "corrupt", "3%", "reorder", "20%")

main(Pair)
