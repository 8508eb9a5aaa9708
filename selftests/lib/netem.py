# SPDX-License-Identifier: GPL-2.0
"""netem, which spoils the way out of a device of the namespace that the process is in."""
import subprocess

from netns import run
from tap import Skip


def impair(device, *how):
    """What it is to do: ("loss", "10%"), ("delay", "5s"), ..."""
    subprocess.run(["modprobe", "-q", "sch_netem"], check=False)
    try:
        run(["tc", "qdisc", "replace", "dev", device, "root", "netem", "limit", "100000", *how])
    except OSError as error:
        if "kind is unknown" in str(error):
            raise Skip("this kernel has no netem") from error
        raise


def impair_not(device):
    """The way is good again."""
    run(["tc", "qdisc", "del", "dev", device, "root"])
