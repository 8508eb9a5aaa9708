# SPDX-License-Identifier: GPL-2.0
"""What goes over a cable, in a file."""
import contextlib
import signal
import struct

from hosts import until
from tap import Failed


@contextlib.contextmanager
def capture(host, pcap, filter_, count):
    """tcpdump at `host`, until `count` datagrams, or their last fragments, are in the file."""
    tcpdump = host.start("tcpdump", "-i", "eth0", "-U", "--immediate-mode", "-Z", "root", "-w", pcap, filter_)
    until(lambda: is_listening(tcpdump), "tcpdump does not listen")
    yield
    until(lambda: sum(map(is_last_part, packets(pcap.read_bytes()))) >= count, "the capture is not complete")
    tcpdump.send_signal(signal.SIGTERM)
    tcpdump.wait()


def is_listening(tcpdump):
    if tcpdump.poll() is not None:
        raise Failed(f"tcpdump ended: {tcpdump.log.read_text()}")
    return "listening on" in tcpdump.log.read_text()


def packets(pcap):
    """The complete packets of a capture file, without their Ethernet headers."""
    at = 24
    while at + 16 <= len(pcap):
        length, = struct.unpack_from("=I", pcap, at + 8)
        if at + 16 + length > len(pcap):
            return
        yield pcap[at + 30:at + 16 + length]
        at += 16 + length


def is_last_part(packet):
    """A datagram that is no fragment, or the last one."""
    if packet[0] >> 4 == 4:
        return not packet[6] & 0x20
    return packet[6] != 44 or not packet[43] & 1
