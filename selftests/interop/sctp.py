#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Programs that know SCTP over xsctp: iperf3, ncat, lksctp-tools, and the small echo programs."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import MESSAGES, SCTP, Cable, built, same, until, xl4run  # noqa: E402
from tap import Failed, Skip, main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
PORT = 7000
OCTETS = 1 << 20


def sctp(*command):
    return xl4run(*command, over=MESSAGES)


def serve(t, *command):
    server = t.server.start(*sctp(*command))
    t.server.wait_for_port(server, PORT, MESSAGES.tables)
    return server


# -------------------------------------------------------------------- iperf3

def measure(t, *options):
    """What the client says of sending OCTETS. Its control connection is the kernel's TCP."""
    server = t.server.start(*sctp("iperf3", "-s", "-1", "-p", PORT, "-B", t.server.address))
    t.server.wait_for_port(server, PORT, ("tcp",))
    with t.carried(OCTETS >> 16, MESSAGES):
        report = json.loads(t.client.run(*sctp("iperf3", "--sctp", "-J", "-c", t.server.address,
                                               "-p", PORT, "-n", OCTETS, *options)))
    if report["end"]["sum_sent"]["bytes"] < OCTETS:
        raise Failed(f"{report['end']['sum_sent']['bytes']} octets of {OCTETS} were sent")


@test("iperf3 --sctp", on=BOTH)
def iperf3(t):
    measure(t)


@test("iperf3 --sctp, 4 associations, without delay", on=BOTH)
def iperf3_many(t):
    measure(t, "-P", 4, "-N", "-l", "8000")


# iperf3 takes --nstreams for a bit rate, too (3.12), unless one follows.
@test("iperf3 --sctp, 8 streams", on=BOTH)
def iperf3_streams(t):
    measure(t, "--nstreams", 8, "-b", 0)


@test("iperf3 --sctp, the server sends", on=("IPv4",))
def iperf3_reverse(t):
    measure(t, "-R")


# ---------------------------------------------------------------------- ncat

