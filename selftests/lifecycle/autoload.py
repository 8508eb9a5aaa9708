#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""socket() loads an installed module by itself, through the aliases it bears."""
import errno
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
from typing import NamedTuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from tap import Failed, Skip, main, test

MODULES = pathlib.Path(os.environ.get("XL4_MODULES", "."))
XL4, XUDP, XTCP, XSCTP, XDCCP = (
    MODULES / f"net/{name}.ko"
    for name in ("core/xl4", "udp/xudp", "tcp/xtcp", "sctp/xsctp", "dccp/xdccp"))
ALL = (XL4, XUDP, XTCP, XSCTP, XDCCP)
HELPER = pathlib.Path("/proc/sys/kernel/modprobe")
SOCK_DCCP = 6  # which Python has no name for
FAMILIES = (socket.AF_INET, socket.AF_INET6)


class Kind(NamedTuple):
    """What socket() is asked for, and the module that has it."""
    family: int
    type: int
    number: int
    module: str

    def __str__(self):
        kind = "SOCK_DCCP" if self.type == SOCK_DCCP else self.type.name
        return f"{self.family.name} {kind} {self.number}"

    def can_open(self):
        try:
            socket.socket(self.family, self.type, self.number).close()
        except OSError as error:
            equal(error.errno, errno.EPROTONOSUPPORT)
            return False
        return True


KINDS = [Kind(family, *rest) for family in FAMILIES
         for rest in ((socket.SOCK_DGRAM, 253, "xudp"), (socket.SOCK_DGRAM, 252, "xudp"),
                      (socket.SOCK_STREAM, 254, "xtcp"), (socket.SOCK_STREAM, 251, "xsctp"),
                      (socket.SOCK_SEQPACKET, 251, "xsctp"), (SOCK_DCCP, 250, "xdccp"))]


def run(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True, timeout=60).stdout


def loaded():
    return {line.split()[0] for line in open("/proc/modules", encoding="ascii")} & {
        module.stem for module in ALL}


def unload():
    for module in reversed(ALL):
        if module.stem in loaded():
            run("rmmod", module.stem)


class Installed:
    """All modules in a tree of their own, as `make modules_install` leaves them."""

    def __init__(self, variant):
        self.variant = variant
        if os.environ.get("XL4_UDP") == "17":
            raise Skip("the kernel's UDP is no module")

    def __enter__(self):
        unload()
        self.tree = pathlib.Path(tempfile.mkdtemp())
        release = os.uname().release
        modules = self.tree / "lib/modules" / release
        modules.mkdir(parents=True)
        for name in ("modules.order", "modules.builtin"):
            (modules / name).touch()
        for module in ALL:
            shutil.copy(module, modules)
        run("depmod", "-b", str(self.tree), release)
        self.helper = HELPER.read_text(encoding="ascii")
        wrapper = self.tree / "modprobe"
        wrapper.write_text(f'#!/bin/sh\nexec /sbin/modprobe -d {self.tree} "$@"\n')
        wrapper.chmod(0o755)
        HELPER.write_text(str(wrapper), encoding="ascii")
        return self

    def __exit__(self, *_):
        HELPER.write_text(self.helper, encoding="ascii")
        shutil.rmtree(self.tree)
        unload()
        for module in ALL:
            run("insmod", str(module))


def equal(is_, should):
    if is_ != should:
        raise Failed(f"{is_!r} instead of {should!r}")


@test("modinfo shows an alias for each number and family")
def aliases(_t):
    for module, kind, numbers in ((XUDP, socket.SOCK_DGRAM, (253, 252, 136)),
                                  (XTCP, socket.SOCK_STREAM, (254,)),
                                  (XSCTP, socket.SOCK_STREAM, (251,)),
                                  (XSCTP, socket.SOCK_SEQPACKET, (251,)),
                                  (XDCCP, SOCK_DCCP, (250, 33))):
        found = set(run("/sbin/modinfo", "-F", "alias", str(module)).split())
        expected = {f"net-pf-{int(family)}-proto-{number}-type-{int(kind)}"
                    for family in FAMILIES for number in numbers}
        equal(expected - found, set())


@test("modinfo tells licence, description and every parameter")
def described(_t):
    for module in ALL:
        equal(run("/sbin/modinfo", "-F", "license", str(module)).strip()[:3], "GPL")
        if not run("/sbin/modinfo", "-F", "description", str(module)).strip():
            raise Failed(f"{module.name} has no description")
    for module, expected in ((XUDP, {"udp", "udplite", "udplite_iana"}), (XTCP, {"tcp"}),
                             (XSCTP, {"sctp", "sctp_iana"}), (XDCCP, {"dccp", "dccp_iana"})):
        parameters = run("/sbin/modinfo", "-F", "parm", str(module)).splitlines()
        equal({line.split(":")[0] for line in parameters} >= expected, True)


@test("socket() loads the module and xl4", on=KINDS)
def socket_loads(t):
    equal(loaded(), set())
    equal(t.variant.can_open(), True)
    equal(loaded(), {"xl4", t.variant.module})


@test("socket() of another number loads nothing")
def other_number(_t):
    equal(Kind(socket.AF_INET, socket.SOCK_DGRAM, 251, None).can_open(), False)
    equal(loaded(), set())


@test("modprobe and modprobe -r bring both in and take both out", on=("xudp", "xtcp", "xsctp", "xdccp"))
def modprobe(t):
    run("/sbin/modprobe", "-d", str(t.tree), t.variant)
    equal(loaded(), {"xl4", t.variant})
    run("/sbin/modprobe", "-d", str(t.tree), "-r", t.variant)
    equal(loaded(), set())


if __name__ == "__main__":
    main(Installed)
