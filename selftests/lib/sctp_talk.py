#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One end of a conversation over SCTP: usage: sctp_talk.py server|client STORY NUMBER HOST...

NUMBER is the protocol's, the first HOST the server's, further ones (server's, then client's) make
it multihomed: SERVER,SERVER2 CLIENT,CLIENT2. By RFC 6458, without libsctp.
"""
import errno
import hashlib
import os
import random
import socket
import struct
import subprocess
import sys
import time

from linux import SO_RCVBUFFORCE, SO_SNDBUFFORCE
from talk import PATIENCE, PORT, Stories, Wrong, check, fails, listens, reset, tell

KERNEL = 132    # where there is sctp.ko; else it is xsctp
SOL_SCTP = 132
(RTOINFO, INITMSG, NODELAY, PEER_ADDR_PARAMS, EVENTS, STATUS, RECVRCVINFO, BINDX_ADD,
 GET_PEER_ADDRS) = 0, 2, 3, 9, 11, 14, 32, 100, 108
SNDINFO, RCVINFO, PRINFO = 2, 3, 5
MSG_NOTIFICATION = 0x8000
UNORDERED, ABORT, EOF = 1, 4, 0x200
PR_RTX = 0x20
SHUTDOWN_COMP, ASSOC_CHANGE, COMM_LOST = 3, 0x8001, 1
STREAMS = 10


def packed(host, port=PORT):
    if ":" in host:
        return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16sI", port, 0,
                                                                socket.inet_pton(socket.AF_INET6, host), 0)
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton(host))


class End:
    """A socket, and whole messages."""

    def __init__(self, number, host, kind=socket.SOCK_STREAM, of=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.s = of or socket.socket(family, kind, number)
        self.s.settimeout(PATIENCE)
        self.s.setsockopt(SOL_SCTP, RECVRCVINFO, 1)
        for option in (SO_SNDBUFFORCE, SO_RCVBUFFORCE):
            self.s.setsockopt(socket.SOL_SOCKET, option, 1 << 21)

    def send(self, data, stream=0, flags=0, id=0, to=None, retransmissions=None):
        control = [(SOL_SCTP, SNDINFO, struct.pack("=HHIIi", stream, flags, socket.htonl(stream), 0, id))]
        if retransmissions is not None:
            control.append((SOL_SCTP, PRINFO, struct.pack("=HxxI", PR_RTX, retransmissions)))
        return self.s.sendmsg([data], control, 0, *([to] if to else []))

    def receive(self):
        """(data, stream, association, from); data is None for a notification, stream then its type."""
        whole = b""
        while True:
            data, control, flags, source = self.s.recvmsg(1 << 16, 256)
            whole += data
            if flags & MSG_NOTIFICATION:
                return None, struct.unpack_from("=H", data)[0], data, source
            if not data:
                return b"", None, None, source
            if flags & socket.MSG_EOR:
                break
        info = next(value for level, kind, value in control if (level, kind) == (SOL_SCTP, RCVINFO))
        stream, _, _, ppid = struct.unpack_from("=HHHxxI", info)
        check(socket.ntohl(ppid), stream, "payload protocol identifier")
        return whole, stream, struct.unpack_from("=i", info, 24)[0], source

    def bindx(self, *hosts):
        self.s.setsockopt(SOL_SCTP, BINDX_ADD, b"".join(packed(host, self.s.getsockname()[1])
                                                        for host in hosts))

    def peers(self, id=0):
        """How many addresses the peer has."""
        buffer = struct.pack("=iI", id, 0) + bytes(500)
        return struct.unpack_from("=iI", self._get(GET_PEER_ADDRS, buffer))[1]

    def _get(self, option, value):
        # getsockopt() of Python gives the option nothing: what is asked about is 0 then.
        return self.s.getsockopt(SOL_SCTP, option, len(value))

    def hurry(self):
        """Timers that suit a test."""
        self.s.setsockopt(SOL_SCTP, RTOINFO, struct.pack("=iIII", 0, 500, 1000, 300))


def some_messages(seed, total, largest):
    dice = random.Random(seed)
    messages = []
    while total > 0:
        data = dice.randbytes(dice.randrange(1, largest))
        messages.append((data, dice.randrange(STREAMS)))
        total -= len(data)
    return messages


def expect(end, messages):
    """All of them come, those of a stream in their order."""
    waiting = {stream: [data for data, s in messages if s == stream] for stream in range(STREAMS)}
    for _ in messages:
        data, stream, _, _ = end.receive()
        if data is None or stream is None:
            raise Wrong(f"the end comes early, or {stream}")
        check(hashlib.sha256(data).hexdigest(), hashlib.sha256(waiting[stream].pop(0)).hexdigest(),
              f"a message of {len(data)} octets in stream {stream}")


def say(end, messages):
    for data, stream in messages:
        end.send(data, stream)


# Each story is what the two ends do, with a socket that is connected unless they make their own.
story = Stories()


def both(end, server, there, back):
    """First one way, then the other."""
    if server:
        expect(end, there)
        say(end, back)
        check(end.s.recv(1), b"", "the end")
    else:
        say(end, there)
        expect(end, back)
        end.s.shutdown(socket.SHUT_WR)


@story
def bulk(end, server):
    both(end, server, some_messages(1, 2_000_000, 5000), some_messages(2, 2_000_000, 5000))


@story
def little(end, server):
    both(end, server, some_messages(1, 200_000, 3000), some_messages(2, 200_000, 3000))


@story
def large(end, server):
    """Messages of many packets, and of one octet."""
    both(end, server, [(random.Random(n).randbytes(n), 1) for n in (200_000, 1, 65_535, 1452)],
         [(random.Random(n).randbytes(n), 2) for n in (150_000, 2, 65_536, 1453)])


@story
def unordered(end, server):
    """All of them come, whenever."""
    messages = some_messages(3, 300_000, 4000)
    if server:
        got = [end.receive()[0] for _ in messages]
        check(sorted(map(bytes, got)) == sorted(data for data, _ in messages), True, "all messages")
        end.send(b"thanks")
        check(end.s.recv(1), b"", "the end")
    else:
        for data, stream in messages:
            end.send(data, stream, UNORDERED)
        check(end.receive()[0], b"thanks", "the answer")


@story
def partial(end, server):
    """Some may be lost, as nothing is sent again; what comes is in order, and the last one comes."""
    count = 400
    if server:
        last, heard = -1, 0
        while last < count:
            data, _, _, _ = end.receive()
            number = struct.unpack_from("!I", data)[0]
            if number <= last:
                raise Wrong(f"{number} came after {last}")
            last, heard = number, heard + 1
        print(f"{heard} of {count + 1} came", flush=True)
        if heard < count // 4:
            raise Wrong("that is too few")
        end.send(b"thanks")
        check(end.s.recv(1), b"", "the end")
    else:
        end.s.setsockopt(SOL_SCTP, NODELAY, 1)
        for number in range(count):
            end.send(struct.pack("!I", number) + bytes(800), 3, retransmissions=0)
        end.send(struct.pack("!I", count), 3)
        check(end.receive()[0], b"thanks", "the answer")


@story
def shutdown(end, server):
    """Who is asked to shut down reads what was sent, then the end, and sends no more.

    The kernel's does not wake who waits for the end of a shutdown that it began itself.
    """
    if server:
        check(end.receive()[0], b"last words", "what the client says")
        check(end.s.recv(1), b"", "the end")
        if not kernel:
            # Without an association, or while it is being shut down.
            fails((errno.EPIPE, errno.ESHUTDOWN), end.send, b"more")
    else:
        end.send(b"last words")
        end.s.shutdown(socket.SHUT_WR)
        if not kernel:
            check(end.s.recv(1), b"", "the end")


@story
def abort(end, server):
    """By the client, while it has data in flight: the server reads it or not, then ECONNRESET."""
    if server:
        end.send(b"go on")
        fails((errno.ECONNRESET,), end.receive)
    else:
        check(end.receive()[0], b"go on", "what the server says")
        reset(end.s)


@story
def aborted(end, server):
    """By the server, with a reason where it can."""
    if server:
        check(end.receive()[0], b"go on", "what the client says")
        if kernel:            # knows SCTP_ABORT for one-to-many only
            reset(end.s)
        else:
            end.send(b"because", 0, ABORT)
    else:
        end.send(b"go on")
        fails((errno.ECONNRESET,), end.receive)


@story
def homes(end, server):
    """Each end knows both addresses of the other, and an address that is cut off costs nothing."""
    check(end.peers(), 2, "addresses of the peer")
    end.hurry()
    messages = some_messages(4, 200_000, 3000)
    if server:
        expect(end, messages)
        end.send(b"cut it")
        expect(end, messages)
        end.send(b"thanks")
        check(end.s.recv(1), b"", "the end")
    else:
        say(end, messages)
        check(end.receive()[0], b"cut it", "the answer")
        cut_off()
        say(end, messages)
        check(end.receive()[0], b"thanks", "the answer")


def cut_off():
    """The way to the server's first address leads to nobody now."""
    family = "-6" if ":" in hosts[0][0] else "-4"
    subprocess.run(["ip", family, "neighbour", "replace", hosts[0][0], "lladdr", "02:00:00:00:00:99",
                    "dev", "eth0", "nud", "permanent"], check=True)


