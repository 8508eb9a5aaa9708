#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A server and a client in Python that ask for xl4 by number, with no help of xl4run."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import UDP, UDPLITE, Cable, same  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000

# argv: the local address or the server's, the port, the protocol number
OPEN = """
import hashlib, random, socket, sys
host, port, protocol = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM, protocol)
s.settimeout(30)
"""
ECHO = OPEN + """
s.bind((host, port))
while True:
    data, peer = s.recvfrom(65536)
    s.sendto(data, peer)
"""
ASK = OPEN + """
s.connect((host, port))
for size in [0, 1, 2, 1452, 1453, 1472, 1473, 9000, 65507] + random.choices(range(2000), k=50):
    said = random.randbytes(size)
    s.send(said)
    heard = s.recv(65536)
    if heard != said:
        sys.exit(f"{size} bytes came back as {len(heard)}, sha256 {hashlib.sha256(heard).hexdigest()}")
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL))
"""


def conversation(t, protocol):
    with t.carried(2 * 59):
        server = t.server.start("/usr/bin/python3", "-c", ECHO, t.server.address, PORT, protocol)
        t.server.wait_for_port(server, PORT)
        answer = t.client.run("/usr/bin/python3", "-c", ASK, t.server.address, PORT, protocol)
    same(answer, f"{protocol}\n", "SO_PROTOCOL")


@test("0 to 65,507 bytes there and back by UDP", on=BOTH)
def udp(t):
    conversation(t, UDP)


@test("0 to 65,507 bytes there and back by UDP-Lite", on=BOTH)
def udplite(t):
    conversation(t, UDPLITE)


main(Cable)
