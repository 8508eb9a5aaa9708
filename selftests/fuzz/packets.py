#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Mutated packets at live sockets: none of it may harm them, or the machine.

100,000 packets in all, by XL4_FUZZ=count more or less. They follow from a seed, which
is printed; XL4_SEED=number sends the very same ones again.
"""
import contextlib
import os
import random
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from linux import IP_RECVERR, IP_RECVOPTS, IPV6_RECVERR, SOL_IP, SOL_IPV6
from packets import IPv6ExtHdrDestOpt, Raw, fold
from stage import Stage
from tap import main, test
from udp import ALL, SOL_UDP, UDP_GRO, UDP_NO_CHECK6_RX

COUNT = int(os.environ.get("XL4_FUZZ", "100000")) // len(ALL)
SEED = int(os.environ.get("XL4_SEED", random.SystemRandom().randrange(1 << 32)))
PORT, PEER = 7, 9
ROUND = 500    # packets between two looks at the sockets
TELLING = (0, 1, 7, 8, 9, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)


def live_sockets(t):
    """One of each kind that looks at packets in its own way."""
    level, recverr = (SOL_IPV6, IPV6_RECVERR) if t.v6 else (SOL_IP, IP_RECVERR)
    share = {(socket.SOL_SOCKET, socket.SO_REUSEADDR): 1}
    plain = t.socket(port=PORT, options=share)
    connected = t.socket(port=PORT, options={**share, (level, recverr): 1})
    connected.connect(t.address(PEER))
    curious = t.socket(port=PORT + 1, options={(SOL_UDP, UDP_GRO): 1})
    if t.v6:
        for option in (socket.IPV6_RECVHOPOPTS, socket.IPV6_RECVDSTOPTS, socket.IPV6_RECVRTHDR,
                       socket.IPV6_RECVPKTINFO):
            curious.setsockopt(SOL_IPV6, option, 1)
        if t.variant.counters == "Udp6":
            curious.setsockopt(SOL_UDP, UDP_NO_CHECK6_RX, 1)
    else:
        curious.setsockopt(SOL_IP, IP_RECVOPTS, 1)
    return [plain, connected, curious]


def originals(t):
    """Good packets of every kind, which the mutations start from."""
    def datagram(port, data=b"0123456789abcdef", network=None, **fields):
        return t.packet_in(network, sport=PEER, dport=port, **fields) / data

    asked = bytes(t.packet_out(sport=PORT, dport=PEER) / b"a question")
    group = "ff02::1" if t.v6 else "224.0.0.1"
    packets = [datagram(PORT), datagram(PORT + 1), datagram(PORT, b""), datagram(9999),
               datagram(PORT, bytes(1200)), datagram(PORT, chksum=0),
               datagram(PORT, network=t.ip_in(dst=group)), *t.fragments_in(datagram(PORT), 8, 16)]
    if "Lite" in t.variant.counters:
        packets += [datagram(PORT, coverage=coverage) for coverage in (8, 12, 24)]
    if t.v6:
        option = IPv6ExtHdrDestOpt(autopad=0, options=[Raw(b"\1\4" + bytes(4))])
        packets.append(datagram(PORT + 1, network=t.ip_in() / option))
        packets += [t.icmp_error(kind, code, asked, rest) for kind, code, rest in
                    ((1, 4, 0), (1, 0, 0), (2, 0, 1300), (3, 0, 0), (4, 1, 6))]
    else:
        options = t.ip_in(ihl=7)
        options.options = [Raw(b"\x07\x07\x04" + bytes(4) + b"\0")]
        packets.append(datagram(PORT + 1, network=options))
        packets += [datagram(PORT, network=t.ip_in(dst=address))
                    for address in ("192.0.2.255", "255.255.255.255")]
        packets += [t.icmp_error(kind, code, asked, rest) for kind, code, rest in
                    ((3, 3, 0), (3, 1, 0), (3, 4, 1300), (11, 0, 0), (12, 0, 0), (4, 0, 0))]
    return [bytes(packet) for packet in packets]


class Mutator:
    def __init__(self, t, chance):
        self.chance, self.v6 = chance, t.v6
        self.ip_length = t.ip_length
        self.originals = originals(t)

    def packet(self):
        chance = self.chance
        packet = bytearray(chance.choice(self.originals))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 8))):
            chance.choice(self.MUTATIONS)(self, packet)
        # What IP would drop is only now and then worth sending.
        if chance.random() < 0.9 and len(packet) >= self.ip_length:
            self.mend(packet)
        return bytes(packet)

    def mend(self, packet):
        """Make the IP header's version, length and checksum right again."""
        if self.v6:
            packet[0] = 0x60 | packet[0] & 0xF
            packet[4:6] = struct.pack("!H", (len(packet) - 40) & 0xFFFF)
            return
        words = packet[0] & 0xF
        packet[0] = 0x40 | (words if 5 <= words <= len(packet) // 4 else 5)
        packet[2:4] = struct.pack("!H", len(packet) & 0xFFFF)
        packet[10:12] = b"\0\0"
        header = bytes(packet[:(packet[0] & 0xF) * 4])
        packet[10:12] = struct.pack("!H", 0xFFFF ^ fold(header))

    def place(self, packet, room=1):
        """An offset, more often in the headers than in the data."""
        end = max(len(packet) - room, 0)
        if self.chance.random() < 0.7:
            end = min(end, self.ip_length + 28)
        return self.chance.randint(0, end)

    def flip(self, packet):
        if packet:
            packet[self.place(packet)] ^= 1 << self.chance.randrange(8)

    def telling(self, packet):
        at = self.place(packet, 2)
        packet[at:at + 2] = struct.pack("!H", self.chance.choice(TELLING))

    def length(self, packet):
        """The field behind the ports: a length or a coverage."""
        at = self.ip_length + 4
        value = self.chance.choice((*TELLING, len(packet) - self.ip_length))
        packet[at:at + 2] = struct.pack("!H", (value + self.chance.randint(-2, 2)) & 0xFFFF)

    def cut(self, packet):
        del packet[self.chance.randint(0, len(packet)):]

    def grow(self, packet):
        packet += self.chance.randbytes(self.chance.choice((1, 2, 8, 100, 1500)))

    def splice(self, packet):
        other = self.chance.choice(self.originals)
        at = self.place(packet)
        packet[at:] = other[at:]

    def noise(self, packet):
        at = self.place(packet, 4)
        packet[at:at + 4] = self.chance.randbytes(4)

    MUTATIONS = (flip, telling, length, cut, grow, splice, noise)


def drain(sockets):
    """Read all that the sockets hold, data and errors, as a program would."""
    for s in sockets:
        for flags in (0, socket.MSG_ERRQUEUE):
            while True:
                try:
                    s.recvmsg(1 << 16, 1000, flags | socket.MSG_DONTWAIT)
                except BlockingIOError:
                    break
                except OSError:    # the error of a forged ICMP message
                    continue


@test(f"mutated packets harm nobody (seed {SEED})", on=ALL)
def mutations(t):
    sockets = live_sockets(t)
    mutator = Mutator(t, random.Random(f"{SEED} {t.variant}"))
    for _ in range(COUNT // ROUND):
        for _ in range(ROUND):
            t.tun.write(mutator.packet())
        t.collect()    # answers to mutated sources are no failure
        drain(sockets)
        alive(t, sockets)
    reached = t.counters()
    print(f"# {t.variant}: {reached}")
    for name in ("InDatagrams", "InErrors", "InCsumErrors", "NoPorts"):
        t.check(reached[name] > 0, f"no packet got as far as {name}")


def alive(t, sockets):
    """Each socket still gets what is sent to it, and sends."""
    plain, connected, curious = sockets
    with contextlib.suppress(OSError):
        connected.send(b"clears an error, or is sent")
    t.only(plain, sport=PEER + 1)
    t.only(connected, sport=PEER)
    t.only(curious)
    curious.sendto(b"answer", t.address(PEER))
    t.check(any(bytes(packet).endswith(b"answer") for packet in t.collect()), "no answer came out")


if __name__ == "__main__":
    main(Stage)
