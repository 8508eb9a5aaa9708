#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""xl4run where no module is loaded: what it refuses, and what it does to sockets."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
from tap import Failed, Skip, main, test  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
XL4RUN = ROOT / "scripts/xl4run"
PYTHON = "/usr/bin/python3"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

# A protocol number that neither the kernel nor xl4 uses.
NOBODYS = 249

# Prints SO_PROTOCOL, or the error, of a socket asked for by type and protocol.
OPEN = """
import errno, socket, sys
for family in socket.AF_INET, socket.AF_INET6:
    try:
        s = socket.socket(family, *map(int, sys.argv[1:]))
        print(s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL))
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
# Whether datagrams of an UDP-Lite socket come out of a UDP socket.
CROSS = """
import os, socket
receiver = socket.socket(fileno=0)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE)
sender.sendto(b"hello", receiver.getsockname())
receiver.settimeout(10)
print(receiver.recv(100).decode())
"""


class Directory(tempfile.TemporaryDirectory):
    def __init__(self, _):
        super().__init__(prefix="xl4run-")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def expect(result, status, output="", error=""):
    """Exit status and output are these, the error output holds this."""
    if result[0] != status or result[1] != output or error not in result[2] or bool(error) != bool(result[2]):
        raise Failed(f"{result} where {(status, output, error)} was expected")


def preloaded(map_, *command, **options):
    """Run with the library, past xl4run's checks."""
    library = ROOT / "build/tools/libxl4run.so"
    return run(*command, env={**os.environ, "LD_PRELOAD": str(library), "XL4RUN_MAP": map_}, **options)


@test("a protocol that the kernel has not got is named, with its module")
def no_module(_):
    expect(run(XL4RUN, "-p", f"udp={NOBODYS}", "true"), 125,
           error=f"udp: this kernel has no protocol {NOBODYS}; load it with: insmod {ROOT}/net/core/xl4.ko; "
                 f"insmod {ROOT}/net/udp/xudp.ko udp={NOBODYS}\n")


@test("each of several missing ones is named")
def no_modules(_):
    status, _, error = run(XL4RUN, "-p", "tcp=247,udplite=249,dccp=248", "true")
    expect((status, "", error), 125, error="udplite: this kernel has no protocol 249")
    expect((status, "", error), 125, error="tcp: this kernel has no protocol 247")
    expect((status, "", error), 125, error="dccp: this kernel has no protocol 248")


@test("without a module and without -p there is nothing to do")
def nothing(_):
    if any(pathlib.Path("/sys/module", module).exists() for module in ("xudp", "xtcp", "xsctp", "xdccp")):
        raise Skip("a module is loaded")
    expect(run(XL4RUN, "true"), 125, error="no xl4 protocol module is loaded")


@test("words that mean no protocol")
def words(_):
    expect(run(XL4RUN, "-p", "upd", "true"), 125, error="upd is not a protocol")
    expect(run(XL4RUN, "-p", "=17", "true"), 125, error=" is not a protocol")
    for number in "seventeen", "256", "1000", "-1", "":
        expect(run(XL4RUN, "-p", f"udp={number}", "true"), 125, error=f"udp: {number} is not a protocol number")
    expect(run(XL4RUN), 125, error="usage:")
    expect(run(XL4RUN, "-x", "true"), 125, error="usage:")


@test("a program that is not there, or is none")
def not_found(directory):
    expect(run(XL4RUN, "-p", "udp=17", "no-such-program"), 127, error="no-such-program: no such program")
    plain = pathlib.Path(directory, "plain")
    plain.write_text("")
    for program in plain, directory, "cd":
        expect(run(XL4RUN, "-p", "udp=17", program), 127, error=f"{program}: no such program")


@test("a static program")
def static(directory):
    program = pathlib.Path(directory, "program")
    status, _, error = run("cc", "-static", "-x", "c", "-o", program, "-", input="int main(void) { return 0; }")
    if status:
        raise Skip(f"no static program can be built here: {error}")
    expect(run(XL4RUN, "-p", "udp=17", program), 126, error="is static")


@test("a script is as good as its interpreter")
def script(directory):
    program = pathlib.Path(directory, "program")
    program.write_text(f"#! {PYTHON} -E\nprint('hello')\n")
    program.chmod(0o755)
    expect(run(XL4RUN, "-p", "udp=17", program), 0, "hello\n")
    program.write_text(f"#!{program}\n")
    expect(run(XL4RUN, "-p", "udp=17", program), 126, error="no library can be put before its own")


@test("a setuid program, for whom that matters")
def setuid(_):
    prefix = () if os.getuid() else NOBODY
    if run(*prefix, "test", "-r", XL4RUN)[0]:
        raise Skip("nobody may not read this checkout")
    expect(run(*prefix, XL4RUN, "-p", "udp=17", "su", "--version"), 126, error="is setuid")


@test("exit status and arguments pass through")
def passes(_):
    expect(run(XL4RUN, "-p", "udp=17", "--", "sh", "-c", 'echo "$2"; exit 7', "-p", "a b", "c  d"), 7, "c  d\n")


@test("-v says what it does")
def verbose(_):
    expect(run(XL4RUN, "-v", "-p", "udp=17,tcp=6", "echo", "hello"), 0, "hello\n", "xl4run: udp=17,tcp=6\n")


@test("sockets are asked for by the new number, IPv4 and IPv6")
def numbers(_):
    for protocol in 0, 17:
        expect(preloaded(f"udp={NOBODYS}", PYTHON, "-c", OPEN, 2, protocol), 0, "EPROTONOSUPPORT\n" * 2)
    expect(preloaded(f"tcp={NOBODYS}", PYTHON, "-c", OPEN, 1, 0), 0, "EPROTONOSUPPORT\n" * 2)
    expect(preloaded(f"tcp={NOBODYS}", PYTHON, "-c", OPEN, 2, 0), 0, "17\n" * 2)


@test("the datagrams go by the new protocol, SO_PROTOCOL stays")
def crossed(_):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        expect(run(XL4RUN, "-p", "udplite=17", PYTHON, "-c", CROSS, stdin=receiver), 0, "hello\n")
    expect(run(XL4RUN, "-p", "udplite=17", PYTHON, "-c", OPEN, 2, 136), 0, "136\n" * 2)


@test("a map that the library cannot read changes nothing")
def unreadable(_):
    for map_ in ("", "udp", f"udp={NOBODYS},", "udp=0", "udp=256", f"udp={NOBODYS};tcp=1"):
        expect(preloaded(map_, PYTHON, "-c", OPEN, 2, 17), 0, "17\n" * 2)


main(Directory)
