#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""iperf3 over xtcp: several streams, both ways, with settings of its own."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
OCTETS = 4 << 20


def measure(t, *options):
    """What the client says of sending OCTETS, all streams together."""
    server = t.server.start(*xl4run("iperf3", "-s", "-1", "-p", PORT, "-B", t.server.address, over=STREAMS))
    t.server.wait_for_port(server, PORT, STREAMS.tables)
    with t.carried(OCTETS >> 16, STREAMS):
        report = json.loads(t.client.run(*xl4run("iperf3", "-J", "-c", t.server.address, "-p", PORT,
                                                 "-n", OCTETS, *options, over=STREAMS)))
    return report


def sent(report):
    return report["end"]["sum_sent"]["bytes"]


def all_of_it(report, streams):
    same(len(report["end"]["streams"]), streams, "streams")
    # What the server counts ends with the test, which overtakes the last data.
    if sent(report) < OCTETS or not report["end"]["sum_received"]["bytes"]:
        raise Failed(f"{sent(report)} octets of {OCTETS} were sent")


@test("one stream", on=BOTH)
def one(t):
    all_of_it(measure(t), 1)


@test("16 streams at once", on=BOTH)
def sixteen(t):
    all_of_it(measure(t, "-P", 16), 16)


@test("the server sends", on=BOTH)
def reverse(t):
    all_of_it(measure(t, "-R", "-P", 2), 2)


@test("with a window, a segment size and without delay", on=BOTH)
def settings(t):
    all_of_it(measure(t, "-w", "64K", "-M", 1000, "-N", "-l", "4000"), 1)


@test("by sendfile", on=BOTH)
def zero_copy(t):
    all_of_it(measure(t, "-Z"), 1)


@test("with NewReno and with CUBIC", on=("IPv4",))
def algorithms(t):
    for name in ("reno", "cubic"):
        report = measure(t, "-C", name)
        all_of_it(report, 1)
        same(report["end"]["sender_tcp_congestion"], name, "congestion control")


main(Cable)
