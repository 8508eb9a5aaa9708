#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Both ends agree on features: RFC 4340 section 6; and what options do (5.8)."""
import errno
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from conversation import Conversation
from dccp import (ACK, ACK_RATIO, CCID, CHANGE_L, CHANGE_R, CONFIRM_L, CONFIRM_R, DATA, DATAACK,
                  ECN_INCAPABLE, MANDATORY_ERROR, OPTION_ERROR, REQUEST, RESET, RESPONSE, SEND_ACK_VECTOR,
                  SEND_NDP_COUNT, SEQUENCE_WINDOW, SHORT_SEQNOS, Peer, confirms, feature, options)
from dialogue import (BOTH, CCID_OPTION, RX_CCID, SOL_DCCP, TX_CCID, VECTORS, accepted, active, caller,
                      calling, gets, listening, passive, setting, tells, told)
from tap import main, test

UNKNOWN = 77
MANDATORY = ("Mandatory", b"")


def ccid(s, which):
    return s.getsockopt(SOL_DCCP, which)


def negotiations(packet):
    return [(kind, value) for kind, value in packet.options
            if kind in (CHANGE_L, CHANGE_R, CONFIRM_L, CONFIRM_R)]


@test("a Request asks for what differs from the beginning only: Ack Vectors for CCID 2", on=BOTH)
def request(t):
    s, peer = calling(t), Peer(t)
    t.equal(negotiations(peer.asked()), list(VECTORS), "options")
    t.equal(s.error(), 0, "error")


@test("a Response confirms what was asked for, and asks for nothing twice", on=BOTH)
def response(t):
    t.ours, peer = listening(t), caller(t)
    found = peer.asks(*VECTORS)
    t.equal(negotiations(found), [feature(CONFIRM_L, SEND_ACK_VECTOR, 1, 1),
                                  feature(CONFIRM_R, SEND_ACK_VECTOR, 1, 1)], "options")


@test("a Response asks for what the Request did not, and the Ack confirms", on=BOTH)
def response_asks(t):
    listener, peer = listening(t), caller(t)
    found = peer.asks()
    t.equal(negotiations(found), list(VECTORS), "options")
    peer.sends(ACK, options=confirms(found))
    s = accepted(listener)
    found = told(t, s, peer)
    t.equal(negotiations(found), [], "nothing is left to ask for")
    t.check(options(found, "Ack Vector 0"), "an Ack Vector")


@test("Changes that are not confirmed go again until they are", on=BOTH)
def unconfirmed(t):
    s, peer = calling(t), Peer(t)
    request_ = peer.asked()
    peer.sends(RESPONSE)
    t.equal(negotiations(peer.gets(ACK)), [], "not at once")
    found = peer.gets(ACK, after=(0.1, 1))
    t.equal(negotiations(found), list(VECTORS), "again")
    peer.sends(ACK, options=confirms(found))
    t.equal(negotiations(told(t, s, peer)), [], "confirmed")
    t.equal(negotiations(request_), list(VECTORS), "at first")


@test("Changes that the peer never confirms: the connection is given up", on=BOTH)
def never_confirmed(t):
    setting("retries2", 3)
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(RESPONSE)
    peer.gets(ACK)
    peer.sends(ACK)
    for _ in range(3):
        t.equal(negotiations(peer.gets(ACK, after=(0.1, 9))), list(VECTORS), "again")
    found = peer.gets(RESET, after=(0.1, 30))
    t.equal((found.code, s.error()), (2, errno.ETIMEDOUT), "code, error")


@test("an empty Confirm: the peer does not know it, and it stays as it is", on=BOTH)
def empty_confirm(t):
    s, peer = calling(t), Peer(t)
    request_ = peer.asked()
    t.equal(negotiations(request_), list(VECTORS), "asked for")
    peer.sends(RESPONSE, options=[feature(CONFIRM_R, SEND_ACK_VECTOR),
                                  feature(CONFIRM_L, SEND_ACK_VECTOR)])
    found = peer.gets(ACK)
    t.equal((negotiations(found), options(found, "Ack Vector 0")), ([], []), "options")
    t.equal(s.error(), 0, "error")


