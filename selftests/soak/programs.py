#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Programs at work for hours: nginx and curl, OpenSSH, Redis and iperf3, over bad lines.

Each family has a line with xtcp at both ends, and one with the kernel's TCP at the other.
All work on all lines at once, again and again, and what arrives is compared; now and then
nothing passes for a while. XL4_SOAK_SECONDS: so long.
"""
import copy
import itertools
import json
import multiprocessing
import os
import pathlib
import queue
import subprocess
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridge  # noqa: E402
import netem  # noqa: E402
import netns  # noqa: E402
import servers  # noqa: E402
from hosts import STREAMS, Cable, same, xl4run  # noqa: E402
from tap import Failed, main, test  # noqa: E402

SECONDS = int(os.environ.get("XL4_SOAK_SECONDS", "60"))
EVERY = 300                 # seconds between one silence and the next, and between two reports
SILENCE = 8                 # seconds; TCP may find out as much later, and iperf3 waits 45 in all
PAUSE = 10                  # seconds between a program and the next: time is what is to pass
BAD = ("rate", "1mbit", "delay", "10ms", "2ms", "loss", "0.5%", "duplicate", "0.2%", "corrupt", "0.05%")
GROWTH = 64 << 10           # KiB of the kernel's memory that may come and stay: caches of others
WEB, REDIS, SSH, IPERF3 = PORTS = range(7001, 7005)
CONTENT = os.urandom(1 << 18) * 2


class Line(Cable):
    """Two hosts; `xtcp` says which of them are on it."""

    def __init__(self, name, family, xtcp):
        super().__init__(family)
        self.name, self._xtcp = name, xtcp

    def __enter__(self):
        super().__enter__()
        if len(self._xtcp) == 1:
            getattr(self, *self._xtcp).namespace.enter()
            bridge.command("add tcp dev eth0")
        self.file("content", CONTENT)
        for port, command in zip(PORTS, self._servers()):
            program = self.server.start(*self.over("server", command))
            self.server.wait_for_port(program, port, STREAMS.tables if "server" in self._xtcp else ("tcp",))
        self._introduce()
        self.spoil(*BAD)
        return self

    def _introduce(self):
        """The hosts know each other's link addresses for ever, as if what is silent were behind a
        router: who asks in vain for a neighbour says so, and a program that connects gives up.
        """
        addresses = dict(zip(self.hosts, ("02:00:00:00:00:01", "02:00:00:00:00:02")))
        for here, there in itertools.permutations(self.hosts):
            here.namespace.enter()
            netns.ip(f"link set eth0 address {addresses[here]}",
                     f"neighbour replace {there.address} lladdr {addresses[there]} dev eth0 nud permanent")

    def _servers(self):
        yield servers.nginx(self.directory, self.directory, self.server.in_url, WEB)
        yield servers.redis(self.server.address, REDIS)
        yield servers.sshd(self.directory, self.server.address, SSH)
        yield "iperf3", "-s", "-p", IPERF3, "-B", self.server.address

    def over(self, host, command):
        return xl4run(*command, over=STREAMS) if host in self._xtcp else command

    def __exit__(self, *problem):
        for host in self.hosts:
            host.kill_all()
        super().__exit__(*problem)

    def spoil(self, *how):
        for host in self.hosts:
            host.namespace.enter()
            netem.impair("eth0", *how)

    def for_work(self, name):
        """The same line; what is started over it is the work's own."""
        line = copy.copy(self)
        line.client = copy.copy(self.client)
        line.client.name, line.client.programs = name, []
        return line

    def said(self, port):
        """The last words of the server there."""
        return self.server.programs[port - WEB].log.read_text()[-2000:]

    def ask(self, *command):
        return self.client.run(*self.over("client", command))


# Each kind of work is a generator: of the octets that a round has carried.

def web(line):
    there = f"http://{line.server.in_url}:{WEB}"
    received, sent = line.directory / "received", line.directory / "sent"
    while True:
        line.ask("curl", "-sSgf", "-o", received, f"{there}/content")
        same(received.read_bytes(), CONTENT, "what curl fetched")
        line.ask("curl", "-sSgf", "-T", received, f"{there}/sent")
        same(sent.read_bytes(), CONTENT, "what curl brought")
        yield 2 * len(CONTENT)


def redis(line):
    size, requests = 200, 300
    while True:
        said = line.ask("redis-benchmark", "-h", line.server.address, "-p", REDIS, "-n", requests, "-c", 10,
                        "-t", "set,get", "-d", size, "-P", 2, "--csv")
        same([row.split(",")[0] for row in said.splitlines()[1:]], ['"SET"', '"GET"'], "what was done")
        yield 2 * requests * size


def ssh_command(line, *command):
    return line.over("client", ("ssh", *servers.ssh_options(line.directory), "-p", SSH,
                                f"root@{line.server.address}", *command))


def ssh(line):
    """A login each time."""
    while True:
        with open(line.directory / "content", "rb") as file:
            client = line.client.start(*ssh_command(line, "cat"), stdin=file, stdout=subprocess.PIPE)
            received = client.stdout.read()
        same(client.wait(), 0, f"exit status ({client.log.read_text()}; sshd: {line.said(SSH)})")
        same(received, CONTENT, "what came back")
        client.stdout.close()
        yield 2 * len(CONTENT)


def in_turn(line):
    for work in itertools.cycle((web(line), redis(line), ssh(line))):
        yield next(work)
        time.sleep(PAUSE)


