# SPDX-License-Identifier: GPL-2.0
"""What happened, in order: packets in, packets out, calls of the program."""
import collections
import time

from packets import parse

SHOWN = 128    # bytes of a packet
RUNGS = 40     # the last ones


class Ladder:
    def __init__(self):
        self.start = time.monotonic()
        self.rungs = collections.deque(maxlen=RUNGS)
        self.climbed = 0

    def call(self, text):
        self._add("call", text)

    def packet_in(self, data):
        self._add("-->", data=data)

    def packet_out(self, data):
        self._add("<--", data=data)

    def _add(self, sign, text="", data=b""):
        self.climbed += 1
        self.rungs.append((time.monotonic() - self.start, sign, text, data))

    def lines(self):
        if self.climbed > RUNGS:
            yield f"... {self.climbed - RUNGS} before"
        for at, sign, text, data in self.rungs:
            yield f"{at:9.4f} {sign:>4} {text or parse(data).summary()}"
            yield from hexdump(data)


def hexdump(data):
    for at in range(0, min(len(data), SHOWN), 16):
        row = data[at:at + 16]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        yield f"{'':14} {at:04x}  {row.hex(' '):47}  {text}"
    if len(data) > SHOWN:
        yield f"{'':14} ... {len(data)} bytes in all"
