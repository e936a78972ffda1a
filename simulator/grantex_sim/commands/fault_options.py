"""``--fault``: faults on the command line."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from grantex_sim.commands import arguments
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from grantex_sim.faults.model import Fault


def add_fault_options(parser: argparse.ArgumentParser) -> None:
    """What goes wrong, and on whose side."""
    group = parser.add_argument_group("faults")
    group.add_argument(
        "--fault",
        dest="faults",
        action="append",
        default=[],
        metavar="FAULT",
        help="what goes wrong, once for each: 'intake first=2 status=503 retry-after=3', "
        "'stream nth=1 reset-after-events=5', 'stream p=0.01 duplicate'; docs/faults.md has all",
    )
    group.add_argument(
        "--fault-seed",
        type=arguments.seed,
        default=argparse.SUPPRESS,
        metavar="N",
        help="of faults with a probability (the events' own); random",
    )


def faults_from(args: argparse.Namespace) -> tuple[Fault, ...]:
    """The faults that *args* ask for.

    Raises:
        UsageError: One of them can't be read.
    """
    from grantex_sim.faults.parse import parse_fault_text
    from grantex_sim.faults.values import FaultError

    try:
        return tuple(map(parse_fault_text, args.faults))
    except FaultError as error:
        raise UsageError(f"--fault {error.message}", hint=error.hint) from None


def fault_seed_from(args: argparse.Namespace, events: int) -> int:
    """The seed asked for, else that of the *events*: one number then repeats all of a run.

    A random one is told, so that it can be had again.
    """
    if "fault_seed" not in args:
        return events
    seed = arguments.drawn(args.fault_seed)
    if args.fault_seed is None and not args.quiet:
        sys.stderr.write(f"repeat the faults with --fault-seed {seed}\n")
    return seed
