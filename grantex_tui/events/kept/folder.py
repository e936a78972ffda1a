"""A journal's folder: which one, locked for one process, and what goes wrong with it told."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def take_lock(directory: Path) -> int:
    """Lock *directory* for this process; the lock goes with the descriptor, however we end.

    Raises:
        JournalError: Another process has it.
    """
    import fcntl  # not on every system that can read a journal

    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise JournalError(
            f"the journal in {directory} is in use by process {holder or '(unknown)'}",
            hint="Stop that process, or only look on with --no-forward: a second one that forwards, too, "
            "would deliver every event twice. Other filters or another destination need a folder of "
            "their own: --journal DIR.",
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def has_moved(directory: Path, lock: int) -> bool:
    """Whether *lock* is not that of the folder any more that is at *directory* now."""
    try:
        there = (directory / "lock").lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    mine = os.fstat(lock)
    return (mine.st_ino, mine.st_dev) != (there.st_ino, there.st_dev)


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the system's errors into one that says where, and what to do."""
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"the journal can't be used: {error.filename or path}: {error.strerror}",
            hint="Free some space or check the permissions; --journal DIR puts it elsewhere.",
        ) from error
