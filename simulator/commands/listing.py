"""`grantex-sim list`: the scenarios that come with the package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    import argparse


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `list` to *commands*."""
    parser = commands.add_parser(
        "list",
        help="the scenarios that come along",
        description="The scenarios that come with grantex-sim, for serve, generate and "
        "grantex-tui rehearse --scenario.",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    import json

    from simulator.scenario.bundled import bundled_names, load_scenario
    from simulator.scenario.summary import spell, summarise

    scenarios = [load_scenario(name) for name in bundled_names()]
    if args.json:
        told = [
            {
                "name": scenario.name,
                "description": scenario.description,
                "seconds": scenario.duration,
                "events": summarise(scenario).events,
                "incidents": [incident.label for incident in scenario.incidents],
                "faults": len(scenario.faults),
            }
            for scenario in scenarios
        ]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return ExitCode.OK
    sys.stdout.write(f"{'name':18}{'lasts':>6}{'events':>11}{'incidents':>11}  description\n")
    for scenario in scenarios:
        events = f"{summarise(scenario).events:,}"
        lasts, incidents = spell(scenario.duration), len(scenario.incidents)
        sys.stdout.write(
            f"{scenario.name:18}{lasts:>6}{events:>11}{incidents:>11}  {scenario.description}\n"
        )
    return ExitCode.OK
