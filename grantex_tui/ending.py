"""How a command ends, in either program: one sentence on stderr and an exit code, no traceback.

Nothing heavy is imported: both entry points load this for ``--help``.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 256
"""What a terminal that is ready takes without blocking (Linux: n_tty's WAKEUP_CHARS), and so a pipe."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run_command(program: str, command: Callable[[], int]) -> int:
    """Run *command* and give the process's exit code, whatever it raises that a person can mend.

    Args:
        program: its name, with which the sentence begins.
        command: gives the exit code when all is well.

    Raises:
        OSError: Something other than a full output, which is a bug of ours.
    """
    try:
        code = command()
        sys.stdout.flush()  # here, where it can still be said, and not when the interpreter ends
    except GrantexTuiError as error:
        hint = f"\n  {error.hint}" if error.hint else ""
        say(f"{program}: {error.message}{hint}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone: nothing to say, and nobody to say it to.
        leave_stdout()
        return ExitCode.OK
    except OSError as error:
        if error.errno not in _FULL:
            raise
        say(f"{program}: can't write to stdout: {error.strerror}\n")
        leave_stdout()
        return ExitCode.USAGE
    else:
        return code


def say(text: str, patience: float = 1.0) -> None:
    """Write the last words to stderr, unless nobody takes them within *patience* seconds.

    A terminal that is stopped (Ctrl-S) or a pipe that nobody reads must not keep the process.
    """
    import select

    try:
        descriptor = sys.stderr.fileno()
        rest = text.encode("utf-8", "backslashreplace")
        sys.stderr.flush()
        while rest and select.select((), (descriptor,), (), patience)[1]:
            rest = rest[os.write(descriptor, rest[:_PIECE]) :]
    except (AttributeError, ValueError):  # no descriptor: a test's, or somebody's own stream
        sys.stderr.write(text)
    except OSError:
        return  # closed, or its disk is full: there is nowhere to say it


def open_closed_streams() -> None:
    """Started with a closed stream (``>&-``, some supervisors), what is said goes nowhere.

    The descriptors themselves are opened, too: else the next file or socket would get the number of
    stderr, and what a library writes there would end up in the journal.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest number that is free: this one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It stays open for as long as the process.
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - see above


def leave_stdout() -> None:
    """What is still buffered goes nowhere, so that ending doesn't fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
