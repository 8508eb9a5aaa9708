# SPDX-License-Identifier: GPL-2.0
"""Two hosts on one cable, and unmodified programs that run on them.

Each host is a network namespace. A test starts programs there through xl4run and
compares what went in at one end with what came out at the other; carried() proves
by the counters of both hosts that the transport under test did the carrying.
"""
import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import time

import counters
import netns
from tap import TEST_LIMIT, Failed

ROOT = pathlib.Path(os.environ.get("XL4_ROOT", pathlib.Path(__file__).parents[2])).resolve()
UDP = int(os.environ.get("XL4_UDP", "253"))
UDPLITE = int(os.environ.get("XL4_UDPLITE", "252"))
TCP = int(os.environ.get("XL4_TCP", "254"))
SCTP = int(os.environ.get("XL4_SCTP", "251"))
DCCP = int(os.environ.get("XL4_DCCP", "250"))
KERNEL = UDP == 17

SIOCGIFFLAGS = 0x8913
IFF_RUNNING = 0x40


@dataclasses.dataclass(frozen=True)
class Transport:
    """What carries a program's data, and where that shows."""
    map: str            # for xl4run -p
    counters: tuple     # the prefixes of its counters
    sent: str           # its counter of packets that went out
    files: tuple        # that list its sockets
    kernel: bool        # the kernel's own, to prove the test

    @property
    def tables(self):
        return self.files if self.kernel else tuple(f"xl4/{name}" for name in self.files)


DATAGRAMS = Transport(f"udp={UDP},udplite={UDPLITE}", ("Udp", "UdpLite"), "OutDatagrams",
                      ("udp", "udplite"), KERNEL)
STREAMS = Transport(f"tcp={TCP}", ("Tcp",), "OutSegs", ("tcp",), TCP == socket.IPPROTO_TCP)
MESSAGES = Transport(f"sctp={SCTP}", ("Sctp",), "OutSCTPPacks", ("sctp",), SCTP == 132)

# Nothing here takes this long, even in an emulated machine.
LIMIT = TEST_LIMIT / 2         # seconds that a program may take


def built(name):
    """A program in C that is no test by itself, as FOLDER/_NAME."""
    return ROOT / "build/selftests" / name


def until(condition, what):
    """Look again and again; the pause only spares the processor."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"waited {LIMIT} s in vain: {what}")
        time.sleep(0.05)


def same(found, expected, what):
    if found != expected:
        raise Failed(f"{what}: {_seal(found)} is not {_seal(expected)}")


def _seal(content):
    shown = repr(content)
    if len(shown) < 200:
        return shown
    data = content if isinstance(content, bytes) else shown.encode()
    return f"{shown[:40]}... ({len(content)} long, sha256 {hashlib.sha256(data).hexdigest()})"


def is_running(device):
    """Whether a device of the current namespace has its carrier and queues what it sends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = fcntl.ioctl(s, SIOCGIFFLAGS, struct.pack("16s16x", device.encode()))
    return struct.unpack("16xH14x", request)[0] & IFF_RUNNING


