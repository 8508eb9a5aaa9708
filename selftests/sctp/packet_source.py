#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# time: virtual
"""Which of the machine's addresses an association's packets come from."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from association import BOTH, MANY, PEER_PORT, PORT, SACK_DELAY, accepted, caller, gets, listening, passive, works
from conversation import Conversation
from netns import ip, sysctl
from sctp import CookieAck, CookieEcho, Peer
from tap import main, test


def called_at_second(t):
    """A peer that knows the machine by its second address alone."""
    first, t.here = t.here, t.add_second_address()
    return first, caller(t)


@test("a peer that calls at another address than the route's: all comes from there", on=BOTH)
def called(t):
    listener = listening(t)
    _first, peer = called_at_second(t)
    peer.connects()
    s = accepted(listener)
    t.equal(s.getsockname()[0], t.here, "address")
    works(t, s, peer)


@test("one-to-many: each peer hears from where it called", on=MANY)
def each(t):
    s = listening(t)
    near = caller(t)
    near.connects()
    first, far = t.here, Peer(t, PEER_PORT + 1, PORT)
    t.here = t.add_second_address()
    far.connects()
    for peer, t.here in (near, first), (far, t.here):
        peer.sends_data(b"a question")
        gets(s, b"a question")
        peer.gets_sack(after=(0, SACK_DELAY))


@test("where a peer called is the machine's no more: it comes from another address", on=BOTH)
def gone(t):
    # Who may bind to any address does not keep one by that.
    sysctl(f"ipv{6 if t.v6 else 4}.ip_nonlocal_bind", 1)
    listener = listening(t)
    first, peer = called_at_second(t)
    peer.connects()
    s = accepted(listener)
    works(t, s, peer)
    ip(f"address del {t.here}/{t.names.net} dev {t.DEVICE}")
    t.here = first
    works(t, s, peer)


@test("the peer restarts, and calls elsewhere: all comes from there", on=BOTH)
def restart(t):
    s, peer = passive(t)
    t.here = t.add_second_address()
    again = Peer(t, peer.port, peer.program_port, tag=0x22222222)
    again.asks()
    again.sends(CookieEcho(cookie=again.cookie))
    again.gets(CookieAck())
    works(t, s, again)
    t.equal(again.last.src, t.here, "source")


main(Conversation)
