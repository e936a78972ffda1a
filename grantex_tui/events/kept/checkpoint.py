"""How far delivery has come, on disk, by atomic replace."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Everything before this place has had its verdict; the totals are the journal's, for life."""

    segment: int
    offset: int
    delivered: int = 0
    dead_lettered: int = 0
    dropped: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def position(self) -> Position:
        """Where the next run begins to deliver."""
        return Position(self.segment, self.offset)

    def moved_to(self, end: Position, *, delivered: int = 0, dead_lettered: int = 0) -> Checkpoint:
        """The checkpoint after a further contiguous run of verdicts."""
        return msgspec.structs.replace(
            self,
            segment=end.segment,
            offset=end.offset,
            delivered=self.delivered + delivered,
            dead_lettered=self.dead_lettered + dead_lettered,
        )

    def with_dropped(self, reason: str, count: int) -> Checkpoint:
        """The checkpoint after *count* events were lost."""
        dropped = {**self.dropped, reason: self.dropped.get(reason, 0) + count}
        return msgspec.structs.replace(self, dropped=dropped)


class CheckpointFile:
    """A checkpoint kept twice: one that survives a power cut, one that is never behind.

    ``checkpoint.json`` is replaced atomically and synced, which costs milliseconds: now and then,
    off the hot path. After each verdict the same goes to ``checkpoint.latest.json`` by one write
    in place, 3 µs, which is enough for a process that is killed: the kernel keeps what was
    written. At the start the one that is further along counts.
    """

    def __init__(self, folder: Path) -> None:
        self._durable = folder / "checkpoint.json"
        self._latest = folder / "checkpoint.latest.json"
        self._descriptor = -1
        self._length = 0
        self.notes: list[str] = []
        """What a person should know about `load`."""

    def load(self, fits: Callable[[Checkpoint], str]) -> Checkpoint | None:
        """The checkpoint to begin with; None when there is none that can be used.

        *fits* says what is wrong with a checkpoint in view of the data, or nothing. What can't be
        used is moved aside, never silently taken for a start.
        """
        found = [c for p in (self._durable, self._latest) if (c := self._load(p, fits))]
        return max(found, key=lambda checkpoint: checkpoint.position, default=None)

    def _load(self, path: Path, fits: Callable[[Checkpoint], str]) -> Checkpoint | None:
        try:
            checkpoint = read_checkpoint(path)
            if checkpoint is None:
                return None
            problem = fits(checkpoint)
        except ValueError as error:
            problem = str(error)
        else:
            if not problem:
                return checkpoint
        aside = _free_name(path.with_name(path.name + ".corrupt"))
        path.replace(aside)
        self.notes.append(f"the delivery checkpoint {path} {problem}; moved to {aside.name}")
        return None

    def note(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint* through the end of this process.

        Raises:
            OSError: It could not be written.
        """
        if self._descriptor < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
            self._descriptor = os.open(self._latest, flags, 0o600)
            self._length = os.fstat(self._descriptor).st_size
        data = (msgspec.json.encode(checkpoint) + b"\n").rjust(self._length)
        self._length = len(data)
        os.pwrite(self._descriptor, data, 0)

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint* through a power cut. Blocks for milliseconds.

        Raises:
            OSError: It could not be written; the last one is still there.
        """
        _replace(self._durable, msgspec.json.encode(checkpoint) + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint at *path*; None when there is none.

    Raises:
        ValueError: There is one, and it can't be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        checkpoint = msgspec.json.decode(data, type=Checkpoint)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError("is empty" if not data else str(error)) from error
    if min(checkpoint.position) < 0:
        raise ValueError("holds a negative number")
    return checkpoint


def _replace(path: Path, data: bytes) -> None:
    """Write so that, come what may, a reader finds the old file or the new one.

    The new file is synced before it gets the name, the folder after.
    """
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free_name(path: Path) -> Path:
    """*path*, or the first of *path*.2, *path*.3, … that does not exist."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}.{number}")
    return candidate
