"""`grantex-tui rehearse diff`: what changed monitors would say differently."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.cli.options import duration
from grantex_tui.cli.rehearse_forms import add_form, show
from grantex_tui.cli.rehearse_input import (
    MONITOR_ENDINGS,
    add_events,
    add_pipeline,
    input_from,
    plan_from,
)
from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Monitor

_EPILOG = """\
examples:
  grantex-tui rehearse diff old.json new.json week.ndjson.gz
  grantex-tui rehearse diff pack monitors/ --scenario two-weeks
  grantex-tui rehearse diff monitors/denials.json week.ndjson.gz \\
      --against origin/main:monitors/denials.json --markdown

A and B are monitor files, folders or patterns of them, pack, or pack/NAME. With --against only B is
given, and A is that file or folder at a git revision. Monitors are paired by name, then by id, then
by their query. A transition is moved if the other side has the same one (group and new state) within the tolerance; pairs are
chosen so that the fewest are left alone, then so that they move the least.
exit codes: 0 done, 1 they differ (with --fail-on-change), 2 usage, 3 a file is invalid
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what follows the word."""
    parser.epilog = _EPILOG
    parser.usage = (
        "grantex-tui rehearse diff A B [RECORDING ...] [options]\n"
        "       grantex-tui rehearse diff B --against REF:PATH [RECORDING ...] [options]"
    )
    parser.add_argument(
        "files", nargs="+", metavar="A B [RECORDING ...]",
        help="two sets of monitors, then recordings (or --scenario)",
    )  # fmt: skip
    parser.add_argument(
        "--against", metavar="REF:PATH", help="A is this file or folder at a git revision"
    )
    parser.add_argument(
        "--tolerance", type=duration, metavar="DURATION",
        help="how far apart the same transition may be (default: the window, at least 15m)",
    )  # fmt: skip
    add_events(parser)
    add_pipeline(parser)
    output = add_form(parser)
    output.add_argument(
        "--fail-on-change", action="store_true",
        help="exit with 1 if a transition is on one side only or moved, or a monitor is",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Compare, and print it."""
    from grantex_tui.rehearsal.diff.diff import compare
    from grantex_tui.rehearsal.engine.fidelity import approximations_of
    from grantex_tui.report.diff import diff_report

    first, second, args.recordings = _sides(args)
    before, name = _monitors_of_a(first, args)
    given = input_from(args, [second])
    both = replace(given.plan, monitors=[*before, *given.plan.monitors])
    passes = given.passes(both, with_notifications=False)
    found = passes[0]
    names = {monitor.name: monitor for monitor in both.monitors}
    once = replace(both, monitors=list(names.values()))
    notes = approximations_of(once, found.delivery, given.phases, found.gaps)
    passes[0] = replace(found, approximations=tuple(notes))
    told = compare(passes, len(before), tolerance=args.tolerance)
    show(diff_report(told, (name, second)), args)
    for problem in found.problems:
        sys.stderr.write(f"{problem}\n")
    return ExitCode.FAILED if args.fail_on_change and told.differs else ExitCode.OK


def _sides(args: argparse.Namespace) -> tuple[str | None, str, list[str]]:
    """A's name (None: at a git revision), B's, and the recordings."""
    if args.against is not None:
        return None, args.files[0], args.files[1:]
    if len(args.files) < 2:
        raise UsageError(
            "diff needs A and B", hint="Give two monitor files, or --against REF:PATH."
        )
    return args.files[0], args.files[1], args.files[2:]


def _monitors_of_a(first: str | None, args: argparse.Namespace) -> tuple[Sequence[Monitor], str]:
    if first is not None:
        return plan_from([first], args.pipeline)[0].monitors, first
    from grantex_tui.cli.git_files import read_revision
    from grantex_tui.datadog.monitor.load import load_monitors

    files = read_revision(args.against, MONITOR_ENDINGS)
    return [each for path, text in files for each in load_monitors(text, path=path)], args.against
