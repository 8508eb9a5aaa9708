#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What xl4 puts on the wire is UDP and UDP-Lite to tshark, told only the numbers."""
import contextlib
import pathlib
import random
import signal
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import UDP, UDPLITE, Cable, same, until  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
SIZES = [0, 1, 7, 8, 500, 1452, 1473, 4000]

SEND = """
import socket, sys
host, port, protocol, coverage = sys.argv[1], *map(int, sys.argv[2:5])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM, protocol)
if coverage:
    s.setsockopt(socket.IPPROTO_UDPLITE, 10, coverage)
for line in sys.stdin:
    s.sendto(bytes.fromhex(line), (host, port))
"""


@contextlib.contextmanager
def capture(t, protocol, count):
    """tcpdump at the server; it has seen all when `count` datagrams or their last parts came."""
    pcap = t.directory / "pcap"
    filter_ = f"src host {t.client.address} and (ip proto {protocol} or ip6 proto {protocol} or ip6 proto 44)"
    tcpdump = t.server.start("tcpdump", "-i", "eth0", "-U", "--immediate-mode", "-Z", "root",
                             "-w", pcap, filter_)
    until(lambda: "listening on" in tcpdump.log.read_text(), "tcpdump does not listen")
    yield pcap
    until(lambda: sum(map(is_last_part, packets(pcap.read_bytes()))) >= count, "the capture is not complete")
    tcpdump.send_signal(signal.SIGTERM)
    tcpdump.wait()


def packets(pcap):
    """The complete packets of a capture file, without their Ethernet headers."""
    at = 24
    while at + 16 <= len(pcap):
        length, = struct.unpack_from("=I", pcap, at + 8)
        if at + 16 + length > len(pcap):
            return
        yield pcap[at + 30:at + 16 + length]
        at += 16 + length


def is_last_part(packet):
    """A datagram that is no fragment, or its last one."""
    if packet[0] >> 4 == 4:
        return not packet[6] & 0x20
    return packet[6] != 44 or not packet[43] & 1


def fields(t, pcap, layer, *names):
    """tshark's fields of each datagram, and what it complains of; what they carry is plain data."""
    return t.server.run(
        "tshark", "-r", pcap, "-n", "-d", f"ip.proto=={UDP},udp", "-d", f"ip.proto=={UDPLITE},udplite",
        "-d", f"udp.port=={PORT},data",
        "-Y", f"{layer} or _ws.expert",
        "-T", "fields", "-e", "_ws.expert.message", *(word for name in names for word in ("-e", name))).splitlines()


def send(t, protocol, coverage):
    said = [random.randbytes(size) for size in SIZES]
    lines = t.file("said", "".join(data.hex() + "\n" for data in said).encode())
    with open(lines, "rb") as stdin, t.carried(len(SIZES)):
        t.client.run("/usr/bin/python3", "-c", SEND, t.server.address, PORT, protocol, coverage, stdin=stdin)
    return said


@test("UDP", on=BOTH)
def udp(t):
    with capture(t, UDP, len(SIZES)) as pcap:
        said = send(t, UDP, 0)
    for line, data in zip(fields(t, pcap, "udp", "udp.dstport", "udp.length", "data.data"), said, strict=True):
        same(line, f"\t{PORT}\t{8 + len(data)}\t{data.hex()}", "dissected")


@test("UDP-Lite with the header and 12 bytes covered", on=BOTH)
def udplite(t):
    with capture(t, UDPLITE, len(SIZES)) as pcap:
        said = send(t, UDPLITE, 20)
    lines = fields(t, pcap, "udplite", "udp.dstport", "udp.checksum_coverage", "data.data")
    for line, data in zip(lines, said, strict=True):
        same(line, f"\t{PORT}\t{min(20, 8 + len(data))}\t{data.hex()}", "dissected")


main(Cable)
