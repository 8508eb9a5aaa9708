# SPDX-License-Identifier: GPL-2.0
"""Devices, addresses and routes by netlink: an emulated machine starts ip(8) slowly."""
import os
import socket
import struct

NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 1, 4, 0x400
NLMSG_ERROR = 2
RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH = 16, 20, 24, 28
IFF_UP = 1
IFLA_ADDRESS, IFLA_MTU = 1, 4
IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_CACHEINFO = 1, 2, 4, 6
IFA_F_NODAD = 2
RTA_OIF = 4
NDA_DST, NDA_LLADDR = 1, 2
NUD_PERMANENT = 0x80


def link_up(name, mtu=None, address=None):
    """Set a device up, with this MTU and Ethernet address."""
    body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(name), IFF_UP, IFF_UP)
    _request(RTM_NEWLINK, body, {IFLA_MTU: mtu and struct.pack("=I", mtu), IFLA_ADDRESS: address})


def add_address(name, address, length, preferred=True):
    """An IPv6 address that is not preferred is never chosen as a source by itself."""
    family, packed = _packed(address)
    body = struct.pack("=BBBBI", family, length, IFA_F_NODAD if family == socket.AF_INET6 else 0,
                       0, socket.if_nametoindex(name))
    forever = 0xFFFFFFFF
    attributes = {IFA_LOCAL: packed, IFA_ADDRESS: packed,
                  IFA_CACHEINFO: struct.pack("=IIII", forever if preferred else 0, forever, 0, 0)}
    if family == socket.AF_INET:
        host = (1 << 32 - length) - 1
        attributes[IFA_BROADCAST] = (int.from_bytes(packed, "big") | host).to_bytes(4, "big")
    _request(RTM_NEWADDR, body, attributes)


def add_default_route(name, family):
    """All addresses are behind this device."""
    main_table, static, universe, unicast = 254, 4, 0, 1
    body = struct.pack("=BBBBBBBBI", family, 0, 0, 0, main_table, static, universe, unicast, 0)
    _request(RTM_NEWROUTE, body, {RTA_OIF: struct.pack("=I", socket.if_nametoindex(name))})


def add_neighbour(name, address, link_address):
    family, packed = _packed(address)
    body = struct.pack("=BxxxiHBB", family, socket.if_nametoindex(name), NUD_PERMANENT, 0, 0)
    _request(RTM_NEWNEIGH, body, {NDA_DST: packed, NDA_LLADDR: link_address})


def _packed(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address)


def _request(kind, body, attributes):
    """Ask, and raise the error that the kernel answers with."""
    for number, value in attributes.items():
        if value is not None:
            body += struct.pack("=HH", 4 + len(value), number) + value + bytes(-len(value) % 4)
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        answer = netlink.recv(65536)
    error = -struct.unpack("=i", answer[16:20])[0]
    if error:
        raise OSError(error, f"netlink request {kind}: {os.strerror(error)}")
