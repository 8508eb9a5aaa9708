#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: seeds.py FILE FOLDER

Valid packets, which the fuzzers begin with. Each seeds_NAME.py of this folder brings those
of one protocol module: PROTOCOLS, a list of Protocol, and conversations(protocol, host), which
yields lists of packets that the machine under test may get from one peer.

FILE gets them as lines of text, for the packet fuzzer:
    protocol NAME NUMBER CHECKSUM AT LENGTH_AT COVERAGE_AT ANSWERS
    alive NAME PACKET
    conversation NAME PACKET PACKET...
FOLDER/wire_NAME/ gets the IP payloads, as the corpus of the fuzz target wire_NAME.
"""
import glob
import hashlib
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
from seed import ALIVE, ALIVE_PORT, HOSTS, PEER_PORT
from packets import Raw


def alive(protocol, host):
    return host.network() / protocol.header(sport=PEER_PORT, dport=ALIVE_PORT) / Raw(ALIVE)


def lines(modules):
    for module in modules:
        for p in module.PROTOCOLS:
            yield ("protocol", p.name, p.number, p.checksum, p.checksum_at, p.length_at,
                   p.coverage_at, int(p.answers))
            for host in HOSTS:
                if not p.answers and not p.carries:     # one packet alone says nothing there
                    yield "alive", p.name, bytes(alive(p, host)).hex()
                for conversation in module.conversations(p, host):
                    yield "conversation", p.name, *(bytes(packet).hex() for packet in conversation)


def payloads(module):
    for p in module.PROTOCOLS:
        for host in HOSTS:
            for conversation in module.conversations(p, host):
                for packet in conversation:
                    if p.header in packet and not p.carries:
                        yield bytes(packet[p.header])


def main(file, folder):
    names = sorted(os.path.basename(path)[len("seeds_"):-len(".py")]
                   for path in glob.glob(f"{HERE}/seeds_*.py"))
    modules = {name: importlib.import_module(f"seeds_{name}") for name in names}
    with open(file, "w", encoding="ascii") as out:
        for line in lines(modules.values()):
            print(*line, file=out)
    for path in glob.glob(f"{HERE}/wire_*.c"):     # also those that have only their corpus
        os.makedirs(f"{folder}/{os.path.basename(path)[:-2]}", exist_ok=True)
    for name, module in modules.items():
        for payload in payloads(module):
            digest = hashlib.sha1(payload).hexdigest()
            with open(f"{folder}/wire_{name}/{digest}", "wb") as out:
                out.write(payload)


if __name__ == "__main__":
    main(*sys.argv[1:])
