#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Redis over xtcp: questions one by one, in pipelines, by many clients at once."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import servers  # noqa: E402
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000


def serve(t):
    server = t.server.start(*xl4run(*servers.redis(t.server.address, PORT), over=STREAMS))
    t.server.wait_for_port(server, PORT, STREAMS.tables)


def ask(t, *words):
    return t.client.run(*xl4run("redis-cli", "-h", t.server.address, "-p", PORT, *words,
                                over=STREAMS)).strip()


def benchmark(t, requests, *options):
    report = t.client.run(*xl4run("redis-benchmark", "-h", t.server.address, "-p", PORT, "-n", requests,
                                  "-t", "set,get,lpush", "--csv", *options, over=STREAMS))
    rows = [line for line in report.splitlines() if line.startswith(('"SET', '"GET', '"LPUSH'))]
    if len(rows) != 3:
        raise Failed(f"redis-benchmark said: {report}")
    # It pushes onto one list, so the list tells how many requests came.
    same(ask(t, "llen", "mylist"), str(requests), "requests that came")


@test("what is stored is found again", on=BOTH)
def store(t):
    serve(t)
    with t.carried(10, STREAMS):
        for size in (1, 100, 10000, 100000):
            value = "x" * size
            same(ask(t, "set", f"key{size}", value), "OK", "set")
            same(ask(t, "get", f"key{size}"), value, "get")


@test("redis-benchmark with 50 clients", on=BOTH)
def many(t):
    serve(t)
    benchmark(t, 3000, "-c", 50)


@test("redis-benchmark in pipelines of 16, with large values", on=BOTH)
def pipelines(t):
    serve(t)
    benchmark(t, 3200, "-c", 10, "-P", 16, "-d", 2000)


main(Cable)
