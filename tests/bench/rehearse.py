"""Measures rehearsing: from a recording's file to the finished pass, on one core.

    python tests/bench/rehearse.py [--events N] [--big] [--keep FILE]

Two weeks of generated events in a journal's form, the bundled nine monitors, each case in a process
of its own. Prints seconds of CPU, µs an event, the peak of memory, and how many times longer it
takes than ``grep -c`` over the same file. *--big* measures ten times as many events as well.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

from grantex_tui.clock import rfc3339
from grantex_tui.rehearsal.input import open_recordings
from grantex_tui.rehearsal.model import INSTANT, WATCH
from grantex_tui.rehearsal.plan import load_plan
from grantex_tui.rehearsal.run import run_phases, sweep_phases
from grantex_tui.rehearsal.sweep import Grid, sweep
from simulator.generate import generated


START = 1_780_000_000.0
SPAN = 14 * 86_400.0
MEBI = 1 << 20


def write_recording(path: Path, count: int) -> None:
    """A journal of two weeks, received 20 ms after each event was created."""
    source = generated(rate=count / SPAN, seed=1, start=START)(START)
    with path.open("wb", buffering=MEBI) as file:
        for event in islice(source, count):
            when = rfc3339(START + event.at + 0.02)
            file.write(b'{"receivedAt":"%s","event":%s}\n' % (when.encode(), event.payload))


def plain(path: str) -> int:
    """Event by event, without sketches: what the short cuts are worth."""
    events = iter(open_recordings([path]))
    return sum(p.events for p in passes(lambda: events))


def passes(make_events, *, phases=(0,), delivery=INSTANT, plan=None, **options):
    return run_phases(
        make_events, plan or load_plan(), source="bench", delivery=delivery, phases=phases, **options
    )  # fmt: skip


def swept(path: str, name: str) -> object:
    """Ten thresholds by three windows of one monitor."""
    plan = load_plan()
    monitor = next(each for each in plan.monitors if name in each.name)
    return sweep(
        monitor,
        plan,
        Grid(criticals=tuple(range(10, 101, 10)), windows=(60, 300, 900)),
        lambda tried: passes(
            lambda: open_recordings([path]), plan=tried, with_tracks=True, with_notifications=False
        ),
    )


CASES = {
    "as watch judges": lambda path: passes(lambda: open_recordings([path])),
    "behind the forwarder": lambda path: passes(lambda: open_recordings([path]), delivery=WATCH),
    "every evaluation kept": lambda path: passes(lambda: open_recordings([path]), with_tracks=True),
    "six phases": lambda path: passes(lambda: open_recordings([path]), phases=sweep_phases()),
    "a sweep of 10 x 3": lambda path: swept(path, "many grants revoked"),
    "the same over groups": lambda path: swept(path, "vault credential exchanges"),
    "no monitors": lambda path: passes(
        lambda: open_recordings([path]), plan=replace(load_plan(), monitors=())
    ),
    "event by event": plain,
}


def one(case: str, path: str) -> None:
    """Measure a case in this process."""
    began = time.process_time()
    CASES[case](path)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps([seconds, peak]))


def measured(case: str, path: Path) -> tuple[float, float]:
    """Seconds and MiB of a case in a process of its own."""
    command = [sys.executable, __file__, "--one", case, "--keep", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def grep_seconds(path: Path) -> float:
    """The best of three: CPU of ``grep -c .``."""
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["grep", "-c", ".", str(path)], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def report(path: Path, count: int, cases) -> None:
    grep = grep_seconds(path)
    size = path.stat().st_size / 1e6
    print(f"{count:,} events in two weeks, {size:,.0f} MB; grep -c takes {grep:.2f} s")
    for case in cases:
        seconds, peak = measured(case, path)
        print(
            f"  {case:24}{seconds:>7.2f} s{1e6 * seconds / count:>7.2f} µs an event"
            f"{peak:>6.0f} MiB{seconds / grep:>7.0f} × grep"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--big", action="store_true", help="ten times as many as well")
    parser.add_argument("--keep", help="make, and find, the recording here")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        one(args.one, args.keep)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(args.keep or Path(folder) / "two-weeks.ndjson")
        if not path.exists():
            write_recording(path, args.events)
        report(path, args.events, CASES)
        if args.big:
            big = Path(folder) / "big.ndjson"
            write_recording(big, 10 * args.events)
            report(big, 10 * args.events, ["as watch judges"])


if __name__ == "__main__":
    main()
