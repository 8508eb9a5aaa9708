# SPDX-License-Identifier: GPL-2.0
"""What sctp_talk.py and dccp_talk.py have in common: stories that two ends tell each other.

Both ends know the story, so that each of them checks what it hears. An end that has heard all
exits with 0.
"""
import errno
import socket
import struct
import sys
import traceback

PORT = 7000
PATIENCE = 30       # seconds, for what comes next


class Wrong(Exception):
    pass


def check(found, expected, what):
    if found != expected:
        raise Wrong(f"{what}: {str(found)[:200]}, not {str(expected)[:200]}")


def fails(codes, function, *args):
    try:
        result = function(*args)
    except OSError as error:
        if error.errno not in codes:
            raise Wrong(f"{function.__name__} fails with {errno.errorcode[error.errno]}") from error
    else:
        raise Wrong(f"{function.__name__} returns {result!r}, does not fail")


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


class Stories(dict):
    """By their names: `story = Stories()`, and then `@story` for each function that tells one."""

    def __call__(self, function):
        self[function.__name__] = function
        return function


def listens():
    """Now the other end may begin."""
    print("listening", flush=True)


def tell(function):
    """What an end does with its command line, until it is done or something is wrong."""
    try:
        function()
    except (Wrong, OSError):
        traceback.print_exc()
        sys.exit(1)
