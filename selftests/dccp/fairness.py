#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""A flow of DCCP beside one of TCP, over a bottleneck of 4 Mbit/s with a round trip time of 40 ms
and queues of 30 to 60 packets: over all of them neither gets more than twice what the other gets,
and TFRC's rate is the smoother one.

Where there is XL4_OUT the rates over time are left there, for scripts/fairness to draw.
"""
import os
import pathlib
import socket
import statistics
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import sharing  # noqa: E402
from dccp import SOCK_DCCP  # noqa: E402
from machine import Variant  # noqa: E402
from pair import Pair  # noqa: E402
from tap import Failed, main, test  # noqa: E402

DCCP = int(os.environ.get("XL4_DCCP", "250"))
TCP = int(os.environ.get("XL4_TCP", "254"))
SOL_DCCP, SERVICE, CCID = 269, 2, 13
SECONDS, WARM_UP = 55, 15
# Packets. Which of two flows meets the end of a queue is the same each time, so that a single queue
# says little: with 40 one has twice what the other has, with 30 it is the other way round.
QUEUES = 30, 40, 60
PACKET, PIECE = 1400, 1 << 15
PORTS = {"DCCP": 7, "TCP": 8}
OUT = os.environ.get("XL4_OUT")
FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}


def dccp_flow(pair, ccid):
    ends = pair.sender.socket(), pair.receiver.socket(PORTS["DCCP"])
    for sock in ends:
        sock.setsockopt(SOL_DCCP, SERVICE, struct.pack("!I", 42))
        sock.setsockopt(SOL_DCCP, CCID, bytes([ccid]))
    return sharing.Flow(f"DCCP,CCID{ccid}", *ends, PACKET)


def tcp_flow(pair):
    found = []
    for end, port in ((pair.sender, 0), (pair.receiver, PORTS["TCP"])):
        end.namespace.enter()
        sock = socket.socket(pair.variant.family, socket.SOCK_STREAM, TCP)
        sock.bind((end.address, port))
        found.append(sock)
    return sharing.Flow("TCP", *found, PIECE)


def shared(name, ccid, queue):
    """The two flows, when they are done."""
    with Pair(Variant("DCCP", FAMILIES[name], SOCK_DCCP, DCCP, None, "Dccp", False)) as pair:
        flows = dccp_flow(pair, ccid), tcp_flow(pair)
        sharing.bottleneck(pair, queue)
        for flow, port in zip(flows, PORTS.values()):
            flow.connect((pair.receiver.address, port))
        sharing.run(flows, SECONDS)
        for flow in flows:
            flow.close()
    if OUT:
        sharing.save(f"{OUT}/fairness-{name}-ccid{ccid}-{queue}.txt", flows)
    return flows


class Shares:
    """Of an address family: each pair of flows runs once over each queue."""
    known = {}

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        pass

    def _over(self, ccid, queue):
        key = self.name, ccid, queue
        if key not in self.known:
            self.known[key] = shared(*key)
            for flow in self.known[key]:
                print(f"# {self.name}, {queue} packets, {flow.name}: {flow.mean(WARM_UP):.2f} Mbit/s, "
                      f"coefficient of variation {flow.variation(WARM_UP):.2f}")
        return self.known[key]

    def mean(self, ccid):
        """What DCCP and TCP got, in Mbit/s."""
        return [statistics.mean(flow.mean(WARM_UP) for flow in flows)
                for flows in zip(*(self._over(ccid, queue) for queue in QUEUES))]

    def variation(self, ccid):
        """How DCCP's rate varied."""
        return statistics.mean(self._over(ccid, queue)[0].variation(WARM_UP) for queue in QUEUES)


def fair(ccid):
    @test(f"CCID {ccid} and TCP share a line within a factor of 2", on=FAMILIES)
    def run(t):
        dccp, tcp = t.mean(ccid)
        if not 0.5 < dccp / tcp < 2:
            raise Failed(f"DCCP {dccp:.2f} and TCP {tcp:.2f} Mbit/s")
        if dccp + tcp < 0.85 * sharing.RATE / 1e6:
            raise Failed(f"the line is not full: {dccp:.2f} and {tcp:.2f} Mbit/s")


fair(2)
fair(3)


@test("CCID 3 varies less than CCID 2", on=FAMILIES)
def smooth(t):
    tcp_like, tfrc = t.variation(2), t.variation(3)
    if tfrc > 0.9 * tcp_like:
        raise Failed(f"coefficients of variation {tcp_like:.2f} under CCID 2, {tfrc:.2f} under CCID 3")


main(Shares)
