"""`grantex-sim list`: the scenarios that come with the package."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    import argparse

_NARROWEST = 40
"""Columns that a description needs beside the numbers; in fewer it stands below them."""
_INDENT = "    "


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `list` to *commands*."""
    parser = commands.add_parser(
        "list",
        help="the scenarios that come along",
        description="The scenarios that come with grantex-sim, for serve, generate and "
        "grantex-tui rehearse --scenario.",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print a JSON list of {name, description, seconds, events, incidents, faults}",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    import json
    import shutil

    from grantex_sim.scenario.bundled import bundled_names, load_scenario
    from grantex_sim.scenario.summary import spell, summarise

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
    rows = [(f"{'name':18}{'lasts':>6}{'events':>11}{'incidents':>11}", "description")]
    for scenario in scenarios:
        events = f"{summarise(scenario).events:,}"
        lasts, incidents = spell(scenario.duration), len(scenario.incidents)
        rows.append(
            (f"{scenario.name:18}{lasts:>6}{events:>11}{incidents:>11}", scenario.description)
        )
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    sys.stdout.write("".join(f"{line}\n" for row in rows for line in laid_out(*row, columns)))
    return ExitCode.OK


def laid_out(counts: str, description: str, columns: int | None) -> list[str]:
    """A row of the list on a terminal of so many *columns*; without one it is one line."""
    beside = len(counts) + 2
    if columns is None:
        return [f"{counts}  {description}"]
    if columns - beside >= _NARROWEST:
        first, *others = textwrap.wrap(description, columns - beside)
        return [f"{counts}  {first}", *(" " * beside + line for line in others)]
    below = textwrap.wrap(description, max(columns - len(_INDENT), _NARROWEST))
    return [counts, *(_INDENT + line for line in below)]
