# SPDX-License-Identifier: GPL-2.0
"""What was expected beside what happened, in order: packets in, packets out, calls."""
import collections
import dataclasses

import clock
from packets import brief, parse

SHOWN = 128    # bytes of a packet
RUNGS = 40     # the last ones
COLUMN = 44    # characters for what was expected


@dataclasses.dataclass
class Rung:
    """Something that happened, or was expected to, or both."""
    at: float = None
    sign: str = ""
    text: str = ""
    data: bytes = b""           # of the packet
    expected: str = ""
    due: float = None
    wrong: bool = False

    def happened(self):
        return self.text or (brief(parse(self.data)) if self.data else "")


class Ladder:
    def __init__(self, start):
        self.start = start
        self.rungs = collections.deque(maxlen=RUNGS)
        self.climbed = 0

    def call(self, text, at=None):
        return self._add("call", text=text, at=at)

    def packet_in(self, data):
        return self._add("-->", data=data)

    def packet_out(self, data, at=None):
        return self._add("<--", data=data, at=at)

    def expect(self, text, due=None, rung=None):
        """This was expected of a rung, or of what never happened."""
        if rung is None:
            rung = Rung()
            self.climbed += 1
            self.rungs.append(rung)
        rung.expected, rung.due = text, due
        return rung

    def _add(self, sign, at=None, **what):
        self.climbed += 1
        rung = Rung(clock.now() if at is None else at, sign, **what)
        self.rungs.append(rung)
        return rung

    def lines(self):
        yield f"  {'':>11} {'expected':{COLUMN}} {'':>11}      happened"
        if self.climbed > RUNGS:
            yield f"  ... {self.climbed - RUNGS} before"
        for rung in self.rungs:
            yield (f"{'!' if rung.wrong else ' '} {self._time(rung.due)} {_fit(rung.expected)} "
                   f"{self._time(rung.at)} {rung.sign:>4} {rung.happened()}").rstrip()
        for rung in self.rungs:
            if rung.wrong:
                yield from hexdump(rung.data)

    def _time(self, at):
        return f"{'':11}" if at is None else f"{at - self.start:11.6f}"


def _fit(text):
    return f"{text:{COLUMN}}" if len(text) <= COLUMN else text[:COLUMN - 3] + "..."


def hexdump(data):
    for at in range(0, min(len(data), SHOWN), 16):
        row = data[at:at + 16]
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        yield f"{'':14} {at:04x}  {row.hex(' '):47}  {text}"
    if len(data) > SHOWN:
        yield f"{'':14} ... {len(data)} bytes in all"
