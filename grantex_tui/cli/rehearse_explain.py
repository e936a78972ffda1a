"""`grantex-tui rehearse explain`: why a monitor was in its state at an instant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.cli.rehearse_forms import add_form, show
from grantex_tui.cli.rehearse_input import (
    add_events,
    add_monitors,
    find_monitor,
    input_from,
    instant,
)
from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    import argparse

    from grantex_tui.events.recorded.recording import Recording

_EPILOG = """\
examples:
  grantex-tui rehearse explain revocations --at 2026-01-07T10:25:00Z journal/
  grantex-tui rehearse explain heartbeat --at +9d14h40m --scenario two-weeks --delivery guide
  grantex-tui rehearse explain denials --at 2026-01-07T10:25:00Z --group agent_id:ag_1 \\
      week.ndjson.gz --monitors monitors/

The last evaluation until TIME is explained: its window and value, the events that it counted and
the one that tipped it, when it ends by itself; for silence the last event; for a monitor that did
not fire the smallest change with which it would have. With --phase sweep the worst phase is.
exit codes: 0 done, 2 usage, 3 a file is invalid
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what follows the word."""
    parser.epilog = _EPILOG
    parser.add_argument("monitor", metavar="MONITOR", help="its name, its file's name, or its id")
    parser.add_argument(
        "recordings", nargs="*", metavar="RECORDING",
        help="a file, folder or pattern; - for standard input",
    )  # fmt: skip
    parser.add_argument(
        "--at",
        required=True,
        metavar="TIME",
        help="2026-01-05T09:00:00Z, or +2h10m after the start",
    )
    parser.add_argument(
        "--group", metavar="FACET:VALUE", help="one group of the monitor (default: the worst)"
    )
    add_events(parser)
    add_monitors(parser)
    add_form(parser)


def run(args: argparse.Namespace) -> int:
    """Explain, and print it."""
    from grantex_tui.rehearsal.engine.input import open_recordings
    from grantex_tui.rehearsal.explain.phases import explain_worst
    from grantex_tui.rehearsal.explain.places import with_offsets
    from grantex_tui.report.explanation import explanation_report

    given = input_from(args, reread=True)
    index, group = find_monitor(given.names, args.monitor, args.group)
    alone = replace(given.plan, monitors=[given.plan.monitors[index]])
    passes = given.passes(alone, with_tracks=True, with_notifications=False)
    told = explain_worst(
        passes, alone, given.known.make_events,
        monitor=0, at=instant(args.at, passes[0].start), group=group,
    )  # fmt: skip
    files: list[Recording] = [
        part for name in args.recordings if name != "-" for part in open_recordings([name]).parts
    ]
    show(explanation_report(with_offsets(told, files)), args)
    return ExitCode.OK