@story
def comes_and_goes(end, server):
    """The client tells of another address while the association lives (RFC 5061)."""
    if server:
        check(end.peers(), 1, "addresses of the peer")
        end.send(b"now")
        check(end.receive()[0], b"done", "what the client says")
        check(end.peers(), 2, "addresses of the peer")
        end.send(b"thanks")
        check(end.s.recv(1), b"", "the end")
    else:
        check(end.receive()[0], b"now", "what the server says")
        end.bindx(hosts[1][1])
        # It is signed and acknowledged, a matter of one round trip; what is behind it says no more.
        time.sleep(0.5)
        end.send(b"done")
        check(end.receive()[0], b"thanks", "what the server says")


# One-to-many: these have sockets of their own.
CLIENTS = 20


def many_server(end):
    """Echoes, until all clients are gone."""
    end.s.setsockopt(SOL_SCTP, EVENTS, bytes((0, 1, 0, 0, 0, 0, 0, 0)))
    gone, echoed, ids = 0, 0, set()
    while gone < CLIENTS:
        data, stream, id, source = end.receive()
        if data is None:
            state = struct.unpack_from("=H", id, 8)[0] if stream == ASSOC_CHANGE else None
            gone += state == SHUTDOWN_COMP
            if state == COMM_LOST:
                raise Wrong("an association was lost")
            continue
        ids.add(id)
        end.send(data.upper(), stream, id=id)
        echoed += 1
    check(len(ids), CLIENTS, "associations")
    check(echoed, 2 * CLIENTS, "messages echoed")