@test("a Change of what nobody knows is confirmed empty", on=BOTH)
def unknown(t):
    _s, peer = passive(t, *VECTORS)
    peer.sends(ACK, options=[feature(CHANGE_L, UNKNOWN, 1), feature(CHANGE_R, UNKNOWN + 1, 2)])
    found = negotiations(peer.gets(ACK))
    t.equal(sorted(found), sorted([feature(CONFIRM_R, UNKNOWN), feature(CONFIRM_L, UNKNOWN + 1)]),
            "options")


@test("a mandatory Change of what nobody knows is the end", on=BOTH)
def mandatory_unknown(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(ACK, options=[MANDATORY, feature(CHANGE_L, UNKNOWN, 9)])
    peer.gets(RESET, code=MANDATORY_ERROR, data1=32, data2=UNKNOWN, data3=9)
    t.equal(s.error(), errno.EOPNOTSUPP, "error")


@test("a mandatory option of an unknown type is the end; another is ignored", on=BOTH)
def mandatory_option(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(DATAACK, b"fine", options=[(99, b"abc")])
    gets(s, b"fine")
    peer.gets(ACK, after=(0, 0.2))
    peer.sends(DATAACK, b"bad", options=[MANDATORY, (99, b"\x07\x08c")])
    peer.gets(RESET, code=MANDATORY_ERROR, data1=99, data2=7, data3=8)
    t.equal(s.error(), errno.EOPNOTSUPP, "error")


@test("a Request with a mandatory option that nobody knows is refused: RFC 4340 section 5.8.2",
      on=BOTH)
def mandatory_request(t):
    t.ours, peer = listening(t), caller(t)
    peer.sends(REQUEST, options=[*VECTORS, MANDATORY, (99, b"\x07\x08c")])
    peer.gets(RESET, code=MANDATORY_ERROR, data1=99, data2=7, data3=8)
    t.check(not t.ours.ready(), "nobody to accept")


@test("a Request with a mandatory option of bad data is refused: RFC 4340 section 5.8.2", on=BOTH)
def mandatory_bad_request(t):
    t.ours, peer = listening(t), caller(t)
    peer.sends(REQUEST, options=[*VECTORS, MANDATORY, ("Timestamp", b"\x07\x08\x09")])
    peer.gets(RESET, code=MANDATORY_ERROR, data1=41, data2=7, data3=8)


@test("a Request with mandatory options that are known is answered", on=BOTH)
def mandatory_known_request(t):
    listener, peer = listening(t), caller(t)
    found = peer.asks(*VECTORS, MANDATORY, ("Timestamp", b"\0\1\2\3"), MANDATORY,
                      ("NDP Count", b"\1"), MANDATORY, ("Slow Receiver", b""), (99, b"ignored"))
    peer.sends(ACK, options=confirms(found))
    told(t, accepted(listener), peer)


@test("Mandatory with nothing behind it is the end; on Data it is nothing", on=BOTH)
def mandatory_last(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(DATA, b"fine", options=[MANDATORY, MANDATORY, MANDATORY, MANDATORY])
    gets(s, b"fine")
    peer.gets(ACK, after=(0, 0.2))
    peer.sends(ACK, options=[MANDATORY, MANDATORY, ("Slow Receiver", b""), ("Slow Receiver", b"")])
    peer.gets(RESET, code=OPTION_ERROR, data1=1)


@test("ECN Incapable: who cannot see marks gets none", on=BOTH)
def ecn(t):
    s, peer = active(t)
    found = tells(s, peer)
    t.equal(peer.ecn, 2, "ECN-capable")
    s, peer = passive(t, *VECTORS, MANDATORY, feature(CHANGE_L, ECN_INCAPABLE, 1))
    found = tells(s, peer)
    t.equal(peer.ecn, 0, "not so")
    t.equal(options(found, "Confirm R"), [], "it was confirmed in the Response")


@test("the server's preferences decide: a server", on=BOTH)
def server_prefers(t):
    prefers = {(SOL_DCCP, TX_CCID): b"\x03\x02", (SOL_DCCP, RX_CCID): b"\x02"}
    listener, peer = listening(t, options=prefers), caller(t)
    found = peer.asks(feature(CHANGE_R, CCID, 2, 3))
    t.check(feature(CONFIRM_L, CCID, 3, 3, 2) in negotiations(found), "3, though we like 2 best")
    peer.sends(ACK, options=confirms(found))
    s = accepted(listener)
    t.equal(ccid(s, TX_CCID), 3, "CCID")


@test("the server's preferences decide: a client", on=BOTH)
def client_prefers(t):
    s, peer = calling(t, options={(SOL_DCCP, TX_CCID): b"\x02\x03"}), Peer(t)
    request_ = peer.asked()
    peer.sends(RESPONSE, options=[*confirms(request_), feature(CHANGE_R, CCID, 3, 2)])
    found = negotiations(peer.gets(ACK))
    t.check(feature(CONFIRM_L, CCID, 3, 2, 3) in found, "3, though we like 2 best")
    t.equal(ccid(s, TX_CCID), 3, "CCID")


@test("a CCID that only one of them has: a Request with a list, and a Confirm that picks", on=BOTH)
def client_list(t):
    s, peer = calling(t, options={(SOL_DCCP, CCID_OPTION): b"\x03\x02"}), Peer(t)
    request_ = peer.asked()
    asked = negotiations(request_)
    t.check(feature(CHANGE_L, CCID, 3, 2) in asked and feature(CHANGE_R, CCID, 3, 2) in asked,
            "a list each")
    rest = [one for one in confirms(request_) if one[1][0] != CCID]
    peer.sends(RESPONSE, options=[feature(CONFIRM_R, CCID, 2, 2), feature(CONFIRM_L, CCID, 2, 2),
                                  *rest])
    peer.gets(ACK)
    t.equal((ccid(s, TX_CCID), ccid(s, RX_CCID)), (2, 2), "CCIDs")


@test("a program that does not name CCID 2 will not have it: its Changes are Mandatory", on=BOTH)
def without_ccid2(t):
    for list_, mandatory in ((b"\x03", 2), (b"\x03\x02", 0)):
        s, peer = calling(t, options={(SOL_DCCP, CCID_OPTION): list_}), Peer(t)
        request_ = peer.asked()
        behind = [after for before, after in zip(request_.options, request_.options[1:])
                  if before == MANDATORY]
        t.equal(behind, [feature(CHANGE_L, CCID, 3), feature(CHANGE_R, CCID, 3)][:mandatory],
                "Mandatory")
        peer.sends(RESET, code=MANDATORY_ERROR, data1=32, data2=CCID, data3=3)
        t.quiet()
        t.equal(s.error(), errno.EOPNOTSUPP, "error")


@test("no CCID in common: what is in force stays", on=BOTH)
def nothing_in_common(t):
    _s, peer = passive(t, *VECTORS)
    peer.sends(ACK, options=[feature(CHANGE_R, CCID, 250)])
    found, = negotiations(peer.gets(ACK))
    t.equal((found[0], found[1][:2]), (CONFIRM_L, bytes([CCID, 2])), "Confirm")


@test("no CCID in common, and it is mandatory: the end", on=BOTH)
def nothing_in_common_mandatory(t):
    t.ours, peer = listening(t), caller(t)
    peer.sends(REQUEST, options=[MANDATORY, feature(CHANGE_R, CCID, 250)])
    peer.gets(RESET, code=MANDATORY_ERROR, seq=0, data1=34, data2=CCID, data3=250)


@test("a Confirm of a value that was never asked for is the end", on=BOTH)
def false_confirm(t):
    s, peer = calling(t), Peer(t)
    peer.asked()
    peer.sends(RESPONSE, options=[feature(CONFIRM_R, SEND_ACK_VECTOR, 9, 9)])
    peer.gets(RESET, code=OPTION_ERROR, data1=35, data2=SEND_ACK_VECTOR, data3=9)
    t.equal(s.error(), errno.EILSEQ, "error")


@test("Sequence Window: what the peer says is confirmed, and the window is as wide", on=BOTH)
def sequence_window(t):
    s, peer = passive(t, *VECTORS, feature(CHANGE_L, SEQUENCE_WINDOW, 0, 0, 0, 0, 4, 0))
    peer.loses(700)
    told(t, s, peer)


@test("Sequence Window: too small or too large a value is confirmed empty", on=BOTH)
def bad_sequence_window(t):
    _s, peer = passive(t, *VECTORS)
    for value in ((0, 0, 0, 0, 0, 31), (0x40, 0, 0, 0, 0, 0)):
        peer.sends(ACK, options=[feature(CHANGE_L, SEQUENCE_WINDOW, *value)])
        t.equal(negotiations(peer.gets(ACK)), [feature(CONFIRM_R, SEQUENCE_WINDOW)], "options")


@test("the setting seq_window is told to the peer", on=BOTH)
def our_sequence_window(t):
    setting("seq_window", 1000)
    t.ours, peer = calling(t), Peer(t)
    found = negotiations(peer.asked())
    t.check(feature(CHANGE_L, SEQUENCE_WINDOW, 0, 0, 0, 0, 3, 232) in found, "a Change L")


@test("a Change R of what only its owner says is confirmed empty", on=BOTH)
def not_ours_to_say(t):
    _s, peer = passive(t, *VECTORS)
    peer.sends(ACK, options=[feature(CHANGE_R, ACK_RATIO, 0, 5)])
    t.equal(negotiations(peer.gets(ACK)), [feature(CONFIRM_L, ACK_RATIO)], "options")


@test("the same Change again is confirmed again; an old one is not", on=BOTH)
def change_again(t):
    _s, peer = passive(t, *VECTORS)
    for _ in range(2):
        peer.sends(ACK, options=[feature(CHANGE_L, ACK_RATIO, 0, 4)])
        t.equal(negotiations(peer.gets(ACK)), [feature(CONFIRM_R, ACK_RATIO, 0, 4)], "options")
    peer.sends(ACK, seq=peer.last - 1, options=[feature(CHANGE_L, ACK_RATIO, 0, 9)])
    t.quiet(1)


@test("Short numbers: only once they are allowed", on=BOTH)
def short(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(DATA, b"ignored", X=0)
    t.quiet(1)
    t.check(s.is_empty(), "nothing is read")
    peer.sends(ACK, options=[feature(CHANGE_L, SHORT_SEQNOS, 1)])
    found, = negotiations(peer.gets(ACK))
    t.equal(found[1][:2], bytes([SHORT_SEQNOS, 0]), "we would rather not")


@test("Send NDP Count: packets without data are counted", on=BOTH)
def ndp(t):
    s, peer = passive(t, *VECTORS, feature(CHANGE_R, SEND_NDP_COUNT, 1))
    told(t, s, peer, b"one")
    told(t, s, peer, b"two")
    found = tells(s, peer)
    t.equal(options(found, "NDP Count"), [b"\x02"], "two Acks before it")
    t.equal(options(tells(s, peer), "NDP Count"), [], "nothing before it")


@test("Send NDP Count: a Request is no packet without data", on=BOTH)
def ndp_request(t):
    s, peer = calling(t), Peer(t)
    found = peer.accepts(feature(CHANGE_R, SEND_NDP_COUNT, 1))
    t.equal(options(found, "NDP Count"), [], "behind the Request")
    peer.sends(ACK)
    t.equal(options(tells(s, peer), "NDP Count"), [b"\x01"], "the Ack before it")


@test("a Timestamp comes back with the time that it took", on=BOTH)
def timestamp(t):
    s, peer = passive(t, *VECTORS)
    peer.sends(DATAACK, b"what time?", options=[("Timestamp", b"\1\2\3\4")])
    gets(s, b"what time?")
    found = peer.gets(ACK, after=(0, 0.2))
    echo, = options(found, "Timestamp Echo")
    t.equal(echo[:4], b"\1\2\3\4", "echo")
    t.check(int.from_bytes(echo[4:], "big") * 10e-6 <= 0.21, "elapsed time")


@test("options that make no sense are ignored, and what is behind them", on=BOTH)
def nonsense(t):
    s, peer = passive(t, *VECTORS)
    for bad in (("Timestamp", b"abc"), ("NDP Count", b""), ("Elapsed Time", b"abc"),
                ("Timestamp Echo", b"abcde"), ("Data Checksum", b"a"), ("Change L", b""),
                ("Confirm R", b""), ("Ack Vector 0", b""), ("Loss Intervals", b"ab")):
        told_ = peer.packet(DATAACK, b"fine", options=[bad])
        t.inject(told_)
        gets(s, b"fine")
        t.collect()
    t.equal(s.error(), 0, "error")


if __name__ == "__main__":
    main(Conversation)
