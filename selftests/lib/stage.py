# SPDX-License-Identifier: GPL-2.0
"""A machine with one wire: what a packet test plays on.

The machine is a network namespace of its own, the wire a TUN (or TAP) device whose far
end the test holds. A test reads as a conversation:

    s = t.socket(port=7)                                   # the program
    t.inject(t.packet_in(sport=9, dport=7) / b"hello")     # the wire, towards it
    t.equal(s.receive(), (b"hello", (t.there, 9)))
    s.sendto(b"world", t.address(9))
    t.expect(t.packet_out(sport=7, dport=9) / b"world")    # the wire, away from it

What has not been expected when the test ends is a failure. Nothing sleeps: that
nothing happens is shown by what is next in line, a ping or another datagram.
"""
import contextlib
import dataclasses
import functools
import os
import select
import socket
import time

import counters
from ladder import Ladder
from linux import MF
from netns import Namespace, add_address, sysctl
from packets import (IP, IPPROTO_HOPOPTS, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IGMP, Icmp,
                     IPv6, IPv6ExtHdrFragment, Raw, differences, parse)
from rtnetlink import add_default_route, add_neighbour, link_up
from tap import Failed, Skip
from tun import Tap, Tun

# Seconds to wait for what must come. Long, since an emulated machine is slow: only a
# failing test waits that long.
LIMIT = float(os.environ.get("XL4_LIMIT", "20"))
PROBE = 0x0A11  # the id of the pings by which a stage asks whether all has been handled


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


