#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Rows of the bench that a program measures which others wrote: iperf3 --sctp, over loopback.

usage: iperf3.py [-a NUMBER] [-b NUMBER] [-r BLOCKS] [ROW...]

Prints what bench.c prints: a JSON object a row, a cost for each round, in the order A B B A. All
is as iperf3 has it: two processes, messages of 64 KiB, for as many seconds as SECONDS. Each round
has a network namespace of its own. The kernel's own SCTP may stall: then its round is done again,
so that only those count that went well.
"""
import argparse
import contextlib
import fnmatch
import json
import pathlib
import shutil
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "selftests/lib"))
from netns import Namespace, ip  # noqa: E402

SECONDS = 2
PATIENCE = 30       # seconds until a round counts as stalled
ATTEMPTS = 4
KERNEL = 132        # the number under which a program needs no help
ADDRESS = "127.0.0.1"
ROWS = {
    f"SCTP iperf3, {mtu}{', 512K buffers' if options else ''}": (mtu, options)
    for options in ((), ("-w", "512K")) for mtu in (65536, 1500)
}


class Stalled(Exception):
    pass


def over(protocol, *command):
    if protocol == KERNEL:
        return command
    return (str(ROOT / "scripts/xl4run"), "-p", f"sctp={protocol}", "--", *command)


@contextlib.contextmanager
def server(protocol):
    command = over(protocol, "iperf3", "-s", "-1", "--forceflush", "-B", ADDRESS)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if not any("listening" in line for line in process.stdout):
                raise OSError("iperf3 -s does not listen")
            yield
        finally:
            process.kill()


def megabits(protocol, options):
    """A second, as the receiver counts them."""
    command = over(protocol, "iperf3", "--sctp", "-J", "-c", ADDRESS, "-t", str(SECONDS), *options)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise Stalled from error
    report = json.loads(done.stdout)
    if "error" in report:
        raise Stalled(report["error"])
    received = report["end"]["sum_received"]["bits_per_second"] / 1e6
    if not received:
        raise Stalled("nothing came")
    return received


def attempt(protocol, mtu, options):
    namespace = Namespace()
    try:
        ip(f"link set lo mtu {mtu} up")
        with server(protocol):
            return megabits(protocol, options)
    finally:
        namespace.close()


def cost(name, protocol):
    """Nanoseconds of a second for a megabit."""
    for _ in range(ATTEMPTS if protocol == KERNEL else 1):
        try:
            return round(1e9 / attempt(protocol, *ROWS[name]), 2)
        except Stalled as error:
            print(f"# {name}: {protocol} stalled {error}", file=sys.stderr)
    sys.exit(f"iperf3.py: {name}: {protocol} has stalled too often")


def missing(protocols):
    """What it takes that is not there."""
    if not shutil.which("iperf3"):
        return "iperf3"
    for protocol in protocols:
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol).close()
        except OSError:
            return f"protocol {protocol}"
    return None


def measure(name, protocols, blocks):
    needed = missing(protocols)
    if needed:
        print(f"# left out: {name}: no {needed}", file=sys.stderr)
        return
    costs = ([], [])
    for _ in range(blocks):
        for which in (0, 1, 1, 0):
            costs[which].append(cost(name, protocols[which]))
    print(json.dumps({"row": name, "unit": "Mbit/s", "gauge": "time", "protocols": protocols,
                      "a": costs[0], "b": costs[1]}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("-a", type=int, default=251)
    parser.add_argument("-b", type=int, default=KERNEL)
    parser.add_argument("-r", type=int, default=5)
    parser.add_argument("row", nargs="*")
    arguments = parser.parse_args()
    for name in ROWS:
        if any(fnmatch.fnmatch(name, pattern) for pattern in arguments.row or ["*"]):
            measure(name, [arguments.a, arguments.b], arguments.r)


if __name__ == "__main__":
    main()
