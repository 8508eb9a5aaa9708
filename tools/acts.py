# SPDX-License-Identifier: GPL-2.0
"""Those acts of the demo that take a while, and what is measured meanwhile: a file by SCTP over two
cables, and a stream by DCCP through a line that becomes narrow."""
import random
import threading
import time

import netem
import netns
from hosts import Cable, Transport, xl4run

DCCP = 250
DATAGRAM_STREAMS = Transport(f"dccp={DCCP}", ("Dccp",), "OutPackets", ("dccp",), False)
STEP = 0.1              # seconds between two looks

CABLES = "eth0", "eth1"
# What each cable bears; its queue is short, as a router's is.
EACH = "rate", "8mbit", "delay", "10ms", "limit", "100"
FILE = 9 << 20
CUT, MENDED = 3, 5      # seconds

WIDE, NARROW = ("rate", "2mbit"), ("rate", "1mbit")
LINE = "delay", "20ms", "limit", "20"
STREAM, CHANGE = 16, 8  # seconds
PACKET = 1000

# The rate that CCID 3 allows is the first number of struct tfrc_tx_info: octets a second, times 64.
SENDER = """
import socket, struct, sys, time
host, number, packet, seconds, step = sys.argv[1], *map(int, sys.argv[2:4]), *map(float, sys.argv[4:6])
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, 6, number)
s.setsockopt(269, 2, struct.pack("!I", 42))
s.setsockopt(269, 13, bytes([3]))
s.connect((host, 7000))
start = look = time.monotonic()
while look < start + seconds:
    s.send(bytes(packet))
    now = time.monotonic()
    if now >= look:
        print(now, struct.unpack_from("=Q", s.getsockopt(269, 192, 64))[0] / 64, flush=True)
        look = now + step
s.close()
"""
RECEIVER = """
import socket, struct, sys, time
host, number, step = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, 6, number)
s.setsockopt(269, 2, struct.pack("!I", 42))
s.setsockopt(269, 13, bytes([3]))
s.bind((host, 7000))
s.listen(1)
s = s.accept()[0]
octets, last = 0, time.monotonic()
while data := s.recv(1 << 16):
    octets += len(data)
    now = time.monotonic()
    if now >= last + step:
        print(now, octets / (now - last), flush=True)
        octets, last = 0, now
"""


class TwoCables(Cable):
    """A second cable beside the first, with addresses of its own."""
    def __enter__(self):
        super().__enter__()
        self.server.namespace.enter()
        netns.ip(f"link add eth1 type veth peer name eth1 netns {self.client.namespace.path}")
        for number, host in enumerate(self.hosts, 1):
            host.namespace.enter()
            netns.ip("link set eth1 up", f"address add 10.67.0.{number}/24 dev eth1",
                     f"address add fd67::{number}/64 dev eth1 nodad")
            for device in CABLES:
                netem.impair(device, *EACH)
        return self

    def cut(self, device):
        """Nothing arrives at the server by it."""
        self.client.namespace.enter()
        netem.impair(device, "loss", "100%")

    def mend(self, device):
        self.client.namespace.enter()
        netem.impair(device, *EACH)

    def heard(self):
        """Octets that came to the server, by each cable."""
        self.server.namespace.enter()
        with open("/proc/thread-self/net/dev", encoding="ascii") as file:
            lines = dict(line.split(":") for line in file if ":" in line)
        return [int(values.split()[0]) for name, values in sorted(lines.items())
                if name.strip() in CABLES]


def table(path, titles, rows, marks):
    """What tools/rates draws; the marks are (seconds, what happened then)."""
    lines = [",".join(titles), *(",".join(f"{value:.6f}" if value is not None else "" for value in row)
                                 for row in rows),
             *(f"#{at:.6f},{words}" for at, words in marks)]
    path.write_text("\n".join(lines) + "\n")


def failover(t, over, path):
    """socat's file, which goes on by the second cable when the first is cut; its content."""
    content = random.randbytes(FILE)
    server = t.server.start(*xl4run("socat", "-u", f"SCTP{t.digit}-LISTEN:7000", "CREATE:received",
                                    over=over))
    t.server.wait_for_port(server, 7000, over.tables)
    client = t.client.start(*xl4run("socat", "-u", "-b", 16384, f"OPEN:{t.file('sent', content)}",
                                    f"SCTP{t.digit}-CONNECT:{t.server.in_url}:7000", over=over))
    marks = []

    def later(seconds, act, words):
        def now():
            act(CABLES[0])
            marks.append((time.monotonic() - start, words))
        return threading.Timer(seconds, now)

    timers = [later(CUT, t.cut, "cut"), later(MENDED, t.mend, "mended")]
    before, rows = t.heard(), []
    while before[0] < 50_000 and client.poll() is None:     # there are some that look for neighbours
        time.sleep(STEP / 10)
        before = t.heard()
    start = last = time.monotonic()
    for timer in timers:
        timer.start()
    while client.poll() is None and last < start + 60:
        time.sleep(STEP)
        now, heard = time.monotonic(), t.heard()
        rows.append((now - start, *((after - octets) / (now - last)
                                    for after, octets in zip(heard, before))))
        last, before = now, heard
    for timer in timers:
        timer.cancel()
        timer.join()
    table(path, ("seconds", "by the first cable", "by the second cable"), rows, marks)
    return content


def stream(t, path):
    """A stream over CCID 3; the rates at which it arrived before the line became narrow, and after."""
    def line(*how):
        for host in t.hosts:
            host.namespace.enter()
            netem.impair("eth0", *how, *LINE)

    line(*WIDE)
    words = t.server.address, DCCP
    server = t.server.start("/usr/bin/python3", "-c", RECEIVER, *words, STEP)
    t.server.wait_for_port(server, 7000, DATAGRAM_STREAMS.tables)
    client = t.client.start("/usr/bin/python3", "-c", SENDER, *words, PACKET, STREAM, STEP)
    time.sleep(CHANGE)
    line(*NARROW)
    change = time.monotonic()
    client.wait(4 * STREAM)
    server.wait(STREAM)
    allowed, came = ([tuple(map(float, words.split())) for words in program.log.read_text().splitlines()]
                     for program in (client, server))
    start = min(allowed[0][0], came[0][0])
    rows = sorted([(at - start, rate, None) for at, rate in allowed]
                  + [(at - start, None, rate) for at, rate in came])
    table(path, ("seconds", "that CCID 3 allows", "that arrives"), rows,
          [(change - start, f"{' '.join(NARROW)} from now on")])
    return [rate for at, rate in came if at < change], [rate for at, rate in came if at > change]
