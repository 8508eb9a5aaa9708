#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One end of a conversation over DCCP: usage: dccp_talk.py server|client ccid2|ccid3/STORY NUMBER HOST

NUMBER is the protocol's, HOST the server's.
"""
import concurrent.futures
import contextlib
import errno
import hashlib
import os
import pathlib
import random
import socket
import struct
import sys
import threading
import time

from linux import SO_RCVBUFFORCE, SO_SNDBUFFORCE
from talk import PATIENCE, PORT, Stories, Wrong, check, fails, listens, reset, tell

KERNEL = 33     # where there is dccp.ko; else it is xdccp
SOCK_DCCP, SOL_DCCP = 6, 269
SERVICE, CUR_MPS, SEND_CSCOV, RECV_CSCOV, CCID, TX_CCID, RX_CCID = 2, 5, 10, 11, 13, 14, 15
SERVICES = 42, 7, 0x54494d45
NOBODYS_PORT, NOBODYS_SERVICE = 7001, 43
TIME_WAIT, LISTEN = 6, 10       # as /proc has them
PACKETS = 200
OVER, HEARD = b"over", b"heard"


class End:
    """A socket, and whole packets."""

    def __init__(self, of=None, service=SERVICES[0]):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.s = of or socket.socket(family, SOCK_DCCP, number)
        for option in (SO_SNDBUFFORCE, SO_RCVBUFFORCE):
            self.s.setsockopt(socket.SOL_SOCKET, option, 1 << 21)
        self.waits(PATIENCE)
        if not of:
            self.offers(service)
            self.s.setsockopt(SOL_DCCP, CCID, bytes([ccid]))

    def offers(self, *services):
        self.s.setsockopt(SOL_DCCP, SERVICE, struct.pack(f"!{len(services)}I", *services))

    def waits(self, seconds):
        """How long a call may block."""
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self.s.setsockopt(socket.SOL_SOCKET, option,
                              struct.pack("ll", int(seconds), int(seconds % 1 * 1e6)))

    def send(self, data):
        """Waits for room in the queue, which the kernel's DCCP leaves to the program."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.s.send(data)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def receive(self):
        return self.s.recv(1 << 16)

    def hears(self, data):
        check(self.receive(), data, "what comes")

    def has(self, option):
        return struct.unpack("=i", self.s.getsockopt(SOL_DCCP, option, 4))[0]


class Side:
    """Who tells a story: the server, or the client. Each time they meet is another connection."""

    def __init__(self, server):
        self.server = server
        if server:
            self.listener = End()
            self.prepare(self.listener)
            self.listener.offers(*SERVICES)
            self.listener.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.waits(3 * PATIENCE)       # until there is a client
            self.listener.s.bind((host, PORT))
            self.listener.s.listen(5)
            listens()

    def prepare(self, end):
        if what == "coverage":
            for option in (SEND_CSCOV, RECV_CSCOV):
                end.s.setsockopt(SOL_DCCP, option, struct.pack("=i", 1))

    def meets(self, service=SERVICES[0]):
        if self.server:
            return End(self.listener.s.accept()[0])
        end = End(service=service)
        self.prepare(end)
        end.s.connect((host, PORT))
        return end

    def is_refused(self, code, port=PORT, service=SERVICES[0]):
        """A connection that nobody is to accept."""
        if not self.server:
            fails((code,), End(service=service).s.connect, (host, port))


# Each story is what the two sides do.
story = Stories()


def hello(side, service=SERVICES[0]):
    """A few words each way."""
    end = side.meets(service)
    if side.server:
        end.hears(b"hello")
        end.send(b"welcome")
        end.hears(b"thanks")
    else:
        end.send(b"hello")
        end.hears(b"welcome")
        end.send(b"thanks")
    check((end.has(TX_CCID), end.has(RX_CCID)), (ccid, ccid), "CCIDs")
    return end


# A stream is packets of any size, each with its number. As any of them may be lost, it is OVER as
# often as it takes until the other end has HEARD that.

def packet(seed, n):
    dice = random.Random(seed << 32 | n)
    return struct.pack("!I", n) + dice.randbytes(dice.randrange(1300))