def conversation(line):
    """One login for all the time."""
    client = line.client.start(*ssh_command(line, "cat"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               bufsize=0)
    with client.stdin, client.stdout:
        while True:
            said = os.urandom(100)
            client.stdin.write(said)
            heard = b""
            while len(heard) < len(said):
                more = client.stdout.read(len(said) - len(heard))
                if not more:
                    raise Failed(f"the login ended; sshd: {line.said(SSH)}")
                heard += more
            same(heard, said, "the echo")
            yield 2 * len(said)
            time.sleep(1)


def iperf3(line):
    """Its server listens anew after each: who comes in that moment is reset."""
    while True:
        for options in ((), ("-R",)):
            report = json.loads(line.ask("iperf3", "-c", line.server.address, "-p", IPERF3, "-J", "-t", 5,
                                         "-P", 4, "-b", "50K", *options))
            if "error" in report:
                raise Failed(f"iperf3: {report['error']}; its server: {line.said(IPERF3)}")
            yield report["end"]["sum_received"]["bytes"]
            time.sleep(PAUSE)


class Worker:
    """A process that does one kind of work over one line, and what came of it."""

    def __init__(self, line, work, end, reports):
        self.name = f"{line.name}: {work.__name__}"
        self.rounds = self.octets = 0
        self.slowest = 0.0
        self._line, self._work = line.for_work(work.__name__), work
        self._end, self._reports = end, reports
        self.process = multiprocessing.get_context("fork").Process(target=self._run, daemon=True)

    def _run(self):
        begun = time.monotonic()
        try:
            for octets in self._work(self._line):
                now = time.monotonic()
                self._reports.put((self.name, octets, now - begun, None))
                if now > self._end:
                    break
                begun = now
        except Exception:
            self._reports.put((self.name, 0, 0, traceback.format_exc()))
        self._reports.close()
        self._reports.join_thread()

    def did(self, octets, seconds):
        self.rounds += 1
        self.octets += octets
        self.slowest = max(self.slowest, seconds)

    def __str__(self):
        return (f"{self.name:40} {self.rounds:6} rounds {self.octets / 1e6:10.1f} MB, "
                f"the slowest round {self.slowest:.1f} s")


def kernel_memory():
    """KiB that the kernel has and cannot give back."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(row.split()[1]) for row in file if row.startswith("SUnreclaim:"))


class Soak:
    """All lines, and all work on them."""

    def __enter__(self):
        self.lines = []
        for name, family, xtcp in (("xtcp to xtcp, IPv4", "IPv4", ("client", "server")),
                                   ("xtcp to xtcp, IPv6", "IPv6", ("client", "server")),
                                   ("kernel's TCP to xtcp, IPv4", "IPv4", ("server",)),
                                   ("xtcp to kernel's TCP, IPv6", "IPv6", ("client",))):
            self.lines.append(Line(name, family, xtcp))
            self.lines[-1].__enter__()
        self._reports = multiprocessing.get_context("fork").Queue()
        end = time.monotonic() + SECONDS
        self.workers = {worker.name: worker for worker in (
            Worker(line, work, end, self._reports) for line in self.lines
            for work in (in_turn, conversation, iperf3))}
        return self

    def __exit__(self, *_problem):
        for worker in self.workers.values():
            if worker.process.is_alive():
                worker.process.kill()
        for line in self.lines:
            line.__exit__()

    def __iter__(self):
        """What is reported until all have ended; None where nobody has said a word for a second."""
        for worker in self.workers.values():
            worker.process.start()
        while True:
            working = any(worker.process.is_alive() for worker in self.workers.values())
            try:
                yield self._reports.get(timeout=1)
            except queue.Empty:
                if not working:
                    return
                yield None

    def spoil(self, *how):
        for line in self.lines:
            line.spoil(*how)

    def say(self, title):
        print(f"# {title}; the kernel has {kernel_memory()} KiB")
        for worker in self.workers.values():
            print(f"#   {worker}", flush=True)


class Silence:
    """Nothing passes for SILENCE seconds of EVERY."""

    def __init__(self, soak):
        self._soak, self._begun, self._silent = soak, time.monotonic(), False

    def keep(self):
        since = (time.monotonic() - self._begun) % EVERY
        silent = EVERY / 2 < since < EVERY / 2 + SILENCE
        if silent != self._silent:
            self._soak.spoil(*(("loss", "100%") if silent else BAD))
            self._silent = silent


@test(f"nginx, redis, ssh and iperf3 over bad lines for {SECONDS} s")
def programs(soak):
    begun = said = time.monotonic()
    silence, memory = Silence(soak), None
    for report in soak:
        silence.keep()
        if time.monotonic() - said > EVERY:
            said = time.monotonic()
            soak.say(f"{said - begun:.0f} s")
            memory = memory or kernel_memory()
        if report:
            name, octets, seconds, problem = report
            if problem:
                raise Failed(f"{name}, after {time.monotonic() - begun:.0f} s: {problem}")
            soak.workers[name].did(octets, seconds)
    soak.say("the end")
    idle = [name for name, worker in soak.workers.items() if not worker.rounds]
    same(idle, [], "those that did nothing")
    if memory and kernel_memory() > memory + GROWTH:
        raise Failed(f"the kernel's memory grew from {memory} to {kernel_memory()} KiB")


if __name__ == "__main__":
    bridge.load()
    main(lambda _variant: Soak())
