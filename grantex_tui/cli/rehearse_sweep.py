"""`grantex-tui rehearse sweep`: many thresholds and windows of one monitor over the same events."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from grantex_tui.cli.rehearse_forms import add_form, show
from grantex_tui.cli.rehearse_input import (
    add_events,
    add_monitors,
    find_monitor,
    input_from,
    monitor_files,
    plan_from,
)
from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.cli.rehearse_input import Input
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import Incident
    from grantex_tui.rehearsal.sweep.sweep import Grid
    from grantex_tui.rehearsal.sweep.table import Table

_EPILOG = """\
examples:
  grantex-tui rehearse sweep --scenario two-weeks --monitor revocations
  grantex-tui rehearse sweep journal/ --monitor monitors/denials.json \\
      --critical 5:50:5 --window 1m,5m,15m --incidents incidents.json
  grantex-tui rehearse sweep week.ndjson.gz --monitor token-anomaly --deviations 2,3,4,5
  grantex-tui rehearse sweep week.ndjson.gz --monitor denials.yaml --write

ranges are start:stop:step with both ends, lists a,b,c; without them values are taken from what
was observed. Incidents that the monitor can't be expected to notice are not counted; --incident
says which are. Thresholds and windows are tried on one reading of the events.
exit codes: 0 done, 2 usage, 3 a file is invalid or can't be changed
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what follows the word."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "recordings", nargs="*", metavar="RECORDING",
        help="a file, folder or pattern; - for standard input",
    )  # fmt: skip
    parser.add_argument(
        "--monitor", required=True, metavar="NAME|FILE",
        help="the monitor: a file with one in it, or the name of one of --monitors",
    )  # fmt: skip
    group = parser.add_argument_group("what to try")
    group.add_argument(
        "--critical", type=_numbers, metavar="RANGE", help="alert thresholds, such as 5:50:5"
    )
    group.add_argument(
        "--warning", type=_numbers, metavar="RANGE",
        help="warning thresholds (default: in the monitor's proportion to the alert threshold)",
    )  # fmt: skip
    group.add_argument("--window", type=_windows, metavar="LIST", help="such as 1m,5m,15m")
    group.add_argument(
        "--deviations", type=_numbers, metavar="RANGE", help="of an anomaly monitor, such as 2:5:1"
    )
    group.add_argument(
        "--incident", action="append", metavar="LABEL",
        help="an incident that the monitor should notice, or a pattern; may be repeated",
    )  # fmt: skip
    add_events(parser)
    add_monitors(parser)
    output = add_form(parser)
    output.add_argument(
        "--write", action="store_true",
        help="write the recommended values to the monitor's file; nothing else in it changes",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Sweep, and print the table."""
    from grantex_tui.rehearsal.sweep.sweep import sweep
    from grantex_tui.report.sweep import sweep_report

    given, index = _input(args)
    monitor = given.plan.monitors[index]
    path = _file_of(monitor, args) if args.write else ""
    table = sweep(
        monitor,
        given.plan,
        _grid(args),
        lambda plan: given.passes(plan, with_tracks=True, with_notifications=False),
        wanted=_wanted(args.incident, given),
    )
    show(sweep_report(table), args)
    if args.write:
        _write(table, path)
    for problem in table.problems:
        sys.stderr.write(f"{problem}\n")
    return ExitCode.OK


def _input(args: argparse.Namespace) -> tuple[Input, int]:
    """All that is needed, and the position of the monitor among the plan's."""
    from pathlib import Path

    if not Path(args.monitor).is_file():
        given = input_from(args)
        return given, find_monitor(given.names, args.monitor)[0]
    own = len(plan_from([args.monitor], args.pipeline)[0].monitors)
    if own != 1:
        raise UsageError(
            f"{args.monitor} holds {own} monitors",
            hint="Name one of them with --monitor, and the file with --monitors.",
        )
    return input_from(args, [args.monitor, *(args.monitors or ())]), 0


def _wanted(labels: list[str] | None, given: Input) -> Callable[[Incident], bool] | None:
    from fnmatch import fnmatchcase

    if not labels:
        return None
    known = [each.label for each in given.known.incidents]
    for pattern in labels:
        if not any(fnmatchcase(label, pattern) for label in known):
            there = ", ".join(known[:12]) or "none"
            raise UsageError(f"there is no incident {pattern!r}", hint=f"There are: {there}.")
    return lambda incident: any(fnmatchcase(incident.label, pattern) for pattern in labels)


def _grid(args: argparse.Namespace) -> Grid:
    from grantex_tui.rehearsal.sweep.sweep import Grid

    return Grid(args.critical, args.warning, args.window, args.deviations)


def _write(table: Table, path: str) -> None:
    """Save the recommended values, and say so on stderr."""
    from grantex_tui.cli.rewriting import replace_text
    from grantex_tui.rehearsal.sweep.pareto import advise
    from grantex_tui.rehearsal.sweep.table import is_same
    from grantex_tui.rehearsal.sweep.variants import setting_of
    from grantex_tui.rehearsal.sweep.write import rewritten
    from grantex_tui.report.sweep_words import setting_text

    advice = advise(table)
    if advice is None:
        raise UsageError("nothing is recommended, so nothing is written")
    if is_same(advice.cell.setting, setting_of(table.monitor)):
        sys.stderr.write(f"{path} is as it should be\n")
        return
    wanted = advice.cell.setting
    replace_text(path, lambda text: rewritten(text, table.monitor, wanted, path=path))
    sys.stderr.write(f"{path}: {setting_text(wanted, with_warning=True)} written\n")


def _file_of(monitor: Monitor, args: argparse.Namespace) -> str:
    """The file that the monitor was read from."""
    from pathlib import Path

    from grantex_tui.monitoring.definitions import read_monitors
    from grantex_tui.rehearsal.spec.monitors import is_pack
    from grantex_tui.words.display import printable

    if Path(args.monitor).is_file():
        return str(args.monitor)
    for name in args.monitors or ():
        for path in monitor_files(name):
            if not is_pack(path) and monitor in read_monitors([path])[0]:
                return path
    raise UsageError(
        f"{printable(monitor.name, limit=200)} is a bundled monitor, which can't be changed",
        hint="Copy it to a file, and name that with --monitor.",
    )


def _numbers(text: str) -> tuple[float, ...]:
    from grantex_tui.rehearsal.sweep.ranges import parse_numbers

    try:
        return parse_numbers(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _windows(text: str) -> tuple[int, ...]:
    from grantex_tui.rehearsal.sweep.ranges import parse_windows

    try:
        return parse_windows(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
