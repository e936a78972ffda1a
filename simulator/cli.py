"""Entry point of `grantex-sim`: one parser, errors to exit codes. `--help` imports only argparse."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, GrantexTuiError
from simulator.commands import assertion, check, generate, listing, serve, show


if TYPE_CHECKING:
    from collections.abc import Sequence

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_DESCRIPTION = """\
A Grantex event stream and a Datadog logs intake on this machine, with the real services' limits,
errors and habits, and a ledger that says what was lost.
"""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(prog="grantex-sim", description=_DESCRIPTION)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in (serve, generate, listing, show, check, assertion):
        command.add_command(commands)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from grantex_tui import __version__

        sys.stdout.write(f"{parser.prog} {__version__}\n")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the process's exit code."""
    _open_closed_streams()
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return ExitCode.USAGE
    try:
        code = int(args.run(args))
        # Here, where it can still be said, and not when the interpreter ends.
        sys.stdout.flush()
    except GrantexTuiError as error:
        hint = f"\n  {error.hint}" if error.hint else ""
        sys.stderr.write(f"grantex-sim: {error.message}{hint}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone: nothing to say, and nobody to say it to.
        _leave_stdout()
        return ExitCode.OK
    except OSError as error:
        if error.errno not in _FULL:
            raise
        sys.stderr.write(f"grantex-sim: can't write to stdout: {error.strerror}\n")
        _leave_stdout()
        return ExitCode.USAGE
    else:
        return code


def _open_closed_streams() -> None:
    """Started with a closed output (``>&-``, some supervisors), what a command says goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # It stays open for as long as the process.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115 - see above


def _leave_stdout() -> None:
    """What is still buffered goes nowhere, so that ending doesn't fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
