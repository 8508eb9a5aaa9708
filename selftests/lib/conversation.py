# SPDX-License-Identifier: GPL-2.0
"""A conversation of a program with the wire: what a packet test is.

A test reads as a story, step by step:

    s = t.socket()                                          # the program
    connecting = t.blocks(s.connect, t.address(7))          # a call that returns later
    syn = t.expect(t.packet_out(dport=7, flags="S"))        # away from the machine, at once
    t.expect(t.packet_out(seq=syn.seq, flags="S"), after=1)     # and again a second later
    t.inject(t.packet_in(sport=7, dport=s.port, flags="R")) # towards it
    connecting.fails(errno.ECONNREFUSED)
    t.quiet(3600)                                           # an hour of silence

Each step counts its time from the step before; `after` is in seconds, 0 if not said, or a
window (earliest, latest). How exact that is: clock.py. Out must come what is expected, in
this order, and nothing else, up to the end.

Nothing sleeps in the hope that something has happened by then: that nothing more is to come
is shown by what is next in line, a ping or another datagram.
"""
import contextlib
import functools
import os
import select
import socket
import struct

import clock
import counters
from clock import LIMIT
from ladder import Ladder
from machine import Machine
from packets import (IP, IPPROTO_HOPOPTS, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IGMP, Icmp,
                     IPv6, Raw, described, differences, parse, wrong_checksum)
from program import Call, Socket, brief
from tap import Failed

PROBE = 0x0A11  # the id of the pings that ask whether all has been handled

# What an interface says by itself: ARP, IGMP, and what ICMPv6 has for both.
NEIGHBOURS, GROUPS = "neighbours", "groups"
_CHATTER6 = {130: GROUPS, 131: GROUPS, 132: GROUPS, 143: GROUPS,
             133: NEIGHBOURS, 134: NEIGHBOURS, 135: NEIGHBOURS, 136: NEIGHBOURS}


def _chatter(data):
    """Which kind of chatter a packet is, or None."""
    if data[0] >> 4 == 4:
        return GROUPS if data[9] == IPPROTO_IGMP else None
    if data[0] >> 4 != 6:
        return NEIGHBOURS
    start = 48 if data[6] == IPPROTO_HOPOPTS else 40
    return _CHATTER6.get(data[start]) if IPPROTO_ICMPV6 in (data[6], data[40]) else None


@functools.lru_cache
def _ping(v6, source, target):
    """The ping that asks whether all before it has been handled."""
    return bytes((IPv6 if v6 else IP)(src=source, dst=target) /
                 Icmp(type=128 if v6 else 8, rest=PROBE << 16))