def many_client(address):
    ends = [End(number, address, socket.SOCK_SEQPACKET) for _ in range(CLIENTS)]
    for n, end in enumerate(ends):
        end.send(b"hello %d" % n, n % STREAMS, to=(address, PORT))
    for n, end in enumerate(ends):
        data, stream, id, _ = end.receive()
        check((data, stream), (b"HELLO %d" % n, n % STREAMS), "the echo")
        end.send(b"x" * 5000, 1, id=id)
    for end in ends:
        data, _, id, _ = end.receive()
        check(data, b"X" * 5000, "the second echo")
        end.send(b"", 0, EOF, id)
    for end in ends:
        end.s.close()


def open_server(kind):
    end = End(number, hosts[0][0], kind)
    end.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.s.bind((hosts[0][0], PORT))
    if hosts[0][1:]:
        end.bindx(*hosts[0][1:])
    end.s.listen(CLIENTS)
    listens()
    return end


def open_client():
    end = End(number, hosts[0][0])
    if len(hosts) > 1:
        end.s.bind((hosts[1][0], 0))
        if what != "comes_and_goes":
            end.bindx(*hosts[1][1:])
    end.s.connect((hosts[0][0], PORT))
    return end


def main():
    if role == "server" and what == "many":
        many_server(open_server(socket.SOCK_SEQPACKET))
    elif what == "many":
        many_client(hosts[0][0])
    elif role == "server":
        listener = open_server(socket.SOCK_STREAM)
        story[what](End(number, hosts[0][0], of=listener.s.accept()[0]), True)
    else:
        story[what](open_client(), False)


if __name__ == "__main__":
    role, what, number = sys.argv[1:3] + [int(sys.argv[3])]
    kernel = number == KERNEL and os.path.isdir("/sys/module/sctp")
    hosts = [words.split(",") for words in sys.argv[4:]]
    tell(main)
