#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Two hosts with two cables between them, one of which is cut while a file is under way: all of
it arrives, as it was, and the wait is no longer than a retransmission timeout (RFC 9260 section
6.4.1, RFC 7829).

XL4_TRANSFER_MB=100 sends more than the four megabytes that make check does.
"""
import hashlib
import os
import pathlib
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import netem  # noqa: E402
import rtnetlink  # noqa: E402
from association import BOTH, SCTP  # noqa: E402
from netns import Namespace, add_address, ip, sysctl  # noqa: E402
from tap import Failed, main, test  # noqa: E402

PORT = 7
SIZE = int(float(os.environ.get("XL4_TRANSFER_MB", "4")) * (1 << 20))
MESSAGE = 20000
VIRTUAL = os.environ.get("XL4_TIME") == "virtual"
RTO_MIN = 1.0                           # seconds
LATE = 0.3 if VIRTUAL else 5            # by which timers, and machines, are late
PATIENCE = 1800 if VIRTUAL else 60
CABLES = ("eth0", "eth1")
PREFIXES = {socket.AF_INET: ("192.0.2.{}", "198.51.100.{}", 24),
            socket.AF_INET6: ("2001:db8:1::{}", "2001:db8:2::{}", 64)}


class Host:
    """A machine with an address on each cable."""

    def __init__(self, family, number):
        self.family = family
        *prefixes, self.length = PREFIXES[family]
        self.addresses = [prefix.format(number) for prefix in prefixes]
        self.links = [b"\2" + os.urandom(5) for _ in CABLES]
        self.namespace = Namespace()
        sysctl("ipv6.conf.default.router_solicitations", 0)

    def plug_in(self, other):
        self.namespace.enter()
        for cable, mine, here, yours, there in zip(CABLES, self.links, self.addresses, other.links,
                                                   other.addresses):
            rtnetlink.link_up(cable, address=mine)
            add_address(cable, here, self.length)
            rtnetlink.add_neighbour(cable, there, yours)

    def socket(self):
        self.namespace.enter()
        s = socket.socket(self.family, socket.SOCK_STREAM, SCTP)
        s.settimeout(PATIENCE)
        return s

    def sent(self, cable):
        """Octets that have left by a cable."""
        self.namespace.enter()
        with open("/proc/thread-self/net/dev", encoding="ascii") as file:
            line = next(line for line in file if line.strip().startswith(cable + ":"))
        return int(line.split(":")[1].split()[8])


class Hosts:
    """The stage: a client and a server that are connected, by all their addresses."""

    def __init__(self, variant):
        self.variant = variant

    def __enter__(self):
        self.hosts = [Host(self.variant.family, number) for number in (1, 2)]
        path = self.hosts[0].namespace.path
        ip(*[f"link add {cable} type veth peer name {cable} netns {path}" for cable in CABLES])
        for host, other in (self.hosts, self.hosts[::-1]):
            host.plug_in(other)
        listener = self.hosts[1].socket()
        listener.bind(("", PORT))
        listener.listen(1)
        self.client = self.hosts[0].socket()
        self.client.connect((self.hosts[1].addresses[0], PORT))
        self.server, _peer = listener.accept()
        self.server.settimeout(PATIENCE)
        listener.close()
        time.sleep(0.5)         # the second path is asked whether it is one
        return self

    def __exit__(self, *_problem):
        for one in (self.client, self.server):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        for host in self.hosts:
            host.namespace.close()

    def cut(self, cable):
        """It swallows all, and nobody is told."""
        for host in self.hosts:
            host.namespace.enter()
            netem.impair(cable, "loss", "100%")

    def mend(self, cable):
        for host in self.hosts:
            host.namespace.enter()
            netem.impair_not(cable)

    def sent(self):
        return [self.hosts[0].sent(cable) for cable in CABLES]


def messages(total):
    dice = random.Random(9)
    while total > 0:
        yield dice.randbytes(min(total, MESSAGE))
        total -= MESSAGE


class Transfer:
    """A file on its way from the client to the server."""

    def __init__(self, hosts, total):
        self.hosts, self.total = hosts, total
        self.said, self.heard = hashlib.sha256(), hashlib.sha256()
        self.octets = 0
        self.longest = 0        # the longest time without a word
        self.last = time.monotonic()

    def run(self, marks=()):
        """All of it. `marks` are (octets, function): what is done when so many were heard."""
        marks = list(marks)
        for server in (self.hosts.client, self.hosts.server):
            server.setblocking(False)
        left = messages(self.total)
        waiting = next(left)
        while self.octets < self.total:
            waiting = self._say(waiting, left)
            if not self._hear():
                self._wait(waiting)
            if marks and self.octets >= marks[0][0]:
                marks.pop(0)[1]()
        if self.said.digest() != self.heard.digest():
            raise Failed(f"{self.octets} octets arrived, and are others")

    def _say(self, waiting, left):
        try:
            while waiting:
                self.hosts.client.send(waiting)
                self.said.update(waiting)
                waiting = next(left, None)
        except BlockingIOError:
            pass
        return waiting

    def _hear(self):
        heard = False
        try:
            while True:
                data = self.hosts.server.recv(1 << 16)
                if not data:
                    raise Failed(f"the end after {self.octets} octets")
                self.heard.update(data)
                self.octets += len(data)
                self.longest = max(self.longest, time.monotonic() - self.last)
                self.last = time.monotonic()
                heard = True
        except BlockingIOError:
            return heard

    def _wait(self, waiting):
        poll = select.poll()
        poll.register(self.hosts.server, select.POLLIN)
        poll.register(self.hosts.client, select.POLLOUT if waiting else 0)
        if not poll.poll(PATIENCE * 1000):
            raise Failed(f"nothing comes any more after {self.octets} octets of {self.total}")


@test("the file goes by the first cable as long as that is good", on=BOTH)
def good(t):
    before = t.sent()
    Transfer(t, SIZE).run()
    first, second = (after - at for after, at in zip(t.sent(), before))
    if first < SIZE or second > SIZE // 100:
        raise Failed(f"{first} octets went by the first cable and {second} by the second")


@test("the first cable is cut: the second takes over within a timeout", on=BOTH)
def cut(t):
    at = []

    def now():
        t.cut(CABLES[0])
        at.extend(t.sent())

    transfer = Transfer(t, SIZE)
    transfer.run([(SIZE // 2, now)])
    second = t.sent()[1] - at[1]
    print(f"# {SIZE} octets, {transfer.heard.hexdigest()[:16]} at both ends; nothing for "
          f"{transfer.longest:.3f} s, then {second} octets by the second cable")
    if transfer.longest > RTO_MIN + LATE:
        raise Failed(f"nothing for {transfer.longest:.3f} s")
    if second < SIZE // 3:
        raise Failed(f"{second} octets went by the second cable")


@test("the second cable is cut: nobody notices", on=BOTH)
def cut_spare(t):
    transfer = Transfer(t, SIZE)
    transfer.run([(SIZE // 2, lambda: t.cut(CABLES[1]))])
    if VIRTUAL and transfer.longest > RTO_MIN / 2:
        raise Failed(f"nothing for {transfer.longest:.3f} s")


@test("the first cable is mended: the file comes back to it, and bears that the other is cut", on=BOTH)
def mended(t):
    transfer = Transfer(t, SIZE)
    transfer.run([(SIZE // 2, lambda: t.cut(CABLES[0]))])
    t.mend(CABLES[0])
    # A path in doubt is asked once an RTO, which is 4 s at most by now (RFC 7829 section 4.2).
    time.sleep(10)
    before = t.sent()[0]
    transfer = Transfer(t, SIZE)
    transfer.run([(SIZE // 2, lambda: t.cut(CABLES[1]))])
    if t.sent()[0] - before < SIZE:
        raise Failed(f"{t.sent()[0] - before} octets went by the first cable")


@test("both cables are cut, and one is mended 20 s later: the association lives", on=BOTH)
def both_cut(t):
    def storm():
        for cable in CABLES:
            t.cut(cable)
        # Some of what waits is sent meanwhile, in vain.
        time.sleep(20)
        t.mend(CABLES[1])

    transfer = Transfer(t, SIZE)
    transfer.run([(SIZE // 2, storm)])
    if transfer.longest > 20 + 64:
        raise Failed(f"nothing for {transfer.longest:.0f} s")


main(Hosts)
