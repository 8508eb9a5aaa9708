#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What xl4run makes of a program's sockets when the modules are loaded."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import DCCP, KERNEL, ROOT, SCTP, STREAMS, TCP, UDP, UDPLITE, same  # noqa: E402
from tap import Skip, main, test  # noqa: E402

XL4RUN = ROOT / "scripts/xl4run"

# Opens sockets as programs do; prints what SO_PROTOCOL says through the library,
# then what it says to a child without the library.
PROGRAM = """
import socket, subprocess, sys
sockets = [socket.socket(family, int(kind), int(protocol))
           for kind, protocol in (word.split("/") for word in sys.argv[1:])
           for family in (socket.AF_INET, socket.AF_INET6)]
print(*(s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) for s in sockets), flush=True)
numbers = [s.fileno() for s in sockets]
child = "import socket, sys; print(*(socket.socket(fileno=int(n)).proto for n in sys.argv[1:]))"
subprocess.run([sys.executable, "-c", child, *map(str, numbers)], pass_fds=numbers, env={}, check=True)
"""

# Sets options as programs do, and reads them.
OPTIONS = """
from socket import *
for family in (AF_INET, AF_INET6):
    s = socket(family, SOCK_STREAM)
    options = (SOL_TCP, TCP_NODELAY, 1), (SOL_TCP, TCP_KEEPIDLE, 33), (SOL_TCP, TCP_SYNCNT, 7)
    for option in options:
        s.setsockopt(*option)
    s.setsockopt(SOL_TCP, TCP_CONGESTION, b"cubic")
    print(*(s.getsockopt(level, name) for level, name, _ in options),
          s.getsockopt(SOL_TCP, TCP_CONGESTION, 16).strip(b"\\0").decode(),
          len(s.getsockopt(SOL_TCP, TCP_INFO, 512)) > 100)
"""


def xl4run(*arguments):
    done = subprocess.run([XL4RUN, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


class Loaded:
    """The modules are there: xl4run says so itself."""

    def __init__(self, _):
        if KERNEL or STREAMS.kernel:
            raise Skip("is about the modules")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@test("without -p it maps what is loaded")
def by_default(_):
    status, output, error = xl4run("-v", "/usr/bin/python3", "-c", PROGRAM, "2/0", "2/17", "2/136", "1/0", "1/6")
    same(error, f"xl4run: udp={UDP},udplite={UDPLITE},tcp={TCP},sctp={SCTP},dccp={DCCP}\n", "-v says")
    same(output, "17 17 17 17 136 136 6 6 6 6\n"
                 f"{UDP} {UDP} {UDP} {UDP} {UDPLITE} {UDPLITE} {TCP} {TCP} {TCP} {TCP}\n", "protocols")
    same(str(status), "0", "exit status")


@test("-p maps only what it names")
def only(_):
    _, output, _ = xl4run("-p", "udplite", "/usr/bin/python3", "-c", PROGRAM, "2/17", "2/136", "1/0")
    same(output, f"17 17 136 136 6 6\n17 17 {UDPLITE} {UDPLITE} 6 6\n", "protocols")


@test("options at SOL_TCP reach the socket that TCP became")
def options(_):
    status, output, error = xl4run("-p", "tcp", "/usr/bin/python3", "-c", OPTIONS)
    same(error, "", "it complains of")
    same(output, "1 33 7 cubic True\n" * 2, "the options")
    same(str(status), "0", "exit status")


@test("a number that nobody has is refused, with the command that would help")
def missing(_):
    status, output, error = xl4run("-p", "udp=249", "true")
    same(str(status), "125", "exit status")
    same(error, f"xl4run: udp: this kernel has no protocol 249; load it with: insmod {ROOT}/net/core/xl4.ko; "
                f"insmod {ROOT}/net/udp/xudp.ko udp=249\n", "it says")
    same(output, "", "output")


main(Loaded)
