# SPDX-License-Identifier: GPL-2.0
"""The clock that a conversation goes by, and how exact it is.

XL4_TIME=virtual: User Mode Linux with `time-travel=inf-cpu`. Computing takes no time, and
when all sleep the clock jumps to the next timer. What is left are 256 ns for each look at
the clock, and the kernel's own rounding: a timer of N jiffies is up to an eighth late,
depending on when it was set: its wheel has eight levels, each eight times as coarse.
So a conversation starts where these levels begin, and each run has the same times.

XL4_TIME=real: a machine may be slow, and times say nothing but the order.
"""
import math
import os
import time

VIRTUAL = os.environ.get("XL4_TIME") == "virtual"

# Seconds to wait for what must come. Only a failing test waits that long, and in virtual
# time that costs nothing.
LIMIT = float(os.environ.get("XL4_LIMIT", "20"))

CLOCK_MONOTONIC_COARSE = 6
JIFFY = time.clock_getres(CLOCK_MONOTONIC_COARSE)
ROOM = JIFFY if VIRTUAL else math.inf    # around a window
LEVELS = 8          # of the wheel; each has 64 slots, eight times as wide as the last one's
BOOT = -300         # what the kernel's count of jiffies starts with, in seconds
ROUND = 8 ** 4      # jiffies after which all levels for timers of up to 40 minutes begin anew

now = time.monotonic


def start():
    """The time at which a conversation begins."""
    if VIRTUAL:
        # The kernel wakes such a process on the dot, all others 50 us late or more.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        period = ROUND * JIFFY
        time.sleep(period - (now() + BOOT) % period)
    return now()


def window(after):
    """The earliest and the latest good time for what is to happen `after` so many seconds.

    Two numbers are a window already: some timers are random on purpose.
    """
    if isinstance(after, tuple):
        earliest, latest = after
    else:
        earliest, latest = after, after + _slot(after)
    return earliest, latest


def _slot(seconds):
    """By how much the wheel may be late."""
    for level in range(LEVELS):
        slot = 8 ** level * JIFFY
        if seconds < 63 * slot:
            return slot if level else 0
    return slot
