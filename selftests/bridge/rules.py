#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The table of rules: what may be written, by whom, and what becomes of it."""
import contextlib
import ctypes
import errno
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import bridge
from bridge import RULES, command, rules
from netns import CLONE_NEWNET, Namespace
from tap import Failed, main, test

CLONE_NEWUSER = 0x10000000
MOST = 64
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/bridge"
_libc = ctypes.CDLL(None, use_errno=True)


class Table:
    """A namespace of its own, and so an empty table."""

    def __init__(self, _variant):
        pass

    def __enter__(self):
        self.namespace = Namespace()
        return self

    def __exit__(self, *_):
        self.namespace.close()

    @staticmethod
    def has(*expected):
        same([rule for rule, _counts in rules()], list(expected))


def same(found, expected):
    if found != expected:
        raise Failed(f"expected {expected!r}, found {found!r}")


@contextlib.contextmanager
def refused(number, about=""):
    try:
        yield
    except OSError as error:
        if error.errno != number:
            raise Failed(f"{about!r}: expected {errno.errorcode[number]}, found {error}") from error
    else:
        raise Failed(f"{about!r} was accepted")


# What is written, and how it is read.
GOOD = [
    ("tcp", "tcp"), ("udp", "udp"), ("sctp", "sctp"), ("dccp", "dccp"), ("udplite", "udplite"),
    ("tcp dev eth0", "tcp dev eth0"), ("tcp dev fifteenletters1", "tcp dev fifteenletters1"),
    ("tcp dev dev", "tcp dev dev"), ("tcp dev local", "tcp dev local"),
    ("tcp local 10.1.2.3", "tcp local 10.1.2.3/32"), ("tcp local 10.1.2.3/8", "tcp local 10.0.0.0/8"),
    ("tcp remote 10.1.2.3/31", "tcp remote 10.1.2.2/31"), ("tcp remote 0.0.0.0/0", "tcp remote 0.0.0.0/0"),
    ("tcp remote ::/0", "tcp remote ::/0"), ("tcp remote fd00::1", "tcp remote fd00::1/128"),
    ("tcp remote fd00:1:ffff::/33", "tcp remote fd00:1:8000::/33"),
    ("tcp local port 80", "tcp local port 80"), ("tcp local port 1-65535", "tcp local port 1-65535"),
    ("tcp local port 80-80", "tcp local port 80"), ("tcp remote port 080", "tcp remote port 80"),
    ("tcp\tremote  10.0.0.0/8 \t port 80 ", "tcp remote 10.0.0.0/8 port 80"),
    ("tcp remote port 80 local port 7 dev a", "tcp dev a local port 7 remote port 80"),
    ("  udp", "udp"),
]
LONG = "1" * 100
BAD = [
    "", " ", "tc", "tcpx", "TCP", "6", "all", "tcp tcp", "tcp,udp", "tcp dev", "tcp dev sixteenletters12",
    "tcp dev a/b", "tcp dev a:b", "tcp dev .", "tcp dev ..", "tcp dev a dev b", "tcp local", "tcp remote",
    "tcp local port", "tcp local port 0", "tcp local port 65536", "tcp local port -1", "tcp local port +1",
    "tcp local port 2-1", "tcp local port 1-", "tcp local port -2", "tcp local port 1-2-3",
    "tcp local port 0-5", "tcp local port 1x", "tcp local port 0x10", "tcp local port 1-65536",
    "tcp local port " + LONG, "tcp local port 4294967297", "tcp local port http", "tcp port 80",
    "tcp local port 1 port 2", "tcp local port 1 local port 2", "tcp local dev eth0", "tcp local local",
    "tcp local 10.0.0.0/33", "tcp local 10.0.0.0/", "tcp local 10.0.0.0/-1", "tcp local 10.0.0.0/8/8",
    "tcp local 10.0.0.0/8x", "tcp local 10.0.0", "tcp local 10.0.0.256", "tcp local 10.0.0.1.2",
    "tcp local fd00::/129", "tcp local fd00:::1", "tcp local fd00::1%eth0", "tcp local ::ffff:10.0.0.1",
    "tcp local ::ffff:0:0/96", "tcp local localhost", "tcp local 10.0.0.1 remote fd00::1",
    "tcp local fd00::1 remote 10.0.0.1", "tcp local 10.0.0.1 10.0.0.2", "tcp remote 10.0.0.0 /8",
    "tcp\nudp", "tcp\n\n", "tcp\r", "tcp\0", "tcp local port 80\0", "tcp \xa0", "tcp dev \x7f", "tcp dev \x01",
]


@test("what is written is read back in one way of saying it")
def good(t):
    for words, said in GOOD:
        command("add " + words)
        t.has(said)
        command("del " + said)
        t.has()


@test("what is read back can be written again")
def again(t):
    for words, _said in GOOD:
        with contextlib.suppress(FileExistsError):
            command("add " + words)
    table = [rule for rule, _counts in rules()]
    command("flush")
    for rule in table:
        command("add " + rule)
    t.has(*table)


@test("with or without the end of the line")
def lines(t):
    command("add tcp\n")
    command("add udp")
    t.has("tcp", "udp")


@test("what is no rule is refused, and changes nothing")
def bad(t):
    command("add udp")
    for words in BAD:
        for what in ("add ", "del "):
            with refused(errno.EINVAL, what + words):
                command((what + words).encode("latin-1"))
    t.has("udp")


@test("what is no command is refused")
def commands(t):
    command("add udp")
    for line in (b"", b"\n", b"add", b"add\ttcp", b"ad tcp", b" add tcp", b"ADD tcp", b"flush x", b"flush ",
                 b"tcp", b"\0", b"flush\0", b"flush\nflush", b"add " + b"x" * 4080, b"add tcp " + b" " * 4096,
                 b"\xff" * 100):
        if line:
            with refused(errno.EINVAL, line):
                command(line)
    t.has("udp")


