#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual or real
"""Packets out of the blue, and those with a wrong tag: RFC 9260 sections 8.4, 8.5, 6.8."""
import errno
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import (BOTH, CLOSED, COOKIE_ECHOED, COOKIE_WAIT, ESTABLISHED, PEER_PORT, PORT, SCTP4,
                         SCTP6, SHUTDOWN_ACK_SENT, active, caller, calling, gets_end, listening,
                         nobody_there, passive, state, works)
from conversation import Conversation
from packets import Raw
from sctp import (STALE_COOKIE, UNKNOWN_CHUNK, Abort, CookieAck, CookieEcho, Cwr, Data, Ecne, Error,
                  ForwardTsn, Heartbeat, HeartbeatAck, InitAck, Peer, Sack, Shutdown, ShutdownAck,
                  ShutdownComplete, chunk, tlv)
from tap import main, test

TAG = 0x12345678    # of nobody

# 8.4 (8), by what it is said of; and what every other rule says nothing to
ABORTED = {
    "DATA": Data(data=b"hello", len=21, tsn=1, stream_id=0, stream_seq=0, proto_id=0, beginning=1, ending=1),
    "INIT ACK": InitAck(init_tag=1, a_rwnd=65536, n_out_streams=1, n_in_streams=1, init_tsn=1,
                        params=[Raw(tlv(7, b"cookie"))]),
    "SACK": Sack(cumul_tsn_ack=1, a_rwnd=65536),
    "HEARTBEAT": Heartbeat(params=[Raw(tlv(1, b"who?"))]),
    "HEARTBEAT ACK": HeartbeatAck(params=[Raw(tlv(1, b"who?"))]),
    "SHUTDOWN": Shutdown(cumul_tsn_ack=1),
    "ERROR": Error(error_causes=tlv(UNKNOWN_CHUNK, b"\x3f\0\0\4")),
    "ECNE": Ecne(tsn=1),
    "CWR": Cwr(tsn=1),
    "FORWARD TSN": ForwardTsn(tsn=1),
    "an unknown chunk": chunk(0x3F),
}
SILENT = {
    "ABORT": Abort(),
    "ABORT with T": Abort(TCB=1),
    "SHUTDOWN COMPLETE": ShutdownComplete(),
    "SHUTDOWN COMPLETE with T": ShutdownComplete(TCB=1),
    "COOKIE ACK": CookieAck(),
    "ERROR, stale cookie": Error(error_causes=tlv(STALE_COOKIE, bytes(4))),
    "COOKIE ECHO of nobody": CookieEcho(cookie=b"a cookie of nobody"),
}


def is_aborted(t, peer, *chunks):
    peer.sends(*chunks, tag=TAG)
    peer.gets(Abort(TCB=1), tag=TAG)


# 8.4 (8)
@test("out of the blue, where nobody listens: ABORT with the packet's tag, and T", on=BOTH)
def aborted(t):
    for one in ABORTED.values():
        is_aborted(t, caller(t), one)


@test("out of the blue, where somebody listens: the same", on=BOTH)
def aborted_by_listener(t):
    listening(t)
    for one in ABORTED.values():
        is_aborted(t, caller(t), one)


@test("out of the blue, on an address and port of an association with another peer: the same", on=BOTH)
def aborted_beside_association(t):
    s, peer = passive(t)
    other = Peer(t, PEER_PORT + 1, PORT)
    for one in ABORTED.values():
        is_aborted(t, other, one)
    works(t, s, peer)


# 8.4 (2), (6), (7), and 5.1.5 for a cookie that we did not make
@test("what is not to be answered out of the blue", on=BOTH)
def silent(t):
    for one in SILENT.values():
        caller(t).sends(one, tag=TAG)
        t.quiet()
    listening(t)
    for one in SILENT.values():
        caller(t).sends(one, tag=TAG)
        t.quiet()


@test("nor is what comes in one packet with it, before or behind", on=BOTH)
def silent_bundled(t):
    peer = caller(t)
    peer.sends(ABORTED["DATA"], Abort(), tag=TAG)
    peer.sends(Abort(), ABORTED["DATA"], tag=TAG)
    peer.sends(ABORTED["SACK"], ABORTED["DATA"], Abort(TCB=1), tag=TAG)
    peer.sends(CookieAck(), ABORTED["DATA"], tag=TAG)
    t.quiet()


# 8.4 (5)
@test("a SHUTDOWN ACK out of the blue: SHUTDOWN COMPLETE with its tag, and T", on=BOTH)
def shutdown_ack(t):
    peer = caller(t)
    peer.sends(ShutdownAck(), tag=TAG)
    peer.gets(ShutdownComplete(TCB=1), tag=TAG)
    listening(t)
    peer.sends(ShutdownAck(), tag=TAG)
    peer.gets(ShutdownComplete(TCB=1), tag=TAG)


# 8.4 (1)
@test("packets to all hosts: no word", on=[SCTP4])
def broadcast(t):
    listening(t)
    for host in ("192.0.2.255", "255.255.255.255", "224.0.0.1", "239.1.2.3"):
        peer = caller(t)
        for one in (ABORTED["DATA"], ShutdownAck()):
            peer.sends(one, network=t.ip_in(dst=host), tag=TAG)
        peer.sends(peer.init(), network=t.ip_in(dst=host), tag=0)
    t.quiet()


@test("packets to all nodes: no word", on=[SCTP6])
def multicast(t):
    listening(t)
    peer = caller(t)
    for one in (ABORTED["DATA"], ShutdownAck()):
        peer.sends(one, network=t.ip_in(dst="ff02::1"), tag=TAG)
    peer.sends(peer.init(), network=t.ip_in(dst="ff02::1"), tag=0)
    t.quiet()


