# SPDX-License-Identifier: GPL-2.0
"""Connections of the TCP under test, and their ends: the program's socket and the peer.

XL4_TCP in the environment is its IP protocol number: 254, or 6 for the kernel's own, which
proves the tests.
"""
import collections
import errno
import os
import socket
import struct

from netns import sysctl
from tap import Failed
from tcp import Peer, variants

TCP = int(os.environ.get("XL4_TCP", "254"))
KERNEL = TCP == socket.IPPROTO_TCP
TCP4, TCP6 = BOTH = variants(TCP, KERNEL)

PORT, PEER_PORT = 7, 4444       # where the program listens, and from where the peer connects
LATE = (0, 0.5)                 # when an ACK may come that nothing hurries (MUST-40)

# What TCP_INFO begins with
(ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT,
 LAST_ACK, LISTEN, CLOSING) = range(1, 12)


def state(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)[0]


Info = collections.namedtuple(
    "Info", "ca_state retransmits options rto lost retrans rtt ssthresh cwnd")


def info(s):
    """What of TCP_INFO says how sending stands; in segments, RTO and RTT in seconds."""
    raw = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    words = struct.unpack("24I", raw[8:104])
    return Info(raw[1], raw[2], raw[5], words[0] / 1e6, words[6], words[7], words[15] / 1e6,
                words[17], words[18])


def setting(name, value):
    """Set net.xl4.tcp_NAME, or the kernel's own."""
    sysctl(f"{'ipv4' if KERNEL else 'xl4'}.tcp_{name}", value)


def listening(t, port=PORT, backlog=8):
    s = t.socket(port=port)
    s.listen(backlog)
    return s


def calling(t, s=None, port=PORT):
    """A program that has begun to connect; its SYN is on the way."""
    s = s or t.socket()
    with t.fails(errno.EINPROGRESS):
        s.connect(t.address(port))
    return s


def caller(t, **peer):
    """A peer that is about to connect to the program."""
    return Peer(t, PEER_PORT, PORT, **peer)


def accepted(listener):
    """The connection that accept() gives."""
    listener.wait()
    return listener.accept()[0]


def passive(t, **syn):
    """A connection that the peer opened: (the program's socket, the peer)."""
    listener, peer = listening(t), caller(t)
    peer.connects(**syn)
    return accepted(listener), peer


def active(t, **synack):
    """A connection that the program opened: (its socket, the peer)."""
    s, peer = calling(t), Peer(t)
    peer.accepts(**synack)
    return s, peer


def nobody_there(t, peer, flags="FA"):
    """The machine knows the connection no more."""
    peer.sends(flags, seq=peer.next, ack=peer.expected)
    t.expect(t.packet_out(sport=PORT, dport=PEER_PORT, flags="R", seq=peer.expected))


def gets(s, data):
    """The program reads just these data."""
    found = b""
    while len(found) < len(data):
        s.wait()
        more = s.recv(len(data) - len(found))
        if not more:
            raise Failed(f"the end after {found!r}, expected {data!r}")
        found += more
    if found != data:
        raise Failed(f"expected {data!r}, found {found!r}")


def gets_end(s):
    """The program reads that there is no more."""
    s.wait()
    found = s.recv(1)
    if found:
        raise Failed(f"expected the end, found {found!r}")
