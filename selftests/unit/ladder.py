#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The ladder of a capture file says what its packets are."""
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from tap import Failed, main, test  # noqa: E402

LADDER = pathlib.Path(__file__).resolve().parents[2] / "tools/ladder"
HERE, THERE = bytes([10, 66, 0, 1]), bytes([10, 66, 0, 2])
HERE6, THERE6 = (bytes.fromhex("fd66") + bytes(13) + bytes([n]) for n in (1, 2))

NAMES = ["--name=10.66.0.1=us", "--name=fd66::1=us", "--name=10.66.0.2=them", "--name=fd66::2=them"]


class Capture(tempfile.TemporaryDirectory):
    """A capture file of bare IP packets, one a millisecond."""

    def __init__(self, _):
        super().__init__(prefix="ladder-")
        self.packets = []

    def __enter__(self):
        super().__enter__()
        return self

    def add(self, number, body, back=False, fragment=0):
        source, target = (THERE, HERE) if back else (HERE, THERE)
        if isinstance(number, tuple):
            number, = number
            source, target = (THERE6, HERE6) if back else (HERE6, THERE6)
            header = struct.pack("!IHBB", 6 << 28, len(body), number, 64)
        else:
            header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, fragment, 64, number, 0)
        self.packets.append(header + source + target + body)

    def udp(self, number, text, back=False, ports=(4000, 7000), third=None):
        ports = ports[::-1] if back else ports
        self.add(number, struct.pack("!HHHH", *ports, 8 + len(text) if third is None else third, 0) + text, back)

    def tcp(self, flags, sequence, acknowledged, back=False, options=b"", data=b""):
        ports = (80, 4000) if back else (4000, 80)
        header = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged,
                             (20 + len(options)) * 4, flags, 1000, 0, 0)
        self.add(254, header + options + data, back)

    def shows(self, *words, options=()):
        """Each packet's label and detail, in order; `<` marks those that go back."""
        path = pathlib.Path(self.name, "pcap")
        path.write_bytes(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) + b"".join(
            struct.pack("=IIII", 7, 1000 * n, len(p), len(p)) + p for n, p in enumerate(self.packets)))
        done = subprocess.run([LADDER, path, *NAMES, *options], capture_output=True, text=True, timeout=60, check=True)
        lines = [line.replace("│", " ").strip() for line in done.stdout.splitlines()[4:-2]]
        said = []
        for label, detail, arrow in zip(lines[::3], lines[1::3], lines[2::3]):
            said.append(f"{'< ' if arrow[0] == '◀' else ''}{label.partition('ms')[2].strip()}: {detail}")
        if said != list(words):
            raise Failed("\n".join(("found", *said, "expected", *words)))
        return done.stdout


@test("UDP and UDP-Lite, IPv4 and IPv6")
def datagrams(t):
    t.udp(253, b"hello")
    t.udp((253,), b"\0\1\2", back=True)
    t.udp(252, b"hello", third=8)
    t.udp(136, b"", third=0)
    t.shows("“hello”: UDP 4000 → 7000, 13 bytes",
            "< 3 bytes: UDP 7000 → 4000, 11 bytes",
            "“hello”: UDP-Lite 4000 → 7000, 13 bytes, 8 covered",
            "0 bytes: UDP-Lite 4000 → 7000, 8 bytes, 8 covered")


@test("a DNS question and its answer")
def dns(t):
    name = b"\3www\3xl4\4test\0"
    question = name + struct.pack("!HH", 1, 1)
    answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 7])
    t.udp(253, struct.pack("!HHHHHH", 1, 0x100, 1, 0, 0, 0) + question, ports=(4000, 53))
    t.udp(253, struct.pack("!HHHHHH", 1, 0x8180, 1, 1, 0, 0) + question + answer, True, ports=(4000, 53))
    t.udp(253, struct.pack("!HHHHHH", 1, 0x8183, 1, 0, 0, 0) + question, True, ports=(4000, 53))
    t.shows("DNS: A www.xl4.test?: UDP 4000 → 53, 38 bytes",
            "< DNS: A www.xl4.test is 192.0.2.7: UDP 53 → 4000, 54 bytes",
            "< DNS: A www.xl4.test is name-error: UDP 53 → 4000, 38 bytes")