def _forget(s):
    """Its connection ends with it: one that waits for its peer would keep the module."""
    with contextlib.suppress(OSError):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Conversation(Machine):
    """`hears`: what the machine says by itself, NEIGHBOURS or GROUPS, and is part of the story."""

    def __init__(self, variant, hears=None, **machine):
        super().__init__(variant, **machine)
        self._hears = hears
        self._open = []
        self._calls = []
        self._ponged = False
        self._out = []            # (packet, rung) that came out and was not yet expected

    def __enter__(self):
        self.build()
        self._now = clock.start()    # of the last step
        while self.tun.read():      # said before the story begins
            pass
        self._ladder = Ladder(self._now)
        return self

    def __exit__(self, kind, _problem, _trace):
        try:
            if kind is None:
                self.quiet()
                self.check(all(call.is_over for call in self._calls), "a call still blocks")
            else:
                self._listen(0)    # what else came out belongs on the ladder
        finally:
            for s in self._open:
                _forget(s)
            for one in (*self._calls, *self._open):
                one.close()
            self.demolish()

    def ladder(self):
        return list(self._ladder.lines())

    # The program

    def socket(self, port=None, peer=None, address=None, options=()):
        """A socket; bound to `port` if given, connected to `peer`, an address or a port.

        `options` is {(level, option): value, ...}.
        """
        s = self.adopt()
        for (level, option), value in dict(options).items():
            s.setsockopt(level, option, value)
        if port is not None:
            s.bind((address or self.names.any, port))
        if peer is not None:
            s.connect(self.address(peer) if isinstance(peer, int) else peer)
        return s

    def adopt(self, fileno=None):
        """A new socket of the program, or one that accept() gave it."""
        s = Socket(self, fileno)
        self._open.append(s)
        return s

    def calls(self, text):
        """The program makes a call: a step of the story."""
        self._now = clock.now()
        return self._ladder.call(text, self._now)

    def blocks(self, function, *arguments):
        """The program makes a call that does not return yet: .returns() or .fails() will say."""
        call = Call(self, function, arguments)
        self._calls.append(call)
        rung = self._ladder.expect("blocks", rung=self.calls(call.words))
        call.start()
        if call.is_over:
            rung.text, rung.wrong = call.outcome, True
            raise Failed(f"the call did not block: {call.outcome}")
        return call

    def until_over(self, call, expected, after):
        """Until a call that blocks is over, which it must be then."""
        window = self._window(after)
        over = self._listen(self._patience(window), wake=[call.over])
        rung = self._ladder.call(call.outcome, call.ended) if over else None
        rung = self._ladder.expect(f"{call.name} {expected}", self._due(after), rung)
        rung.wrong = True
        if not over:
            raise Failed(f"{call.words} still blocks")
        call.check()
        self._timely(f"{call.name} returned", call.ended, window)
        rung.wrong = False
        self._now = call.ended

    def wait_for(self, s):
        """Until a socket has something to read; False if it never has."""
        return self._listen(LIMIT, wake=[s])

    # The wire

    def inject(self, packet, **frame):
        """A packet goes in; `frame` is for a wire that is Ethernet."""
        data = bytes(packet)
        self._now = self._ladder.packet_in(data).at
        self.tun.write(data, **frame)

    def expect(self, expected, after=0):
        """The next packet that comes out, which must be as expected, and come then.

        When that was is its `time`.
        """
        window = self._window(after)
        self._listen(self._patience(window), until=lambda: self._out)
        packet, rung = self._out.pop(0) if self._out else (None, None)
        rung = self._ladder.expect(described(expected), self._due(after), rung)
        rung.wrong = True
        if packet is None:
            raise Failed(f"nothing came out, expected {described(expected)}")
        wrong = differences(expected, packet) + wrong_checksum(expected, packet)
        if wrong:
            raise Failed("\n".join(["another packet came out:", *wrong]))
        self._timely("the packet came", packet.time, window)
        rung.wrong = False
        self._now = packet.time
        return packet

    def quiet(self, seconds=0):
        """All that was injected has been handled, and nothing came out that was not expected.

        And nothing comes out for so many seconds.
        """
        end = self._now + seconds
        self.settle()
        if seconds:
            self._listen(end - clock.now(), until=lambda: self._out)
            self._now = end
        if self._out:
            packet, rung = self._out[0]
            self._ladder.expect(f"silence for {seconds} s" if seconds else "silence", rung=rung)
            rung.wrong = True
            raise Failed(f"{len(self._out)} unexpected packets came out: {brief(packet)}")

    def passes(self, seconds):
        """So much time passes. What comes out meanwhile is there for the next step."""
        end = self._now + seconds
        self._listen(end - clock.now())
        self._now = end

    def settle(self):
        """A ping behind all that was injected: its answer comes out behind all they caused."""
        self._ponged = False
        self.tun.write(_ping(self.v6, self.names.router, self.here))
        if not self._listen(LIMIT, until=lambda: self._ponged):
            raise Failed("the machine does not answer a ping any more")

    def collect(self):
        """All packets that came out so far."""
        self.settle()
        packets, self._out = [packet for packet, _rung in self._out], []
        return packets

    # Time

    def _window(self, after):
        """When it must be, by the clock."""
        earliest, latest = clock.window(after)
        return self._now + earliest, self._now + latest

    def _due(self, after):
        return self._now + (after[0] if isinstance(after, tuple) else after)

    @staticmethod
    def _patience(window):
        """How long to wait: also for what is late, to say how late."""
        return window[1] + LIMIT - clock.now()

    def _timely(self, what, at, window):
        first, last = window[0] - clock.ROOM, window[1] + clock.ROOM
        if not first <= at <= last:
            raise Failed(f"{what} {at - self._now:.6f} s after the step before, not within "
                         f"{first - self._now:.6f} to {last - self._now:.6f}")

    def _listen(self, seconds, until=lambda: False, wake=()):
        """Hear what comes out for so many seconds, until something is so, or a file has something to read.

        All waiting is done here, so that each packet gets the time at which it came out.
        """
        end = clock.now() + seconds
        files = [self.tun.fd, *wake]
        while not until():
            ready, _, _ = select.select(files, [], [], max(end - clock.now(), 0))
            if self.tun.fd in ready:
                self._keep(self.tun.read())
            elif ready:
                return True
            elif clock.now() >= end:
                return False
        return True

    def _keep(self, data):
        """Remember a packet that came out until it is expected."""
        if not data:
            return
        if self._is_pong(data):
            self._ponged = True
        elif _chatter(data) in (None, self._hears):
            rung = self._ladder.packet_out(data)
            packet = parse(data)
            packet.time = rung.at
            self._out.append((packet, rung))

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
