#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Which packets are valid, and what becomes of others: RFC 4340 sections 7.5 and 8.5."""
import errno
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, ACK_RATIO, CHANGE_L, CLOSE, CLOSED, CLOSEREQ, CONFIRM_L, CONFIRM_R, DATA, DATAACK, LISTEN,
                  MIN_CSUM_COVER, NO_CONNECTION, NO_ACK, PACKET_ERROR, REQUEST, RESET, RESPONSE, SEQUENCE, SYNC,
                  SYNCACK, Dccp, Peer, confirms, feature, options)
from dialogue import (BOTH, PORT, VECTORS, accepted, active, caller, calling, gets, listening, passive,
                      told, tells)
from packets import Raw
from tap import main, test

W = 100          # the window of packets that either side begins with
BEHIND, AHEAD = W // 4, 3 * W // 4


def is_out(t, peer, kind, data=b"", about=None, **fields):
    """The packet is not valid: nothing but a Sync comes of it, about its number or another."""
    packet = peer.packet(kind, data, **fields)
    t.passes(1)     # they are rationed
    t.inject(packet)
    peer.gets(SYNC, ack=packet[Dccp].seq if about is None else about)


@test("step 1: what is malformed is ignored", on=BOTH)
def malformed(t):
    t.ours, peer = listening(t), caller(t)
    good = {"sport": peer.port, "dport": PORT, "seq": 1, "ack": 7}
    bad = [t.bare_in(bytes(11)), t.bare_in(bytes(12)),
           *(t.packet_in(type=kind, **good) for kind in range(11, 16)),
           t.packet_in(type=ACK, dataofs=5, **good), t.packet_in(type=ACK, dataofs=7, **good),
           t.packet_in(type=ACK, cscov=15, **good), t.packet_in(type=ACK, chksum=1, **good),
           *(t.packet_in(type=kind, X=0, **good)
             for kind in (REQUEST, RESPONSE, CLOSE, CLOSEREQ, SYNC, SYNCACK))]
    for packet in bad:
        with t.counted(InPackets=1, InErrors=1,
                       InCsumErrors=int(packet.getlayer(Dccp) is not None and packet[Dccp].chksum == 1)):
            t.inject(packet)
    t.quiet()


@test("step 2: what is for nobody is reset, but no Reset", on=BOTH)
def nobody(t):
    peer = Peer(t, 4444, 9)
    for kind in (REQUEST, RESPONSE, DATA, ACK, DATAACK, CLOSEREQ, CLOSE, SYNC, SYNCACK):
        fields = {} if kind in NO_ACK else {"ack": 70}
        peer.sends(kind, **fields)
        t.expect(t.packet_out(type=RESET, code=NO_CONNECTION, sport=9, dport=4444,
                              seq=71 if fields else 0, ack=peer.last))
    peer.sends(RESET, ack=70)
    t.quiet()


@test("step 2: of short numbers, a Reset has 24 bits", on=BOTH)
def nobody_short(t):
    t.inject(t.packet_in(type=ACK, X=0, seq=5, ack=0xFFFFFF, sport=4444, dport=9))
    t.expect(t.packet_out(type=RESET, code=NO_CONNECTION, seq=0, ack=5, X=1))


@test("step 6: the sequence window is a quarter of W behind and three quarters ahead", on=BOTH)
def window(t):
    s, peer = passive(t, *VECTORS)
    peer.loses(2 * W)
    is_out(t, peer, DATA, b"far ahead")
    peer.next -= 2 * W + 1
    for i in range(BEHIND):             # begin somewhere
        told(t, s, peer, b"%d" % i)
    highest = peer.last
    is_out(t, peer, DATA, b"behind", seq=highest - BEHIND)
    is_out(t, peer, DATA, b"ahead", seq=highest + AHEAD + 1)
    t.inject(peer.packet(DATA, b"late", seq=highest - BEHIND + 1))
    gets(s, b"late")
    t.collect()
    t.inject(peer.packet(DATA, b"early", seq=highest + AHEAD))
    gets(s, b"early")
    t.collect()


@test("step 6: an acknowledgment is of what was sent, and not long ago", on=BOTH)
def ack_window(t):
    s, peer = passive(t, *VECTORS)
    is_out(t, peer, ACK, ack=peer.heard + 1)
    is_out(t, peer, ACK, ack=peer.heard - W)
    peer.sends(DATAACK, b"fine")
    gets(s, b"fine")
    t.collect()


@test("step 6: a Reset that is not valid is asked about by a Sync for what is", on=BOTH)
def invalid_reset(t):
    s, peer = passive(t, *VECTORS)
    valid = peer.last
    is_out(t, peer, RESET, seq=valid, code=CLOSED, about=valid)
    is_out(t, peer, RESET, seq=valid + AHEAD + 1, code=CLOSED, about=valid)
    is_out(t, peer, RESET, ack=peer.heard + 1, code=CLOSED, about=valid)
    told(t, s, peer)


