"""``--fault``: faults on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    import argparse

    from simulator.faults.model import Fault


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
        "--fault-seed", type=int, default=0, metavar="N", help="of faults with a probability (0)"
    )


def faults_from(args: argparse.Namespace) -> tuple[Fault, ...]:
    """The faults that *args* ask for.

    Raises:
        UsageError: One of them can't be read.
    """
    from simulator.faults.text import parse_fault_text
    from simulator.faults.values import FaultError

    try:
        return tuple(map(parse_fault_text, args.faults))
    except FaultError as error:
        raise UsageError(f"--fault {error.message}", hint=error.hint) from None
