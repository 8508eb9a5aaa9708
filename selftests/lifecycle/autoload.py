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
XL4, XUDP = MODULES / "net/core/xl4.ko", MODULES / "net/udp/xudp.ko"
HELPER = pathlib.Path("/proc/sys/kernel/modprobe")
FAMILIES = (socket.AF_INET, socket.AF_INET6)


class Kind(NamedTuple):
    """What socket() is asked for."""
    family: int
    number: int

    def __str__(self):
        return f"{self.family.name} {self.number}"

    def can_open(self):
        try:
            socket.socket(self.family, socket.SOCK_DGRAM, self.number).close()
        except OSError as error:
            equal(error.errno, errno.EPROTONOSUPPORT)
            return False
        return True


def run(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True, timeout=60).stdout


def loaded():
    return {line.split()[0] for line in open("/proc/modules", encoding="ascii")} & {"xl4", "xudp"}


def unload():
    for module in ("xudp", "xl4"):
        if module in loaded():
            run("rmmod", module)


class Installed:
    """Both modules in a tree of their own, as `make modules_install` leaves them."""

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
        for module in (XL4, XUDP):
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
        run("insmod", str(XL4))
        run("insmod", str(XUDP))



def equal(is_, should):
    if is_ != should:
        raise Failed(f"{is_!r} instead of {should!r}")


@test("modinfo shows an alias for each number and family")
def aliases(_t):
    found = set(run("/sbin/modinfo", "-F", "alias", str(XUDP)).split())
    expected = {f"net-pf-{int(family)}-proto-{number}-type-{int(socket.SOCK_DGRAM)}"
                for family in FAMILIES for number in (253, 252, 136)}
    equal(expected - found, set())


@test("modinfo tells licence, description and every parameter")
def described(_t):
    for module in (XL4, XUDP):
        equal(run("/sbin/modinfo", "-F", "license", str(module)).strip()[:3], "GPL")
        if not run("/sbin/modinfo", "-F", "description", str(module)).strip():
            raise Failed(f"{module.name} has no description")
    parameters = run("/sbin/modinfo", "-F", "parm", str(XUDP)).splitlines()
    equal({line.split(":")[0] for line in parameters} >= {"udp", "udplite", "udplite_iana"}, True)


@test("socket() loads both modules", on=[Kind(f, n) for f in FAMILIES for n in (253, 252)])
def socket_loads(t):
    equal(loaded(), set())
    equal(t.variant.can_open(), True)
    equal(loaded(), {"xl4", "xudp"})


@test("socket() of another number loads nothing")
def other_number(_t):
    equal(Kind(socket.AF_INET, 251).can_open(), False)
    equal(loaded(), set())


@test("modprobe and modprobe -r bring both in and take both out")
def modprobe(t):
    run("/sbin/modprobe", "-d", str(t.tree), "xudp")
    equal(loaded(), {"xl4", "xudp"})
    run("/sbin/modprobe", "-d", str(t.tree), "-r", "xudp")
    equal(loaded(), set())


if __name__ == "__main__":
    main(Installed)