@test("ncat --sctp converses with a server that runs cat", on=BOTH)
def ncat_converses(t):
    serve(t, "ncat", f"-{t.digit}", "--sctp", "-l", "--exec", "/bin/cat", PORT)
    with t.carried(20, MESSAGES):
        client = t.client.start(*sctp("ncat", "--sctp", t.server.address, PORT),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        for size in range(1, 1400, 140):
            said = os.urandom(size)
            client.stdin.write(said)
            same(client.stdout.read(size), said, f"the echo of {size} bytes")


@test("ncat --sctp --send-only sends a file", on=BOTH)
def ncat_file(t):
    """The one that listens ends when its standard input does: here it has one that stays open."""
    content = os.urandom(OCTETS // 4)
    with open(t.directory / "received", "wb") as received, t.carried(100, MESSAGES):
        server = t.server.start(*sctp("ncat", f"-{t.digit}", "--sctp", "-l", "--recv-only", PORT),
                                stdin=subprocess.PIPE, stdout=received)
        t.server.wait_for_port(server, PORT, MESSAGES.tables)
        with open(t.file("sent", content), "rb") as sent:
            t.client.run(*sctp("ncat", "--sctp", "--send-only", t.server.address, PORT), stdin=sent)
        t.arrives("received", content)


# --------------------------------------------------------------------- socat

@test("socat sends a file", on=BOTH)
def socat(t):
    content = os.urandom(OCTETS // 4)
    serve(t, "socat", "-u", f"SCTP{t.digit}-LISTEN:{PORT}", "CREATE:received")
    with t.carried(100, MESSAGES):
        t.client.run(*sctp("socat", "-u", f"OPEN:{t.file('sent', content)}",
                           f"SCTP{t.digit}-CONNECT:{t.server.in_url}:{PORT}"))
        t.arrives("received", content)


# --------------------------------------------------------------- lksctp-tools

@test("sctp_darn sends what it reads, one-to-many", on=BOTH)
def sctp_darn(t):
    server = serve(t, "stdbuf", "-oL", "sctp_darn", "-H", t.server.address, "-P", PORT, "-l")
    lines = [f"line {number} {'x' * number}" for number in range(20)]
    said = t.file("lines", "".join(line + "\n" for line in lines).encode())
    # Its exit status is no use: at the end of its input it is what it last read.
    t.client.start(*sctp("sctp_darn", "-H", t.client.address, "-P", PORT + 1, "-h", t.server.address,
                         "-p", PORT, "-s"), stdin=open(said, "rb"))
    until(lambda: all(line in server.log.read_text() for line in lines), "lines are missing")


@test("withsctp makes SCTP of a program's TCP: socat sends a file", on=BOTH)
def withsctp(t):
    """It takes the place of xl4run, so the number is the standard one."""
    if os.path.exists("/sys/module/sctp"):
        raise Skip("132 is the kernel's own")
    content = os.urandom(OCTETS // 4)
    server = t.server.start("withsctp", "socat", "-u", f"TCP{t.digit}-LISTEN:{PORT}", "CREATE:received")
    t.server.wait_for_port(server, PORT, ("xl4/sctp_iana",))
    with t.carried(100, MESSAGES):
        t.client.run("withsctp", "socat", "-u", f"OPEN:{t.file('sent', content)}",
                     f"TCP{t.digit}:{t.server.in_url}:{PORT}")
        t.arrives("received", content)


def sctp_test(t, *options):
    serve(t, "sctp_test", "-H", t.server.address, "-P", PORT, "-l")
    with t.carried(8, MESSAGES):
        t.client.run(*sctp("sctp_test", "-H", t.client.address, "-P", PORT + 1,
                           "-h", t.server.address, "-p", PORT, "-s", *options))


@test("sctp_test, messages of one octet to 32 KiB", on=BOTH)
def sctp_test_sizes(t):
    sctp_test(t, "-c", 4, "-x", 2)


@test("sctp_test, ordered, random sizes, eight streams", on=BOTH)
def sctp_test_random(t):
    sctp_test(t, "-c", 6, "-x", 2, "-o", 1, "-M", 8, "-r", 1)


@test("sctp_test, one-to-one", on=("IPv4",))
def sctp_test_one_to_one(t):
    serve(t, "sctp_test", "-H", t.server.address, "-P", PORT, "-l", "-T")
    t.client.run(*sctp("sctp_test", "-H", t.client.address, "-P", PORT + 1, "-h", t.server.address,
                       "-p", PORT, "-s", "-T", "-c", 0, "-x", 1))


# ------------------------------------------------------------------ the book's

@test("an echo server and its client, one-to-one", on=BOTH)
def echo(t):
    server = t.server.start(built("sctp/_echo_server"), PORT, SCTP)
    t.server.wait_for_port(server, PORT, MESSAGES.tables)
    lines = "".join(f"{'x' * number}\n" for number in range(50))
    said = t.client.run(built("sctp/_echo_client"), t.server.address, PORT, SCTP,
                        stdin=open(t.file("lines", lines.encode()), "rb"))
    same(said, lines, "what came back")


@test("an echo server, one-to-many, that is told of its clients", on=BOTH)
def echo_many(t):
    server = t.server.start(built("sctp/_echo_many"), PORT, SCTP)
    t.server.wait_for_port(server, PORT, MESSAGES.tables)
    client = built("sctp/_echo_client")
    for _ in range(2):
        same(t.client.run(client, t.server.address, PORT, SCTP,
                          stdin=open(t.file("lines", b"hello\nagain\n"), "rb")),
             "hello\nagain\n", "what came back")
    story = "association up\nassociation shuts down\nassociation closed\n" * 2
    until(lambda: server.log.read_text() == story, "the server tells another story")


main(Cable)
