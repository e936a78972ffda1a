"""A journal's folder: which one, locked for one process, and what goes wrong with it told."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FolderLock:
    """A folder locked for this process; the lock goes with the process, however it ends.

    Raises:
        JournalError: Another process has it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._descriptor = _lock(directory)

    def is_elsewhere(self) -> bool:
        """Whether the folder that is there now is not the one that was locked."""
        try:
            there = (self._directory / "lock").lstat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        mine = os.fstat(self._descriptor)
        return (mine.st_ino, mine.st_dev) != (there.st_ino, there.st_dev)

    def renew(self) -> None:
        """Lock the folder that is there now.

        Raises:
            JournalError: Another process has it; the old lock stays.
        """
        descriptor = _lock(self._directory)
        os.close(self._descriptor)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let others have it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _lock(directory: Path) -> int:
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
