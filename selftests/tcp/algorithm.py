#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A congestion control that comes in a module of its own, and goes again."""
import os
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from netns import Namespace, ip  # noqa: E402
from tap import Failed, Skip, main, test  # noqa: E402

TCP = int(os.environ.get("XL4_TCP", "254"))
MODULE = pathlib.Path(os.environ.get("XL4_MODULES", ".")) / "examples/scalable/xl4_scalable.ko"
NAME = "scalable"
BUILT_IN = ["cubic", "reno"]
SETTINGS = pathlib.Path("/proc/sys/net/xl4")
CONTENT = os.urandom(1 << 20)
FAMILIES = {"IPv4": (socket.AF_INET, "127.0.0.1"), "IPv6": (socket.AF_INET6, "::1")}


def equal(found, expected, what):
    if found != expected:
        raise Failed(f"{what}: {found!r}, expected {expected!r}")


def rmmod():
    """Whether it went."""
    return subprocess.run(["rmmod", MODULE.stem], check=False, stderr=subprocess.DEVNULL).returncode == 0


class Loaded:
    """The module is there, in a namespace with a loopback device."""

    def __init__(self, family):
        if TCP == socket.IPPROTO_TCP:
            raise Skip("is about xl4")
        self.family, self.address = FAMILIES[family or "IPv4"]

    def __enter__(self):
        self.namespace = Namespace()
        self.namespace.enter()
        ip("link set lo up")
        subprocess.run(["insmod", MODULE], check=True)
        return self

    def __exit__(self, *_):
        self.namespace.close()
        if os.path.exists(f"/sys/module/{MODULE.stem}") and not rmmod():
            raise Failed("the module does not go")

    def socket(self, name=None):
        s = socket.socket(self.family, socket.SOCK_STREAM, TCP)
        if name:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, name.encode())
        return s

    def transfer(self, client):
        """CONTENT from the server's side to the client's, whose algorithm children have."""
        with self.socket(NAME) as listener:
            listener.bind((self.address, 0))
            listener.listen()
            client.connect(listener.getsockname())
            child, _ = listener.accept()
        with child:
            equal(algorithm(child), NAME, "the child's algorithm")
            received = b""
            child.setblocking(False)
            sent = 0
            while len(received) < len(CONTENT):
                if sent < len(CONTENT):
                    sent += child.send(CONTENT[sent:sent + 65536])
                received += client.recv(65536)
            equal(received, CONTENT, "what came")


def algorithm(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()


def available():
    return (SETTINGS / "tcp_available_congestion_control").read_text().split()


@test("a connection with it carries data", on=FAMILIES)
def carries(t):
    with t.socket(NAME) as client:
        t.transfer(client)


@test("a socket keeps it; without sockets it goes, and is not known any more")
def goes(t):
    with t.socket(NAME) as s:
        equal(algorithm(s), NAME, "the algorithm")
        equal(rmmod(), False, "the module went")
    equal(available(), [*BUILT_IN, NAME], "what there is")
    equal(rmmod(), True, "the module went")
    equal(available(), BUILT_IN, "what there is afterwards")
    try:
        t.socket(NAME)
    except FileNotFoundError:
        return
    raise Failed("it is still known")


@test("as the namespace's default it is for all new sockets, until it goes")
def default(t):
    (SETTINGS / "tcp_congestion_control").write_text(NAME)
    with t.socket() as s:
        equal(algorithm(s), NAME, "the algorithm")
    equal(rmmod(), True, "the module went")
    with t.socket() as s:
        equal(algorithm(s), "cubic", "the algorithm afterwards")


main(Loaded)
