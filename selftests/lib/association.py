# SPDX-License-Identifier: GPL-2.0
"""Associations of the SCTP under test, and their ends: the program's socket and the peer.

XL4_SCTP in the environment is its IP protocol number: 251, or 132 for the kernel's own, which
proves the tests.
"""
import errno
import os
import socket
import struct
import subprocess

from netns import sysctl
from sctp import Abort, Peer, chunk, variants
from tap import Failed

SCTP = int(os.environ.get("XL4_SCTP", "251"))
KERNEL = SCTP == socket.IPPROTO_SCTP
if KERNEL:
    subprocess.run(["modprobe", "-q", "sctp"], check=False)
SCTP4, SCTP6 = BOTH = variants(SCTP, kernel=KERNEL)
MANY = variants(SCTP, socket.SOCK_SEQPACKET, KERNEL)     # one-to-many

PORT, PEER_PORT = 7, 4444       # where the program listens, and from where the peer connects
SACK_DELAY = 0.2                # seconds

# Of RFC 6458, by the kernel's numbers
SOL_SCTP = 132
SCTP_RTOINFO, SCTP_ASSOCINFO, SCTP_INITMSG, SCTP_NODELAY = 0, 1, 2, 3
SCTP_DISABLE_FRAGMENTS, SCTP_PEER_ADDR_PARAMS, SCTP_MAXSEG, SCTP_STATUS = 8, 9, 13, 14
SCTP_DELAYED_SACK, SCTP_ECN_SUPPORTED = 16, 130
SCTP_SNDRCV, SCTP_SNDINFO, SCTP_RECVRCVINFO = 1, 2, 32
UNORDERED, ABORT, EOF, SACK_IMMEDIATELY = 1, 4, 0x200, 8
MSG_NOTIFICATION = 0x8000

# enum sctp_sstat_state
(CLOSED, COOKIE_WAIT, COOKIE_ECHOED, ESTABLISHED, SHUTDOWN_PENDING, SHUTDOWN_SENT,
 SHUTDOWN_RECEIVED, SHUTDOWN_ACK_SENT) = range(1, 9)


def state(s):
    """Of a one-to-one socket's association; CLOSED if it has none."""
    try:
        status = s.getsockopt(SOL_SCTP, SCTP_STATUS, 256)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOTCONN):
            return CLOSED
        raise
    return struct.unpack_from("i", status, 4)[0]


def setting(name, value=None):
    """net.xl4.sctp.NAME, or the kernel's own: set it, or read it."""
    name = f"{'sctp' if KERNEL else 'xl4.sctp'}.{name}"
    return sysctl(name) if value is None else sysctl(name, value)


def no_heartbeats():
    """For stories of minutes: nobody asks associations that are made from now on whether they live.

    Nor if they do not answer: else a path in doubt is asked once an RTO (RFC 7829).
    """
    setting("hb_interval", 24 * 3600 * 1000)
    setting("pf_enable", 0)


def listening(t, port=PORT, backlog=8, **socket_):
    s = t.socket(port=port, **socket_)
    s.listen(backlog)
    return s


def calling(t, s=None, port=PORT, **socket_):
    """A program that has begun to connect; its INIT is on the way."""
    s = s or t.socket(**socket_)
    with t.fails(errno.EINPROGRESS):
        s.connect(t.address(port))
    return s


def caller(t, **peer):
    """A peer that is about to connect to the program."""
    return Peer(t, PEER_PORT, PORT, **peer)


def accepted(listener):
    """The association that accept() gives."""
    listener.wait()
    return listener.accept()[0]


def passive(t, *more, peer=None, **init):
    """An association that the peer opened: (the program's socket, the peer)."""
    listener, peer = listening(t), peer or caller(t)
    peer.connects(*more, **init)
    return accepted(listener), peer


def active(t, *more, peer=None, options=(), **init_ack):
    """An association that the program opened: (its socket, the peer)."""
    s, peer = calling(t, options=options), peer or Peer(t)
    peer.accepts(*more, **init_ack)
    t.quiet()
    return s, peer


def message(s, data, flags=0, stream=0, sinfo_flags=0, ppid=0):
    """The program sends a message by this stream."""
    info = struct.pack("=HHIIi", stream, sinfo_flags, ppid, 0, 0)
    return s.sendmsg([data], [(SOL_SCTP, SCTP_SNDINFO, info)], flags)


def gets(s, data):
    """The program reads just this message."""
    s.wait()
    found = s.recv(1 << 17)
    if found != data:
        raise Failed(f"expected {data[:40]!r} of {len(data)} bytes, "
                     f"found {found[:40]!r} of {len(found)}")


def gets_end(s):
    """The program reads that there is no more."""
    gets(s, b"")


def works(t, s, peer, stream=0):
    """Data go both ways."""
    peer.sends_data(b"a question", stream=stream)
    gets(s, b"a question")
    peer.gets_sack(after=(0, SACK_DELAY))
    message(s, b"an answer", stream=stream)
    peer.gets_data(b"an answer", stream_id=stream)
    peer.sacks()
    t.quiet()


def nobody_there(t, peer):
    """The machine knows the association no more: what belongs to it is out of the blue."""
    peer.sends(chunk(4, b"\0\1\0\x08who?"))
    peer.gets(Abort(TCB=1), tag=peer.program_tag)
