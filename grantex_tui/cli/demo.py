"""`grantex-tui demo`: a simulated Grantex and Datadog in the background, and `watch` on them."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.cli import watch
from grantex_tui.cli.options import count, duration, on_a_terminal
from grantex_tui.errors import UnreachableError, UsageError


if TYPE_CHECKING:
    import argparse
    import subprocess
    from collections.abc import Iterator, Sequence

_ENDING = 5.0
"""Seconds that the simulator gets to end by itself."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "demo",
        help="the dashboard over simulated events; nothing leaves this machine",
        description="Start a simulated Grantex and Datadog in the background and open the "
        "dashboard on them. Both end with the dashboard.",
    )
    events = parser.add_argument_group("events")
    events.add_argument(
        "--scenario", metavar="NAME", help="a scenario, faults and all: see `grantex-sim list`"
    )
    events.add_argument("--rate", type=float, metavar="N", help="without a scenario: events/s (20)")
    events.add_argument(
        "--seed", type=int, metavar="N", help="of the events (the scenario's, or 7)"
    )
    run_group = parser.add_argument_group("run")
    run_group.add_argument("--headless", action="store_true", help="lines instead of a dashboard")
    run_group.add_argument("--json", action="store_true", help="with --headless: JSON lines")
    run_group.add_argument(
        "--for", dest="for_seconds", type=duration, metavar="DURATION", help="end after this time"
    )
    run_group.add_argument("--events", type=count, metavar="N", help="end after N events")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the simulator and `watch` on it."""
    import tempfile

    from grantex_tui.settings import Settings

    if not args.headless and not on_a_terminal():
        raise UsageError(
            "the dashboard needs a terminal, and this is none", hint="Use demo --headless."
        )
    with (
        tempfile.TemporaryDirectory(prefix="grantex-demo-") as journal,
        _simulator(_events(args)) as ready,
    ):
        settings = replace(
            Settings(),
            url=ready["url"],
            intake_url=ready["url"],
            grantex_api_key=ready["grantexApiKey"],
            dd_api_key=ready["datadogApiKey"],
            journal=journal,
            batch_size=50,
            flush_interval=2.0,
        )
        return watch.start(
            settings, watch.limits_from(args, settings), headless=args.headless, as_json=args.json
        )


def _events(args: argparse.Namespace) -> list[str]:
    """The simulator's options that say which events there are."""
    if args.scenario is None:
        rate = 20.0 if args.rate is None else args.rate
        return ["--rate", str(rate), "--seed", str(7 if args.seed is None else args.seed)]
    if args.rate is not None:
        raise UsageError("a scenario has rates of its own", hint="Leave --rate or --scenario out.")
    seed = [] if args.seed is None else ["--seed", str(args.seed)]
    return [args.scenario, *seed]


@contextlib.contextmanager
def _simulator(options: Sequence[str]) -> Iterator[dict[str, str]]:
    """A simulator in a process of its own, on a free port: what it says once it is ready."""
    import json
    import subprocess

    command = [sys.executable, "-m", "grantex_sim", "serve", "--port", "0", "--json"]
    # A session of its own: Ctrl-C is for the dashboard, which ends the simulator afterwards. Its
    # stdin ends with us, however we do.
    process = subprocess.Popen(
        [*command, "--end-with-stdin", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            _, said = process.communicate()
            raise UnreachableError(
                f"the simulator did not start: {said.strip() or process.returncode}",
                hint="Run grantex-sim serve by itself to see why.",
            )
        yield json.loads(line)
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    import subprocess

    process.terminate()
    try:
        process.communicate(timeout=_ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
