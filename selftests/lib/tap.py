# SPDX-License-Identifier: GPL-2.0
"""Test functions in, TAP out.

    @test("a datagram arrives", on=(UDP4, UDP6))
    def arrives(t): ...

    main(Conversation)

Each function runs once for each variant in `on`, inside
`with Conversation(variant, **options) as t`.
A conversation that has a `ladder()` prints it beside a failure. Words on the command line
choose the tests whose titles hold one of them. XL4_LADDER=1 prints it beside all.
"""
import functools
import os
import signal
import sys
import traceback

# Nothing takes this long: who waits so long waits for what will never come. In virtual time,
# where an hour is nothing, it is a month.
TEST_LIMIT = int(os.environ.get("XL4_TEST_LIMIT", "120" if os.environ.get("XL4_TIME") != "virtual"
                                else "2592000"))

_cases = []


class Skip(Exception):
    """The machine lacks what this test needs; says what."""


class Failed(AssertionError):
    """Something else happened than what the test says must."""


def test(title, on=(None,), **options):
    """Make a function a test; the options are for its conversation."""
    def add(function):
        for variant in on:
            name = f"{variant}: {title}" if variant else title
            _cases.append((name, function, functools.partial(_stage, variant, options)))
        return function
    return add


def _stage(variant, options, stage):
    return stage(variant, **options)


def main(stage):
    wanted = sys.argv[1:]
    cases = [c for c in _cases if not wanted or any(w in c[0] for w in wanted)]
    signal.signal(signal.SIGALRM, _too_long)
    print(f"TAP version 13\n1..{len(cases)}", flush=True)
    results = [_run(number, case, stage) for number, case in enumerate(cases, 1)]
    if "not ok" in results:
        sys.exit(1)
    sys.exit(0 if "ok" in results else 4)


def _run(number, case, stage):
    title, function, set_up = case
    result, remark, notes, scene = "ok", "", [], None
    signal.alarm(TEST_LIMIT)
    try:
        with set_up(stage) as scene:
            function(scene)
        if os.environ.get("XL4_LADDER"):
            notes = scene.ladder()
    except Skip as why:
        result, remark = "skip", f" # SKIP {why}"
    except Exception as problem:
        result = "not ok"
        notes = _where(problem, function) + (scene.ladder() if hasattr(scene, "ladder") else [])
    finally:
        signal.alarm(0)
    print(f"{'not ok' if result == 'not ok' else 'ok'} {number} {title}{remark}")
    for note in notes:
        print(f"# {note}")
    sys.stdout.flush()
    return result


def _where(problem, function):
    """Say what went wrong, and at which line of the test."""
    trace = traceback.extract_tb(problem.__traceback__)
    own = function.__code__.co_filename
    lines = [f"line {f.lineno}: {f.line}" for f in trace if f.filename == own]
    if not isinstance(problem, Failed):
        lines += [f"{f.filename}:{f.lineno} {f.line}" for f in trace[-2:]]
    return lines + f"{type(problem).__name__}: {problem}".splitlines()


def _too_long(_signal, _frame):
    raise Failed(f"not finished after {TEST_LIMIT} s")
