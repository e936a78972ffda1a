"""A file as it was in a git revision, or the files of a folder."""

from __future__ import annotations

import os
import subprocess

from grantex_tui.errors import InvalidFileError, UsageError
from grantex_tui.words.display import printable


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


def read_revision(text: str, endings: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """The texts of ``REF:PATH`` with their names; the path is seen from the working directory.

    Args:
        text: of the command line.
        endings: which files of a folder are meant, in the order of their names.

    Raises:
        UsageError: There is no git, no repository, no such revision or no such file in it.
        InvalidFileError: A file is not UTF-8, or a folder has no such file.
    """
    revision, path = split_revision(text)
    shown = _git_path(path)
    content = _shown(f"{revision}:{shown}", text)
    if _git("cat-file", "-t", f"{revision}:{shown}").stdout.strip() != b"tree":
        return [(text, _decoded(content, text))]
    names = _git("ls-tree", "--name-only", "-z", f"{revision}:{shown}").stdout.split(b"\0")
    files = sorted(name.decode("utf-8", "surrogateescape") for name in names)
    wanted = [name for name in files if name.endswith(endings)] if endings else []
    if not wanted:
        raise InvalidFileError("the folder holds no monitor file", path=text)
    folder = text.rstrip("/")
    return [
        (
            f"{folder}/{name}",
            _decoded(_shown(f"{revision}:{shown}/{name}", text), f"{folder}/{name}"),
        )
        for name in wanted
    ]


def _shown(what: str, text: str) -> bytes:
    """The content of a file in git."""
    done = _git("show", "--no-textconv", what)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = printable(said[0].removeprefix("fatal: "), limit=200) if said else "git failed"
        hint = "Check the revision (git fetch?) and the path, seen from this folder."
        if "exists on disk, but not in" in reason:
            hint = "A new file has nothing to be compared with; compare its folder, or with pack."
        raise UsageError(f"can't read {printable(text)}: {reason}", hint=hint)
    return done.stdout


def _decoded(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidFileError("is not UTF-8 text", path=path) from None


def _git(*words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *words],  # noqa: S607 - the user's own
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


def _git_path(path: str) -> str:
    """The path as git wants it to see it from the working directory."""
    seen = os.path.relpath(path)
    return seen if seen.startswith("..") else f"./{seen}"
