#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xtcp at one end and the kernel's TCP at the other: both ways, whatever the device does for them."""
import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bridged  # noqa: E402
from hosts import STREAMS, Cable, same  # noqa: E402
from netns import run  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
SIZE = 3 << 20
XTCP, TCP = bridged.XTCP, bridged.TCP

# argv: host, port, protocol, size. Each end sends `size` bytes and tells the sum of what it got.
OPEN = """
import hashlib, random, socket, sys, threading
host, port, protocol, size = sys.argv[1], *map(int, sys.argv[2:5])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM, protocol)

def talk(s, seed):
    sent = random.Random(seed).randbytes(size)
    def send():
        s.sendall(sent)
        s.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    heard = hashlib.sha256()
    while data := s.recv(1 << 18):
        heard.update(data)
    sender.join()
    print(hashlib.sha256(sent).hexdigest(), heard.hexdigest(), flush=True)
"""
SERVE = OPEN + """
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, port))
s.listen()
talk(s.accept()[0], 1)
"""
ASK = OPEN + """
s.settimeout(60)
s.connect((host, port))
talk(s, 2)
"""


class Bridged(Cable):
    """A cable; the host at whose end there is xtcp has the rule."""

    def __init__(self, family, offloads=()):
        super().__init__(family)
        self.offloads = offloads

    def __enter__(self):
        super().__enter__()
        for host in self.hosts:
            host.namespace.enter()
            for feature in self.offloads:
                run(["ethtool", "-K", "eth0", *feature.split()])
        return self


def sent(host, kernel):
    return host.counted("OutSegs", kernel=kernel, over=STREAMS)


@contextlib.contextmanager
def only(host, kernel):
    """What this host sends in the meantime is sent by one TCP, and not by the other."""
    before = sent(host, kernel), sent(host, not kernel)
    yield
    if sent(host, kernel) == before[0] or sent(host, not kernel) != before[1]:
        raise Failed(f"{host.name} has spoken by another TCP than it should")


def exchange(t, server_number, client_number, server_at=None, client_at=None):
    server_at, client_at = server_at or t.server, client_at or t.client
    server = server_at.start("/usr/bin/python3", "-c", SERVE, server_at.address, PORT, server_number, SIZE)
    tables = STREAMS.tables if server_number == XTCP else ("tcp",)
    server_at.wait_for_port(server, PORT, tables)
    asked = client_at.run("/usr/bin/python3", "-c", ASK, server_at.address, PORT, client_number, SIZE)
    server.wait(60)
    same(asked.split()[::-1], server.log.read_text().split(), "sums of what was sent and received")


def add(host, rule):
    host.namespace.enter()
    bridged.command("add " + rule)


def counted(host, ways=("in", "out")):
    host.namespace.enter()
    (_, counts), = bridged.rules()
    for way in ways:
        if counts[way] < 10:
            raise Failed(f"the rule of {host.name} has seen {counts}")
    same(counts["drops"], 0, "drops")


def client_is_xtcp(t):
    add(t.client, f"tcp dev eth0 remote {t.server.address} port {PORT}")
    with only(t.client, False), only(t.server, True):
        exchange(t, TCP, XTCP)
    counted(t.client)


def server_is_xtcp(t):
    add(t.server, f"tcp local port {PORT}")
    with only(t.client, True), only(t.server, False):
        exchange(t, XTCP, TCP)
    counted(t.server)


@test("a program on xtcp and a server on the kernel's TCP", on=BOTH)
def client(t):
    client_is_xtcp(t)


@test("a program on the kernel's TCP and a server on xtcp", on=BOTH)
def server(t):
    server_is_xtcp(t)


@test("xtcp at both ends, with the standard number between them", on=BOTH)
def both(t):
    for host in t.hosts:
        add(host, "tcp dev eth0")
    with only(t.client, False), only(t.server, False):
        exchange(t, XTCP, XTCP)
    for host in t.hosts:
        counted(host)


@test("in one namespace, over loopback", on=BOTH)
def loopback(t):
    for rule, numbers in ((f"remote port {PORT}", (TCP, XTCP)), (f"local port {PORT}", (XTCP, TCP))):
        add(t.server, "tcp dev lo " + rule)
        exchange(t, *numbers, server_at=t.server, client_at=t.server)
        counted(t.server)
        bridged.command("flush")


# What the device of either side does, or the stack for it.
for FEATURES in (("tx off",), ("gso off", "tso off"), ("tso off",), ("sg off",), ("gro on",),
                 ("gro on", "tx off"), ("gro off", "rx off", "tx off", "sg off")):
    @test(f"ethtool -K {', '.join(FEATURES)}: xtcp asks", on=BOTH, offloads=FEATURES)
    def asks(t):
        client_is_xtcp(t)

    @test(f"ethtool -K {', '.join(FEATURES)}: xtcp answers", on=BOTH, offloads=FEATURES)
    def answers(t):
        server_is_xtcp(t)


if __name__ == "__main__":
    bridged.load()
    main(Bridged)
