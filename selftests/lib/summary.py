#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Passes on the TAP of kselftest's runner and sums it up.

Every result that a test program prints counts; a program that does not keep to
its plan, or dies, is a failure more. Of one that is run again, the second time
counts, and the first is named. The last line is
'N passed, N failed, N skipped'.
"""
import re
import sys
import time

PLAN = re.compile(r"1\.\.(\d+)$")
START = re.compile(r"# selftests: (\S+): (\S+)$")
# A program that left its last line unfinished has it before the runner's verdict.
END = re.compile(r"(not ok|ok) \d+ selftests: \S+: \S+(?: # (.*))?$")
AGAIN = re.compile(r"# again: (\S+)$")
INNER_PLAN = re.compile(r"# 1\.\.(\d+)")
INNER = re.compile(r"# (not ok|ok) \d+\s*(?:- )?(.*)$")
SKIPPED = re.compile(r"# SKIP\b", re.IGNORECASE)


class Program:
    def __init__(self, name):
        self.name = name
        self.started = time.monotonic()
        self.seconds = 0
        self.plan = None
        self.passed, self.failed, self.skipped = [], [], []

    def add(self, verdict, title):
        if verdict == "not ok":
            self.failed.append(title)
        elif SKIPPED.search(title):
            self.skipped.append(title)
        else:
            self.passed.append(title)

    def end(self, verdict, remark):
        self.seconds = time.monotonic() - self.started
        done = len(self.passed) + len(self.failed) + len(self.skipped)
        if remark == "SKIP" and not done:
            self.skipped.append("all of it")
        elif self.plan is None:
            self.failed.append(f"(no plan, {done} results: {remark or 'ended'})")
        elif done != self.plan:
            self.failed.append(f"({done} results of {self.plan}: {remark or 'ended'})")
        elif verdict == "not ok" and not self.failed:
            self.failed.append(f"({remark})")


class Summary:
    def __init__(self):
        self.programs = []
        self.unstable = []
        self.running = None
        self.owed = 0  # programs that the runner's plan still promises

    def read(self, line):
        if match := END.search(line):
            self.end(match[1], match[2] or "")
        elif match := START.match(line):
            self.start(f"{match[1]}/{match[2]}")
        elif match := PLAN.match(line):
            self.ended()
            self.owed = int(match[1])
        elif match := AGAIN.match(line):
            self.again(match[1])
        elif self.running and (match := INNER_PLAN.match(line)):
            self.running.plan = int(match[1])
        elif self.running and (match := INNER.match(line)):
            self.running.add(match[1], match[2])

    def start(self, name):
        self.running = Program(name)
        self.programs.append(self.running)

    def end(self, verdict, remark):
        self.running.end(verdict, remark)
        self.running = None
        self.owed -= 1

    def again(self, name):
        """What failed is about to run once more."""
        first = [p for p in self.programs if p.name == name and p.failed]
        self.unstable += first
        self.programs = [p for p in self.programs if p not in first]

    def ended(self):
        """The runner stopped: what was running died, what was to come did not run."""
        if self.running:
            self.end("not ok", "never ended")
        for _ in range(self.owed):
            self.start("(a test of the plan)")
            self.end("not ok", "never ran")

    def show(self):
        width = max([len(p.name) for p in self.programs] + [8])
        row = "{:<%d} {:>7} {:>7} {:>8} {:>6}" % width
        print("\n" + row.format("", "passed", "failed", "skipped", "s"))
        for p in self.programs:
            print(row.format(p.name, *map(len, (p.passed, p.failed, p.skipped)), f"{p.seconds:.0f}"))
        for heading, programs in ("failed at first", self.unstable), ("failed", self.programs):
            failed = [f"  {p.name}: {title}" for p in programs for title in p.failed]
            if failed:
                print(f"\n{heading}:", *failed, sep="\n")
        total = [sum(len(getattr(p, kind)) for p in self.programs)
                 for kind in ("passed", "failed", "skipped")]
        print("\n{} passed, {} failed, {} skipped".format(*total))
        return 0 if total[0] and not total[1] else 1


def main():
    summary = Summary()
    for line in sys.stdin:
        sys.stdout.write(line)
        sys.stdout.flush()
        summary.read(line.rstrip("\n"))
    summary.ended()
    sys.exit(summary.show())


sys.stdin.reconfigure(errors="replace")
main()