class Stream:
    """What one end says, a seed, and what it hears, another: at once, or when that is over."""

    def __init__(self, end, mine, yours, at_once):
        self.end, self.mine, self.yours = end, mine, yours
        self.may_begin, self.is_heard, self.is_over = (threading.Event() for _ in range(3))
        self.last, self.heard = -1, 0
        if at_once:
            self.may_begin.set()

    def say(self):
        self.may_begin.wait(PATIENCE)
        for n in range(PACKETS):
            self.end.send(packet(self.mine, n))
        while not self.is_heard.wait(0.2):
            self.insist(OVER)

    def insist(self, word):
        # The other end may have gone, which hear() sees.
        with contextlib.suppress(OSError):
            self.end.send(word)

    def hear(self, until):
        while not until():
            data = self.receive()
            if data == OVER:
                self.is_over.set()
                self.may_begin.set()
                self.insist(HEARD)
            elif data in (HEARD, b""):
                self.is_heard.set()
                if not data:
                    return
            else:
                self.take(data)

    def receive(self):
        """Who closes before it has read the last OVER resets."""
        try:
            return self.end.receive()
        except ConnectionResetError:
            if self.is_over.is_set():
                return b""
            raise

    def take(self, data):
        """Once and in order, and as it was said."""
        n = struct.unpack_from("!I", data)[0] if len(data) >= 4 else -1
        if n <= self.last:
            raise Wrong(f"{data[:20]} came after packet {self.last}")
        check(hashlib.sha256(data).hexdigest(), hashlib.sha256(packet(self.yours, n)).hexdigest(),
              f"packet {n}, of {len(data)} octets")
        self.last, self.heard = n, self.heard + 1

    def both_are_heard(self):
        return self.is_heard.is_set() and self.is_over.is_set()


def streams(side, at_once, least):
    """The client closes when both are heard."""
    end = side.meets()
    stream = Stream(end, *((2, 1) if side.server else (1, 2)), at_once or not side.server)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        saying = pool.submit(stream.say)
        try:
            stream.hear(until=(lambda: False) if side.server else stream.both_are_heard)
        finally:
            stream.is_heard.set()       # it is over, well or not
            stream.may_begin.set()
        saying.result()
    end.s.close()
    print(f"{stream.heard} of {PACKETS} came", flush=True)
    check(stream.is_over.is_set(), True, "the other end had said all")
    if stream.heard < least * PACKETS:
        raise Wrong("that is too few")


# Nobody promises that all of it comes, on no line.

@story
def one_by_one(side):
    streams(side, at_once=False, least=0.9)


@story
def at_once(side):
    streams(side, at_once=True, least=0.9)


@story
def lossy(side):
    """A line that loses."""
    streams(side, at_once=False, least=0.7)


@story
def sizes(side):
    """Packets of one octet, and as long as they may be."""
    end = side.meets()
    for server in (False, True):
        if side.server == server:
            most = end.has(CUR_MPS)
            fails((errno.EMSGSIZE,), end.send, bytes(most + 1))
            for size in (1, 2, 3, most - 1, most):
                data = random.Random(size).randbytes(size)
                end.send(data)
                end.hears(hashlib.sha256(data).digest())
            if not server:
                end.send(OVER)
        else:
            while (data := end.receive()) not in (OVER, b""):
                end.send(hashlib.sha256(data).digest())
    end.s.close()


@story
def coverage(side):
    """Sums that cover the header only (section 9.2)."""
    sizes(side)


@story
def closed(side):
    """By the client: the server reads what was said, then the end."""
    end = hello(side)
    if side.server:
        end.hears(b"")
    end.s.close()


@story
def closed_by_server(side):
    end = hello(side)
    if not side.server:
        end.hears(b"")
    end.s.close()


def is_reset(end):
    """The kernel's says that it is the end, and the error to who asks for it."""
    if kernel:
        end.hears(b"")
        check(end.s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), errno.ECONNRESET, "SO_ERROR")
    else:
        fails((errno.ECONNRESET,), end.receive)


@story
def abort(side):
    """By the client."""
    end = hello(side)
    if side.server:
        is_reset(end)
    else:
        reset(end.s)


@story
def aborted(side):
    """By the server."""
    end = hello(side)
    if side.server:
        reset(end.s)
    else:
        is_reset(end)


@story
def services(side):
    """A server that has several, and each of them is asked for."""
    for service in SERVICES:
        end = hello(side, service)
        check(struct.unpack("!I", end.s.getsockopt(SOL_DCCP, SERVICE, 4)), (service,), "service")
        end.s.close()


@story
def refused(side):
    """A port where nobody listens, a service that the server has not; and then one that it has."""
    side.is_refused(errno.ECONNREFUSED, port=NOBODYS_PORT)
    side.is_refused(errno.EBADRQC, service=NOBODYS_SERVICE)
    hello(side).s.close()


def connections():
    """Of xdccp: the states of those that there are."""
    for path in pathlib.Path("/proc/self/net/xl4").glob("dccp*"):
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            yield int(line.split()[3], 16)


def nothing_stays():
    """Each connection comes to its end, as whoever closes says something that has to be answered."""
    until = time.monotonic() + PATIENCE
    while staying := set(connections()) - {TIME_WAIT, LISTEN}:
        if time.monotonic() > until:
            raise Wrong(f"there are still connections in the states {staying}")
        time.sleep(0.05)


def main():
    story[what](Side(role == "server"))
    if not kernel:
        nothing_stays()


if __name__ == "__main__":
    role, what, number, host = sys.argv[1:]
    which, what = what.split("/")
    ccid, number = int(which.removeprefix("ccid")), int(number)
    kernel = number == KERNEL and os.path.isdir("/sys/module/dccp")
    tell(main)