class Host:
    def __init__(self, name, v4, v6, directory):
        self.name, self.v4, self.v6 = name, v4, v6
        self.namespace = netns.Namespace()
        self.directory = directory
        self.programs = []

    def start(self, *command, stdin=subprocess.DEVNULL, **options):
        """Start a program; what it says goes to a file that output() reads."""
        self.namespace.enter()
        log = self.directory / f"{self.name}{len(self.programs)}.log"
        with open(log, "wb") as file:
            options = {"stdout": file, "stderr": file, **options}
            program = subprocess.Popen([str(word) for word in command], stdin=stdin,
                                       cwd=self.directory, process_group=0, **options)
        program.log = log
        self.programs.append(program)
        return program

    def run(self, *command, **options):
        """Run a program to its good end; what it wrote to its standard output."""
        program = self.start(*command, stdout=subprocess.PIPE, text=True, **options)
        try:
            output, _ = program.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{command[0]} did not end in {LIMIT} s") from late
        if program.returncode:
            raise Failed(f"{' '.join(map(str, command))}: exit status {program.returncode}: "
                         f"{program.log.read_text()}{output}")
        return output

    def counted(self, name, kernel=None, over=DATAGRAMS):
        """A counter of this host, both families and all that share it together."""
        self.namespace.enter()
        kernel = over.kernel if kernel is None else kernel
        return sum(counters.read(prefix + family, kernel).get(name, 0)
                   for prefix in over.counters for family in ("", "6"))

    def wait_for_port(self, program, port, tables=DATAGRAMS.tables):
        """Until the host of `program` has a socket at `port` that hears strangers."""
        def hears(row):
            # Not a TIME-WAIT: 07 is a socket without a peer, 0A one that listens.
            return row[1].endswith(f":{port:04X}") and row[3] in ("07", "0A")

        def bound():
            if program.poll() is not None:
                raise Failed(f"{program.args} ended: {program.log.read_text()}")
            return any(hears(row.split()) for path in paths if path.exists()
                       for row in path.read_text().splitlines())

        paths = [pathlib.Path(f"/proc/{program.pid}/net/{table}{family}")
                 for table in tables for family in ("", "6")]
        until(bound, f"no socket at port {port}")

    def stop(self, program):
        """End a program and what it has started, and hear what it said."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, 15)
        program.wait(LIMIT)
        return program.log.read_text(errors="replace")

    def kill_all(self):
        """Whoever is on this host dies: also what daemons have put into sessions of their own."""
        self.namespace.enter()
        mine = os.readlink("/proc/thread-self/ns/net")
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "ns/net") == mine and int(process.name) != os.getpid():
                    os.kill(int(process.name), 9)

    def close(self):
        for program in self.programs:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, 9)
            program.wait(LIMIT)
            for pipe in (program.stdin, program.stdout):
                if pipe:
                    pipe.close()
        self.namespace.close()


class Cable:
    """with Cable("IPv6") as t: t.client and t.server reach each other at `.address`."""

    def __init__(self, family="IPv4"):
        self.family = family
        self.resources = contextlib.ExitStack()

    def __enter__(self):
        self.directory = pathlib.Path(self.resources.enter_context(
            tempfile.TemporaryDirectory(prefix="xl4-")))
        self.client = self.host("client", 1)
        self.server = self.host("server", 2)
        subprocess.run(["modprobe", "--quiet", "veth"], check=False)
        netns.ip(f"link add eth0 type veth peer name eth0 netns {self.client.namespace.path}")
        for host in self.hosts:
            self.plug_in(host)
        for host in self.hosts:
            host.namespace.enter()
            until(lambda: is_running("eth0"), "no carrier")
            netns.ip(f"address add {host.v4}/24 dev eth0", f"address add {host.v6}/64 dev eth0 nodad")
        return self

    def __exit__(self, *_):
        self.resources.close()

    @property
    def hosts(self):
        return self.client, self.server

    def host(self, name, number):
        host = Host(name, f"10.66.0.{number}", f"fd66::{number}", self.directory)
        self.resources.callback(host.close)
        host.address = host.v6 if self.family == "IPv6" else host.v4
        host.in_url = f"[{host.v6}]" if self.family == "IPv6" else host.v4
        return host

    def plug_in(self, host):
        host.namespace.enter()
        netns.ip("link set eth0 up")

    @property
    def digit(self):
        """The 4 or 6 that many programs take in an option."""
        return self.family[-1]

    def file(self, name, content):
        path = self.directory / name
        path.write_bytes(content)
        return path

    def arrives(self, name, content):
        """Until the file `name` is as long as `content`; then it must be the same."""
        path = self.directory / name
        until(lambda: path.exists() and path.stat().st_size >= len(content), f"{name} is not complete")
        same(path.read_bytes(), content, name)

    @contextlib.contextmanager
    def carried(self, least, over=DATAGRAMS):
        """At least so many packets went by the transport under test, none by the kernel's."""
        before, kernel_before = self.sent(over, over.kernel), self.sent(over, True)
        yield
        sent = self.sent(over, over.kernel) - before
        kernel_sent = self.sent(over, True) - kernel_before
        if sent < least:
            raise Failed(f"{sent} packets were sent by {over.map}, expected at least {least}")
        if kernel_sent and not over.kernel:
            raise Failed(f"{kernel_sent} packets were sent by the kernel's own")

    def sent(self, over, kernel):
        return sum(host.counted(over.sent, kernel, over) for host in self.hosts)


def xl4run(*command, over=DATAGRAMS):
    """A command line whose standard sockets are those under test."""
    return (ROOT / "scripts/xl4run", "-p", over.map, "--", *command)
