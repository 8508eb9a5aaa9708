# SPDX-License-Identifier: GPL-2.0
"""What the seeds of all protocols are made with."""
import dataclasses
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import MF
from packets import IP, Icmp, IPv6, IPv6ExtHdrFragment, Raw

# Known to stage.c and to values.c, too.
PORT, PEER_PORT, ALIVE_PORT = 4000, 4001, 4999
ALIVE = b"are you alive?"


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What a fuzzer must know to make a mutated packet's checksum right."""
    name: str
    number: int            # IP protocol
    header: type           # scapy layer
    checksum: str = "internet"     # or crc32c, or dccp
    checksum_at: int = 0
    length_at: int = -1    # -1: there is no such field
    coverage_at: int = -1
    answers: int = 0       # as a peer of TCP (1), SCTP (2) or DCCP (3) would
    carries: bool = False  # another, whose wire.c has its seeds elsewhere


@dataclasses.dataclass(frozen=True)
class Host:
    """The machine as its peer sees it, by family."""
    v6: bool
    here: str
    there: str
    router: str
    groups: tuple

    def network(self, **fields):
        return (IPv6 if self.v6 else IP)(**{"src": self.there, "dst": self.here, **fields})

    def network_out(self, **fields):
        return self.network(**{"src": self.here, "dst": self.there, **fields})

    def fragments(self, packet, number, *cuts):
        """The packet in pieces, cut at these offsets (multiples of 8) behind its IP header."""
        body = bytes(packet)[40 if self.v6 else 20:]
        for start, end in zip((0, *cuts), (*cuts, None)):
            more, part = int(end is not None), body[start:end]
            if self.v6:
                yield self.network() / IPv6ExtHdrFragment(
                    id=1, offset=start // 8, m=more, nh=number) / Raw(part)
            else:
                yield self.network(id=1, frag=start // 8, flags=more * MF, proto=number) / Raw(part)

    def errors(self, about):
        """All ICMP errors there are, which quote a packet of the machine."""
        kinds = ([(1, code, 0) for code in range(8)] + [(2, 0, 1280), (3, 0, 0), (4, 1, 6)]
                 if self.v6 else
                 [(3, code, 1280) for code in range(16)] + [(4, 0, 0), (5, 1, 0), (11, 0, 0),
                                                            (12, 0, 0)])
        for kind, code, rest in kinds:
            yield self.network(src=self.router) / Icmp(
                type=kind, code=code, rest=rest) / Raw(bytes(about))


HOSTS = (Host(False, "192.0.2.1", "192.0.2.2", "192.0.2.254",
              ("224.0.0.1", "239.1.2.3", "192.0.2.255", "255.255.255.255")),
         Host(True, "2001:db8::1", "2001:db8::2", "2001:db8::fe",
              ("ff02::1", "ff02::1234")))
