"""What `rehearse` says of its outcomes: on stdout, and in the files that were asked for."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, UsageError


if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from grantex_tui.rehearsal.expect.verdict import Outcome

FILES = ("junit", "html", "markdown")
"""The options that name a file to write."""
FORMS = ("text", "markdown", "html", "json")
"""What ``--format`` takes."""


def check_output(args: argparse.Namespace) -> None:
    """Refuse what could not be written before anything is run, not after."""
    from pathlib import Path

    _take_format(args)
    if args.markdown == "-" and (args.json or args.quiet or args.verbose):
        other = next(name for name in ("json", "quiet", "verbose") if getattr(args, name))
        raise UsageError(
            f"--markdown and --{other} together", hint="Give --markdown a FILE to have both."
        )
    for form in FILES:
        path = getattr(args, form)
        if path in (None, "-"):
            continue
        wrong = "Is a directory" if Path(path).is_dir() else "No such folder"
        if Path(path).is_dir() or not Path(path).parent.is_dir():
            raise UsageError(f"can't write {path}: {wrong}", hint=f"Choose another --{form}.")


def _take_format(args: argparse.Namespace) -> None:
    """``--format json`` is ``--json``; a page goes to standard output instead of a file."""
    if args.format is None:
        return
    also = next((form for form in FILES if getattr(args, form) == "-"), args.format)
    if (args.format in FILES and getattr(args, also) is not None) or also != args.format:
        raise UsageError(f"--format {args.format} and --{also} together", hint="Give one of them.")
    if args.format == "json":
        args.json = True
    elif args.format in FILES:
        setattr(args, args.format, "-")


def report(outcomes: Sequence[Outcome], args: argparse.Namespace, began: float) -> int:
    """Say what came of it, in every form that was asked for."""
    from grantex_tui.ending import leave_stdout

    seconds = time.perf_counter() - began
    for form in FILES:
        if (path := getattr(args, form)) not in (None, "-"):
            _write(path, form, _rendered(form, outcomes, seconds))
    try:
        _show(outcomes, args, seconds)
    except BrokenPipeError:  # `| head` has seen enough; a build still wants to know how it went
        leave_stdout()
    errors = [outcome.exit_code for outcome in outcomes if outcome.error is not None]
    failed = not all(outcome.passed for outcome in outcomes)
    return max(errors, default=ExitCode.FAILED if failed else ExitCode.OK)


def _show(outcomes: Sequence[Outcome], args: argparse.Namespace, seconds: float) -> None:
    page = next((form for form in ("html", "markdown") if getattr(args, form) == "-"), None)
    if args.json or page:
        _print(_rendered(page or "json", outcomes, seconds))
    elif args.quiet:
        _print(_failures(outcomes))
    else:
        from grantex_tui.report.forms.text import render

        _print(
            render(outcomes, width=width(), color=_color(), verbose=args.verbose, seconds=seconds)
        )
    if args.github:
        from grantex_tui.report.forms.github import render as annotations

        _print(annotations(outcomes))


def _rendered(form: str, outcomes: Sequence[Outcome], seconds: float) -> str | bytes:
    module = import_module(f"grantex_tui.report.forms.{form}")
    content: str | bytes = module.render(outcomes, seconds=seconds)
    return content


def _write(path: str, form: str, content: str | bytes) -> None:
    from pathlib import Path

    try:
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise UsageError(
            f"can't write {path}: {error.strerror}", hint=f"Choose another --{form}."
        ) from error


def _failures(outcomes: Sequence[Outcome]) -> str:
    """What failed, in the form of a compiler's messages."""
    from grantex_tui.report.styled import inert
    from grantex_tui.words.display import printable

    told = []
    for outcome in outcomes:
        if outcome.error is not None and outcome.line:  # a file's mistakes are told on stderr
            told.append(f"{outcome.path}:{outcome.line}: {outcome.rehearsal}: {outcome.error}")
        for verdict in outcome.verdicts:
            if not verdict.passed:
                path, line = verdict.where
                reason = verdict.reason.replace("\n", "\n    ")
                told.append(
                    f"{path}:{line}: {outcome.rehearsal}: {verdict.expectation}\n    {reason}"
                )
    return "\n".join(inert(printable(line)) for each in told for line in each.split("\n"))


def _print(content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    if data:
        try:
            sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:  # the exit code must not say that an expectation failed
            raise UsageError(f"can't write the report: {error.strerror}") from error


def width() -> int:
    """Columns of the terminal; 100 where there is none."""
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def _color() -> bool:
    import os

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
