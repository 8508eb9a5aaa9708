# SPDX-License-Identifier: GPL-2.0
"""Connections of the DCCP under test, and their ends: the program's socket and the peer.

XL4_DCCP in the environment is its IP protocol number: 250, or 33 for the kernel's own, which
proves the tests.
"""
import errno
import os
import socket
import struct
import subprocess

from dccp import (ACK, CLOSED, CLOSE, DATA, NO_CONNECTION, RESET, SEND_ACK_VECTOR, CHANGE_L,
                  CHANGE_R, Peer, feature, variants)
from netns import sysctl
from tap import Failed

DCCP = int(os.environ.get("XL4_DCCP", "250"))
KERNEL = DCCP == socket.IPPROTO_DCCP if hasattr(socket, "IPPROTO_DCCP") else DCCP == 33
if KERNEL:
    for _family in ("dccp_ipv4", "dccp_ipv6"):
        subprocess.run(["modprobe", "-q", _family], check=False)
DCCP4, DCCP6 = BOTH = variants(DCCP, KERNEL)

PORT, PEER_PORT = 7, 4444       # where the program listens, and from where the peer connects
SERVICE = 42
ACK_DELAY = 0.2                 # seconds

# Of linux/dccp.h
SOL_DCCP = 269
(PACKET_SIZE, SERVICE_CODE, CHANGE_LEFT, CHANGE_RIGHT, GET_CUR_MPS, SERVER_TIMEWAIT) = range(1, 7)
SEND_CSCOV, RECV_CSCOV = 10, 11
AVAILABLE_CCIDS, CCID_OPTION, TX_CCID, RX_CCID, QPOLICY_ID, QPOLICY_TXQLEN = range(12, 18)

# What a connection with CCID 2 asks for: who receives is to send Ack Vectors.
VECTORS = (feature(CHANGE_L, SEND_ACK_VECTOR, 1), feature(CHANGE_R, SEND_ACK_VECTOR, 1))


def setting(name, value=None):
    """net.xl4.dccp.NAME, or the kernel's own: set it, or read it."""
    name = f"{'dccp.default' if KERNEL else 'xl4.dccp'}.{name}"
    return sysctl(name) if value is None else sysctl(name, value)


def with_service(options=(), service=SERVICE):
    return {(SOL_DCCP, SERVICE_CODE): struct.pack("!I", service), **dict(options)}


def listening(t, port=PORT, backlog=8, options=(), service=SERVICE):
    s = t.socket(port=port, options=with_service(options, service))
    s.listen(backlog)
    return s


def calling(t, port=PORT, options=(), **socket_):
    """A program that has begun to connect; its Request is on the way."""
    s = t.socket(options=with_service(options), **socket_)
    with t.fails(errno.EINPROGRESS):
        s.connect(t.address(port))
    return s


def caller(t, **peer):
    """A peer that is about to connect to the program."""
    return Peer(t, PEER_PORT, PORT, **{"service": SERVICE, **peer})


def accepted(listener):
    """The connection that accept() gives."""
    listener.wait()
    return listener.accept()[0]


def passive(t, *asked, options=(), **peer):
    """A connection that the peer opened: (the program's socket, the peer)."""
    listener, peer = listening(t, options=options), caller(t, **peer)
    peer.connects(*asked)
    return accepted(listener), peer


def active(t, *more, options=(), **response):
    """A connection that the program opened, and is OPEN: (its socket, the peer)."""
    s, peer = calling(t, options=options), Peer(t)
    peer.accepts(*more, **response)
    peer.sends(ACK)
    t.quiet()
    return s, peer


def gets(s, data):
    """The program reads just this packet."""
    s.wait()
    found = s.recv(1 << 17)
    if found != data:
        raise Failed(f"expected {data[:40]!r} of {len(data)} bytes, "
                     f"found {found[:40]!r} of {len(found)}")


def gets_end(s):
    """The program reads that there is no more."""
    gets(s, b"")


def told(t, s, peer, data=b"a question", after=(0, ACK_DELAY)):
    """The peer's data come to the program, and are acknowledged."""
    peer.sends(DATA, data)
    gets(s, data)
    return peer.gets(ACK, after=after)


def tells(s, peer, data=b"an answer", kind=DATA, **fields):
    """The program's data go to the peer."""
    s.send(data)
    return peer.gets(kind, data, **fields)


def nobody_there(t, peer):
    """The machine knows the connection no more."""
    peer.sends(ACK, ack=5)
    t.expect(t.packet_out(sport=peer.program_port, dport=peer.port, type=RESET,
                          code=NO_CONNECTION, seq=6, ack=peer.last))


def is_closed_by_peer(t, s, peer):
    """The peer closes, and the program reads so."""
    peer.sends(CLOSE)
    peer.gets(RESET, code=CLOSED)
    gets_end(s)
