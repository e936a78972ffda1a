"""`grantex-tui rehearse`: the monitors over recorded or simulated events, as a test."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = {
    "sweep": "which threshold detects every incident with the fewest false alerts",
    "explain": "why a monitor did, or did not, say something at an instant",
    "diff": "what changed monitors would say differently",
    "coverage": "what no rehearsal would notice",
}
"""The commands below `rehearse`; each is a module of its own, loaded when it is asked for."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "rehearse",
        help="run monitors over recorded or simulated events, as a test",
        description="Evaluate Datadog monitors over recordings, or run the rehearsals of "
        "*.rehearsal.yaml files, in virtual time: weeks take seconds, and nothing is sent.",
        epilog="more commands:\n"
        + "\n".join(f"  grantex-tui rehearse {word:<9} {what}" for word, what in WORDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH",
        help="*.rehearsal.yaml files, folders with them, or recordings; - for standard input",
    )  # fmt: skip
    parser.set_defaults(run=run)


def word_of(argv: Sequence[str]) -> str | None:
    """The command below `rehearse` that *argv* asks for."""
    return argv[1] if argv[:1] == ["rehearse"] and argv[1:2] and argv[1] in WORDS else None


def word_parser(word: str) -> argparse.ArgumentParser:
    """The command line of `grantex-tui rehearse WORD`, from what follows the word."""
    parser = argparse.ArgumentParser(
        prog=f"grantex-tui rehearse {word}",
        description=WORDS[word][0].upper() + WORDS[word][1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module = import_module(f"grantex_tui.cli.rehearse_{word}")
    module.add_arguments(parser)
    parser.set_defaults(command="rehearse", run=module.run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Rehearse what was named."""
    from grantex_tui.errors import UsageError

    raise UsageError(f"can't rehearse {args.paths} yet")
