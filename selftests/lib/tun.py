# SPDX-License-Identifier: GPL-2.0
"""A network device whose other end is this program."""
import fcntl
import os
import select
import struct
import subprocess

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI = 1, 2, 0x1000
PATH = "/dev/net/tun"


class Tun:
    """A TUN (bare IP packets) or TAP (Ethernet frames) device in the current namespace."""

    def __init__(self, name, tap=False):
        if not os.path.exists(PATH):
            subprocess.run(["modprobe", "tun"], check=False)
        self.fd = os.open(PATH, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        flags = (IFF_TAP if tap else IFF_TUN) | IFF_NO_PI
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH", name.encode(), flags))

    def write(self, packet):
        """Let the machine receive a packet; False when the device does not take such a one."""
        try:
            os.write(self.fd, packet)
        except OSError:
            return False
        return True

    def read(self, seconds):
        """The next packet that the machine sends, or None."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return os.read(self.fd, 1 << 17) if poll.poll(seconds * 1000) else None

    def close(self):
        os.close(self.fd)
