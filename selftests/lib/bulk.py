# SPDX-License-Identifier: GPL-2.0
"""A stream each way between the ends of a pair, at once, and whether every octet came."""
import hashlib
import os
import select
import socket
import time

from tap import Failed

VIRTUAL = os.environ.get("XL4_TIME") == "virtual"
PATIENCE = 1800 if VIRTUAL else 100     # seconds without a single octet
TCP_CONGESTION = 13
PIECE = 1 << 16
CONTENT = os.urandom(1 << 20)


def content(position, length):
    """What stands there in a stream without end, which is CONTENT over and over."""
    start = position % len(CONTENT)
    return CONTENT[start:start + length]


class End:
    """One end's socket, what it has sent, of how much, and what it has got."""

    def __init__(self, sock, size):
        self.sock, self.size = sock, size
        self.sent = self.received = 0
        self.sum, self.sums = hashlib.sha256(), hashlib.sha256()
        self.heard_all = False
        sock.setblocking(False)

    @property
    def said_all(self):
        return self.sent == self.size

    @property
    def over(self):
        return self.said_all and self.heard_all

    @property
    def wants(self):
        return (0 if self.heard_all else select.POLLIN) | (0 if self.said_all else select.POLLOUT)

    def write(self):
        n = self.sock.send(content(self.sent, min(PIECE, self.size - self.sent)))
        self.sums.update(content(self.sent, n))
        self.sent += n
        if self.said_all:
            self.sock.shutdown(socket.SHUT_WR)

    def read(self):
        data = self.sock.recv(PIECE)
        self.sum.update(data)
        self.received += len(data)
        self.heard_all = not data


def connection(pair, size, congestion=None):
    """A client at the sender, a server at the receiver, as (End, End)."""
    listener = pair.receiver.socket(7)
    client = pair.sender.socket()
    if congestion:
        for sock in (listener, client):
            sock.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, congestion)
    listener.listen(1)
    client.setblocking(True)
    client.settimeout(PATIENCE)
    client.connect((pair.receiver.address, 7))
    if not select.select([listener], [], [], PATIENCE)[0]:
        raise Failed("the handshake did not end")
    server, _peer = listener.accept()
    listener.close()
    return End(client, size), End(server, size)


def pump(ends):
    """Until both have said all and heard all."""
    last = time.monotonic()
    by_number = {end.sock.fileno(): end for end in ends}
    while not all(end.over for end in ends):
        poll = select.poll()
        for number, end in by_number.items():
            if end.wants:
                poll.register(number, end.wants)
        ready = poll.poll(1000)
        if time.monotonic() - last > PATIENCE:
            raise Failed("stalled: " + ", ".join(
                f"sent {end.sent}, received {end.received}" for end in ends))
        for number, events in ready:
            last = time.monotonic()
            if events & (select.POLLIN | select.POLLERR | select.POLLHUP) and \
                    not by_number[number].heard_all:
                by_number[number].read()
            if events & select.POLLOUT and not by_number[number].said_all:
                by_number[number].write()


def transfer(pair, size, congestion=None):
    """So many octets each way: raises Failed, or returns the seconds that it took."""
    here, there = connection(pair, size, congestion)
    began = time.monotonic()
    pump((here, there))
    seconds = time.monotonic() - began
    for one, other in ((here, there), (there, here)):
        if (other.received, other.sum.digest()) != (size, one.sums.digest()):
            raise Failed(f"{other.received} octets of {size} came, or not the right ones")
    here.sock.close()
    there.sock.close()
    return seconds
