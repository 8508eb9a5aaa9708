# SPDX-License-Identifier: GPL-2.0
"""Devices, addresses and routes by netlink: an emulated machine starts ip(8) slowly. And what
tc(8) of a stable distribution does not know."""
import os
import socket
import struct

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_CREATE = 1, 4, 0x300, 0x400
NLMSG_ERROR, NLMSG_DONE = 2, 3
RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH = 16, 20, 24, 28
RTM_NEWQDISC, RTM_GETQDISC = 36, 38
TCA_KIND, TCA_OPTIONS = 1, 2
NETEM_QOPT_LEN, TCA_NETEM_PRNG_SEED = 24, 14
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


def seed_netem(name, seed):
    """Let the netem at the root of a device meet the same chance each time; Linux 6.6 has that."""
    index = socket.if_nametoindex(name)
    for body, attributes in _dump(RTM_GETQDISC, struct.pack("=BxxxiIII", 0, index, 0, 0, 0)):
        if struct.unpack_from("=i", body, 4)[0] == index and attributes[TCA_KIND] == b"netem\0":
            break
    else:
        raise LookupError(f"{name} has no netem")
    options = attributes[TCA_OPTIONS]
    own = _attributes(options[NETEM_QOPT_LEN:])
    if TCA_NETEM_PRNG_SEED not in own:
        raise NotImplementedError("this kernel's netem has no seed")
    own[TCA_NETEM_PRNG_SEED] = struct.pack("=Q", seed)
    _request(RTM_NEWQDISC, body, {TCA_KIND: b"netem\0",
                                  TCA_OPTIONS: options[:NETEM_QOPT_LEN] + _packed_attributes(own)})


def _dump(kind, body):
    """All answers, as (fixed part as long as the question's, attributes)."""
    found = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) +
                     body)
        while True:
            answer = netlink.recv(1 << 18)
            while answer:
                length, answered = struct.unpack_from("=IH", answer)
                if answered in (NLMSG_DONE, NLMSG_ERROR):
                    return found
                found.append((answer[16:16 + len(body)], _attributes(answer[16 + len(body):length])))
                answer = answer[length + 3 & ~3:]


def _attributes(blob):
    found = {}
    while len(blob) >= 4:
        length, number = struct.unpack_from("=HH", blob)
        found[number & 0x3fff] = blob[4:length]
        blob = blob[length + 3 & ~3:]
    return found


def _packed_attributes(attributes):
    return b"".join(struct.pack("=HH", 4 + len(value), number) + value + bytes(-len(value) % 4)
                    for number, value in attributes.items() if value is not None)


def _packed(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address)


def _request(kind, body, attributes):
    """Ask, and raise the error that the kernel answers with."""
    body += _packed_attributes(attributes)
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        answer = netlink.recv(65536)
    error = -struct.unpack("=i", answer[16:20])[0]
    if error:
        raise OSError(error, f"netlink request {kind}: {os.strerror(error)}")
