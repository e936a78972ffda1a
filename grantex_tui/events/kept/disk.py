"""What the journal asks of the operating system, in one place: a disk that fails can be put there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from pathlib import Path

APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
"""A FIFO that somebody has put there must not hold us up: it is refused by its kind."""
REWRITE = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK


class Disk(Protocol):
    """The calls that write; each raises `OSError` as the one in `os` of that name does."""

    def open(self, path: Path, flags: int) -> int:
        """A descriptor of a file for its owner only."""
        ...

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """How many bytes were taken."""
        ...

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        """The same at a place."""
        ...

    def sync(self, descriptor: int) -> None:
        """Make what was written survive a power cut."""
        ...

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file."""
        ...

    def replace(self, path: Path, by: Path) -> None:
        """Give *by* the name *path*, at once."""
        ...

    def remove(self, path: Path) -> None:
        """Let the file go, if it is there."""
        ...


class RealDisk:
    """The operating system's own."""

    def open(self, path: Path, flags: int) -> int:
        """A descriptor of a file for its owner only."""
        return os.open(path, flags, 0o600)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """How many bytes were taken."""
        return os.write(descriptor, data)

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        """The same at a place."""
        return os.pwrite(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        """Make what was written survive a power cut."""
        os.fdatasync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(descriptor, size)

    def replace(self, path: Path, by: Path) -> None:
        """Give *by* the name *path*, at once."""
        by.replace(path)

    def remove(self, path: Path) -> None:
        """Let the file go, if it is there."""
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_name(path: Path) -> Path:
    """*path*, or the first of *path*.2, *path*.3, … that does not exist."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}.{number}")
    return candidate
