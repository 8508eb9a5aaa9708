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

# Ports of their own: to tshark some of those that a kernel would choose are traceroute's.
PORT, FROM = 7000, 7001
SIZES = [0, 1, 7, 8, 500, 1452, 1473, 4000]
LENGTHS = [8 + size for size in SIZES]

SEND = """
import socket, sys
host, own, port, protocol, coverage = sys.argv[1], *map(int, sys.argv[2:])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM, protocol)
s.bind(("", own))
if coverage:
    s.setsockopt(socket.IPPROTO_UDPLITE, 10, coverage)
for line in sys.stdin:
    s.sendto(bytes.fromhex(line), (host, port))
"""


def dissected(t, pcap):
    """tshark's view of each datagram: what it complains of, port, length, coverage, data."""
    names = "_ws.expert.message", "udp.dstport", "udp.length", "udp.checksum_coverage", "data.data"
    return t.server.run(
        "tshark", "-r", pcap, "-n", "-d", f"ip.proto=={UDP},udp", "-d", f"ip.proto=={UDPLITE},udplite",
        # What they carry is plain data: no guessing at it.
        "-d", f"udp.port=={PORT},data", "-Y", "udp or udplite or _ws.expert",
        "-T", "fields", *(word for name in names for word in ("-e", name))).splitlines()


def send(t, protocol, coverage):
    """Send datagrams of all sizes; their content."""
    said = [random.randbytes(size) for size in SIZES]
    with open(t.file("said", "".join(data.hex() + "\n" for data in said).encode()), "rb") as stdin:
        t.client.run("/usr/bin/python3", "-c", SEND, t.server.address, FROM, PORT, protocol, coverage,
                     stdin=stdin)
    return said


@test("UDP, and UDP-Lite with 12 bytes of data covered", on=("IPv4", "IPv6"))
def dissect(t):
    pcap = t.directory / "pcap"
    filter_ = f"src host {t.client.address} and not icmp6"
    with capture(t.server, pcap, filter_, 2 * len(SIZES)), t.carried(2 * len(SIZES)):
        plain, lite = send(t, UDP, 0), send(t, UDPLITE, 20)
    lines = dissected(t, pcap)
    for line, data in zip(lines, plain + lite, strict=True):
        complaint, port, length, coverage, content = line.split("\t")
        same(complaint, "", "tshark's complaint")
        same((port, length, content), (str(PORT), str(8 + len(data)), data.hex()), "dissected")
    covered = [int(line.split("\t")[3]) for line in lines[len(SIZES):]]
    # To cover all of a datagram may be said by its length or by 0.
    same([c or length for c, length in zip(covered, LENGTHS)], [min(20, length) for length in LENGTHS], "covered")


main(Cable)
