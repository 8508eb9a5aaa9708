#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One of two machines on a wire: usage: end.py xl4|kernel [STORY...].

The one has xsctp at 132, the other sctp.ko. The first tells the other by TCP what is to be done
next, and says what came of it, in TAP. Both ends are sctp_talk.py, or iperf3.
"""
import itertools
import os
import pathlib
import shlex
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(os.environ["XL4_ROOT"])
TALK = f"/usr/bin/python3 {ROOT}/selftests/lib/sctp_talk.py"
DEVICE = "eth0"
ADDRESSES = {"IPv4": (["10.66.0.1", "10.66.0.3"], ["10.66.0.2", "10.66.0.4"]),
             "IPv6": (["fd66::1", "fd66::3"], ["fd66::2", "fd66::4"])}
STORIES = ("bulk", "large", "many", "unordered", "little", "partial", "shutdown", "abort", "aborted",
           "homes", "comes_and_goes", "iperf3")
HOMES = ("homes", "comes_and_goes")
LIMIT = 120


def sh(line):
    return subprocess.run(line, shell=True, check=True, stdout=subprocess.PIPE, text=True).stdout


def plug_in(me):
    sh(f"modprobe virtio_net; ip link set {DEVICE} up")
    for family, length in (("IPv4", "24"), ("IPv6", "64 nodad")):
        for address in ADDRESSES[family][me]:
            sh(f"ip address add {address}/{length} dev {DEVICE}")


def loaded(ours):
    """Nothing but the one SCTP is there."""
    if ours:
        sh(f'XL4_MODULES={os.environ["XL4_MODULES"]}; . {ROOT}/selftests/lib/modules.sh; load_modules')
    else:
        sh("modprobe sctp")
    if os.path.isdir("/sys/module/xsctp") != ours or os.path.isdir("/sys/module/sctp") == ours:
        sys.exit("this is the wrong SCTP")


def command(what, role, family, server):
    """What this end does: `server` is whose addresses come first."""
    names = [",".join(ADDRESSES[family][end]) for end in (server, 1 - server)]
    if what == "iperf3":
        host = ADDRESSES[family][server][0]
        return f"iperf3 -s -1 --forceflush -B {host}" if role == "server" else f"iperf3 --sctp -c {host} -n 8M"
    names = names if what in HOMES else [names[0].split(",")[0]]
    return f"{TALK} {role} {what} 132 {' '.join(names)}"


def prepare(what, ours):
    prefix = "net.xl4.sctp" if ours else "net.sctp"
    extended = int(what == "comes_and_goes")
    sh(f"sysctl -q {prefix}.auth_enable={extended} {prefix}.addip_enable={extended}")


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
    """words: story, role, family, whose the server is."""
    what, role, family, server = words[0], words[1], words[2], int(words[3])
    prepare(what, ours)
    program = Program(command(what, role, family, server))
    if role == "server":
        program.wait_until_it_listens()
    ready()
    result = program.end()
    sh(f"ip neighbour flush dev {DEVICE} nud permanent")
    return result


def other(me):
    """Does what it is told, until nobody is there to tell."""
    with socket.create_server((ADDRESSES["IPv4"][me][0], 6999)) as listener:
        wire = listener.accept()[0].makefile("rw")
        for line in wire:
            def say(word):
                wire.write(word + "\n")
                wire.flush()
            status, said = run(line.split(), ours=False, ready=lambda: say("ready"))
            say(f"{status} {said!r}")


def first(me):
    cases = list(itertools.product(sys.argv[2:] or STORIES, ("server", "client"), ADDRESSES))
    wire = dial(ADDRESSES["IPv4"][1 - me][0]).makefile("rw")
    failed = 0

    def tell(*words):
        wire.write(" ".join(words) + "\n")
        wire.flush()

    print(f"TAP version 13\n1..{len(cases)}", flush=True)
    for number, (what, role, family) in enumerate(cases, 1):
        server = str(me if role == "server" else 1 - me)
        theirs = "client" if role == "server" else "server"
        if role == "server":
            status, said = run((what, role, family, server), True,
                               lambda: tell(what, theirs, family, server))
            wire.readline()
        else:
            tell(what, theirs, family, server)
            wire.readline()
            status, said = run((what, role, family, server), True, lambda: None)
        answer = wire.readline().split(maxsplit=1)
        ok = status == 0 and answer[0] == "0"
        failed += not ok
        print(f"{'' if ok else 'not '}ok {number} {family}: {what}, the {role} on xsctp", flush=True)
        if not ok:
            print(f"# xsctp: {status} {said!r}\n# the kernel's: {' '.join(answer).strip()}", flush=True)
    print(f"# {packets()}\n{len(cases) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def packets():
    with open("/proc/net/xl4/snmp", encoding="ascii") as file:
        lines = [line.split() for line in file if line.startswith("Sctp")]
    return ", ".join(f"{names[0]} {dict(zip(names, values))['InSCTPPacks']} packets in"
                     for names, values in zip(lines[::2], lines[1::2]))


def dial(host):
    while True:
        try:
            return socket.create_connection((host, 6999), timeout=LIMIT)
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    OURS = sys.argv[1] == "xl4"
    loaded(OURS)
    plug_in(0 if OURS else 1)
    sys.exit(first(0) if OURS else other(1))
