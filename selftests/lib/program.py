# SPDX-License-Identifier: GPL-2.0
"""The program of a conversation: its sockets, and the calls that it blocks in."""
import contextlib
import ctypes
import errno
import os
import select
import socket
import threading
import time

import clock
from packets import brief
from tap import Failed, Skip

ANYTHING = object()
EVENTS = {select.POLLIN: "in", select.POLLPRI: "pri", select.POLLOUT: "out",
          select.POLLRDHUP: "rdhup", select.POLLERR: "err", select.POLLHUP: "hup"}


class Socket(socket.socket):
    """A socket that does not block, unless told so, and writes what it does on the ladder."""

    def __init__(self, conversation, fileno=None):
        self.conversation = conversation
        variant = conversation.variant
        try:
            super().__init__(variant.family, variant.kind, variant.number, fileno)
        except OSError as error:
            if variant.kernel and variant.number != socket.IPPROTO_UDP:
                raise Skip(f"this kernel has no {variant}") from error
            raise
        self.setblocking(False)

    @property
    def port(self):
        return self.getsockname()[1]

    def accept(self):
        """The next connection and its peer's (address, port)."""
        fileno, address = self._accept()
        return self.conversation.adopt(fileno), address[:2]

    def disconnect(self):
        """connect() to AF_UNSPEC, which Python's connect() cannot say."""
        self.conversation.calls("connect(AF_UNSPEC)")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.connect(self.fileno(), bytes(16), 16):
            raise OSError(ctypes.get_errno(), "connect(AF_UNSPEC)")

    def wait(self):
        if not self.conversation.wait_for(self):
            raise Failed("the socket got nothing")

    def receive(self, size=1 << 17):
        """The next data and its sender's (address, port)."""
        data, _ancillary, _flags, sender = self.receive_message(size)
        return data, sender

    def receive_message(self, size=1 << 17, flags=0):
        """The next (data, {(level, type): control data}, flags, sender)."""
        self.wait()
        data, ancillary, flags, sender = self.recvmsg(size, 4096, flags)
        sender = sender[:2] if sender else None
        return data, {(level, kind): value for level, kind, value in ancillary}, flags, sender

    def is_empty(self):
        try:
            self.recv(1 << 17, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            return True
        return False

    def error(self):
        """What SO_ERROR says, and clears."""
        return self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def ready(self):
        """What poll() says now, in words: "in out"."""
        return self.wait_ready(sum(EVENTS), 0)

    def wait_ready(self, events, milliseconds=None):
        """What poll() says as soon as it says anything, in words."""
        poll = select.poll()
        poll.register(self, events)
        found = sum(mask for _fd, mask in poll.poll(milliseconds))
        return " ".join(name for mask, name in EVENTS.items() if found & mask)


def _told(name):
    """The method of socket.socket, which tells the ladder what it was asked and what came of it."""
    method = getattr(socket.socket, name)

    def call(self, *arguments):
        if threading.current_thread() is not threading.main_thread():
            return method(self, *arguments)     # its Call tells
        words = f"{name}({', '.join(map(brief, arguments))})"
        rung = self.conversation.calls(words)
        try:
            result = method(self, *arguments)
        except OSError as error:
            rung.text += f" = {errno.errorcode.get(error.errno, error)}"
            raise
        if result is not None:
            rung.text += f" = {brief(result)}"
        return result
    call.__name__ = name
    return call


for _name in ("connect", "listen", "send", "sendto", "sendmsg", "recv", "recvfrom", "recvmsg",
              "shutdown", "setsockopt", "getsockopt"):
    setattr(Socket, _name, _told(_name))


class Call:
    """A call that a thread makes while the conversation goes on."""

    def __init__(self, conversation, function, arguments):
        self.conversation = conversation
        self.name = function.__name__
        self.words = f"{self.name}({', '.join(map(brief, arguments))})"
        self.function, self.arguments = function, arguments
        self.expected = None
        self.result = self.error = self.ended = None
        self.over, self._over = os.pipe()        # readable when the call is over
        self.thread = threading.Thread(target=self._make, daemon=True)

    def returns(self, value=ANYTHING, after=0):
        """The call is over, by then, and well; what it returned."""
        self.expected = lambda: not self.error and value in (ANYTHING, self.result)
        said = "returns" if value is ANYTHING else f"= {brief(value)}"
        self.conversation.until_over(self, said, after)
        return self.result

    def fails(self, number, after=0):
        """The call is over, by then, with this errno."""
        self.expected = lambda: self.error and self.error.errno == number
        self.conversation.until_over(self, f"= {errno.errorcode[number]}", after)

    def check(self):
        if not self.expected():
            raise Failed(f"another end was expected than {self.outcome}")

    def start(self):
        """Until the thread sleeps in the kernel, or is back already."""
        if self._socket:
            self._socket.setblocking(True)
        self.thread.start()
        while not self.is_over and not self._is_asleep():
            time.sleep(1e-6)

    @property
    def is_over(self):
        return self.ended is not None

    @property
    def outcome(self):
        if not self.is_over:
            return f"{self.words} still blocks"
        if self.error:
            return f"{self.words} = {errno.errorcode.get(self.error.errno, self.error)}"
        return f"{self.words} = {brief(self.result)}"

    @property
    def _socket(self):
        owner = getattr(self.function, "__self__", None)
        return owner if isinstance(owner, Socket) else None

    def _make(self):
        try:
            self.result = self.function(*self.arguments)
        except OSError as error:
            self.error = error
        self.ended = clock.now()
        if self._socket and self._socket.fileno() >= 0:
            self._socket.setblocking(False)
        os.write(self._over, b".")

    def _is_asleep(self):
        """In the call: were it waiting for Python's lock, read() has just let it run."""
        try:
            with open(f"/proc/self/task/{self.thread.native_id}/stat", encoding="ascii") as file:
                return file.read().rpartition(") ")[2].startswith("S")
        except FileNotFoundError:
            return False

    def close(self):
        """Wake the thread if it still sleeps."""
        if not self.is_over and self._socket:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self.thread.join(clock.LIMIT)
        os.close(self.over)
        os.close(self._over)
