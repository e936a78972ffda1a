"""Entry point of `grantex-sim`: one parser, errors to exit codes. `--help` imports only argparse."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from grantex_sim.commands import assertion, authority, check, generate, listing, run, serve, show
from grantex_tui.ending import open_closed_streams, run_command
from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = """\
A Grantex event stream and a Datadog logs intake on this machine, with the real services' limits,
errors and habits, and a ledger that says what was lost.
"""
_EPILOG = """\
to begin with:
  grantex-sim serve                     prints the addresses and keys for your forwarder
  grantex-sim run -- COMMAND            your forwarder as it is, and what it lost
  grantex-sim assert --delivered-all    says whether everything arrived, as an exit code
grantex-sim COMMAND --help has examples of each.
"""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="grantex-sim",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in (serve, run, generate, listing, show, check, assertion, authority):
        command.add_command(commands)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from grantex_tui import __version__

        sys.stdout.write(f"{parser.prog} {__version__}\n")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the process's exit code."""
    open_closed_streams()
    parser = build_parser()
    own, words = run.split(sys.argv[1:] if argv is None else argv)
    args = parser.parse_args(own)
    if words is not None:
        args.words = words
    if args.command is None:
        parser.print_help()
        return ExitCode.USAGE
    return run_command("grantex-sim", lambda: int(args.run(args)))


if __name__ == "__main__":
    sys.exit(main())
