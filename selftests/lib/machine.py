# SPDX-License-Identifier: GPL-2.0
"""A machine with one wire, and the packets that go over it.

The machine is a network namespace of its own, the wire a TUN (or TAP) device whose far
end the test holds.
"""
import dataclasses
import socket

import netem
from linux import MF
from netns import Namespace, add_address, sysctl
from packets import IP, Icmp, IPv6, IPv6ExtHdrFragment, Raw
from rtnetlink import add_default_route, add_neighbour, link_up
from tun import Tap, Tun


@dataclasses.dataclass(frozen=True)
class Variant:
    """The protocol and the family under test."""
    name: str
    family: int
    kind: int          # SOCK_DGRAM, ...
    number: int        # IP protocol
    header: type       # scapy layer
    counters: str      # its prefix in the counters' file
    kernel: bool       # the kernel's own protocol, to prove the test

    def __str__(self):
        return self.name


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Who is who, by family; `net` is how long the prefix of `here` is."""
    here: str
    there: str
    other: str        # another neighbour of here
    router: str       # who sends ICMP errors
    far: str          # behind the router
    second: str       # for the machine, if it is to have two
    net: int
    any: str


_ADDRESSES = {
    socket.AF_INET: Addresses("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.254",
                              "198.51.100.1", "192.0.2.9", 24, "0.0.0.0"),
    socket.AF_INET6: Addresses("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::fe",
                               "2001:db8:ffff::1", "2001:db8::9", 64, "::"),
}

class Machine:
    DEVICE = "wire"

    def __init__(self, variant, ethernet=False, mtu=1500, knows_peer=True):
        self.variant = variant
        self.ethernet = ethernet
        self.mtu = mtu
        self.knows_peer = knows_peer
        self.v6 = variant.family == socket.AF_INET6
        self.header = variant.header
        self.ip_length = 40 if self.v6 else 20
        self.names = _ADDRESSES[variant.family]
        self.here, self.there = self.names.here, self.names.there

    def build(self):
        self.namespace = Namespace()
        if self.v6:
            sysctl("ipv6.conf.default.addr_gen_mode", 1)
            sysctl("ipv6.conf.default.router_solicitations", 0)
            sysctl("ipv6.icmp.ratelimit", 0)
        else:
            sysctl("ipv6.conf.default.disable_ipv6", 1)
            sysctl("ipv4.conf.all.rp_filter", 0)
            sysctl("ipv4.conf.default.rp_filter", 0)
            sysctl("ipv4.icmp_ratelimit", 0)
        self.tun = (Tap if self.ethernet else Tun)(self.DEVICE)
        link_up(self.DEVICE, self.mtu, Tap.HERE if self.ethernet else None)
        add_address(self.DEVICE, self.here, self.names.net)
        add_default_route(self.DEVICE, self.variant.family)
        if self.ethernet:
            for host in (self.names.other, self.names.router, *[self.there] * self.knows_peer):
                add_neighbour(self.DEVICE, host, Tap.THERE)

    def demolish(self):
        self.tun.close()
        self.namespace.close()

    def add_second_address(self, **options):
        """Another address for the machine."""
        add_address(self.DEVICE, self.names.second, self.names.net, **options)
        return self.names.second

    def impair(self, *how):
        """Spoil the way out by netem."""
        netem.impair(self.DEVICE, *how)

    def address(self, port, host=None):
        """Where a program sends to: the other end of the wire, or `host`."""
        return (host or self.there, port)

    # Packets

    def ip_in(self, **fields):
        fields = {"src": self.there, "dst": self.here, **fields}
        return IPv6(**fields) if self.v6 else IP(**fields)

    def ip_out(self, **fields):
        return self.ip_in(**{"src": self.here, "dst": self.there, **fields})

    def packet_in(self, network=None, **fields):
        """A packet towards the machine: its network and transport headers."""
        return (network or self.ip_in()) / self.header(**fields)

    def packet_out(self, network=None, **fields):
        """What a packet away from the machine must hold: only what is named is compared."""
        return (network or self.ip_out()) / self.header(**fields)

    def bare_in(self, data, network=None):
        """A packet towards the machine with these very bytes behind the network header."""
        network = network or self.ip_in()
        network.setfieldval("nh" if self.v6 else "proto", self.variant.number)
        return network / Raw(data)

    def fragments_in(self, packet, *cuts, number=1):
        """The fragments of a packet, cut at these offsets (multiples of 8) behind its IP header."""
        body = bytes(packet)[self.ip_length:]
        for start, end in zip((0, *cuts), (*cuts, None)):
            more, offset, part = int(end is not None), start // 8, body[start:end]
            if self.v6:
                yield self.ip_in() / IPv6ExtHdrFragment(
                    id=number, offset=offset, m=more, nh=self.variant.number) / Raw(part)
            else:
                yield self.bare_in(part, self.ip_in(id=number, frag=offset, flags=more * MF))

    def icmp_error(self, kind, code, about, rest=0, source=None):
        """An ICMP error that quotes `about`, a packet or bytes."""
        return self.ip_in(src=source or self.names.router) / Icmp(
            type=kind, code=code, rest=rest) / Raw(bytes(about))
