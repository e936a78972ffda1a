"""`grantex-sim show`: one scenario, as it is written and what it comes to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    import argparse

    from grantex_sim.scenario.model import Scenario
    from grantex_sim.scenario.summary import Summary

_NARROWEST = 20
_BESIDE = 60
"""Columns that labels and times take."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `show` to *commands*."""
    parser = commands.add_parser(
        "show",
        help="a scenario's file and what it comes to",
        description="Print a scenario's file to stdout, and to stderr how many events it comes to "
        "and when its incidents are.",
        epilog="grantex-sim show quiet > mine.yaml is a beginning for a scenario of your own.",
    )
    parser.add_argument(
        "scenario", metavar="SCENARIO", help="a name of `grantex-sim list`, or a file"
    )
    parser.add_argument(
        "--json", action="store_true", help="print what it comes to as JSON instead"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the file and the summary."""
    from grantex_sim.scenario.bundled import load_scenario
    from grantex_sim.scenario.summary import summarise

    scenario = load_scenario(args.scenario)
    summary = summarise(scenario)
    if args.json:
        sys.stdout.write(_as_json(scenario, summary))
        return ExitCode.OK
    sys.stdout.write(scenario.text)
    sys.stdout.flush()
    sys.stderr.write("\n" + "\n".join(_as_text(scenario, summary)) + "\n")
    return ExitCode.OK


def _as_text(scenario: Scenario, summary: Summary) -> list[str]:
    import shutil

    from grantex_sim.scenario.summary import spell, timeline
    from grantex_tui.clock import rfc3339

    width = max(_NARROWEST, min(100, shutil.get_terminal_size().columns - _BESIDE))
    faults = len(scenario.faults)
    return [
        f"{scenario.name}: about {summary.events:,} events of {len(summary.types)} types in "
        f"{spell(scenario.duration)} from {rfc3339(scenario.start)}"
        + (f", {faults} fault{'s' * (faults != 1)}" if faults else ""),
        *timeline(scenario, summary, width=width),
    ]


def _as_json(scenario: Scenario, summary: Summary) -> str:
    import json

    from grantex_tui.clock import rfc3339

    told = {
        "name": scenario.name,
        "description": scenario.description,
        "seed": scenario.seed,
        "start": rfc3339(scenario.start),
        "end": rfc3339(scenario.start + scenario.duration),
        "seconds": scenario.duration,
        "events": summary.events,
        "peakPerSecond": round(summary.peak, 3),
        "types": summary.types,
        "incidents": [
            {"label": each.label, "from": rfc3339(each.start), "to": rfc3339(each.end)}
            for each in scenario.incidents
        ],
        "faults": len(scenario.faults),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
