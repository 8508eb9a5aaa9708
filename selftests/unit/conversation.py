#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A conversation that goes wrong fails, at the right step, with the right ladder.

The machine is a script here, which says certain packets at certain times, and the clock
stands still but for waiting: this is virtual time without a kernel.
"""
import errno
import os
import sys

os.environ["XL4_TIME"] = "virtual"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import clock
import conversation
import dccp
import ladder
import program
import sctp
import tcp
import udp
from conversation import Conversation
from packets import IP, Icmp, IPv6, parse
from tap import Failed, main, test
from udp import UDP4, UDP6, UdpLite

VARIANTS = (UDP4, UDP6, udp.LITE4, udp.LITE6, *tcp.variants(254), *sctp.variants(251),
            *dccp.variants(250))
clock.JIFFY = clock.ROOM = 0.01


class Script:
    """Stands for the clock, the wire, and select(): what happens at which time."""
    fd = "the wire"

    def __init__(self):
        self.time = 1000.0
        self.events = []        # (time, packet) or (time, file, what to do)
        self.said = []

    def at(self, seconds, packet):
        self.events.append((1000 + seconds, self.fd, packet))

    def now(self):
        return self.time

    def select(self, files, _write, _except, seconds):
        """Time goes on to the next event, or to the end of the wait."""
        if self.said:
            return [self.fd], [], []
        self.events.sort(key=lambda event: event[0])
        if not self.events or self.events[0][0] > self.time + seconds:
            self.time += seconds
            return [], [], []
        self.time, file, what = self.events.pop(0)
        if callable(what):
            what()
        else:
            self.said.append(bytes(what))
        return [name for name in files if name == file], [], []

    def write(self, data):
        """A ping is answered behind what is due."""
        packet = parse(data)
        while self.events and self.events[0][:2] <= (self.time, self.fd):
            self.said.append(bytes(self.events.pop(0)[2]))
        if Icmp in packet:
            answer = (IPv6 if packet.version == 6 else IP)(src=packet.dst, dst=packet.src)
            self.said.append(bytes(answer / Icmp(type=129 if packet.version == 6 else 0,
                                                 rest=packet[Icmp].rest)))

    def read(self):
        return self.said.pop(0) if self.said else None

    def close(self):
        pass


class Rehearsal(Conversation):
    """A conversation with a script in place of a machine."""

    def build(self):
        self.tun = script = Script()
        conversation.select = script
        for module in (clock, conversation.clock, ladder.clock, program.clock):
            module.now = script.now
        clock.start = script.now

    def demolish(self):
        pass

    def says(self, seconds, data=b"hello", **fields):
        """The machine will say this."""
        self.tun.at(seconds, self.packet_out(**{"sport": 5000, "dport": 7, **fields}) / data)

    def expected(self, data=b"hello", **fields):
        return self.packet_out(**{"sport": 5000, "dport": 7, **fields}) / data


class Quick:
    """A call that a script ends; it stands for one that a thread makes."""

    def __init__(self, t, result=None, error=None):
        self.t, self.result, self.error = t, result, error
        self.call = program.Call(t, self.recv, (100,))
        self.call.result, self.call.error = result, error

    def recv(self, size):
        raise AssertionError(size)

    def ends(self, seconds):
        self.t.tun.events.append((1000 + seconds, self.call.over, self.over))
        return self.call

    def over(self):
        self.call.ended = self.t.tun.time


def equal(found, expected, what="value"):
    if found != expected:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")


def goes_wrong(variant, story, *words):
    """The story fails with these words, in the message or on the ladder."""
    t = Rehearsal(variant)
    try:
        with t:
            story(t)
    except Failed as problem:
        told = "\n".join((str(problem), *t.ladder()))
        for word in words:
            if word not in told:
                raise Failed(f"{word!r} is not told:\n{told}") from problem
        marked = [line for line in t.ladder() if line.startswith("!")]
        equal(len(marked), 1, "marked rungs")
    else:
        raise Failed("it did not fail")


class Nothing:
    """Each test makes its own scene."""

    def __init__(self, variant):
        self.variant = variant

    def __enter__(self):
        return self.variant

    def __exit__(self, *_):
        pass


@test("what comes as expected passes, each protocol over each family", on=VARIANTS)
def passes(variant):
    with Rehearsal(variant) as t:
        t.says(0)
        t.says(30)
        t.says(90.005, b"again")
        t.expect(t.expected())
        t.expect(t.expected(), after=30)
        t.expect(t.expected(b"again"), after=60)
        t.quiet(3600)
    if not any("again" in line and "90.005000" in line for line in t.ladder()):
        raise Failed("\n".join(t.ladder()))


@test("a packet that is late", on=VARIANTS)
def late(variant):
    def story(t):
        t.says(31)
        t.expect(t.expected(), after=30)
    goes_wrong(variant, story, "31.000000 s after the step before", "not within 29.990000 to 30.65",
               "31.000000  <-- ")


@test("a packet that is early", on=(UDP4, UDP6))
def early(variant):
    def story(t):
        t.says(29.9)
        t.expect(t.expected(), after=30)
    goes_wrong(variant, story, "29.900000 s after the step before", "30.000000 UDP / b'hello'")


@test("a packet that came before the step before", on=(UDP4, UDP6))
def out_of_order(variant):
    def story(t):
        t.says(1)
        call = Quick(t, result=b"x").ends(5)
        call.returns(b"x", after=5)
        t.expect(t.expected())
    goes_wrong(variant, story, "-4.000000 s after the step before")


@test("a packet that is missing", on=VARIANTS)
def missing(variant):
    goes_wrong(variant, lambda t: t.expect(t.expected(), after=2), "nothing came out",
               "2.000000 ")


@test("a packet that nobody expected", on=VARIANTS)
def unexpected(variant):
    goes_wrong(variant, lambda t: t.says(0) or t.quiet(1), "1 unexpected packets",
               "silence for 1 s")


@test("a packet in the middle of a silence", on=(UDP4, UDP6))
def broken_silence(variant):
    goes_wrong(variant, lambda t: t.says(1800) or t.quiet(3600), "silence for 3600 s",
               "1800.000000  <--")


@test("a packet that nobody expected at the end of the story", on=(UDP4, UDP6))
def unexpected_at_end(variant):
    def story(t):
        t.says(0)
        t.says(0, b"one more")
        t.expect(t.expected())
    goes_wrong(variant, story, "silence", "one more")


@test("a packet with another field, and its bytes are shown", on=(UDP4, UDP6))
def another_field(variant):
    def story(t):
        t.says(0, sport=5001)
        t.expect(t.expected())
    goes_wrong(variant, story, "sport: expected 5000, found 5001", "13 89 00 07", "hello")


@test("a packet with other data", on=VARIANTS)
def other_data(variant):
    def story(t):
        t.says(0, b"world")
        t.expect(t.expected())
    goes_wrong(variant, story, "world")


@test("a packet with a wrong checksum, though nobody asked for it", on=VARIANTS)
def wrong_checksum(variant):
    def story(t):
        t.says(0, chksum=0x1234)
        t.expect(t.expected())
    goes_wrong(variant, story, "chksum is wrong: 0x1234")


@test("a partial coverage is no wrong checksum", on=(udp.LITE4, udp.LITE6))
def coverage(variant):
    with Rehearsal(variant) as t:
        packet = t.packet_out(sport=5000, dport=7, coverage=8) / b"hello"
        t.tun.at(0, bytes(packet)[:-1] + b"!")
        t.expect(t.packet_out(sport=5000, dport=7) / b"hell!")
        equal(UdpLite.CHECKSUM_AT, 6)


@test("a call that ends otherwise: with another errno, well, with another value")
def calls(_):
    refused = OSError(errno.ECONNREFUSED, "refused")
    for end, expectation, words in (
            ({"error": refused}, lambda c: c.fails(errno.ETIMEDOUT, after=3),
             ("= ECONNREFUSED", "= ETIMEDOUT")),
            ({"error": refused}, lambda c: c.returns(after=3), ("recv returns", "= ECONNREFUSED")),
            ({"result": b"x"}, lambda c: c.fails(errno.EAGAIN, after=3), ("recv = EAGAIN", "= b'x'")),
            ({"result": b"x"}, lambda c: c.returns(b"y", after=3), ("recv = b'y'", "= b'x'"))):
        goes_wrong(UDP4, lambda t, end=end, expectation=expectation:
                   expectation(Quick(t, **end).ends(3)), *words)


@test("a call that ends early, late, never")
def call_times(_):
    for seconds, word in ((1, "1.000000 s after"), (4, "4.000000 s after"), (1e9, "still blocks")):
        goes_wrong(UDP4, lambda t, seconds=seconds:
                   Quick(t, result=1).ends(seconds).returns(1, after=3), word)


@test("a call that does not block, one that blocks at the end")
def blocking(_):
    goes_wrong(UDP4, lambda t: t.blocks(os.getpid), "the call did not block", "getpid() = ")
    reader, writer = os.pipe()
    t = Rehearsal(UDP4)
    try:
        with t:
            t.blocks(os.read, reader, 1)
            os.write(writer, b"x") and t._calls[0].thread.join()
            t._calls[0].ended = None
    except Failed as problem:
        equal(str(problem), "a call still blocks")
    else:
        raise Failed("it did not fail")


@test("an errno that does not come: fails() says so")
def errnos(_):
    t = Rehearsal(UDP4)
    with t:
        with t.fails(errno.EAGAIN):
            raise BlockingIOError(errno.EAGAIN, "again")
        for story, words in ((lambda: None, "but the call succeeded"),
                             (lambda: os.close(-1), "found Bad file descriptor")):
            try:
                with t.fails(errno.EAGAIN):
                    story()
            except Failed as problem:
                if words not in str(problem):
                    raise
            else:
                raise Failed("it did not fail")


@test("the window of a timer is the slot of the kernel's wheel")
def windows(_):
    for after, last in ((0, 0), (0.5, 0.5), (1, 1.08), (30, 30.64), (60, 65.12), (3600, 3927.68)):
        first, latest = clock.window(after)
        equal((first, round(latest, 6)), (after, last), f"after {after}")
    equal(clock.window((1, 2)), (1, 2), "a window")


if __name__ == "__main__":
    main(Nothing)