@test("step 6: a Close or CloseReq is never behind what came", on=BOTH)
def invalid_close(t):
    s, peer = active(t)
    told(t, s, peer)
    for kind in (CLOSE, CLOSEREQ):
        is_out(t, peer, kind, seq=peer.last)
    told(t, s, peer)


@test("Syncs are rationed: not more than one in an eighth of a second", on=BOTH)
def rationed(t):
    s, peer = passive(t, *VECTORS)
    t.passes(1)
    bad = peer.next + 2 * W
    peer.sends(DATA, b"one", seq=bad)
    peer.gets(SYNC, ack=bad)
    with t.counted(InPackets=20, OutOfWindow=20, SyncLimited=20):
        for i in range(20):
            peer.sends(DATA, b"more", seq=bad + i)
    t.passes(0.2)
    peer.sends(DATA, b"again", seq=bad)
    peer.gets(SYNC, ack=bad)
    told(t, s, peer)


@test("steps 5 and 15: a Sync is answered by a SyncAck, and the window follows it", on=BOTH)
def sync(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(SYNC)
    peer.gets(SYNCACK, ack=peer.last)
    peer.loses(W)
    peer.sends(SYNC)
    peer.gets(SYNCACK, ack=peer.last)
    told(t, s, peer)


@test("a burst of losses: a Sync asks, a SyncAck answers, and it goes on", on=BOTH)
def burst(t):
    s, peer = passive(t, *VECTORS)
    peer.loses(10 * W)
    is_out(t, peer, DATA, b"lost")
    asked = peer.heard
    peer.sends(SYNCACK, ack=asked)
    t.quiet()
    told(t, s, peer)


@test("step 5: a Sync or SyncAck from behind, or for what was not sent, is ignored", on=BOTH)
def invalid_sync(t):
    s, peer = passive(t, *VECTORS)
    for kind in (SYNC, SYNCACK):
        peer.sends(kind, ack=peer.heard + 1)
        peer.sends(kind, seq=peer.next - BEHIND - 10)
        peer.sends(kind, ack=peer.heard - W)
    t.quiet(1)
    told(t, s, peer)


@test("step 6: a peer that forgot all: its Reset is asked about, and the next one is valid", on=BOTH)
def forgot(t):
    s, peer = passive(t, *VECTORS)
    valid = peer.last
    s.send(b"to somebody who is not there")
    found = peer.gets(DATA, b"to somebody who is not there")
    peer.sends(RESET, seq=0, ack=found.seq, code=NO_CONNECTION)
    asked = peer.gets(SYNC, ack=valid)
    peer.sends(RESET, seq=asked.ack + 1, ack=asked.seq, code=NO_CONNECTION)
    t.quiet()
    t.equal(s.error(), errno.ECONNREFUSED, "error")


@test("step 6: a peer that forgot all connects again: Sync, Reset; Sync, Reset; at once", on=BOTH)
def connects_again(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    valid, anew = peer.last, 5_000_000
    peer.sends(REQUEST, seq=anew)
    asked = peer.gets(SYNC, ack=anew)
    # Step 4 of who is in REQUEST: whatever is no Response is reset.
    peer.sends(RESET, seq=asked.ack + 1, ack=asked.seq, code=PACKET_ERROR)
    asked = peer.gets(SYNC, ack=valid)
    peer.sends(RESET, seq=asked.ack + 1, ack=asked.seq, code=PACKET_ERROR)
    t.quiet()
    t.equal(s.error(), errno.ENOMSG, "error")


@test("step 6: of what is half open, too; a Sync takes a number, and is rationed", on=BOTH)
def half_open(t):
    listener, peer = listening(t), caller(t)
    response = peer.asks(*VECTORS)
    out = peer.next + 10 * W
    peer.sends(ACK, seq=out)
    peer.gets(SYNC, ack=out, seq=response.seq + 1)
    with t.counted(InPackets=5, OutOfWindow=5, SyncLimited=5):
        for i in range(5):
            peer.sends(ACK, seq=out + i)
    t.passes(0.2)
    peer.sends(RESET, seq=out, code=CLOSED)
    peer.gets(SYNC, ack=peer.last)
    t.equal(listener.ready(), "", "nobody to accept")
    peer.sends(ACK, ack=response.seq, options=confirms(response))
    told(t, accepted(listener), peer)


@test("step 6: half open, and the client forgot: its answer to the Sync ends it", on=BOTH)
def half_open_forgotten(t):
    listener, peer = listening(t), caller(t)
    peer.asks(*VECTORS)
    anew = 5_000_000
    peer.sends(REQUEST, seq=anew)
    asked = peer.gets(SYNC, ack=anew)
    peer.sends(RESET, seq=peer.next, ack=asked.seq, code=PACKET_ERROR)
    t.quiet()
    again = caller(t, iss=anew + 1)
    again.connects(*VECTORS)
    told(t, accepted(listener), again)


@test("step 7: a Response or Request from before the connection was open is ignored", on=BOTH)
def old_types(t):
    s, peer = active(t)
    told(t, s, peer)
    peer.sends(RESPONSE, seq=1000)
    t.quiet(1)
    told(t, s, peer)


@test("step 7: types that a server does not expect", on=BOTH)
def server_types(t):
    s, peer = passive(t, *VECTORS)
    is_out(t, peer, RESPONSE)
    is_out(t, peer, REQUEST)
    is_out(t, peer, CLOSEREQ)
    told(t, s, peer)


@test("step 7: types that a client does not expect", on=BOTH)
def client_types(t):
    s, peer = active(t)
    is_out(t, peer, REQUEST)
    is_out(t, peer, RESPONSE)
    told(t, s, peer)


@test("numbers go round at 2^48", on=BOTH)
def round_about(t):
    s, peer = passive(t, *VECTORS, iss=SEQUENCE - 5)
    for i in range(20):
        told(t, s, peer, b"%d" % i)
    tells(s, peer)


@test("long after the beginning its number is no bound any more, nor are old Changes", on=BOTH)
def far_from_the_first(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    for _ in range(2):
        peer.loses(3 << 45)
        peer.sends(SYNC)
        peer.gets(SYNCACK, ack=peer.last)
    is_out(t, peer, DATA, b"behind", seq=peer.last - BEHIND)
    told(t, s, peer)
    peer.sends(ACK, options=[feature(CHANGE_L, ACK_RATIO, 0, 4)])
    t.equal(options(peer.gets(ACK), CONFIRM_R), [bytes((ACK_RATIO, 0, 4))], "a Confirm")


@test("a packet that comes twice: data are read twice, as nobody promised more", on=BOTH)
def twice(t):
    s, peer = passive(t, *VECTORS)
    packet = peer.packet(DATA, b"again")
    for _ in range(2):
        t.inject(packet)
        gets(s, b"again")
    t.collect()


@test("a packet of no octets is one", on=BOTH)
def empty(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer, b"")
    told(t, s, peer)


@test("a Listen on a connection is ignored", on=BOTH)
def listen(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(LISTEN, seq=0)
    t.quiet(1)
    told(t, s, peer)


@test("partial coverage: what is covered must be right, and what is not need not", on=BOTH)
def coverage(t):
    recv = {(269, 11): (2).to_bytes(4, "little")}
    s, peer = passive(t, *VECTORS, options=recv)
    for cscov in (2, 3, 15):
        data = bytes(range(60))
        good = bytes(peer.packet(DATA, data, cscov=cscov))
        covered = 4 * (cscov - 1)
        spoilt = good[:-1] + bytes([good[-1] ^ 1])
        t.inject(Raw(spoilt))
        if covered < len(data):
            gets(s, data[:-1] + bytes([data[-1] ^ 1]))
        t.collect()
    with t.counted(InPackets=1, InCsCovDrops=1):
        peer.sends(DATA, b"too little", cscov=1)
    t.check(s.is_empty(), "nothing is read")


@test("partial coverage: without being asked for it is not taken", on=BOTH)
def no_coverage(t):
    s, peer = passive(t, *VECTORS)
    told(t, s, peer)
    with t.counted(InPackets=2, InCsCovDrops=2, OutPackets=1):
        peer.sends(DATA, b"too little", cscov=1)
        peer.sends(DATA, b"too little", cscov=3)
    t.check(s.is_empty(), "nothing is read")
    peer.gets(ACK)      # the packets came, if not their data


@test("partial coverage: a program asks for it", on=BOTH)
def send_coverage(t):
    s, peer = active(t, options={(269, 10): (3).to_bytes(4, "little")})
    found = tells(s, peer, b"x" * 100)
    t.equal(found.cscov, 3, "coverage")


@test("partial coverage: a peer that does not take it gets what is covered whole", on=BOTH)
def coverage_refused(t):
    for refusal, cscov in ((0,), 0), ((), 0), ((5,), 5):
        s, peer = calling(t, options={(269, 10): (3).to_bytes(4, "little")}), Peer(t)
        request = peer.asked()
        confirmed = [one for one in confirms(request) if one[1][0] != MIN_CSUM_COVER]
        peer.sends(RESPONSE, options=[*confirmed, feature(CONFIRM_L, MIN_CSUM_COVER, *refusal)])
        peer.gets(ACK)
        found = tells(s, peer, b"x" * 100, DATAACK)
        t.equal(found.cscov, cscov, "coverage")
        s.close()
        t.collect()


if __name__ == "__main__":
    main(Conversation)
