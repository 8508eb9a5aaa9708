# SPDX-License-Identifier: GPL-2.0
"""xtcp at one end of a cable, the kernel's TCP at the other, and an exchange between them."""
import contextlib

import bridge
from hosts import STREAMS, Cable, same
from netns import run
from tap import Failed

PORT = 7000
SIZE = 1 << 20
XTCP, TCP = bridge.XTCP, bridge.TCP

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
    bridge.command("add " + rule)


def counted(host, ways=("in", "out")):
    host.namespace.enter()
    (_, counts), = bridge.rules()
    for way in ways:
        if counts[way] < 10:
            raise Failed(f"the rule of {host.name} has seen {counts}")
    same(counts["drops"], 0, "drops")