# 6.8


@test("a wrong checksum: nothing, whatever it is", on=BOTH)
def wrong_checksum(t):
    s, peer = passive(t)
    good = bytes(peer.packet(peer.data(b"hello")))[t.ip_length + 8:t.ip_length + 12]
    value, = struct.unpack("!I", good)
    for wrong in (0, 0xFFFFFFFF, value ^ 1, value ^ 0x80000000, int.from_bytes(good, "little")):
        peer.sends(peer.data(b"hello", tsn=peer.first_tsn), chksum=wrong)
        peer.sends(Abort(), chksum=wrong)
        caller(t).sends(caller(t).init(), tag=0, chksum=wrong)
    t.quiet()
    t.check(s.is_empty(), "something was read")
    t.equal(state(s), ESTABLISHED, "state")


# 3: a packet is a header and chunks
@test("packets that are none: no word", on=BOTH)
def cut_off(t):
    s, peer = passive(t)
    whole = bytes(peer.packet(peer.data(b"hello")))[t.ip_length:]
    for length in (0, 1, 4, 8, 11):
        t.inject(t.bare_in(whole[:length]))
    for junk in (b"", b"\0", b"\0\3\0", chunk(0, length=0), chunk(0, length=3), chunk(6, length=0),
                 chunk(4, b"", length=65535), chunk(6, b"", length=5)):
        peer.sends(junk)
        caller(t).sends(junk, sport=PEER_PORT + 1, tag=TAG)
    for packet in t.collect():
        t.check(Abort in packet and packet.dport == PEER_PORT + 1, f"{packet!r}")
    t.check(s.is_empty(), "something was read")
    t.equal(state(s), ESTABLISHED, "state")


# 8.5: an association's tag


@test("chunks with another tag are not heard", on=BOTH)
def wrong_tag(t):
    s, peer = passive(t)
    for tag in (0, peer.tag, peer.program_tag ^ 1, peer.program_tag ^ 0x80000000, 0xFFFFFFFF):
        for one in (*ABORTED.values(), *SILENT.values(), ShutdownAck()):
            if isinstance(one, (Abort, ShutdownComplete)) and one.TCB:
                continue
            peer.sends(one, tag=tag)
    t.quiet()
    t.equal(state(s), ESTABLISHED, "state")
    t.check(s.is_empty(), "something was read")
    works(t, s, peer)


# 8.5.1 (B)
@test("ABORT with the program's tag: the end", on=BOTH)
def abort(t):
    s, peer = passive(t)
    peer.sends(Abort())
    t.quiet()
    t.equal((state(s), s.error()), (CLOSED, errno.ECONNRESET), "state, error")
    nobody_there(t, peer)


@test("ABORT with T and the peer's own tag: the end", on=BOTH)
def abort_reflected(t):
    s, peer = active(t)
    peer.sends(Abort(TCB=1), tag=peer.tag)
    t.quiet()
    t.equal((state(s), s.error()), (CLOSED, errno.ECONNRESET), "state, error")


@test("ABORT with any other tag: not heard", on=BOTH)
def abort_wrong_tag(t):
    s, peer = passive(t)
    peer.sends(Abort(), tag=peer.tag)
    peer.sends(Abort(TCB=1), tag=peer.program_tag)
    for tag in (0, TAG):
        peer.sends(Abort(), tag=tag)
        peer.sends(Abort(TCB=1), tag=tag)
    t.quiet()
    t.equal(state(s), ESTABLISHED, "state")
    works(t, s, peer)


# 8.5.1 (C)
@test("SHUTDOWN COMPLETE ends only what waits for it, by either tag", on=BOTH)
def shutdown_complete(t):
    for reflected in (False, True):
        s, peer = active(t)
        peer.sends(ShutdownComplete())
        peer.sends(ShutdownComplete(TCB=1), tag=peer.tag)
        t.quiet()
        t.equal(state(s), ESTABLISHED, "state")
        peer.sends(Shutdown(cumul_tsn_ack=peer.expected - 1))
        peer.gets(ShutdownAck())
        peer.sends(ShutdownComplete(), tag=peer.tag)
        peer.sends(ShutdownComplete(TCB=1))
        peer.sends(ShutdownComplete(), tag=0)
        t.quiet()
        t.equal(state(s), SHUTDOWN_ACK_SENT, "state")
        peer.sends(ShutdownComplete(TCB=int(reflected)),
                   tag=peer.tag if reflected else peer.program_tag)
        t.quiet()
        t.equal(state(s), CLOSED, "state")
        gets_end(s)


# 8.5.1 (E)
@test("SHUTDOWN ACK while an association is set up: as one out of the blue", on=BOTH)
def early_shutdown_ack(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(ShutdownAck(), tag=TAG)
    peer.gets(ShutdownComplete(TCB=1), tag=TAG)
    t.equal(state(s), COOKIE_WAIT, "state")
    peer.sends(peer.init_ack())
    peer.gets(CookieEcho())
    peer.sends(ShutdownAck(), tag=TAG)
    peer.gets(ShutdownComplete(TCB=1), tag=TAG)
    t.equal(state(s), COOKIE_ECHOED, "state")
    peer.sends(CookieAck())
    works(t, s, peer)


@test("the association of another address of the same peer port is another", on=BOTH)
def another_address(t):
    s, peer = passive(t)
    network = t.ip_in(src=t.names.other)
    peer.sends(peer.data(b"not from here", tsn=peer.first_tsn + 1, ssn=1), network=network)
    peer.gets(Abort(TCB=1), network=t.ip_out(dst=t.names.other), tag=peer.program_tag)
    works(t, s, peer)


main(Conversation)
