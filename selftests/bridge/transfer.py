#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""xtcp at one end and the kernel's TCP at the other: both ways, whatever the device does for them."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
from exchange import PORT, TCP, XTCP, Bridged, add, counted, exchange, only  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")


def client_is_xtcp(t):
    add(t.client, f"tcp dev eth0 remote {t.server.address} port {PORT}")
    with only(t.client, False), only(t.server, True):
        exchange(t, TCP, XTCP)
    counted(t.client)


def server_is_xtcp(t):
    add(t.server, f"tcp local port {PORT}")
    with only(t.client, True), only(t.server, False):
        exchange(t, XTCP, TCP)
    counted(t.server)


@test("a program on xtcp and a server on the kernel's TCP", on=BOTH)
def client(t):
    client_is_xtcp(t)


@test("a program on the kernel's TCP and a server on xtcp", on=BOTH)
def server(t):
    server_is_xtcp(t)


@test("xtcp at both ends, with the standard number between them", on=BOTH)
def both(t):
    for host in t.hosts:
        add(host, "tcp dev eth0")
    with only(t.client, False), only(t.server, False):
        exchange(t, XTCP, XTCP)
    for host in t.hosts:
        counted(host)


@test("in one namespace, over loopback", on=BOTH)
def loopback(t):
    for rule, numbers in ((f"remote port {PORT}", (TCP, XTCP)), (f"local port {PORT}", (XTCP, TCP))):
        add(t.server, "tcp dev lo " + rule)
        exchange(t, *numbers, server_at=t.server, client_at=t.server)
        counted(t.server)
        bridge.command("flush")


# What the device of either side does, or the stack for it.
for FEATURES in (("tx off",), ("gso off", "tso off"), ("tso off",), ("sg off",), ("gro on",),
                 ("gro on", "tx off"), ("gro off", "rx off", "tx off", "sg off")):
    @test(f"ethtool -K {', '.join(FEATURES)}: xtcp asks", on=BOTH, offloads=FEATURES)
    def asks(t):
        client_is_xtcp(t)

    @test(f"ethtool -K {', '.join(FEATURES)}: xtcp answers", on=BOTH, offloads=FEATURES)
    def answers(t):
        server_is_xtcp(t)


if __name__ == "__main__":
    bridge.load()
    main(Bridged)
