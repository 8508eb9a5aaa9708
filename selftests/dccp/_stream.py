#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A stream over DCCP, either end, as _stream_client.c and _stream_server.c.

usage: _stream.py client|server ADDRESS PORT [PROTOCOL [CCID [PACKETS]]]
"""
import socket
import struct
import sys
import time

SOCK_DCCP, SOL_DCCP = 6, 269
DCCP_SOCKOPT_SERVICE, DCCP_SOCKOPT_CCID = 2, 13
SERVICE, SIZE = 42, 500


def open_socket(host, protocol, ccid):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, SOCK_DCCP, protocol)
    s.setsockopt(SOL_DCCP, DCCP_SOCKOPT_SERVICE, struct.pack("!I", SERVICE))
    s.setsockopt(SOL_DCCP, DCCP_SOCKOPT_CCID, bytes([ccid]))
    return s


def client(s, address, packets):
    s.connect(address)
    s.setblocking(False)
    sent = 0
    for number in range(packets):
        try:
            s.send(struct.pack("!I", number).ljust(SIZE, b"x"))
            sent += 1
        except BlockingIOError:
            pass        # there is no room now, and later it would be too late
        time.sleep(0.005)
    print(sent, "packets")


def server(s, address, _packets):
    s.bind(address)
    s.listen(1)
    connection, _peer = s.accept()
    numbers = []
    while packet := connection.recv(65536):
        numbers.append(struct.unpack_from("!I", packet)[0])
    connection.close()
    late = sum(b < a for a, b in zip(numbers, numbers[1:]))
    print(f"{len(numbers)} packets, {late} late")


def main(role, host, port, protocol=33, ccid=3, packets=200):
    with open_socket(host, int(protocol), int(ccid)) as s:
        {"client": client, "server": server}[role](s, (host, int(port)), int(packets))


if __name__ == "__main__":
    main(*sys.argv[1:])
