"""How far delivery has come, on disk, by atomic replace."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from grantex_tui.events.kept.disk import REWRITE, RealDisk, free_name, sync_folder
from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grantex_tui.events.kept.disk import Disk

_BEFORE = b',"crc":"'
OF_ANOTHER = "is of another journal"


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Everything before this position has had its verdict; the totals are the journal's, for life.

    A checkpoint of a journal of the first format has no places.
    """

    segment: int
    offset: int
    delivered: int = 0
    dead_lettered: int = 0
    dropped: dict[str, int] = msgspec.field(default_factory=dict)
    place: int = 0
    """Of the line at the position (`seal`)."""
    written: int = 0
    """Every line before this place had been written."""
    final: bool = False
    """And none at it or behind it: the run had ended."""

    @property
    def position(self) -> Position:
        """Where the next run begins to deliver."""
        return Position(self.segment, self.offset)

    def moved_to(
        self, end: Position, *, place: int = 0, delivered: int = 0, dead_lettered: int = 0
    ) -> Checkpoint:
        """The checkpoint after a further contiguous run of verdicts, up to the line at *place*."""
        return msgspec.structs.replace(
            self,
            segment=end.segment,
            offset=end.offset,
            place=place,
            delivered=self.delivered + delivered,
            dead_lettered=self.dead_lettered + dead_lettered,
        )

    def written_to(self, place: int, *, final: bool = False) -> Checkpoint:
        """The checkpoint now that every line before *place* has been written."""
        return msgspec.structs.replace(self, written=place, final=final)

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

    def __init__(self, folder: Path, disk: Disk | None = None, *, mend: bool = True) -> None:
        self._mend = mend
        self._disk = disk or RealDisk()
        self._durable = folder / "checkpoint.json"
        self._latest = folder / "checkpoint.latest.json"
        self._descriptor = -1
        self._length = 0
        self.notes: list[str] = []
        """What a person should know about `load`."""
        self.written = 0
        """Up to which place lines had been written, as checkpoints say that can't be used."""

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
            if problem != OF_ANOTHER:
                self.written = max(self.written, checkpoint.written)
        except ValueError as error:
            problem = str(error)
        else:
            if not problem:
                return checkpoint
        if not self._mend:
            self.notes.append(f"the delivery checkpoint {path} {problem}")
            return None
        aside = free_name(path.with_name(path.name + ".corrupt"))
        path.replace(aside)
        self.notes.append(f"the delivery checkpoint {path} {problem}; moved to {aside.name}")
        return None

    def note(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint* through the end of this process.

        Raises:
            OSError: It could not be written.
        """
        if self._descriptor < 0:
            self._descriptor = self._disk.open(self._latest, REWRITE)
            self._length = os.fstat(self._descriptor).st_size
        data = _encode(checkpoint).rjust(self._length)
        self._length = len(data)
        if self._disk.pwrite(self._descriptor, data, 0) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._latest))

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint* through a power cut. Blocks for milliseconds.

        Raises:
            OSError: It could not be written; the last one is still there.
        """
        self._replace(self._durable, _encode(checkpoint))

    def _replace(self, path: Path, data: bytes) -> None:
        """Write so that, come what may, a reader finds the old file or the new one.

        The new file is synced before it gets the name, the folder after.
        """
        temporary = path.with_name(path.name + ".new")
        descriptor = self._disk.open(temporary, REWRITE | os.O_TRUNC)
        try:
            if self._disk.write(descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary))
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)
        self._disk.replace(path, temporary)
        sync_folder(path.parent)

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
    if not data:
        raise ValueError("is empty")
    try:
        checkpoint = msgspec.json.decode(_unsealed(data.strip()), type=Checkpoint)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    if min(checkpoint.position) < 0:
        raise ValueError("holds a negative number")
    if checkpoint.place and not data.rstrip().endswith(b'"}'):
        raise ValueError("has lost its check sum")
    return checkpoint


def _encode(checkpoint: Checkpoint) -> bytes:
    body = msgspec.json.encode(checkpoint)[:-1]
    return b'%b%b%08x"}\n' % (body, _BEFORE, crc32(body))


def _unsealed(data: bytes) -> bytes:
    """*data* without its check sum, if it has one.

    Raises:
        ValueError: It was changed.
    """
    body, before, rest = data.rpartition(_BEFORE)
    if not before:
        return data
    if rest != b'%08x"}' % crc32(body):
        raise ValueError("was changed: its check sum fails")
    return body + b"}"
