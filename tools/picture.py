# SPDX-License-Identifier: GPL-2.0
"""A ladder as a PNG, drawn by gnuplot in coordinates that are pixels."""
import subprocess

FONT = "DejaVu Sans"
SCALE = 2			# pixels of the file for one of the drawing
ROW, HEAD, FOOT = 46, 116, 36
MARGIN, TIMES, EDGE = 30, 120, 150
LETTER = 8.2			# width of a letter of a label
BOX = 200, 48
INK, QUIET, RAIL, ALARM = "#1f2328", "#6e7781", "#d0d7de", "#cf222e"
COLOURS = ("#0969da", "#1a7f37", "#8250df", "#bc4c00")


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Picture:
    def __init__(self, ladder):
        self.ladder = ladder
        self.gap = max(320, LETTER * ladder.letters())
        self.width = TIMES + EDGE + self.gap * (len(ladder.hosts) - 1) + EDGE
        self.height = HEAD + ROW * len(ladder.rungs) + FOOT
        self.script = []

    def save(self, path):
        self.draw()
        settings = f"""
set terminal pngcairo noenhanced size {self.width * SCALE:.0f},{self.height * SCALE:.0f} \
fontscale {SCALE} linewidth {SCALE} background rgb "white"
set encoding utf8
set output {quoted(str(path))}
set margins 0,0,0,0
unset border; unset tics; unset key
set xrange [0:{self.width}]
set yrange [{self.height}:0]
"""
        subprocess.run(["gnuplot"], input=settings + "\n".join(self.script) + "\nplot NaN\n", text=True, check=True)

    def draw(self):
        self.text(self.ladder.title, MARGIN, 28, "left", 15, bold=True)
        self.text("ms", TIMES - MARGIN, HEAD - 36, "right", 10, QUIET)
        for host in self.ladder.hosts:
            self.host(host)
        for index, rung in enumerate(self.ladder.rungs):
            self.rung(rung, HEAD + ROW * (index + 0.5) + 6)
        self.text(self.ladder.remark, MARGIN, self.height - 16, "left", 9, QUIET)

    def host(self, host):
        x, y, colour = self.column(host), HEAD - 36, self.colour(host)
        addresses = ", ".join(a for a in self.ladder.addresses[host] if a != host)
        self.line(x, y, x, self.height - FOOT + 2, RAIL, 3, "nohead back")
        self.script.append(f"set object rectangle center {x},{y} size {BOX[0]},{BOX[1]} front "
                           f"fc rgb {quoted(colour)} fs solid 1 noborder")
        self.text(host, x, y - 8 if addresses else y, "center front", 12, "white", bold=True)
        self.text(addresses, x, y + 10, "center front", 9, "white")

    def rung(self, rung, y):
        start, end = self.column(rung.source), self.column(rung.target)
        colour = ALARM if rung.alarm else self.colour(rung.source)
        away = 4 if end > start else -4
        self.line(start + away, y, end - away, y, colour, 1.8, "head filled size 13,18,75 fixed")
        self.text(rung.label, (start + end) / 2, y - 12)
        self.text(rung.detail, (start + end) / 2, y + 10, size=8.5, colour=QUIET)
        self.text(f"{rung.time * 1000:.3f}", TIMES - MARGIN, y, "right", 10, QUIET)

    def column(self, host):
        return TIMES + EDGE + self.gap * self.ladder.hosts.index(host)

    def colour(self, host):
        return COLOURS[self.ladder.hosts.index(host) % len(COLOURS)]

    def text(self, text, x, y, place="center", size=11, colour=INK, bold=False):
        font = f"{FONT}{':Bold' if bold else ''},{size}"
        self.script.append(f"set label {quoted(text)} at {x},{y} {place} font {quoted(font)} tc rgb {quoted(colour)}")

    def line(self, x1, y1, x2, y2, colour, width, head):
        self.script.append(f"set arrow from {x1},{y1} to {x2},{y2} {head} lw {width} lc rgb {quoted(colour)}")
