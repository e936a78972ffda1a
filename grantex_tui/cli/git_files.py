"""A file as it was in a git revision."""

from __future__ import annotations

import os
import subprocess

from grantex_tui.display import printable
from grantex_tui.errors import InvalidFileError, UsageError


_SECONDS = 30


def split_revision(text: str) -> tuple[str, str]:
    """``origin/main:monitors/x.json`` as revision and path.

    Raises:
        UsageError: It is not of that form.
    """
    revision, colon, path = text.partition(":")
    if not colon or not revision or not path or revision.startswith("-"):
        raise UsageError(
            f"{printable(text)!r} is not of the form REF:PATH",
            hint="Write it as origin/main:monitors/denials.json.",
        )
    return revision, path


def read_revision(text: str) -> str:
    """The text of ``REF:PATH``; the path is seen from the working directory, as for other files.

    Raises:
        UsageError: There is no git, no repository, no such revision or no such file in it.
        InvalidFileError: The file is not UTF-8.
    """
    revision, path = split_revision(text)
    shown = _git_path(path)
    try:
        done = subprocess.run(
            ["git", "show", "--no-textconv", f"{revision}:{shown}"],  # noqa: S607 - the user's own
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise UsageError(
            "--against needs git, which is not installed", hint="Give two files instead."
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git did not answer within {_SECONDS} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = printable(said[0].removeprefix("fatal: "), limit=200) if said else "git failed"
        raise UsageError(
            f"can't read {printable(text)}: {reason}",
            hint="Check the revision (git fetch?) and the path, seen from this folder.",
        )
    try:
        return done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidFileError("is not UTF-8 text", path=text) from None


def _git_path(path: str) -> str:
    """The path as git wants it to see it from the working directory."""
    seen = os.path.relpath(path)
    return seen if seen.startswith("..") else f"./{seen}"
