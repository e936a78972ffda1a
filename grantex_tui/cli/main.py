"""Entry point of `grantex-tui`: one parser, one module a command, errors to exit codes.

Only argparse is imported here: `--help` must answer at once, so each command imports what it
needs when it runs.
"""

from __future__ import annotations

import argparse
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from grantex_tui.cli import (
    check,
    config,
    demo,
    examples,
    export,
    journal,
    rehearse,
    search,
    status,
    trace,
    watch,
)
from grantex_tui.cli.parser import Parser
from grantex_tui.ending import open_closed_streams, run_command
from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = """\
See Grantex's event stream, deliver it to Datadog without losing an event, and know what your
monitors would say.
"""
_EPILOG = """\
keys: GRANTEX_API_KEY and DD_API_KEY, from the environment
exit codes: 0 fine, 1 an expectation failed, 2 usage, 3 a file is invalid, 4 Grantex refused,
            5 Datadog refused (undelivered events are kept), 6 the journal can't be written,
            7 events were lost, 130 interrupted
try it: grantex-tui demo
"""


class _Version(argparse.Action):
    """Looks the version up only when asked for (importlib.metadata takes 47 ms)."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from grantex_tui import __version__

        print(f"{parser.prog} {__version__}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = Parser(
        prog="grantex-tui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in (
        watch, status, trace, rehearse, demo, search, check, export, journal, config, examples,
    ):  # fmt: skip
        command.register(commands)
    return parser


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    if word := rehearse.word_of(argv):
        return rehearse.word_parser(word).parse_intermixed_args(argv[2:])
    return build_parser().parse_args(argv)


def _allow_any_encoding() -> None:
    """What the terminal's encoding doesn't have is escaped: better than to fail for an ellipsis."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the process's exit code."""
    open_closed_streams()
    _allow_any_encoding()
    args = _parse(sys.argv[1:] if argv is None else list(argv))
    if args.command is None:
        build_parser().print_help()
        return ExitCode.USAGE
    return run_command("grantex-tui", lambda: int(args.run(args)))


if __name__ == "__main__":
    sys.exit(main())