class Socket(socket.socket):
    """A program's socket that waits with a limit and writes what it does on the ladder."""

    def __init__(self, variant, ladder):
        try:
            super().__init__(variant.family, variant.kind, variant.number)
        except OSError as error:
            if variant.kernel and variant.number != socket.IPPROTO_UDP:
                raise Skip(f"this kernel has no {variant}") from error
            raise
        self.ladder = ladder
        self.setblocking(False)

    @property
    def port(self):
        return self.getsockname()[1]

    def sendto(self, data, *arguments):
        self.ladder.call(f"sendto({brief(data)}, {', '.join(map(str, arguments))})")
        return super().sendto(data, *arguments)

    def send(self, data, flags=0):
        self.ladder.call(f"send({brief(data)})")
        return super().send(data, flags)

    def connect(self, address):
        self.ladder.call(f"connect({address})")
        return super().connect(address)

    def wait(self, events=select.POLLIN):
        poll = select.poll()
        poll.register(self, events)
        if not poll.poll(LIMIT * 1000):
            self.ladder.call("poll: nothing came")
            raise Failed("the socket got nothing")

    def receive(self, size=1 << 17):
        """The next data and its sender's (address, port)."""
        data, _ancillary, _flags, sender = self.receive_message(size)
        return data, sender

    def receive_message(self, size=1 << 17, flags=0):
        """The next (data, {(level, type): control data}, flags, sender)."""
        self.wait()
        data, ancillary, flags, sender = self.recvmsg(size, 4096, flags)
        sender = sender[:2] if sender else None
        self.ladder.call(f"recvmsg = {brief(data)} from {sender}")
        return data, {(level, kind): value for level, kind, value in ancillary}, flags, sender

    def is_empty(self):
        try:
            data = self.recv(1 << 17, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            return True
        self.ladder.call(f"recv = {brief(data)}")
        return False

    def error(self):
        """What SO_ERROR says, and clears."""
        value = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.ladder.call(f"SO_ERROR = {os.strerror(value) if value else 0}")
        return value


def brief(data):
    return repr(data) if len(data) <= 40 else f"{bytes(data[:16])!r}... {len(data)} bytes"


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

# Chatter that an interface makes by itself: IGMP, and in ICMPv6 MLD and neighbour discovery.
_CHATTER6 = {130, 131, 132, 133, 134, 135, 136, 143}


@functools.lru_cache
def _ping(family):
    """The ping that asks whether all before it has been handled."""
    names = _ADDRESSES[family]
    network = IP if family == socket.AF_INET else IPv6
    return bytes(network(src=names.there, dst=names.here) /
                 Icmp(type=8 if family == socket.AF_INET else 128, rest=PROBE << 16))


class Stage:
    DEVICE = "wire"

    def __init__(self, variant, ethernet=False, mtu=1500):
        self.variant = variant
        self.ethernet = ethernet
        self.mtu = mtu
        self.v6 = variant.family == socket.AF_INET6
        self.header = variant.header
        self.ip_length = 40 if self.v6 else 20
        self.names = _ADDRESSES[variant.family]
        self.here, self.there = self.names.here, self.names.there
        self._ladder = Ladder()
        self._open = []
        self._out = []            # came out and was not yet expected

    def __enter__(self):
        self.namespace = Namespace()
        if self.v6:
            sysctl("ipv6.conf.default.addr_gen_mode", 1)
            sysctl("ipv6.conf.default.router_solicitations", 0)
            sysctl("ipv6.icmp.ratelimit", 0)
        else:
            sysctl("ipv4.conf.all.rp_filter", 0)
            sysctl("ipv4.conf.default.rp_filter", 0)
            sysctl("ipv4.icmp_ratelimit", 0)
        self.tun = (Tap if self.ethernet else Tun)(self.DEVICE)
        link_up(self.DEVICE, self.mtu, Tap.HERE if self.ethernet else None)
        add_address(self.DEVICE, self.here, self.names.net)
        add_default_route(self.DEVICE, self.variant.family)
        if self.ethernet:
            for host in (self.there, self.names.other, self.names.router):
                add_neighbour(self.DEVICE, host, Tap.THERE)
        return self

    def __exit__(self, kind, _problem, _trace):
        try:
            if kind is None:
                self.quiet()
        finally:
            for one in self._open:
                one.close()
            self.tun.close()
            self.namespace.close()

    def ladder(self):
        return list(self._ladder.lines())

    def add_second_address(self, **options):
        """Another address for the machine."""
        add_address(self.DEVICE, self.names.second, self.names.net, **options)
        return self.names.second

    # The program

    def socket(self, port=None, peer=None, address=None, options=()):
        """A socket; bound to `port` if given, connected to `peer`, an address or a port.

        `options` is {(level, option): value, ...}.
        """
        s = Socket(self.variant, self._ladder)
        self._open.append(s)
        for (level, option), value in dict(options).items():
            s.setsockopt(level, option, value)
        if port is not None:
            s.bind((address or self.names.any, port))
        if peer is not None:
            s.connect(self.address(peer) if isinstance(peer, int) else peer)
        return s

    def address(self, port, host=None):
        """Where a program sends to: the other end of the wire, or `host`."""
        return (host or self.there, port)

    # The wire

    def ip_in(self, **fields):
        fields = {"src": self.there, "dst": self.here, **fields}
        return IPv6(**fields) if self.v6 else IP(**fields)

    def ip_out(self, **fields):
        return self.ip_in(**{"src": self.here, "dst": self.there, **fields})

    def packet_in(self, network=None, **fields):
        """A packet towards the machine: its network and transport headers."""
        return (network or self.ip_in()) / self.header(**fields)

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

    def packet_out(self, network=None, **fields):
        """What a packet away from the machine must hold: only what is named is compared."""
        return (network or self.ip_out()) / self.header(**fields)

    def inject(self, packet, **frame):
        """A packet goes in; `frame` is for a wire that is Ethernet."""
        data = bytes(packet)
        self._ladder.packet_in(data)
        self.tun.write(data, **frame)

    def expect(self, expected):
        """The next packet that comes out, which must be as expected."""
        packet = self._next()
        if packet is None:
            raise Failed(f"nothing came out, expected {expected!r}")
        wrong = differences(expected, packet)
        if wrong:
            raise Failed("\n".join(["another packet came out:", *wrong]))
        return packet

    def quiet(self):
        """All that was injected has been handled, and nothing came out that was not expected."""
        self.settle()
        if self._out:
            raise Failed(f"{len(self._out)} unexpected packets came out: {self._out[0]!r}")

    def settle(self):
        """A ping behind all that was injected: its answer comes out behind all they caused."""
        self.tun.write(_ping(self.variant.family))
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            data = self.tun.read(max(deadline - time.monotonic(), 0))
            if data and self._is_pong(data):
                return
            self._keep(data)
        raise Failed("the machine does not answer a ping any more")

    def collect(self):
        """All packets that came out so far."""
        self.settle()
        packets, self._out = self._out, []
        return packets

    def _next(self):
        deadline = time.monotonic() + LIMIT
        while not self._out and time.monotonic() < deadline:
            self._keep(self.tun.read(max(deadline - time.monotonic(), 0)))
        return self._out.pop(0) if self._out else None

    def _keep(self, data):
        """Remember a packet that came out until it is expected."""
        if data and not self._is_chatter(data):
            self._ladder.packet_out(data)
            self._out.append(parse(data))

    @staticmethod
    def _is_chatter(data):
        if data[0] >> 4 == 4:
            return data[9] == IPPROTO_IGMP
        start = 48 if data[6] == IPPROTO_HOPOPTS else 40
        return IPPROTO_ICMPV6 in (data[6], data[40]) and data[start] in _CHATTER6

    def _is_pong(self, data):
        kind, at = (129, 6) if self.v6 else (0, 9)
        start = self.ip_length
        return (data[0] >> 4 == (6 if self.v6 else 4)
                and data[at] == (IPPROTO_ICMPV6 if self.v6 else IPPROTO_ICMP)
                and data[start] == kind
                and data[start + 4:start + 6] == PROBE.to_bytes(2, "big"))

    # What must hold

    @staticmethod
    def equal(found, expected, what="value"):
        if found != expected:
            raise Failed(f"{what}: expected {expected!r}, found {found!r}")

    @staticmethod
    def check(holds, what):
        if not holds:
            raise Failed(what)

    @contextlib.contextmanager
    def fails(self, *numbers):
        """The call inside fails with this errno, or one of these."""
        wanted = " or ".join(map(os.strerror, numbers))
        try:
            yield
        except OSError as error:
            self._ladder.call(f"failed: {error.strerror}")
            if error.errno not in numbers:
                raise Failed(f"expected {wanted}, found {error.strerror}") from error
        else:
            raise Failed(f"expected {wanted}, but the call succeeded")

    @contextlib.contextmanager
    def counted(self, **expected):
        """These counters of the protocol move by so much, all others not at all."""
        before = self.counters()
        if self.variant.kernel:    # which has not every counter of UDP for UDP-Lite
            expected = {name: by for name, by in expected.items() if name in before}
        yield
        self.settle()
        found = counters.moved(before, self.counters())
        if found != {name: by for name, by in expected.items() if by}:
            raise Failed(f"counters: expected {expected}, found {found}")

    def counters(self):
        return counters.read(self.variant.counters, self.variant.kernel)

    def only(self, s, data=b"the next one", **fields):
        """The next datagram for socket `s` is one sent now: what came before was no datagram."""
        fields = {"sport": 4444, "dport": s.port, **fields}
        self.inject(self.packet_in(**fields) / Raw(data))
        found, _ = s.receive()
        if found != data:
            raise Failed(f"the socket got {brief(found)}")

    def dropped(self, s, *packets, **expected):
        """The packets go in, socket `s` does not get them, and they are counted so."""
        with self.counted(InDatagrams=1, **expected):
            for packet in packets:
                self.inject(packet)
            self.only(s)

    def icmp_error(self, kind, code, about, rest=0, source=None):
        """An ICMP error that quotes `about`, a packet or bytes."""
        return self.ip_in(src=source or self.names.router) / Icmp(
            type=kind, code=code, rest=rest) / Raw(bytes(about))
