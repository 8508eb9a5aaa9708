#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Conversations with the kernel's own SCTP: the proof that they can test an SCTP."""
import errno
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from netns import sysctl
from scapy.layers.sctp import (SCTPChunkAbort, SCTPChunkCookieAck, SCTPChunkCookieEcho,
                               SCTPChunkData, SCTPChunkHeartbeatAck, SCTPChunkHeartbeatReq,
                               SCTPChunkInit, SCTPChunkInitAck, SCTPChunkParamStateCookie,
                               SCTPChunkSACK, SCTPChunkShutdown, SCTPChunkShutdownAck,
                               SCTPChunkShutdownComplete)
from sctp import variants
from tap import Skip, main, test

subprocess.run(["modprobe", "-q", "sctp"], check=False)
BOTH = variants(socket.IPPROTO_SCTP, kernel=True)
COOKIE = b"a cookie of the peer"


class Peer:
    """The other end of one association, which the test plays."""

    def __init__(self, t, port):
        self.t, self.port, self.tag = t, port, 0x11111111
        self.program_port = self.program_tag = None

    def sends(self, *chunks, **fields):
        packet = self.t.packet_in(**{"sport": self.port, "dport": self.program_port,
                                     "tag": self.program_tag, **fields})
        for chunk in chunks:
            packet /= chunk
        self.t.inject(packet)

    def gets(self, chunk, after=0, **fields):
        """A packet that starts with this chunk comes out; the chunk."""
        fields = {"dport": self.port, "tag": self.tag, **fields}
        return self.t.expect(self.t.packet_out(**fields) / chunk, after)[type(chunk)]

    def accepts(self, s):
        """Answers the program's INIT and its COOKIE ECHO."""
        init = self.gets(SCTPChunkInit(), tag=0)
        self.program_port, self.program_tag = s.port, init.init_tag
        self.tsn = init.init_tsn
        self.sends(SCTPChunkInitAck(init_tag=self.tag, a_rwnd=65536, n_out_streams=10,
                                    n_in_streams=10, init_tsn=1000,
                                    params=[SCTPChunkParamStateCookie(cookie=COOKIE)]))
        self.gets(SCTPChunkCookieEcho(cookie=COOKIE))
        self.sends(SCTPChunkCookieAck())


def associated(t):
    s, peer = t.socket(), Peer(t, 7)
    connecting = t.blocks(s.connect, t.address(7))
    peer.accepts(s)
    connecting.returns()
    return s, peer


@test("connect, a message, shutdown", on=BOTH)
def hello(t):
    s, peer = associated(t)
    s.send(b"hello")
    data = peer.gets(SCTPChunkData(tsn=peer.tsn, stream_id=0, stream_seq=0, beginning=1, ending=1))
    t.equal(data.data, b"hello")
    peer.sends(SCTPChunkSACK(cumul_tsn_ack=data.tsn, a_rwnd=65536))
    s.close()
    peer.gets(SCTPChunkShutdown(cumul_tsn_ack=999))
    peer.sends(SCTPChunkShutdownAck())
    peer.gets(SCTPChunkShutdownComplete())


@test("an INIT that nobody answers: RTO.Initial doubled up to RTO.Max, then ETIMEDOUT", on=BOTH)
def init_lost(t):
    s, peer = t.socket(), Peer(t, 7)
    connecting = t.blocks(s.connect, t.address(7))
    first = peer.gets(SCTPChunkInit(), tag=0)
    for wait in (3, 6, 12, 24, 48, 60, 60, 60):
        peer.gets(SCTPChunkInit(init_tag=first.init_tag), tag=0, after=wait)
    connecting.fails(errno.ETIMEDOUT, after=60)


@test("an idle path is asked every HB.interval and RTO, with half an RTO of jitter", on=BOTH)
def heartbeat(t):
    s, peer = associated(t)
    rto, interval = 1, int(sysctl("sctp.hb_interval")) / 1000
    t.equal(interval, 30.0, "HB.interval")
    question = peer.gets(SCTPChunkHeartbeatReq(), after=(0, 3 + interval + 3))
    for _ in range(5):
        answer = SCTPChunkHeartbeatAck(bytes(question))
        answer.type = 5
        peer.sends(answer)
        question = peer.gets(SCTPChunkHeartbeatReq(),
                             after=(interval + rto / 2, (interval + 1.5 * rto) * 9 / 8))


@test("an association whose peer is silent is given up", on=BOTH)
def silence(t):
    s, peer = associated(t)
    reading = t.blocks(s.recv, 100)
    for _ in range(int(sysctl("sctp.association_max_retrans")) + 1):
        peer.gets(SCTPChunkHeartbeatReq(), after=(0, 135))
    reading.fails(errno.ETIMEDOUT, after=(0, 135))
    peer.gets(SCTPChunkAbort())


class WithKernel(Conversation):
    """The one that has 132: whichever was loaded first."""

    def __enter__(self):
        if not os.path.exists("/proc/sys/net/sctp"):
            raise Skip("xsctp has 132")
        return super().__enter__()


if __name__ == "__main__":
    main(WithKernel)