@test("fragments")
def fragments(t):
    t.add(253, struct.pack("!HHHH", 4000, 7000, 1508, 0) + bytes(1472), fragment=0x2000)
    t.add(253, bytes(28), fragment=1480 // 8)
    t.shows("1500 bytes: UDP 4000 → 7000, 1508 bytes, IP fragment",
            "… from byte 1472 on: UDP, IP fragment, 28 bytes")


@test("a TCP connection, its numbers from zero")
def tcp(t):
    t.tcp(0x02, 0xFFFFFFFF, 0, options=bytes([2, 4, 5, 0xB4]))
    t.tcp(0x12, 500, 0, back=True)
    t.tcp(0x10, 0, 501)
    t.tcp(0x18, 0, 501, data=b"hello")
    t.tcp(0x11, 501, 5, back=True)
    t.tcp(0x14, 502, 5, back=True)
    t.shows("SYN: TCP 4000 → 80, seq 0 win 1000 mss 1460",
            "< SYN ACK: TCP 80 → 4000, seq 0 ack 1 win 1000",
            "ACK: TCP 4000 → 80, seq 1 ack 1 win 1000",
            "PSH ACK, 5 bytes: TCP 4000 → 80, seq 1 ack 1 win 1000",
            "< FIN ACK: TCP 80 → 4000, seq 1 ack 6 win 1000",
            "< RST ACK: TCP 80 → 4000, seq 2 ack 6 win 1000")


@test("SCTP chunks bundled in one packet")
def sctp(t):
    common = struct.pack("!HHII", 5, 6, 0xABC, 0)
    t.add(251, common + struct.pack("!BBHI", 10, 0, 7, 0) + struct.pack("!BBHIHHI", 0, 3, 16, 1, 0, 0, 0))
    t.shows("COOKIE ECHO, DATA: SCTP 5 → 6, tag 00000abc")


@test("errors, and what is none")
def errors(t):
    t.add(1, bytes([3, 3]) + bytes(6), back=True)
    t.add((58,), bytes([1, 4]) + bytes(6), back=True)
    t.add((58,), bytes([135, 0]) + bytes(22))
    t.add(249, b"hello")
    t.shows("< port unreachable: ICMP", "< port unreachable: ICMPv6", "5 bytes: protocol 249")


@test("packets that end too early")
def short(t):
    for number in 253, 252, 254, 251, 1:
        t.add(number, b"\0")
    t.shows(*(f"1 bytes: {name}, cut short" for name in ("UDP", "UDP-Lite", "TCP", "SCTP", "ICMP")))


@test("hosts with names and several addresses, and a limit")
def names(t):
    for number in 253, (253,), 253:
        t.udp(number, b"hello", back=True)
    text = t.shows(*["< “hello”: UDP 7000 → 4000, 13 bytes"] * 2, options=["--limit=2"])
    first, last = text.splitlines()[2:4], text.splitlines()[-1]
    if " ".join(" ".join(first).split()) != "us them 10.66.0.1, fd66::1 10.66.0.2, fd66::2":
        raise Failed(f"the heading is {first}")
    if last != "3 packets, the first 2 of them shown":
        raise Failed(last)


@test("the picture")
def picture(t):
    path = pathlib.Path(t.name, "png")
    sizes = []
    for _ in range(2):
        t.udp(253, b"quotes \" and \\ and `date` and $HOME")
        t.shows(*["“quotes \" and \\ and `date` and $HOME”: UDP 4000 → 7000, 43 bytes"] * len(t.packets),
                options=["--png", path])
        png = path.read_bytes()
        if png[:8] != b"\x89PNG\r\n\x1a\n":
            raise Failed(f"no PNG but {png[:20]}")
        sizes.append(struct.unpack("!II", png[16:24]))
    if not (sizes[0][0] == sizes[1][0] and sizes[0][1] < sizes[1][1]):
        raise Failed(f"a second packet changes the size from {sizes[0]} to {sizes[1]}")


main(Capture)
