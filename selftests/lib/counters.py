# SPDX-License-Identifier: GPL-2.0
"""The SNMP counters of the namespace that the process is in."""


def read(prefix, kernel):
    """All counters of one protocol, for example read("Udp6", kernel=False)."""
    if not kernel:
        return _pairs("xl4/snmp", prefix)
    return _lines(prefix) if prefix.endswith("6") else _pairs("snmp", prefix)


def _pairs(name, prefix):
    """Pairs of lines, names then values: /proc/net/snmp and /proc/net/xl4/snmp.

    None where there is no such protocol: the kernel has no UDP-Lite since 7.2.
    """
    lines = [words[1:] for words in _words(name) if words[0] == prefix + ":"]
    names, values = lines or ([], [])
    return dict(zip(names, map(int, values), strict=True))


def _lines(prefix):
    """A line a counter: /proc/net/snmp6."""
    return {name[len(prefix):]: int(value) for name, value in _words("snmp6")
            if name.startswith(prefix)}


def _words(name):
    with open("/proc/thread-self/net/" + name, encoding="ascii") as file:
        return [line.split() for line in file]


def moved(before, after):
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}
