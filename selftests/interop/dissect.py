#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What xl4 puts on the wire is UDP and UDP-Lite to tshark, told only the numbers."""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from capture import capture  # noqa: E402
from hosts import UDP, UDPLITE, Cable, same  # noqa: E402
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


def captured(t, protocol):
    """The capture file and what it is filled with: the client's datagrams."""
    pcap = t.directory / "pcap"
    filter_ = f"src host {t.client.address} and (ip proto {protocol} or ip6 proto {protocol} or ip6 proto 44)"
    return pcap, capture(t.server, pcap, filter_, len(SIZES))


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
    pcap, filled = captured(t, UDP)
    with filled:
        said = send(t, UDP, 0)
    for line, data in zip(fields(t, pcap, "udp", "udp.dstport", "udp.length", "data.data"), said, strict=True):
        same(line, f"\t{PORT}\t{8 + len(data)}\t{data.hex()}", "dissected")


@test("UDP-Lite with the header and 12 bytes covered", on=BOTH)
def udplite(t):
    pcap, filled = captured(t, UDPLITE)
    with filled:
        said = send(t, UDPLITE, 20)
    lines = fields(t, pcap, "udplite", "udp.dstport", "udp.checksum_coverage", "data.data")
    for line, data in zip(lines, said, strict=True):
        same(line, f"\t{PORT}\t{min(20, 8 + len(data))}\t{data.hex()}", "dissected")


main(Cable)
