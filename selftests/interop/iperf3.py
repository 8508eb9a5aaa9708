#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""iperf3 -u over xl4. Its control connection stays with the kernel's TCP."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import Cable, same, xl4run  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
COUNT = 1000


def measure(t, *options):
    """Run iperf3; its report, once every datagram is accounted for."""
    server = t.server.start(*xl4run("iperf3", "-s", "-1"))
    t.server.wait_for_port(server, 5201, tables=("tcp",))
    overflows = sum(host.counted("RcvbufErrors") for host in t.hosts)
    with t.carried(COUNT):
        report = json.loads(t.client.run(*xl4run(
            "iperf3", "-c", t.server.address, "-u", "-k", COUNT, "-l", 1200, "-b", "8M", "-J", *options)))
    server.wait()
    result = report["end"]["sum"]
    overflows = sum(host.counted("RcvbufErrors") for host in t.hosts) - overflows
    if result["lost_packets"] > overflows:
        raise Failed(f"{result['lost_packets']} lost, but receive buffers overflowed {overflows} times")
    if any(stream["udp"]["out_of_order"] for stream in report["end"]["streams"]):
        raise Failed("datagrams came out of order")
    return result


@test("from the client to the server", on=BOTH)
def forth(t):
    same(str(measure(t)["packets"]), str(COUNT), "datagrams")


@test("from the server to the client", on=BOTH)
def back(t):
    if measure(t, "--reverse")["packets"] < COUNT:
        raise Failed("the server sent less than was asked")


@test("four streams both ways at once", on=BOTH)
def bidirectional(t):
    measure(t, "--bidir", "--parallel", "2")


main(Cable)
