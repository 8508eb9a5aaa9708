#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What xl4run makes of a program's sockets when the modules are loaded."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from hosts import KERNEL, ROOT, UDP, UDPLITE, same  # noqa: E402
from tap import Skip, main, test  # noqa: E402

XL4RUN = ROOT / "scripts/xl4run"

# Opens sockets as programs do; prints what SO_PROTOCOL says through the library,
# then what it says to a child without the library.
PROGRAM = """
import socket, subprocess, sys
sockets = [socket.socket(family, socket.SOCK_DGRAM, int(protocol))
           for protocol in sys.argv[1:] for family in (socket.AF_INET, socket.AF_INET6)]
print(*(s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) for s in sockets), flush=True)
numbers = [s.fileno() for s in sockets]
child = "import socket, sys; print(*(socket.socket(fileno=int(n)).proto for n in sys.argv[1:]))"
subprocess.run([sys.executable, "-c", child, *map(str, numbers)], pass_fds=numbers, env={}, check=True)
"""


def xl4run(*arguments):
    done = subprocess.run([XL4RUN, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


class Loaded:
    """The modules are there: xl4run says so itself."""

    def __init__(self, _):
        if KERNEL:
            raise Skip("is about the modules")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@test("without -p it maps what is loaded")
def by_default(_):
    status, output, error = xl4run("-v", "/usr/bin/python3", "-c", PROGRAM, "0", "17", "136")
    same(error, f"xl4run: udp={UDP},udplite={UDPLITE}\n", "-v says")
    same(output, f"17 17 17 17 136 136\n{UDP} {UDP} {UDP} {UDP} {UDPLITE} {UDPLITE}\n", "protocols")
    same(str(status), "0", "exit status")


@test("-p maps only what it names")
def only(_):
    _, output, _ = xl4run("-p", "udplite", "/usr/bin/python3", "-c", PROGRAM, "17", "136")
    same(output, f"17 17 136 136\n17 17 {UDPLITE} {UDPLITE}\n", "protocols")


@test("a number that nobody has is refused, with the command that would help")
def missing(_):
    status, output, error = xl4run("-p", "udp=249", "true")
    same(str(status), "125", "exit status")
    same(error, f"xl4run: udp: this kernel has no protocol 249; load it with: insmod {ROOT}/net/core/xl4.ko; "
                f"insmod {ROOT}/net/udp/xudp.ko udp=249\n", "it says")
    same(output, "", "output")


main(Loaded)
