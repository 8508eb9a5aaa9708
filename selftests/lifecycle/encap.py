#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Namespaces go away whatever their port for DCCP in UDP (RFC 6773) has heard."""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from hosts import until
from netns import Namespace, ip, sysctl
from tap import main, test

DEVICE, THEIRS = "veth0", "veth1"
UDP_PORT = 6511


class Wire:
    """Our namespace, and others at the other end of a wire, one after another."""

    def __init__(self, _variant):
        self.home = Namespace()

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        self.home.close()

    def neighbour(self):
        """A namespace that takes DCCP in UDP."""
        there = Namespace()
        ip(f"link add {THEIRS} type veth peer name {DEVICE} netns {self.home.path}",
           f"addr add 192.0.2.2/24 brd + dev {THEIRS}", f"link set {THEIRS} up")
        sysctl("xl4.dccp.encap_port", UDP_PORT)
        self.home.enter()
        ip(f"addr add 192.0.2.1/24 brd + dev {DEVICE}", f"link set {DEVICE} up")
        return there

    def heard(self, there):
        """How many packets of IPv4 a namespace took."""
        there.enter()
        with open("/proc/thread-self/net/snmp", encoding="ascii") as file:
            names, values = (line.split() for line in file if line.startswith("Ip:"))
        self.home.enter()
        return int(dict(zip(names, values))["InDelivers"])


def goes(there):
    """It goes when those that went before it are gone."""
    there.close()
    until(lambda: DEVICE not in [name for _, name in socket.if_nameindex()],
          "a namespace is not gone")


def hears(wire, address):
    there = wire.neighbour()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.0.2.1"))
        s.sendto(bytes(16), (address, UDP_PORT))
    until(lambda: wire.heard(there), "the datagram did not come")
    goes(there)
    goes(wire.neighbour())


@test("a datagram to its address")
def unicast(wire):
    hears(wire, "192.0.2.2")


@test("a broadcast")
def broadcast(wire):
    hears(wire, "192.0.2.255")


@test("a multicast")
def multicast(wire):
    hears(wire, "224.0.0.1")


if __name__ == "__main__":
    main(Wire)
