#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Messages arrive whole, once, and in the order of their streams, over good lines and bad ones,
with sockets of both styles, both ways at once.

XL4_TRANSFER_MB=100 sends more each way than the quarter of a megabyte that make check does.
"""
import errno
import hashlib
import os
import pathlib
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import netem  # noqa: E402
from association import (BOTH, EOF, MANY, MSG_NOTIFICATION, SCTP_NODELAY, SCTP_RECVRCVINFO,  # noqa: E402
                         SCTP_SNDINFO, SOL_SCTP, UNORDERED)
from pair import DEVICE, Pair  # noqa: E402
from tap import Failed, main, test  # noqa: E402

SCTP_RCVINFO = 3
PORT = 7
SIZE = int(float(os.environ.get("XL4_TRANSFER_MB", "0.25")) * (1 << 20))
VIRTUAL = os.environ.get("XL4_TIME") == "virtual"
PATIENCE = 1800 if VIRTUAL else 60      # seconds without a single octet
ROOM = 1 << 16                          # of one read: less than the largest messages
ALL = BOTH + MANY


class Message:
    """What a program sends or receives."""

    def __init__(self, data, stream=0, unordered=False, ppid=0):
        self.data, self.stream, self.unordered, self.ppid = data, stream, unordered, ppid

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __hash__(self):
        return hash((self.data, self.stream, self.unordered, self.ppid))

    def __repr__(self):
        return (f"<{len(self.data)} octets {self.data[:8].hex()} stream {self.stream}"
                f"{' unordered' * self.unordered} {self.ppid}>")

    def info(self, flags=0):
        flags |= UNORDERED * self.unordered
        return [(SOL_SCTP, SCTP_SNDINFO,
                 struct.pack("=HHIIi", self.stream, flags, self.ppid, 0, 0))]


class End:
    """A socket, what it has still to say, and what it has heard."""

    def __init__(self, sock, to=None):
        self.sock, self.to = sock, to
        self.outbox, self.inbox, self.parts = [], [], []
        self.heard_end = False
        self.reads = 0
        sock.setblocking(False)
        sock.setsockopt(SOL_SCTP, SCTP_RECVRCVINFO, 1)

    def says(self, messages):
        self.outbox += messages

    def write(self):
        """One message, if there is room for it."""
        message = self.outbox[0]
        try:
            n = self.sock.sendmsg([message.data], message.info(), 0, *[self.to] * bool(self.to))
        except BlockingIOError:
            return False
        if n != len(message.data):
            raise Failed(f"sendmsg took {n} octets of {len(message.data)}")
        self.outbox.pop(0)
        return True

    def read(self):
        try:
            data, control, flags, peer = self.sock.recvmsg(ROOM, 512)
        except BlockingIOError:
            return False
        self.reads += 1
        if flags & MSG_NOTIFICATION:
            raise Failed("a notification that nobody asked for")
        if not data:
            self.heard_end = True
            return False
        self.to = self.to or peer if self.sock.type == socket.SOCK_SEQPACKET else None
        self.parts.append(data)
        if flags & socket.MSG_EOR:
            info = next(value for level, kind, value in control
                        if (level, kind) == (SOL_SCTP, SCTP_RCVINFO))
            stream, _ssn, how, ppid = struct.unpack_from("=HHHxxI", info)
            self.inbox.append(Message(b"".join(self.parts), stream, bool(how & UNORDERED), ppid))
            self.parts = []
        return True

    def wants(self, until):
        reads = select.POLLIN if len(self.inbox) < until and not self.heard_end else 0
        return reads | (select.POLLOUT if self.outbox and (self.to or not self.waits) else 0)

    @property
    def waits(self):
        """A one-to-many socket that nobody has called yet."""
        return self.sock.type == socket.SOCK_SEQPACKET


def pump(here, there, here_until, there_until):
    """Until both have heard so many messages, and said all."""
    last = time.monotonic()
    ends = {end.sock.fileno(): (end, until)
            for end, until in ((here, here_until), (there, there_until))}
    while any(end.outbox or len(end.inbox) < until for end, until in ends.values()):
        poll = select.poll()
        for number, (end, until) in ends.items():
            if end.wants(until):
                poll.register(number, end.wants(until))
        ready = poll.poll(1000)
        if time.monotonic() - last > PATIENCE:
            raise Failed("stalled: " + ", ".join(
                f"{len(end.outbox)} to say, heard {len(end.inbox)} of {until}, and {len(end.parts)} "
                f"parts" for end, until in ends.values()))
        for number, events in ready:
            last = time.monotonic()
            end, until = ends[number]
            if events & (select.POLLIN | select.POLLERR | select.POLLHUP):
                end.read()
                if end.heard_end and len(end.inbox) < until:
                    raise Failed(f"the end after {len(end.inbox)} messages of {until}")
            if events & select.POLLOUT and end.outbox:
                end.write()


def connected(t, **options):
    """Two ends: a client at the sender, a server at the receiver."""
    listener = t.receiver.socket(PORT)
    for name, value in options.items():
        listener.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
    listener.listen(1)
    client = t.sender.socket()
    client.setsockopt(SOL_SCTP, SCTP_NODELAY, 1)
    address = (t.receiver.address, PORT)
    if t.variant.kind == socket.SOCK_SEQPACKET:
        return End(client, address), End(listener)
    client.settimeout(PATIENCE)
    client.connect(address)
    if not select.select([listener], [], [], PATIENCE)[0]:
        raise Failed("the handshake did not end")
    server, _peer = listener.accept()
    listener.close()
    return End(client), End(server)


def impair(t, *how):
    for end in (t.sender, t.receiver):
        end.namespace.enter()
        netem.impair(DEVICE, *how)


def messages(total, sizes, streams=1, unordered=0.0):
    """So many octets in messages of these sizes, by so many streams."""
    dice = random.Random(5)
    found = []
    while total > 0:
        size = sizes(dice)
        found.append(Message(os.urandom(size), dice.randrange(streams),
                             dice.random() < unordered, dice.getrandbits(32)))
        total -= size
    return found


def digest(found):
    sums = hashlib.sha256()
    for message in found:
        sums.update(message.data)
    return sums.hexdigest()


def check(said, heard):
    """Each arrived once; the ordered ones of a stream in order."""
    if len(said) != len(heard) or set(said) != set(heard):
        missing = [m for m in said if m not in set(heard)]
        raise Failed(f"said {len(said)} and heard {len(heard)}, missing {missing[:3]}, "
                     f"too many {[m for m in heard if m not in set(said)][:3]}")
    for stream in {m.stream for m in said}:
        ordered = [[m for m in ms if m.stream == stream and not m.unordered] for ms in (said, heard)]
        if digest(ordered[0]) != digest(ordered[1]):
            raise Failed(f"stream {stream} is not in order")


def exchange(t, there, back=(), how=(), **options):
    """Both say their messages at once."""
    here_end, there_end = connected(t, **options)
    if how:
        impair(t, *how)
    here_end.says(there)
    there_end.says(back)
    pump(here_end, there_end, len(back), len(there))
    check(there, there_end.inbox)
    check(list(back), here_end.inbox)
    return here_end, there_end


def medium(dice):
    return dice.choice((1, 10, 100, 1000, 1400, 1452, 1453, 3000, 10000))


def transfer(title, *how, sizes=medium, size=SIZE, **kind):
    @test(f"{title}: {size} octets each way", on=ALL)
    def run(t):
        exchange(t, messages(size, sizes, **kind), messages(size, sizes, **kind), how)


transfer("a good line")
transfer("ten streams, every third message unordered", streams=10, unordered=0.3)
transfer("messages of 100 octets", sizes=lambda dice: 100, size=SIZE // 4)
transfer("loss of 0.1%", "loss", "0.1%")
transfer("loss of 1%", "loss", "1%")
transfer("loss of 5%, ten streams, some unordered", "loss", "5%", streams=10, unordered=0.3)
if VIRTUAL:     # what is sent again says nothing of the round trip, and timeouts double up to a minute
    transfer("loss of 20%", "loss", "20%", streams=3)
transfer("reordering", "delay", "5ms", "4ms", "reorder", "25%", "50%", streams=3)
transfer("duplicates", "duplicate", "20%")
transfer("corruption", "corrupt", "5%")
transfer("200 ms of delay", "delay", "200ms")
transfer("all of it at once", "delay", "3ms", "3ms", "loss", "3%", "duplicate", "5%", "corrupt",
         "3%", "reorder", "20%", streams=4, unordered=0.2)


@test("messages keep their bounds, from one octet to a megabyte", on=ALL)
def bounds(t):
    sizes = (1, 2, 3, 4, 5, 1451, 1452, 1453, 2904, 65535, 65536, 65537, 200000, 1 << 20, 1)
    exchange(t, [Message(os.urandom(size), ppid=size) for size in sizes])


@test("a small receive buffer, and a message that does not fit it", on=ALL)
def small_buffer(t):
    exchange(t, [Message(os.urandom(300000)), Message(b"behind")], SO_RCVBUF=8192)


@test("what is not read at once stays for the next read", on=ALL)
def partial_reads(t):
    here, there = connected(t)
    here.says([Message(bytes(range(250)) * 40), Message(b"the next")])
    pump(here, there, 0, 0)
    if not select.select([there.sock], [], [], PATIENCE)[0]:
        raise Failed("nothing came")
    parts = []
    while True:
        peeked = there.sock.recvmsg(777, 0, socket.MSG_PEEK)[0]
        data, _control, flags, _peer = there.sock.recvmsg(777)
        if peeked != data:
            raise Failed("peeking saw something else than reading")
        parts.append(data)
        if flags & socket.MSG_EOR:
            break
    if b"".join(parts) != bytes(range(250)) * 40 or len(parts) != 13:
        raise Failed(f"{len(parts)} parts, {sum(map(len, parts))} octets")
    if not select.select([there.sock], [], [], PATIENCE)[0] or there.sock.recv(100) != b"the next":
        raise Failed("the next message is another")


@test("shutdown with data in flight: all of it arrives, then the end", on=BOTH)
def shutdown(t):
    here, there = connected(t)
    impair(t, "delay", "20ms", "loss", "3%")
    said = messages(SIZE, medium)
    here.says(said)
    pump(here, there, 0, 0)
    here.sock.shutdown(socket.SHUT_WR)
    last = time.monotonic()
    while not there.heard_end:
        if not select.select([there.sock], [], [], PATIENCE)[0]:
            raise Failed(f"nothing for {time.monotonic() - last:.0f} s, "
                         f"heard {len(there.inbox)} of {len(said)}")
        there.read()
    check(said, there.inbox)


@test("close with data in flight: all of it arrives", on=BOTH)
def close(t):
    here, there = connected(t)
    impair(t, "delay", "20ms", "loss", "3%")
    said = messages(SIZE, medium)
    here.says(said)
    pump(here, there, 0, 0)
    here.sock.close()
    while not there.heard_end:
        if not select.select([there.sock], [], [], PATIENCE)[0]:
            raise Failed(f"heard {len(there.inbox)} of {len(said)}")
        there.read()
    check(said, there.inbox)


@test("SCTP_EOF ends one association of many, when all has arrived", on=MANY)
def eof(t):
    here, there = connected(t)
    impair(t, "delay", "100ms")     # or it has ended before we say more, which begins another
    said = messages(SIZE // 4, medium)
    here.says(said)
    pump(here, there, 0, 0)
    here.sock.sendmsg([b""], Message(b"").info(EOF), 0, here.to)
    try:
        here.sock.sendmsg([b"too late"], [], 0, here.to)
        raise Failed("a message after SCTP_EOF")
    except OSError as error:
        if error.errno not in (errno.ESHUTDOWN, errno.EPIPE):
            raise
    pump(here, there, 0, len(said))
    check(said, there.inbox)


@test("ten clients of one one-to-many socket", on=MANY)
def many(t):
    listener = t.receiver.socket(PORT)
    listener.listen(1)
    clients = [End(t.sender.socket(), (t.receiver.address, PORT)) for _ in range(10)]
    for number, client in enumerate(clients):
        client.says([Message(b"%d" % number, stream=number)])
        client.write()
    listener.setblocking(True)
    listener.settimeout(PATIENCE)
    for _ in clients:
        data, _control, _flags, peer = listener.recvmsg(100)
        listener.sendto(b"answer " + data, peer)
    for number, client in enumerate(clients):
        if not select.select([client.sock], [], [], PATIENCE)[0]:
            raise Failed(f"no answer to {number}")
        if client.sock.recv(100) != b"answer %d" % number:
            raise Failed(f"a wrong answer to {number}")


main(Pair)
