# SPDX-License-Identifier: GPL-2.0
"""What two machines on a wire speak with each other: xsctp or xdccp with the kernel's own."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(os.environ["XL4_ROOT"])
DEVICE = "eth0"


def sh(line):
    return subprocess.run(line, shell=True, check=True, stdout=subprocess.PIPE, text=True).stdout


class Protocol:
    """`stories` are those of selftests/lib/NAME_talk.py."""

    name, number, stories = None, None, ()
    kernels = ()            # the kernel's modules
    counter = None          # of the packets that have come, in /proc/net/xl4/snmp

    def load(self):
        """The kernel's own; whether it has one."""
        for module in self.kernels:
            if subprocess.run(["modprobe", "-q", module], check=False).returncode:
                return False
        return self.is_there(False)

    def is_there(self, ours):
        """Ours or the kernel's, and not both: they have the same number."""
        return os.path.isdir(f"/sys/module/x{self.name}") == ours != os.path.isdir(f"/sys/module/{self.name}")

    def prepare(self, story, ours):
        """What this end has to have for a story."""

    def command(self, story, role, server, client):
        """What this end does; server, client: their addresses."""
        return f"/usr/bin/python3 {ROOT}/selftests/lib/{self.name}_talk.py {role} {story} {self.number} {server[0]}"

    def packets(self):
        """How many have come, of each family."""
        rows = [line.split() for line in pathlib.Path("/proc/net/xl4/snmp").read_text(encoding="ascii").splitlines()]
        return ", ".join(f"{names[0]} {dict(zip(names, values))[self.counter]} packets in"
                         for names, values in zip(rows[::2], rows[1::2])
                         if names[0].lower().rstrip("6:") == self.name)


class Sctp(Protocol):
    name, number, kernels, counter = "sctp", 132, ("sctp",), "InSCTPPacks"
    stories = ("bulk", "large", "many", "unordered", "little", "partial", "shutdown", "abort", "aborted",
               "homes", "comes_and_goes", "iperf3")
    several_addresses = ("homes", "comes_and_goes")

    def prepare(self, story, ours):
        sh(f"ip neighbour flush dev {DEVICE} nud permanent")        # whom `homes' has cut off
        prefix = "net.xl4.sctp" if ours else "net.sctp"
        extended = int(story == "comes_and_goes")
        sh(f"sysctl -q {prefix}.auth_enable={extended} {prefix}.addip_enable={extended}")

    def command(self, story, role, server, client):
        if story == "iperf3":
            return f"iperf3 -s -1 --forceflush -B {server[0]}" if role == "server" else \
                f"iperf3 --sctp -c {server[0]} -n 8M"
        if story in self.several_addresses:
            server, client = [",".join(server)], [",".join(client)]
            return f"{super().command(story, role, server, client)} {client[0]}"
        return super().command(story, role, server, client)


class Dccp(Protocol):
    name, number, kernels, counter = "dccp", 33, ("dccp_ipv4", "dccp_ipv6"), "InPackets"
    stories = tuple(f"ccid{ccid}/{story}" for ccid in (2, 3) for story in (
        "one_by_one", "at_once", "lossy", "sizes", "coverage", "closed", "closed_by_server", "abort", "aborted",
        "services", "refused"))

    def prepare(self, story, ours):
        subprocess.run(f"tc qdisc del dev {DEVICE} root", shell=True, check=False, stderr=subprocess.DEVNULL)
        if story.endswith("/lossy"):
            sh(f"tc qdisc add dev {DEVICE} root netem delay 5ms loss 3%")


PROTOCOLS = {protocol.name: protocol for protocol in (Sctp(), Dccp())}
