# SPDX-License-Identifier: GPL-2.0
"""Network namespaces that live as long as their object, and what is set in them."""
import ctypes
import os
import socket
import subprocess
import time

import rtnetlink

CLONE_NEWNET = 0x40000000
RTF_LOCAL = 0x80000000    # of a route
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result):
    if result:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


class ExistingNamespace:
    """The network namespace that the process is in now."""

    def __init__(self):
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def enter(self):
        _check(_libc.setns(self.fd, CLONE_NEWNET))

    @property
    def path(self):
        """A name by which `ip link set ... netns` finds it."""
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def close(self):
        os.close(self.fd)


class Namespace(ExistingNamespace):
    """A new network namespace; the process is in it at once.

    Sockets stay where they were made, so one process can hold sockets of several
    namespaces: enter() one, make them, enter() the next.
    """

    def __init__(self):
        _check(_libc.unshare(CLONE_NEWNET))
        super().__init__()
        rtnetlink.link_up("lo")


def ip(*commands):
    """Run lines of ip(8) in the namespace that the process is in."""
    run(["ip", "-batch", "-"], "\n".join(commands) + "\n")


def add_address(device, address, length, preferred=True):
    """Give a device an address that can be used from now on."""
    rtnetlink.add_address(device, address, length, preferred)
    if ":" in address:
        _wait_for_local_route(address)


def _wait_for_local_route(address):
    """The kernel makes an IPv6 address its own a moment after the command that adds it."""
    hexadecimal = socket.inet_pton(socket.AF_INET6, address).hex()

    def is_local(destination, length, *rest):
        """A prefix of 128 bits has a route of its own before."""
        return (destination, length) == (hexadecimal, "80") and int(rest[-2], 16) & RTF_LOCAL

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with open("/proc/thread-self/net/ipv6_route", encoding="ascii") as file:
            if any(is_local(*line.split()) for line in file):
                return
        time.sleep(0.001)
    raise OSError(f"{address} is not usable")


def run(command, stdin=""):
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=60,
                          check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}\n{stdin}")
    return done.stdout


def sysctl(name, value=None):
    """Read or write net.NAME; dots in a device's name are not supported."""
    path = "/proc/sys/net/" + name.replace(".", "/")
    if value is None:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))
    return str(value)
