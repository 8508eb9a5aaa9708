#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One of two machines on a wire: usage: end.py xl4|kernel [PATTERN...], of PROTOCOL/STORY.

The one has our modules, at the standard numbers, the other the kernel's. The first tells the other
by TCP what is to be done next, and says what came of it, in TAP.
"""
import fnmatch
import itertools
import os
import shlex
import socket
import subprocess
import sys
import time

from protocols import DEVICE, PROTOCOLS, ROOT, sh

ADDRESSES = {"IPv4": (["10.66.0.1", "10.66.0.3"], ["10.66.0.2", "10.66.0.4"]),
             "IPv6": (["fd66::1", "fd66::3"], ["fd66::2", "fd66::4"])}
LIMIT = 120         # seconds for a story
BOOT = 300          # and until the other machine is there


def plug_in(me):
    sh(f"modprobe virtio_net; ip link set {DEVICE} up")
    for family, length in (("IPv4", "24"), ("IPv6", "64 nodad")):
        for address in ADDRESSES[family][me]:
            sh(f"ip address add {address}/{length} dev {DEVICE}")


def speaks_at(me):
    """The address by which the machines speak of the stories: the first is cut off in one of them."""
    return ADDRESSES["IPv4"][me][1]


class Program:
    def __init__(self, line):
        self.process = subprocess.Popen(shlex.split(line), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)

    def wait_until_it_listens(self):
        for line in self.process.stdout:
            if "istening" in line:
                return

    def end(self):
        """Its exit status and what it said."""
        try:
            said = self.process.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            said = self.process.communicate()[0] + "it did not end"
        return self.process.returncode, said


def run(words, ours, ready):
    """words: protocol, story, role, family, whose the server is."""
    name, story, role, family, server = words
    protocol, server = PROTOCOLS[name], int(server)
    protocol.prepare(story, ours)
    program = Program(protocol.command(story, role, ADDRESSES[family][server], ADDRESSES[family][1 - server]))
    if role == "server":
        program.wait_until_it_listens()
    ready()
    return program.end()


def other(me):
    """Says what the kernel has, and does what it is told, until nobody is there to tell."""
    has = [name for name, protocol in PROTOCOLS.items() if protocol.load()]
    with socket.create_server((speaks_at(me), 6999)) as listener:
        wire = listener.accept()[0].makefile("rw")

        def say(*words):
            wire.write(" ".join(words) + "\n")
            wire.flush()
        say(*has)
        for line in wire:
            status, said = run(line.split(), ours=False, ready=lambda: say("ready"))
            say(f"{status} {said!r}")


class First:
    """Tells the other, with what it has itself."""

    def __init__(self, me):
        self.me = me
        self.wire = dial(speaks_at(1 - me), speaks_at(me)).makefile("rw")
        self.others = self.wire.readline().split()

    def say(self, *words):
        self.wire.write(" ".join(words) + "\n")
        self.wire.flush()

    def both(self, name, story, role, family):
        """What both ends of a story say of it; `role` is ours."""
        server = str(self.me if role == "server" else 1 - self.me)
        theirs = name, story, "client" if role == "server" else "server", family, server
        ours = name, story, role, family, server
        if role == "server":
            said = run(ours, True, lambda: self.say(*theirs))
            self.wire.readline()
        else:
            self.say(*theirs)
            self.wire.readline()
            said = run(ours, True, lambda: None)
        return said, self.wire.readline().split(maxsplit=1)

    def tell(self, name, story, role, family):
        """ok, not ok, or SKIP."""
        if name not in self.others:
            return f" # SKIP the kernel has no {name.upper()}", []
        (status, said), answer = self.both(name, story, role, family)
        if status == 0 and answer[:1] == ["0"]:
            return "", []
        return None, [f"x{name}: {status} {said!r}", f"the kernel's: {' '.join(answer).strip()}"]


def wanted(patterns):
    """(protocol, story, role, family)"""
    for name, protocol in PROTOCOLS.items():
        stories = [story for story in protocol.stories
                   if any(fnmatch.fnmatch(f"{name}/{story}", pattern) for pattern in patterns)]
        yield from itertools.product([name], stories, ("server", "client"), ADDRESSES)


def first(me):
    cases = list(wanted(sys.argv[2:] or ["*"]))
    if not cases:
        sys.exit("no story has such a name")
    teller, failed, skipped = First(me), 0, 0
    print(f"TAP version 13\n1..{len(cases)}", flush=True)
    for number, (name, story, role, family) in enumerate(cases, 1):
        remark, notes = teller.tell(name, story, role, family)
        failed += remark is None
        skipped += bool(remark)
        print(f"{'not ok' if remark is None else 'ok'} {number} {family}: {story}, the {role} on x{name}"
              f"{remark or ''}", *(f"# {note}" for note in notes), sep="\n", flush=True)
    for name in sorted({case[0] for case in cases}):
        print(f"# {PROTOCOLS[name].packets()}")
    print(f"{len(cases) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def dial(host, source):
    """As soon as it has booted."""
    until = time.monotonic() + BOOT
    while time.monotonic() < until:
        try:
            return socket.create_connection((host, 6999), timeout=2 * LIMIT, source_address=(source, 0))
        except OSError:
            time.sleep(0.2)
    sys.exit("the other machine is not there")


def load_ours():
    sh(f'XL4_MODULES={os.environ["XL4_MODULES"]}; . {ROOT}/selftests/lib/modules.sh; load_modules')
    for name, protocol in PROTOCOLS.items():
        if not protocol.is_there(True) or not os.path.exists(f"/proc/net/xl4/{name}_iana"):
            sys.exit(f"this is the wrong {name.upper()}")


if __name__ == "__main__":
    if sys.argv[1] == "xl4":
        load_ours()
        plug_in(0)
        sys.exit(first(0))
    plug_in(1)
    sys.exit(other(1))
