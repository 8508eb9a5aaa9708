# SPDX-License-Identifier: GPL-2.0
"""ICMP and ICMPv6 as transports see them: types, codes, and the errors they stand for."""
import errno

from linux import (IP_MTU_DISCOVER, IP_RECVERR, IPV6_MTU_DISCOVER, IPV6_RECVERR, SOL_IP, SOL_IPV6)

UNREACHABLE, QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER = 3, 4, 5, 11, 12
UNREACHABLE6, TOO_BIG6, TIME_EXCEEDED6, PARAMETER6 = 1, 2, 3, 4
FRAG_NEEDED = 4
PORT_UNREACHABLE = {False: (UNREACHABLE, 3), True: (UNREACHABLE6, 4)}
HOST_UNREACHABLE = {False: (UNREACHABLE, 1), True: (UNREACHABLE6, 3)}

# (code, errno, whether a connected UDP socket is told without having asked)
CODES = [
    (0, errno.ENETUNREACH, False), (1, errno.EHOSTUNREACH, False), (2, errno.ENOPROTOOPT, True),
    (3, errno.ECONNREFUSED, True), (5, errno.EOPNOTSUPP, False), (6, errno.ENETUNREACH, True),
    (7, errno.EHOSTDOWN, True), (8, errno.ENONET, True), (9, errno.ENETUNREACH, True),
    (10, errno.EHOSTUNREACH, True), (11, errno.ENETUNREACH, False),
    (12, errno.EHOSTUNREACH, False), (13, errno.EHOSTUNREACH, True),
    (14, errno.EHOSTUNREACH, True), (15, errno.EHOSTUNREACH, True)]
CODES6 = [
    (0, errno.ENETUNREACH, False), (1, errno.EACCES, True), (2, errno.EHOSTUNREACH, False),
    (3, errno.EHOSTUNREACH, False), (4, errno.ECONNREFUSED, True), (5, errno.EACCES, True),
    (6, errno.EACCES, True)]


def recverr(t):
    """The option for who wants to be told all."""
    return {(SOL_IPV6, IPV6_RECVERR) if t.v6 else (SOL_IP, IP_RECVERR): 1}


def discover(t, mode):
    """The option that says how to find the path's MTU."""
    return {(SOL_IPV6, IPV6_MTU_DISCOVER) if t.v6 else (SOL_IP, IP_MTU_DISCOVER): mode}


def too_big(t, about, mtu):
    """A router has no way for a packet longer than `mtu`."""
    kind, code = (TOO_BIG6, 0) if t.v6 else (UNREACHABLE, FRAG_NEEDED)
    return t.icmp_error(kind, code, about, rest=mtu)