@test("any bytes at all are a rule or are refused")
def noise(t):
    chance = random.Random(1)
    words = ["add", "del", "flush", "tcp", "udp", "dev", "local", "remote", "port", "eth0", "10.0.0.0/8",
             "fd00::/8", "1-2", "/", "-", "80", "\0", "\n", " ", "::", "65535", "%"]
    for _ in range(3000):
        line = " ".join(chance.choices(words, k=chance.randrange(1, 12))).encode()
        if chance.random() < 0.3:
            line = chance.randbytes(chance.randrange(1, 200))
        with contextlib.suppress(OSError):
            command(line)
    table = [rule for rule, _counts in rules()]
    command("flush")
    for rule in table:
        command("add " + rule)
    t.has(*table)


@test("the same rule twice, and one that is not there")
def twice(t):
    command("add tcp local 10.0.0.0/8 port 1-9")
    with refused(errno.EEXIST):
        command("add tcp local 10.9.9.9/8 port 1-9")
    for other in ("udp local 10.0.0.0/8 port 1-9", "tcp local 10.0.0.0/9 port 1-9",
                  "tcp local 10.0.0.0/8 port 1-8", "tcp local 10.0.0.0/8 port 2-9",
                  "tcp remote 10.0.0.0/8 port 1-9", "tcp dev a local 10.0.0.0/8 port 1-9"):
        with refused(errno.ENOENT, other):
            command("del " + other)
    t.has("tcp local 10.0.0.0/8 port 1-9")
    command("del tcp local 10.0.0.0/8 port 1-9")
    with refused(errno.ENOENT):
        command("del tcp local 10.0.0.0/8 port 1-9")


@test("there are not more than 64 rules, in the order of their coming")
def most(t):
    for port in range(1, MOST + 1):
        command(f"add tcp local port {port}")
    with refused(errno.ENOSPC):
        command("add udp")
    t.has(*(f"tcp local port {port}" for port in range(1, MOST + 1)))
    command("del tcp local port 3")
    command("add udp")
    same(rules()[-1][0], "udp")
    command("flush")
    t.has()


@test("another namespace has other rules")
def namespaces(t):
    command("add tcp")
    with Table(None) as other:
        other.has()
        command("add udp")
    t.namespace.enter()
    t.has("tcp")


@test("a namespace that goes leaves no rule behind")
def leaving(_):
    for _ in range(20):
        with Table(None):
            for number in range(5):
                command(f"add tcp local port {number + 1}")


@test("the module unloads with rules, and comes back without")
def unloading(t):
    command("add tcp")
    command("add udp dev eth0")
    bridge.unload()
    same(os.path.exists(RULES), False)
    bridge.load()
    t.has()
    command("add tcp")


def in_child(function):
    """Run in a process of its own, and fail if it does."""
    pid = os.fork()
    if not pid:
        try:
            function()
        except BaseException as problem:
            print(f"# {problem!r}", flush=True)
            os._exit(1)
        os._exit(0)
    same(os.waitpid(pid, 0)[1], 0)


def become(uid):
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


@test("only who has CAP_NET_ADMIN may write, and who opened the file is asked")
def privileges(t):
    os.chmod(RULES, 0o666)
    opened = None

    def nobody():
        become(65534)
        same([rule for rule, _counts in rules()], [])
        with refused(errno.EPERM):
            command("add tcp")

    def given():
        """A program with all rights is handed a file by one that has none."""
        os.seteuid(65534)
        with open(RULES, "wb", buffering=0) as file:
            os.seteuid(0)
            with refused(errno.EPERM):
                file.write(b"add tcp")

    del opened
    in_child(nobody)
    in_child(given)
    t.has()


@test("root of a user namespace may write in its own network namespace, not in that of others")
def user_namespace(t):
    outside = os.open(RULES, os.O_WRONLY)

    def inside():
        theirs = f"/proc/{os.getppid()}/net/xl4/bridge"
        if _libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        for name in ("uid_map", "gid_map"):
            with contextlib.suppress(OSError), open("/proc/self/" + name, "w", encoding="ascii") as file:
                file.write("0 0 1")
        command("add udp")
        same([rule for rule, _counts in rules()], ["udp"])
        with refused(errno.EPERM), open(theirs, "wb", buffering=0) as file:
            file.write(b"add tcp")

    in_child(inside)
    os.close(outside)
    t.has()


def say(*words, stdin=""):
    return subprocess.run([SCRIPT, *words], input=stdin, text=True, capture_output=True, check=False)


@test("scripts/bridge adds, lists, saves, restores, removes, and says what is wrong")
def script(t):
    same(say("add", "tcp", "dev", "eth0", "remote", "10.0.0.0/8", "port", "80").stderr, "")
    same(say("add", "udp").returncode, 0)
    t.has("tcp dev eth0 remote 10.0.0.0/8 port 80", "udp")
    saved = say("save").stdout
    same(saved, "tcp dev eth0 remote 10.0.0.0/8 port 80\nudp\n")
    same(say().stdout, pathlib.Path(RULES).read_text(encoding="ascii"))
    for words, why in ((["add", "udp"], "already"), (["del", "tcp"], "no such rule"), (["add", "x"], "no rule")):
        done = say(*words)
        same((done.returncode, why in done.stderr), (1, True))
    same(say("del", "udp").returncode, 0)
    same(say("flush").returncode, 0)
    t.has()
    same(say("restore", stdin=saved).returncode, 0)
    same(say("save").stdout, saved)
    same(say("nonsense").returncode, 2)


if __name__ == "__main__":
    bridge.load()
    main(Table)
