# SPDX-License-Identifier: GPL-2.0
"""A network device whose other end is this program."""
import fcntl
import os
import struct
import subprocess

TUNSETIFF, TUNSETPERSIST = 0x400454CA, 0x400454CB
IFF_TUN, IFF_TAP, IFF_NO_PI = 1, 2, 0x1000
PATH = "/dev/net/tun"


class Tun:
    """A TUN device: bare IP packets."""
    FLAGS = IFF_TUN

    def __init__(self, name):
        if not os.path.exists(PATH):
            subprocess.run(["modprobe", "tun"], check=False)
        self.fd = os.open(PATH, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH", name.encode(), self.FLAGS | IFF_NO_PI))

    def write(self, packet):
        """Let the machine receive a packet; False when the device does not take such a one."""
        try:
            os.write(self.fd, packet)
        except OSError:
            return False
        return True

    def read(self):
        """The next packet that the machine has sent, or None."""
        try:
            return os.read(self.fd, 1 << 17)
        except BlockingIOError:
            return None

    def close(self):
        """Leave the device to its namespace: many that go together go faster."""
        fcntl.ioctl(self.fd, TUNSETPERSIST, 1)
        os.close(self.fd)


class Tap(Tun):
    """A TAP device: the same, in Ethernet frames."""
    FLAGS = IFF_TAP
    HERE, THERE = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
    BROADCAST = b"\xff" * 6

    # By a packet's first four bits: ARP, IPv4, IPv6
    KINDS = {0: b"\x08\x06", 4: b"\x08\x00", 6: b"\x86\xdd"}

    def write(self, packet, to=HERE):
        return super().write(to + self.THERE + self.KINDS.get(packet[0] >> 4, b"\x08\x00") + packet)

    def read(self):
        """The next packet that the machine has sent, or None, also for other frames."""
        frame = super().read()
        return frame[14:] if frame and frame[12:14] in self.KINDS.values() else None
