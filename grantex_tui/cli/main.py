"""Entry point of `grantex-tui`: one parser, one module a command, errors to exit codes.

Only argparse is imported here: `--help` must answer at once, so each command imports what it
needs when it runs.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from grantex_tui.cli import check, demo, rehearse, search, watch
from grantex_tui.errors import ExitCode, GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Sequence

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_DESCRIPTION = """\
See Grantex's event stream, deliver it to Datadog without losing an event, and know what your
monitors would say.
"""
_EPILOG = """\
keys: GRANTEX_API_KEY and DD_API_KEY, from the environment
exit codes: 0 fine, 1 an expectation failed, 2 usage, 3 a file is invalid, 4 Grantex refused,
            5 Datadog refused (undelivered events are kept), 6 the journal can't be written,
            130 interrupted
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
    parser = argparse.ArgumentParser(
        prog="grantex-tui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in (watch, rehearse, demo, search, check):
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
    _open_closed_streams()
    _allow_any_encoding()
    args = _parse(sys.argv[1:] if argv is None else list(argv))
    if args.command is None:
        build_parser().print_help()
        return ExitCode.USAGE
    try:
        code = int(args.run(args))
        sys.stdout.flush()  # here, where it can still be said, and not when the interpreter ends
    except GrantexTuiError as error:
        print(f"grantex-tui: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
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
        print(f"grantex-tui: can't write to stdout: {error.strerror}", file=sys.stderr)
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
