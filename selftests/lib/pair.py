# SPDX-License-Identifier: GPL-2.0
"""Two machines on one cable: a sender, a receiver, and netem to spoil the way between."""
import json
import os
import socket

import counters
import netem
import rtnetlink
from netns import Namespace, add_address, ip, run, sysctl

DEVICE = "eth0"
_ADDRESSES = {socket.AF_INET: ("192.0.2.1", "192.0.2.2", 24),
              socket.AF_INET6: ("2001:db8::1", "2001:db8::2", 64)}


class End:
    """One machine: its sockets and counters are those of its namespace."""

    def __init__(self, variant, address, length):
        self.variant, self.address, self.length = variant, address, length
        self.link_address = b"\2" + os.urandom(5)
        self.namespace = Namespace()
        # Not a word but what the test sends: netem counts all that passes.
        sysctl("ipv6.conf.default.router_solicitations", 0)
        sysctl("ipv6.conf.default.addr_gen_mode", 1)
        if variant.family == socket.AF_INET:
            sysctl("ipv6.conf.default.disable_ipv6", 1)

    def plug_in(self, neighbour):
        """Come up, and know the neighbour without asking."""
        self.namespace.enter()
        rtnetlink.link_up(DEVICE, address=self.link_address)
        add_address(DEVICE, self.address, self.length)
        rtnetlink.add_neighbour(DEVICE, neighbour.address, neighbour.link_address)

    def socket(self, port=0):
        self.namespace.enter()
        s = socket.socket(self.variant.family, self.variant.kind, self.variant.number)
        s.bind((self.address, port))
        s.setblocking(False)
        return s

    def counters(self):
        self.namespace.enter()
        return counters.read(self.variant.counters, self.variant.kernel)


class Pair:
    """A sender and a receiver; impair() is about the way from one to the other."""

    def __init__(self, variant):
        self.variant = variant

    def __enter__(self):
        here, there, length = _ADDRESSES[self.variant.family]
        self.sender = End(self.variant, here, length)
        self.receiver = End(self.variant, there, length)
        ip(f"link add {DEVICE} type veth peer name {DEVICE} netns {self.sender.namespace.path}")
        self.sender.plug_in(self.receiver)
        self.receiver.plug_in(self.sender)
        return self

    def __exit__(self, *_problem):
        for end in (self.sender, self.receiver):
            end.namespace.close()

    def impair(self, *how):
        """What netem is to do: ("loss", "10%"), ..."""
        self.sender.namespace.enter()
        netem.impair(DEVICE, *how)

    def impair_both(self, *how, seed=None):
        """The same for both ways; chance is always the same after a seed."""
        for number, end in enumerate((self.sender, self.receiver)):
            end.namespace.enter()
            netem.impair(DEVICE, *how)
            if seed is not None:
                rtnetlink.seed_netem(DEVICE, seed ^ number)

    def impair_not(self):
        """The way is good again."""
        self.sender.namespace.enter()
        netem.impair_not(DEVICE)

    def passed(self):
        """What netem did: (packets let through, packets dropped, packets it still holds)."""
        self.sender.namespace.enter()
        qdisc = json.loads(run(["tc", "-s", "-j", "qdisc", "show", "dev", DEVICE]))[0]
        return qdisc["packets"], qdisc["drops"], qdisc["qlen"]

    def chatter(self):
        """How many packets the sender sent of itself, which netem counted too."""
        self.sender.namespace.enter()
        with open("/proc/thread-self/net/snmp6", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Icmp6OutMsgs"))
