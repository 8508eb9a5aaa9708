# SPDX-License-Identifier: GPL-2.0
"""Conversations over the bridge: the program has xl4's number, the wire the standard one."""
import dataclasses

import tcp
import udp
from bridge import TCP, UDP, XTCP, command, load, rules
from conversation import Conversation
from packets import IPv6ExtHdrFragment, bind


def _on_wire(variants, number):
    """The same sockets; their packets have this number, and the sums that belong to it."""
    for variant in variants:
        bind(variant.header, number)
    return variants


def wire(number):
    """From now on packets are built, and read, with this number: the standard one or xl4's."""
    bind(tcp.Tcp if number in (TCP, XTCP) else udp.Udp, number)


TCP4, TCP6 = TCPS = _on_wire(tcp.variants(XTCP), TCP)
UDP4, UDP6 = UDPS = _on_wire((udp.UDP4, udp.UDP6), UDP)
BOTH = TCPS + UDPS


class Bridged(Conversation):
    """`rules` are those of the machine; %s is the protocol."""

    def __init__(self, variant, rules=("%s",), **machine):
        super().__init__(dataclasses.replace(variant, kernel=False), **machine)
        self.protocol = "tcp" if variant.header is tcp.Tcp else "udp"
        self.standard = TCP if self.protocol == "tcp" else UDP
        self._rules = rules

    def build(self):
        super().build()
        wire(self.standard)
        for rule in self._rules:
            self.add(rule)

    def fragments_in(self, packet, *cuts, number=1):
        """As the world sends them."""
        for fragment in super().fragments_in(packet, *cuts, number=number):
            if self.v6:
                fragment[IPv6ExtHdrFragment].nh = self.standard
            else:
                fragment.proto = self.standard
            yield fragment

    def add(self, rule):
        command("add " + rule.replace("%s", self.protocol))

    def remove(self, rule):
        command("del " + rule.replace("%s", self.protocol))

    def did(self, **expected):
        """What the rules have done, all together, since the beginning."""
        found = {name: sum(counts[name] for _, counts in rules())
                 for name in ("in", "out", "errors", "drops")}
        self.equal(found, {**dict.fromkeys(found, 0), **{name.strip("_"): value
                                                         for name, value in expected.items()}})


load()
