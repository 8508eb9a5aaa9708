#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The streams of selftests/dccp/ in C and in Python, each with each, and what tshark reads there."""
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from capture import is_listening  # noqa: E402
from hosts import ROOT, Cable, built, same, until  # noqa: E402
from tap import Failed, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
DCCP = int(os.environ.get("XL4_DCCP", "250"))
PORT, PACKETS = 7000, 200


def program(role, language):
    """Its command line."""
    if language == "Python":
        return "/usr/bin/python3", ROOT / "selftests/dccp/_stream.py", role
    return (built(f"dccp/_stream_{role}"),)


def stream(t, languages, ccid):
    """One end to the other; how many packets were sent, and came."""
    client, server = (program(*which) for which in zip(("client", "server"), languages))
    receiver = t.server.start(*server, t.server.address, PORT, DCCP, ccid)
    t.server.wait_for_port(receiver, PORT, ("xl4/dccp",))
    said = t.client.run(*client, t.server.address, PORT, DCCP, ccid, PACKETS)
    receiver.wait(30)
    heard = receiver.log.read_text().split()
    same(heard[1:], ["packets,", "0", "late"], "the receiver says")
    return int(said.split()[0]), int(heard[0])


for LANGUAGES in (("C", "C"), ("C", "Python"), ("Python", "C")):
    for CCID in (2, 3):
        @test(f"a stream from {LANGUAGES[0]} to {LANGUAGES[1]}, CCID {CCID}", on=BOTH,
              languages=LANGUAGES, ccid=CCID)
        def streams(t):
            sent, came = stream(t, t.languages, t.ccid)
            # CCID 3 begins with little, and what is late then is not sent.
            if sent < PACKETS / 4 or came != sent:
                raise Failed(f"{sent} were sent, {came} came")


def read_by_tshark(t, pcap):
    """Of each packet: its type, and what tshark complains of."""
    # The sum is over the number 33 to tshark; ours has another one.
    number = () if DCCP == 33 else ("-o", "dccp.check_checksum:FALSE")
    names = "dccp.type", "_ws.expert.message", "_ws.malformed"
    lines = t.server.run("tshark", "-r", pcap, "-n", "-d", f"ip.proto=={DCCP},dccp", *number,
                         "-Y", "dccp or _ws.expert", "-T", "fields",
                         *(word for name in names for word in ("-e", name))).splitlines()
    return [line.split("\t") for line in lines]


@test("tshark reads every packet of a stream, and complains of none", on=BOTH, ccid=2)
@test("tshark reads every packet of a stream of CCID 3, and complains of none", on=BOTH, ccid=3)
def dissect(t):
    pcap = t.directory / "pcap"
    tcpdump = t.server.start("tcpdump", "-i", "eth0", "-U", "--immediate-mode", "-Z", "root", "-w",
                             pcap, f"ip proto {DCCP} or ip6 proto {DCCP}")
    until(lambda: is_listening(tcpdump), "tcpdump does not listen")
    _sent, came = stream(t, ("Python", "Python"), t.ccid)
    time.sleep(1)
    tcpdump.terminate()
    tcpdump.wait()
    found = read_by_tshark(t, pcap)
    for kind, *complaints in found:
        same(complaints, ["", ""], f"tshark's complaint of type {kind}")
    kinds = [int(kind) for kind, *_rest in found]
    # Request, Response, data, acknowledgments, Close and Reset: no Sync.
    same((kinds[0], kinds[1], {8, 9} & set(kinds)), (0, 1, set()), "types")
    if sum(kind in (2, 4) for kind in kinds) < came or not {3, 6, 7} <= set(kinds):
        raise Failed(f"types {kinds} for {came} packets")


class Line(Cable):
    def __init__(self, family, ccid, languages=None):
        super().__init__(family)
        self.ccid, self.languages = ccid, languages


main(Line)
