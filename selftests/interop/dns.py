#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""dig asks dnsmasq over xl4."""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import Cable, same, xl4run  # noqa: E402
from tap import main, test  # noqa: E402

BOTH = ("IPv4", "IPv6")
NAMES = [f"host{number}.xl4.test" for number in range(40)]


def serve(t, *records):
    """dnsmasq that knows only these records."""
    configuration = t.file("dnsmasq.conf", "\n".join(
        ("keep-in-foreground", "user=root", "pid-file", "no-resolv", "no-hosts", "cache-size=0",
         *records)).encode())
    server = t.server.start(*xl4run("dnsmasq", "-C", configuration))
    t.server.wait_for_port(server, 53)


def ask(t, *questions):
    return t.client.run(*xl4run("dig", f"@{t.server.address}", "+notcp", "+ignore", "+short",
                                "+tries=1", "+time=20", *questions))


@test("one name, A and AAAA", on=BOTH)
def one_name(t):
    serve(t, "host-record=www.xl4.test,192.0.2.7,2001:db8::7")
    with t.carried(4):
        same(ask(t, "www.xl4.test", "A", "www.xl4.test", "AAAA"), "192.0.2.7\n2001:db8::7\n", "the answer")


@test("forty names in one run", on=BOTH)
def many_names(t):
    text = {name: random.randbytes(60).hex() for name in NAMES}
    serve(t, *(f"txt-record={name},{text[name]}" for name in NAMES))
    questions = t.file("questions", "".join(f"{name} TXT\n" for name in NAMES).encode())
    with t.carried(2 * len(NAMES)):
        answer = ask(t, "-f", questions)
    same(answer, "".join(f'"{text[name]}"\n' for name in NAMES), "the answers")


@test("an answer of 3,600 bytes, in IP fragments", on=BOTH)
def large_answer(t):
    parts = [random.randbytes(120).hex() for _ in range(15)]
    serve(t, "edns-packet-max=4096", *(f"txt-record=large.xl4.test,{part}" for part in parts))
    with t.carried(2):
        answer = ask(t, "+bufsize=4096", "large.xl4.test", "TXT")
    same("".join(sorted(answer.splitlines(True))), "".join(sorted(f'"{part}"\n' for part in parts)), "the answer")


main(Cable)
