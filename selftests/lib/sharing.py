# SPDX-License-Identifier: GPL-2.0
"""Flows that share a bottleneck, and how much of it each one got over time.

The bottleneck is a queue of so many packets before a line of so many bits a second; what comes
back is delayed. All in one process, which sends whenever a socket takes something.
"""
import select
import statistics
import time

import netem
from netns import ip
from pair import DEVICE
from tap import Failed

RATE, DELAY = 4_000_000, 0.04   # bit/s, seconds
BIN = 0.5                                       # of a figure, in seconds
PATIENCE = 60
READ = 1 << 16


class Flow:
    """A connection from the sender to the receiver that has always something to send."""

    def __init__(self, name, client, listener, piece):
        self.name, self.client, self.listener, self.piece = name, client, listener, bytes(piece)
        self.server = None
        self.bins = []

    def connect(self, address):
        self.listener.listen(1)
        self.client.settimeout(PATIENCE)
        self.client.connect(address)
        if not select.select([self.listener], [], [], PATIENCE)[0]:
            raise Failed(f"{self.name}: the handshake did not end")
        self.server = self.listener.accept()[0]
        for sock in (self.client, self.server):
            sock.setblocking(False)

    def write(self):
        try:
            self.client.send(self.piece)
        except BlockingIOError:
            pass

    def read(self, moment):
        data = self.server.recv(READ)
        self.bins += [0] * (int(moment / BIN) + 1 - len(self.bins))
        self.bins[-1] += len(data)

    def close(self):
        for sock in (self.client, self.server, self.listener):
            sock.close()

    def rates(self, after=0):
        """Mbit/s in each bin that is over, from a moment on."""
        return [8 * octets / BIN / 1e6 for octets in self.bins[int(after / BIN):-1]]

    def mean(self, after):
        return statistics.mean(self.rates(after))

    def variation(self, after):
        """Coefficient of variation: 0 is perfectly smooth."""
        return statistics.pstdev(self.rates(after)) / self.mean(after)


def bottleneck(pair, queue):
    """A queue of so many packets that drops what it has no room for, one at a time."""
    for end, how in ((pair.sender, ("rate", str(RATE), "limit", str(queue))),
                     (pair.receiver, ("delay", f"{DELAY}s", "limit", "10000"))):
        end.namespace.enter()
        ip(f"link set {DEVICE} gso_max_segs 1")
        netem.qdisc(DEVICE, "netem", *how)


def run(flows, seconds):
    """All of them send for so long."""
    began = time.monotonic()
    poll = select.poll()
    does = {}
    for flow in flows:
        poll.register(flow.client, select.POLLOUT)
        poll.register(flow.server, select.POLLIN)
        does[flow.client.fileno()] = flow.write
        does[flow.server.fileno()] = lambda flow=flow: flow.read(time.monotonic() - began)
    while time.monotonic() - began < seconds:
        ready = poll.poll(1000 * PATIENCE)
        if not ready:
            raise Failed("nothing for a minute")
        for number, _events in ready:
            does[number]()


def save(path, flows):
    """A line for each bin: its time, and the rate of each flow."""
    with open(path, "w", encoding="ascii") as file:
        print("#", "seconds", *(flow.name for flow in flows), file=file)
        for n, rates in enumerate(zip(*(flow.rates() for flow in flows))):
            print(f"{n * BIN:.1f}", *(f"{rate:.3f}" for rate in rates), file=file)
