"""`grantex-sim generate`: a scenario as a recording, in virtual time."""

from __future__ import annotations

import argparse
import contextlib
import gc
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_sim.commands import arguments
from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.scenario.model import Scenario
    from grantex_sim.scenario.recording import Sink, Written

_DESCRIPTION = """\
Write everything that happens in a scenario to a file, without waiting: two weeks take seconds.

The same scenario, seed, start and duration give the same bytes on every machine. The incidents are
written beside it: FILE without its ending, and .incidents.json; `grantex-tui rehearse` finds them.
"""
_EPILOG = """\
examples:
  grantex-sim generate two-weeks -o two-weeks.ndjson
  grantex-sim generate two-weeks -o - --format events | head
  grantex-sim generate my.yaml --seed random --start 2026-03-02T00:00:00Z --duration 1d -o my.ndjson.zst
exit codes: 0 written, 2 usage, 3 the scenario has mistakes
"""
_REDRAW = 0.1
_COLLECT_AFTER = 50_000


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `generate` to *commands*."""
    parser = commands.add_parser(
        "generate",
        help="write a scenario's events to a file",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "scenario", metavar="SCENARIO", help="a name of `grantex-sim list`, or a file"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help=".gz and .zst too; -: standard output"
    )
    parser.add_argument(
        "--seed",
        type=arguments.seed,
        default=argparse.SUPPRESS,
        metavar="N",
        help="instead of the scenario's, 0 and up; random: one that is told afterwards",
    )
    parser.add_argument(
        "--start",
        type=arguments.instant,
        metavar="TIME",
        help="instead of its own, RFC 3339: 2026-03-02T00:00:00Z",
    )
    parser.add_argument(
        "--duration", type=arguments.duration, metavar="D", help="instead of its own: 90s, 2h, 14d"
    )
    parser.add_argument(
        "--format",
        choices=("journal", "events"),
        default="journal",
        help="a journal with the time of receipt in each line (the default), or bare events",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing on stderr")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the recording and its incidents, and say what they came to."""
    from grantex_sim.scenario.bundled import load_scenario
    from grantex_sim.scenario.recording import incidents_path, incidents_text, is_file, new_file

    seed = arguments.drawn(args.seed) if "seed" in args else None
    scenario = load_scenario(args.scenario, seed=seed, start=args.start, duration=args.duration)
    began = time.monotonic()
    beside = None
    if args.output == "-":
        written = _write(scenario, sys.stdout.buffer, args)
        sys.stdout.flush()
    else:
        path = Path(args.output)
        with _tidy_end(), new_file(path) as out:
            written = _write(scenario, out, args)
        if is_file(path):
            beside = incidents_path(path)
            with new_file(beside) as out:
                out.write(incidents_text(scenario).encode())
    if not args.quiet:
        took = time.monotonic() - began
        sys.stderr.write("\n".join(_summary(scenario, written, took, beside)) + "\n")
        if "seed" in args and args.seed is None:
            sys.stderr.write(f"repeat it with --seed {scenario.seed}\n")
    return ExitCode.OK


@contextlib.contextmanager
def _tidy_end() -> Iterator[None]:
    """SIGTERM leaves by way of the `finally` clauses: no half-written file stays behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write(scenario: Scenario, out: Sink, args: argparse.Namespace) -> Written:
    from grantex_sim.scenario.recording import write_lines

    thresholds = gc.get_threshold()
    # A block's events live until it is written: looking through them for cycles takes 6 %.
    gc.set_threshold(_COLLECT_AFTER)
    progress = _Progress(scenario, is_shown=sys.stderr.isatty() and not args.quiet)
    try:
        written = write_lines(scenario, out, args.format, progress.show)
    finally:
        gc.set_threshold(*thresholds)
    progress.clear()
    return written


class _Progress:
    """One line on a terminal, drawn a few times a second."""

    def __init__(self, scenario: Scenario, *, is_shown: bool) -> None:
        self._duration = scenario.duration
        self._is_shown = is_shown
        self._next = 0.0

    def show(self, events: int, seconds: float) -> None:
        """Say how far it has got."""
        if not self._is_shown or (now := time.monotonic()) < self._next:
            return
        self._next = now + _REDRAW
        sys.stderr.write(f"\r{seconds / self._duration:4.0%}  {events:,} events ")
        sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line to others."""
        if self._is_shown:
            sys.stderr.write("\r\033[K")


def _summary(scenario: Scenario, written: Written, took: float, beside: Path | None) -> list[str]:
    from grantex_sim.scenario.summary import spell
    from grantex_tui.clock import rfc3339

    start, end = rfc3339(scenario.start), rfc3339(scenario.start + scenario.duration)
    rate = written.events / took if took else 0.0
    labels = [incident.label for incident in scenario.incidents]
    count = f"{len(labels)} incident{'s' * (len(labels) != 1)}"
    return [
        f"{scenario.name}, seed {scenario.seed}: {start} to {end} ({spell(scenario.duration)})",
        f"{written.events:,} events, {written.size / 1e6:,.1f} MB in {took:.2f} s: {rate:,.0f} events/s",
        f"sha256 {written.sha256}",
        (f"{count} in {beside}" if beside else count)
        + (f": {', '.join(labels)}" if labels else ""),
    ]
