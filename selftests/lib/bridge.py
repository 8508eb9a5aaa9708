# SPDX-License-Identifier: GPL-2.0
"""The bridge: its module, and the table of rules."""
import atexit
import os
import re
import socket
import subprocess
import sys

XTCP, XUDP = int(os.environ.get("XL4_TCP", "254")), int(os.environ.get("XL4_UDP", "253"))
TCP, UDP = socket.IPPROTO_TCP, socket.IPPROTO_UDP
RULES = "/proc/thread-self/net/xl4/bridge"
OURS = {TCP: XTCP, UDP: XUDP}


def load():
    """The module is there, as long as this program runs."""
    if not loaded():
        _shell("load_bridge")
        atexit.register(unload)


def loaded():
    return os.path.exists("/sys/module/xl4_bridge")


def unload():
    _shell("unload_bridge")


def _shell(function):
    lib = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["sh", "-c", f'. "$0/modules.sh"; {function}', lib], check=True, stdout=sys.stderr)


def command(line):
    """Write to the table of the namespace that the process is in."""
    with open(RULES, "wb", buffering=0) as file:
        file.write(line.encode() if isinstance(line, str) else line)


def rules():
    """[(what the rule says, {counter: value}), ...]"""
    with open(RULES, encoding="ascii") as file:
        names, *lines = file.read().splitlines()
    counters = names.split()[:-1]
    table = []
    for line in lines:
        *values, rule = re.split(" +", line.strip(), maxsplit=len(counters))
        table.append((rule, dict(zip(counters, map(int, values), strict=True))))
    return table
