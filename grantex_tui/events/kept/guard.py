"""What a journal's folder may hold: plain files of our own, and nothing that somebody else put there.

A symbolic link would have us write elsewhere, a FIFO would hold us up, a folder of another owner is
read, and changed, by them.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.kept.segments import is_segment_name


if TYPE_CHECKING:
    from pathlib import Path

_OURS = frozenset(
    {
        "checkpoint.json",
        "checkpoint.json.new",
        "checkpoint.latest.json",
        "damaged.ndjson",
        "dead-letter.ndjson",
        "lock",
        "truncated.ndjson",
    }
)
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def check_folder(directory: Path) -> list[str]:
    """Look at *directory* before anything in it is opened; says what should be put right.

    Raises:
        JournalError: Somebody else's hand is in it.
        OSError: It can't be read.
    """
    status = directory.stat()
    _check_owner(directory, status)
    notes = []
    if status.st_mode & _OTHERS_MAY_WRITE:
        notes.append(f"{directory} can be written by others: chmod 700 {directory}")
    for path in sorted(directory.iterdir()):
        if path.name in _OURS or is_segment_name(path.name):
            _check_file(path)
    return notes


def _check_file(path: Path) -> None:
    status = path.lstat()
    kind = _kind(status.st_mode)
    if kind:
        raise JournalError(
            f"the journal can't be used: {path} is {kind}, not a file",
            hint="Somebody has put it there: move it away, or give another folder with --journal DIR.",
        )
    _check_owner(path, status)


def _check_owner(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise JournalError(
            f"the journal can't be used: {path} belongs to user {status.st_uid}, "
            f"and this process is user {os.geteuid()}",
            hint="Run as its owner, give it to this user with chown, or use --journal DIR.",
        )


def _kind(mode: int) -> str:
    """What *mode* is instead of a plain file; empty for one."""
    if stat.S_ISREG(mode):
        return ""
    kinds = (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for is_it, name in kinds if is_it(mode)), "a device")
