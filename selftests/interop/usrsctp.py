#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xsctp at one end of a cable and usrsctp, an SCTP in user space, at the other, by way of the bridge.

usrsctp has raw sockets of protocol 132: no kernel must answer there in its place.
"""
import atexit
import os
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
import netem  # noqa: E402
import netns  # noqa: E402
from hosts import SCTP, Cable, built, same, until  # noqa: E402
from netns import sysctl  # noqa: E402
from sctp_talk import (ASSOC_CHANGE, EVENTS, NODELAY, SOL_SCTP, UNORDERED, End, expect, say,  # noqa: E402
                       some_messages)
from talk import fails, reset  # noqa: E402
from tap import Failed, Skip, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT, OWN_PORT = 7000, 7001
RESTART = 2                     # SCTP_ASSOC_CHANGE's state
ECONNRESET = (104,)
# A raw socket that is full is none to recent kernels: they say that there is no such protocol,
# which is the end of an association (RFC 9260 section 10).
SILENCE = """
table inet t {
    chain out {
        type filter hook output priority 0; policy accept;
        icmp type destination-unreachable drop
        icmpv6 type { destination-unreachable, parameter-problem } drop
    }
}
"""
PROGRAM = built("interop/_usrsctp")


def nft(rules):
    done = subprocess.run(["nft", "-f", "-"], input=rules, text=True, capture_output=True, check=False)
    if done.returncode:
        raise Skip(f"this kernel cannot: {done.stderr.splitlines()[0]}")


class Bridged(Cable):
    """The client's host has xsctp, and the rule; the server's has usrsctp. Either of them calls."""

    def __enter__(self):
        super().__enter__()
        self.ours, self.theirs = self.client, self.server
        self.theirs.namespace.enter()
        nft(SILENCE)
        self.ours.namespace.enter()
        return self

    def calls(self, **settings):
        """xsctp is the client."""
        self._rule(f"remote port {PORT}", settings)
        self.usrsctp = self.theirs.start(PROGRAM, "listen", self.theirs.address, PORT)
        self.says("listening")
        self.ours.namespace.enter()
        end = End(SCTP, self.ours.address)
        self.resources.callback(end.s.close)
        end.s.bind((self.ours.address, 0))
        end.s.connect((self.theirs.address, PORT))
        return end

    def is_called(self, **settings):
        """usrsctp is the client."""
        self._rule(f"local port {PORT}", settings)
        listener = End(SCTP, self.ours.address)
        listener.s.bind((self.ours.address, PORT))
        listener.s.listen(1)
        self.call()
        end = End(SCTP, self.ours.address, of=listener.s.accept()[0])
        listener.s.close()
        self.resources.callback(end.s.close)
        return end

    def call(self):
        self.usrsctp = self.theirs.start(PROGRAM, "connect", self.ours.address, PORT, OWN_PORT)

    def _rule(self, ports, settings):
        self.ours.namespace.enter()
        bridge.command(f"add sctp dev eth0 {ports}")
        for name, value in settings.items():
            sysctl(f"xl4.sctp.{name}", value)

    def says(self, line):
        """Until usrsctp says so."""
        until(lambda: line in self.usrsctp.log.read_text().splitlines(), f"usrsctp does not say: {line}")

    def ends(self, *lines):
        """usrsctp's program comes to a good end; what it told before."""
        if self.usrsctp.wait(60):
            raise Failed(f"usrsctp: {self.usrsctp.log.read_text()}")
        told = [line for line in self.usrsctp.log.read_text().splitlines() if line != "listening"]
        same(told, [*lines, "end"], "what usrsctp told")

    def carried_all(self):
        self.ours.namespace.enter()
        (_, counts), = bridge.rules()
        if counts["drops"] or min(counts["in"], counts["out"]) < 3:
            raise Failed(f"the rule has done {counts}")


def either_calls(title, **settings):
    """The test is run with xsctp as the client, and as the server."""
    def add(function):
        for method, who in ((Bridged.calls, "xsctp calls"), (Bridged.is_called, "usrsctp calls")):
            @test(f"{title}, {who}", on=BOTH)
            def one(t, method=method):
                function(t, method(t, **settings))
                t.carried_all()
    return add


def echoed(end, messages):
    say(end, messages)
    expect(end, messages)


def shut_down(t, end):
    end.s.shutdown(1)
    same(end.s.recv(1), b"", "what comes after a shutdown")
    t.ends("up", "shut down")


@either_calls("messages in ten streams, in order, and back")
def ordered(t, end):
    echoed(end, some_messages(1, 400_000, 5000))
    shut_down(t, end)


