# SPDX-License-Identifier: GPL-2.0
"""How packets queue before a device of the namespace that the process is in: netem, which
spoils the way out, and others."""
import subprocess

from netns import run
from tap import Skip


def qdisc(device, kind, *how):
    """Put a queueing discipline there."""
    subprocess.run(["modprobe", "-q", f"sch_{kind}"], check=False)
    try:
        run(["tc", "qdisc", "replace", "dev", device, "root", kind, *how])
    except OSError as error:
        if "kind is unknown" in str(error):
            raise Skip(f"this kernel has no {kind}") from error
        raise


def impair(device, *how):
    """What it is to do: ("loss", "10%"), ("delay", "5s"), ..."""
    qdisc(device, "netem", "limit", "100000", *how)


def impair_not(device):
    """The way is good again."""
    run(["tc", "qdisc", "del", "dev", device, "root"])
