#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Conntrack, NAT and filters see standard packets, and do with them what they always do."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
from exchange import PORT, TCP, XTCP, Bridged, add, exchange  # noqa: E402
from hosts import same  # noqa: E402
from netns import run  # noqa: E402
from tap import Failed, Skip, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")


def nft(host, rules):
    host.namespace.enter()
    done = subprocess.run(["nft", "-f", "-"], input=rules, text=True, capture_output=True, check=False)
    if done.returncode and "No such file" not in done.stderr:
        raise Failed(done.stderr)
    if done.returncode:
        raise Skip(f"this kernel cannot: {done.stderr.splitlines()[0]}")


def packets(host, chain):
    """What the counters of a chain say."""
    host.namespace.enter()
    words = run(["nft", "list", "chain", "inet", "t", chain]).split()
    return [int(words[at + 1]) for at, word in enumerate(words) if word == "packets"]


FILTER = f"""
table inet t {{
    chain out {{
        type filter hook output priority 0; policy accept;
        meta l4proto {TCP} counter
        meta l4proto {XTCP} counter drop
    }}
    chain in {{
        type filter hook input priority 0; policy accept;
        meta l4proto {TCP} counter
        meta l4proto {XTCP} counter drop
    }}
}}
"""
# Only what conntrack takes for a sound TCP connection passes.
STATEFUL = f"""
table inet t {{
    chain in {{
        type filter hook input priority 0; policy accept;
        meta l4proto {TCP} ct state established counter accept
        meta l4proto {TCP} ct state new tcp flags & (fin|syn|rst|ack) == syn counter accept
        meta l4proto {TCP} counter drop
    }}
}}
"""
REFUSE = f"""
table inet t {{
    chain in {{
        type filter hook input priority 0; policy accept;
        tcp dport {PORT} counter reject with tcp reset
    }}
}}
"""


@test("a filter sees the standard number only, in both directions", on=BOTH)
def filters(t):
    for host, rule, numbers in ((t.client, f"remote port {PORT}", (TCP, XTCP)),
                                (t.server, f"local port {PORT}", (XTCP, TCP))):
        add(host, "tcp " + rule)
        nft(host, FILTER)
        exchange(t, *numbers)
        for chain in ("out", "in"):
            standard, ours = packets(host, chain)
            if standard < 10 or ours:
                raise Failed(f"{chain}: {standard} packets with {TCP}, {ours} with {XTCP}")
        host.namespace.enter()
        bridge.command("flush")
        run(["nft", "flush", "ruleset"])


@test("conntrack follows the connection, and has verified its sums", on=BOTH)
def conntrack(t):
    for host, rule, numbers, opened in ((t.client, f"remote port {PORT}", (TCP, XTCP), 0),
                                        (t.server, f"local port {PORT}", (XTCP, TCP), 1)):
        add(host, "tcp " + rule)
        nft(host, STATEFUL)
        for offload in ("on", "off"):
            for end in t.hosts:
                end.namespace.enter()
                run(["ethtool", "-K", "eth0", "tx", offload])
            exchange(t, *numbers)
        established, new, refused = packets(host, "in")
        same((established > 10, new, refused), (True, 2 * opened, 0), "established, new, refused")
        host.namespace.enter()
        bridge.command("flush")
        run(["nft", "flush", "ruleset"])


@test("NAT gives an xtcp client another address and port", on=BOTH)
def nat(t):
    add(t.client, f"tcp remote port {PORT}")
    family = "ip6" if t.family == "IPv6" else "ip"
    other = "fd66::9" if t.family == "IPv6" else "10.66.0.9"
    t.client.namespace.enter()
    run(["ip", "address", "add", other, "dev", "eth0", *["nodad"] * (t.family == "IPv6")])
    source = f"[{other}]" if t.family == "IPv6" else other
    nft(t.client, f"""
table {family} n {{
    chain post {{
        type nat hook postrouting priority 100; policy accept;
        meta l4proto {TCP} snat to {source}:5000-5001
    }}
}}
""")
    nft(t.server, f"""
table inet t {{
    chain in {{
        type filter hook input priority 0; policy accept;
        {family} saddr {other} tcp sport 5000-5001 counter accept
        meta l4proto {TCP} counter drop
    }}
}}
""")
    exchange(t, TCP, XTCP)
    theirs, others = packets(t.server, "in")
    same((theirs > 10, others), (True, 0), "from the other address, from the own one")


@test("a firewall that rejects is heard by xtcp", on=BOTH)
def rejects(t):
    add(t.client, f"tcp remote port {PORT}")
    nft(t.server, REFUSE)
    family = "AF_INET6" if t.family == "IPv6" else "AF_INET"
    said = t.client.run("/usr/bin/python3", "-c", f"""
import socket
s = socket.socket(socket.{family}, socket.SOCK_STREAM, {XTCP})
try:
    s.connect(("{t.server.address}", {PORT}))
except ConnectionRefusedError:
    print("refused")
""")
    same(said, "refused\n", "connect()")


if __name__ == "__main__":
    bridge.load()
    main(Bridged)