@either_calls("messages without an order, and back")
def unordered(t, end):
    messages = some_messages(2, 200_000, 4000)
    for data, stream in messages:
        end.send(data, stream, UNORDERED)
    heard = [end.receive()[:2] for _ in messages]
    same(sorted(heard), sorted(messages), "the messages")
    shut_down(t, end)


@either_calls("messages of one octet and of a megabyte, and back")
def large(t, end):
    sizes = (1 << 20, 1, 65_535, 65_536, 1452, 1453, 2, 3, 300_000)
    echoed(end, [(os.urandom(size), size % 10) for size in sizes])
    shut_down(t, end)


@either_calls("a line that loses, doubles and reorders")
def bad_line(t, end):
    for host in t.hosts:
        host.namespace.enter()
        netem.impair("eth0", "delay", "5ms", "3ms", "loss", "2%", "duplicate", "1%")
    echoed(end, some_messages(3, 200_000, 3000))
    shut_down(t, end)


@either_calls("messages that are not sent again when they are lost (PR-SCTP)")
def partial(t, end):
    t.ours.namespace.enter()
    netem.impair("eth0", "delay", "5ms", "loss", "5%")
    end.s.setsockopt(SOL_SCTP, NODELAY, 1)
    count = 300
    for number in range(count):
        end.send(struct.pack("!I", number) + bytes(800), 3, retransmissions=0)
    end.send(struct.pack("!I", count), 3)
    heard = []
    while heard[-1:] != [count]:
        heard += struct.unpack_from("!I", end.receive()[0])
    same(heard, sorted(set(heard)), "the order of what came")
    if not count // 4 < len(heard) <= count:
        raise Failed(f"{len(heard)} of {count + 1} came")
    shut_down(t, end)


@either_calls("usrsctp shuts down")
def shut_down_by_peer(t, end):
    echoed(end, [(b"last words", 1)])
    end.send(b"bye")
    same(end.s.recv(1), b"", "what comes after a shutdown")
    t.ends("up", "shut down")


@either_calls("xsctp aborts")
def aborts(t, end):
    echoed(end, [(b"go on", 1)])
    reset(end.s)
    t.says("lost")


@either_calls("usrsctp aborts")
def aborted(t, end):
    end.send(b"abort")
    fails(ECONNRESET, end.receive)
    t.ends("up")


@either_calls("chunks are signed, and xsctp tells of another address (AUTH, ASCONF)", auth_enable=1,
              addip_enable=1)
def comes(t, end):
    another = t.ours.address[:-1] + "7"
    echoed(end, [(b"peers?", 1)])
    end.send(b"peers")
    same(end.receive()[0], b"1", "addresses of xsctp that usrsctp knows")
    t.ours.namespace.enter()
    netns.ip(f"address add {another}/{'24' if t.family == 'IPv4' else '64'} dev eth0"
             + (" nodad" if t.family == "IPv6" else ""))
    end.bindx(another)
    until(lambda: peers(end) == b"2", "usrsctp hears of no other address")
    shut_down(t, end)


def peers(end):
    end.send(b"peers")
    return end.receive()[0]


@test("usrsctp dies and comes again: the association restarts", on=BOTH)
def restarts(t):
    end = t.is_called()
    echoed(end, some_messages(4, 20_000, 3000))
    t.usrsctp.kill()
    t.usrsctp.wait()
    end.s.setsockopt(SOL_SCTP, EVENTS, bytes((0, 1, 0, 0, 0, 0, 0, 0)))
    t.call()
    _, what, told, _ = end.receive()
    same((what, struct.unpack_from("=H", told, 8)[0]), (ASSOC_CHANGE, RESTART), "what xsctp tells")
    end.s.setsockopt(SOL_SCTP, EVENTS, bytes(8))
    echoed(end, some_messages(5, 20_000, 3000))
    shut_down(t, end)


def skip(why):
    print(f"TAP version 13\n1..0 # SKIP {why}")
    sys.exit(4)


def without_132():
    """xsctp leaves the standard number alone, as long as this program runs."""
    until(lambda: reload("sctp_iana=0"), "xsctp is in use")
    atexit.register(reload)


def reload(*parameters):
    if subprocess.run(["rmmod", "xsctp"], check=False, stderr=subprocess.DEVNULL).returncode:
        return False
    subprocess.run(["insmod", os.environ["XL4_MODULES"] + "/net/sctp/xsctp.ko", *parameters], check=True)
    return True


if __name__ == "__main__":
    if not PROGRAM.exists():
        skip("libusrsctp is not installed")
    if os.path.isdir("/proc/sys/net/sctp"):
        skip("132 is the kernel's own")
    without_132()
    bridge.load()
    main(Bridged)
