"""`grantex-tui rehearse coverage`: what no rehearsal would notice."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from grantex_tui.cli.options import count
from grantex_tui.cli.rehearse_forms import add_form, show
from grantex_tui.errors import ExitCode, GrantexTuiError, UsageError


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.coverage.facts import RehearsalFacts
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal

_EPILOG = """\
examples:
  grantex-tui rehearse coverage monitors/
  grantex-tui rehearse coverage denials.rehearsal.yaml --min 80
  grantex-tui rehearse coverage --json > coverage.json

Each threshold is moved a step up and down, the comparator's edge, and the window to the next size;
a change is noticed if an expectation that holds would no longer hold. Expectations that don't hold
as it is notice nothing.
exit codes: 0 done, 1 less than --min percent are noticed, 2 usage, 3 a file is invalid
"""
_PARALLEL = 4
"""So many rehearsals are worth the start of other processes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what follows the word."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "paths", nargs="*", metavar="SPEC",
        help="*.rehearsal.yaml files, or folders with them (default: this folder)",
    )  # fmt: skip
    parser.add_argument(
        "--run", dest="only", type=_regex, metavar="REGEX", help="only rehearsals so named"
    )
    parser.add_argument(
        "--min", type=_percent, default=0.0, metavar="PERCENT",
        help="exit with 1 if fewer of the changes are noticed",
    )  # fmt: skip
    parser.add_argument("--jobs", type=count, metavar="N", help="rehearsals at a time")
    add_form(parser)


def run(args: argparse.Namespace) -> int:
    """Find out what is covered, and print it."""
    from grantex_tui.rehearsal.coverage.facts import merged
    from grantex_tui.report.coverage import coverage_report

    rehearsals = _rehearsals(args)
    told = merged(list(_facts(rehearsals, args.jobs)))
    show(coverage_report(told), args)
    if told.percent < args.min:
        sys.stderr.write(f"{told.percent:.1f} % are noticed, less than {args.min:g} %\n")
        return ExitCode.FAILED
    return ExitCode.OK


def _rehearsals(args: argparse.Namespace) -> list[tuple[int, Rehearsal]]:
    """Each with its place in its file."""
    from pathlib import Path

    from grantex_tui.rehearsal.spec.read import load_spec
    from grantex_tui.rehearsal.suite.run import find_specs

    specs = [
        spec
        for path in args.paths or ["."]
        for spec in (find_specs(path) if Path(path).is_dir() else [path])
    ]
    found = [
        (place, rehearsal)
        for spec in dict.fromkeys(specs)
        for place, rehearsal in enumerate(load_spec(spec))
        if args.only is None or args.only.search(rehearsal.name)
    ]
    if not found:
        raise UsageError(
            "there is no rehearsal", hint="Name *.rehearsal.yaml files, or folders with them."
        )
    return found


def _facts(
    rehearsals: Sequence[tuple[int, Rehearsal]], jobs: int | None
) -> Iterator[RehearsalFacts]:
    import os

    few = len(rehearsals) < _PARALLEL
    jobs = min(len(rehearsals), jobs or (1 if few else os.cpu_count() or 1))
    if jobs == 1:
        from grantex_tui.rehearsal.coverage.coverage import cover
        from grantex_tui.rehearsal.engine.simulated import simulate

        yield from (cover(rehearsal, simulate) for _, rehearsal in rehearsals)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    method = "spawn" if sys.platform == "win32" else "forkserver"
    context = multiprocessing.get_context(method)
    tasks = [(each.path, place) for place, each in rehearsals]
    try:
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            yield from pool.map(_covered, tasks)
    except BrokenProcessPool:
        raise GrantexTuiError(
            "a process that ran rehearsals was ended", hint="Try it with --jobs 1."
        ) from None


def _covered(task: tuple[str, int]) -> RehearsalFacts:
    """A worker's part: the rehearsal is read again, which is less than sending it."""
    from grantex_tui.rehearsal.coverage.coverage import cover
    from grantex_tui.rehearsal.engine.simulated import simulate
    from grantex_tui.rehearsal.spec.read import load_spec

    path, place = task
    return cover(load_spec(path)[place], simulate)


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage; give 0 to 100")
    return value
