"""Append-only segments on disk, and the delivery checkpoint: what is in here is promised.

A folder holds numbered NDJSON segments (`lines`), the checkpoint, the dead letters and a lock.
It is a recording, too, and can be rehearsed as it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.event import Event
from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile, sync_folder
from grantex_tui.events.kept.deadletter import DeadLetterFile
from grantex_tui.events.kept.folder import take_lock, told
from grantex_tui.events.kept.lines import encode_gap, encode_items, parse_entries, received_at
from grantex_tui.events.kept.recovery import recover
from grantex_tui.events.kept.segments import (
    Segment,
    SegmentReader,
    SegmentWriter,
    count_events_from,
    last_received_at,
    segment_path,
)
from grantex_tui.events.kept.spool import Chunk, DeadLetter, Position


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.event import Malformed
    from grantex_tui.events.gap import Gap

SEGMENT_BYTES = 16 * 1024 * 1024
MAX_BYTES = 1_000_000_000
MAX_AGE = 14 * 86400.0
JOURNAL_FULL = "journal full"
UNREADABLE = "unreadable in the journal"


class Journal:
    """The `Spool` on disk. One process may have a folder open at a time."""

    def __init__(
        self,
        directory: Path,
        lock: int,
        *,
        clock: Clock,
        fsync: bool,
        max_bytes: int,
        max_age: float,
        segment_bytes: int,
        deliver: bool,
    ) -> None:
        """Use `open`."""
        self.directory = directory
        self._lock = lock
        self._clock = clock
        self._fsync = fsync
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._deliver = deliver
        self._segment_bytes = max(1, min(segment_bytes, max_bytes // 8))
        self._reader = SegmentReader()
        self._writer: SegmentWriter | None = None
        self._dropped: Counter[str] = Counter()
        self._received = 0
        self._saving = threading.Lock()
        self._files = CheckpointFile(directory)
        found = recover(directory, self._files)
        self.notes = found.notes
        """What a person should know about the state in which the folder was found."""
        self._segments = found.segments
        self._checkpoint = self._saved = found.checkpoint
        self._cursor = self._checkpoint.position
        self._dead_letters = DeadLetterFile(directory / "dead-letter.ndjson")
        self._wholes = DeadLetterFile(directory / "truncated.ndjson")
        self._buried = self._dead_letters.places(self._cursor)
        self._unread_bytes = 0
        for segment, offset in self._unread_spans() if deliver else ():
            segment.events = count_events_from(segment, offset)
            self._unread_bytes += segment.size - offset
        self._unread = self._carried_over = sum(segment.events for segment in self._segments)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        clock: Clock,
        fsync: bool = True,
        max_bytes: int = MAX_BYTES,
        max_age: float = MAX_AGE,
        segment_bytes: int = SEGMENT_BYTES,
        deliver: bool = True,
    ) -> Journal:
        """Open the journal in *directory*, making it if need be, and take up where it ended.

        Args:
            directory: See `journal_directory`.
            clock: For retention and dead letters.
            fsync: Whether an append is safe from a power cut when it returns.
            max_bytes: Size above which old segments go, delivered ones first.
            max_age: Seconds after which a delivered segment goes.
            segment_bytes: Size at which the next segment begins.
            deliver: Whether somebody will `take` the events; without, nothing is ever pending.

        Raises:
            JournalError: The folder can't be used, or another process has it open.
        """
        with told(directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = take_lock(directory)
        try:
            with told(directory):
                return cls(
                    directory,
                    lock,
                    clock=clock,
                    fsync=fsync,
                    max_bytes=max_bytes,
                    max_age=max_age,
                    segment_bytes=segment_bytes,
                    deliver=deliver,
                )
        except BaseException:
            os.close(lock)
            raise

    # --- the accounts -----------------------------------------------------------------------

    @property
    def carried_over(self) -> int:
        """Events that were undelivered when the journal was opened."""
        return self._carried_over

    @property
    def received(self) -> int:
        """Events appended since."""
        return self._received

    @property
    def dropped(self) -> Mapping[str, int]:
        """Events that were lost since, by reason."""
        return self._dropped

    @property
    def unread(self) -> int:
        """Events that nobody has taken yet."""
        return self._unread

    @property
    def unread_bytes(self) -> int:
        """Bytes of journal that nobody has taken yet."""
        return self._unread_bytes

    @property
    def checkpoint(self) -> Checkpoint:
        """How far delivery has come, and its totals since the journal began."""
        return self._checkpoint

    @property
    def last_received_at(self) -> float | None:
        """When the last event came in (epoch seconds), as far as the last line tells."""
        for segment in reversed(self._segments):
            if segment.size:
                return last_received_at(segment)
        return None

    # --- writing ----------------------------------------------------------------------------

    def append(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Keep one read, in one write.

        Raises:
            JournalError: Nothing of it was kept. A later append may succeed again.
        """
        if not items:
            return
        events = sum(type(item) is Event for item in items)
        self._write(encode_items(items, received_at))
        self._received += events
        if self._deliver:
            self._segments[-1].events += events
            self._unread += events

    def append_gap(self, gap: Gap) -> None:
        """Keep a gap.

        Raises:
            JournalError: It was not kept.
        """
        self._write(encode_gap(gap))

    def _write(self, block: bytes) -> None:
        with told(self.directory):
            self._current_writer().write(block, self._clock.now())
        if self._deliver:
            self._unread_bytes += len(block)
        else:
            segment = self._segments[-1]
            self._cursor = Position(segment.number, segment.size)
            self._checkpoint = self._checkpoint.moved_to(self._cursor)

    def _current_writer(self) -> SegmentWriter:
        writer = self._writer
        if writer and not writer.damaged and writer.segment.size < self._segment_bytes:
            return writer
        if writer is None and self._segments and self._segments[-1].size < self._segment_bytes:
            self._writer = SegmentWriter(self._segments[-1], sync=self._fsync)
            return self._writer
        return self._roll()

    def _roll(self) -> SegmentWriter:
        """Begin the next segment; its number is above every one that was ever used."""
        used = [self._checkpoint.segment - (self._checkpoint.offset == 0)]
        used += [segment.number for segment in self._segments[-1:]]
        used += [segment for segment, _ in self._buried]
        number = max(used) + 1
        segment = Segment(number, segment_path(self.directory, number), 0, self._clock.now())
        following = SegmentWriter(segment, sync=self._fsync)
        if self._fsync:
            sync_folder(self.directory)
        if self._writer:
            self._writer.close()
        self._writer = following
        self._segments.append(segment)
        self._retain()
        return following

    # --- reading ----------------------------------------------------------------------------

    def _unread_spans(self) -> Iterator[tuple[Segment, int]]:
        for segment in self._segments:
            if segment.number >= self._cursor.segment:
                same = segment.number == self._cursor.segment
                yield segment, self._cursor.offset if same else 0

    def oldest_unread_at(self) -> float | None:
        """When the first unread event was received (epoch seconds), if there is one."""
        if not self._unread:
            return None
        for segment, offset in self._unread_spans():
            if offset < segment.size:
                found = received_at(self._reader.head(segment, offset))
                return self._clock.now() if found is None else found
        return None

    def take(self, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events; None when there is none.

        Raises:
            JournalError: The segment can't be read.
        """
        with told(self.directory):
            for segment, offset in self._unread_spans():
                self._cursor = Position(segment.number, offset)
                while chunk := self._take_from(segment, max_entries, max_bytes):
                    if chunk.entries or chunk.buried or chunk.unreadable:
                        return chunk
        return None

    def _take_from(self, segment: Segment, max_entries: int, max_bytes: int) -> Chunk | None:
        offset = self._cursor.offset
        lines = self._reader.lines(segment, offset, max_lines=max_entries, max_bytes=max_bytes)
        if not lines:
            return None
        entries, unreadable = parse_entries(lines, offset)
        size = sum(map(len, lines)) + len(lines)
        self._cursor = Position(segment.number, offset + size)
        self._unread_bytes -= size
        self._unread -= len(entries) + unreadable
        if unreadable:
            self._dropped[UNREADABLE] += unreadable
        buried = 0
        if self._buried:
            fresh = [e for e in entries if (segment.number, e.end) not in self._buried]
            buried = len(entries) - len(fresh)
            entries = fresh
        return Chunk(entries, self._cursor, buried, unreadable)

    # --- verdicts ---------------------------------------------------------------------------

    def bury(self, letter: DeadLetter) -> None:
        """Put *letter* into ``dead-letter.ndjson``.

        Raises:
            JournalError: It was not written; the entry is to be kept.
        """
        with told(self._dead_letters.path):
            self._dead_letters.bury(letter, self._clock.now())

    def keep_whole(self, letter: DeadLetter) -> None:
        """Put into ``truncated.ndjson`` the event of which *letter* tells.

        Raises:
            JournalError: It was not written.
        """
        with told(self._wholes.path):
            self._wholes.bury(letter, self._clock.now())

    def settle(self, end: Position, *, delivered: int, dead_lettered: int, unreadable: int) -> None:
        """Everything up to *end*, so many events more than last time, has had its verdict.

        Raises:
            JournalError: It is so, but could not be written down.
        """
        checkpoint = self._checkpoint.moved_to(
            end, delivered=delivered, dead_lettered=dead_lettered
        )
        if unreadable:
            checkpoint = checkpoint.with_dropped(UNREADABLE, unreadable)
        self._checkpoint = checkpoint
        with told(self.directory):
            self._files.note(checkpoint)

    def persist(self) -> None:
        """Make what was settled survive a power cut. Blocks; may be called from a thread.

        Raises:
            JournalError: It could not be written.
        """
        with self._saving:
            checkpoint = self._checkpoint
            if checkpoint is not self._saved:
                with told(self.directory):
                    self._files.save(checkpoint)
                self._saved = checkpoint

    # --- retention --------------------------------------------------------------------------

    def _retain(self) -> None:
        """Let old segments go: delivered ones by age and size, others only by size, and counted."""
        size = sum(segment.size for segment in self._segments)
        oldest_allowed = self._clock.now() - self._max_age
        for segment in self._segments[:-1]:
            settled = segment.number < self._saved.segment
            if settled and (size > self._max_bytes or segment.written_at < oldest_allowed):
                self._remove(segment)
                size -= segment.size
        for segment in self._segments[:-1]:
            if size > self._max_bytes and segment.number > self._cursor.segment:
                self._drop(segment)
                size -= segment.size

    def _drop(self, segment: Segment) -> None:
        """Give up the undelivered events of a segment that nobody has begun to read."""
        self._checkpoint = self._checkpoint.with_dropped(JOURNAL_FULL, segment.events)
        with contextlib.suppress(JournalError):  # it may be this very space that is missing
            self.persist()
        self._dropped[JOURNAL_FULL] += segment.events
        self._unread -= segment.events
        self._unread_bytes -= segment.size
        self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        self._segments.remove(segment)
        segment.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write the checkpoint and let go of the folder.

        Raises:
            JournalError: The checkpoint could not be written.
        """
        if self._lock < 0:
            return
        try:
            self.persist()
        finally:
            self._reader.close()
            self._files.close()
            if self._writer:
                self._writer.close()
            os.close(self._lock)
            self._lock = -1
