"""Append-only segments on disk, and the delivery checkpoint: what is in here is promised.

A folder holds numbered NDJSON segments (`lines`), the checkpoint, the dead letters, what is damaged
and a lock. It is a recording, too, and can be rehearsed as it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.event import Event
from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile
from grantex_tui.events.kept.damage import DamageFile
from grantex_tui.events.kept.deadletter import DeadLetterFile
from grantex_tui.events.kept.disk import RealDisk
from grantex_tui.events.kept.folder import has_moved, take_lock, told
from grantex_tui.events.kept.guard import check_folder
from grantex_tui.events.kept.header import Identity
from grantex_tui.events.kept.lines import count_events, gap_body, seal_items
from grantex_tui.events.kept.losses import (
    DAMAGED,
    DISK_FULL,
    JOURNAL_FULL,
    MISSING,
    REMOVED,
    Losses,
)
from grantex_tui.events.kept.proof import Flaw, FlawKind
from grantex_tui.events.kept.recovery import recover, refuse_newer
from grantex_tui.events.kept.seal import first_place, seal_of, sealed
from grantex_tui.events.kept.segments import Segment, SegmentReader, last_line, last_received_at
from grantex_tui.events.kept.spool import Chunk, DeadLetter, Position
from grantex_tui.events.kept.survey import describe, survey
from grantex_tui.events.kept.tail import Tail
from grantex_tui.events.kept.taking import take_from


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.event import Malformed
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.header import LogNote

SEGMENT_BYTES = 16 * 1024 * 1024
MAX_BYTES = 1_000_000_000
MAX_AGE = 14 * 86400.0
MEMORY_BYTES = 64 * 1024 * 1024
_LOST_AS = {FlawKind.DAMAGED: DAMAGED, FlawKind.MISSING: MISSING, FlawKind.MOVED: MISSING}


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How much a journal keeps, and how well. Ages in seconds."""

    fsync: bool = True
    """Whether an append is safe from a power cut when it returns."""
    max_bytes: int = MAX_BYTES
    """Size above which old segments go, delivered ones first."""
    max_age: float = MAX_AGE
    """After which a delivered segment goes."""
    segment_bytes: int = SEGMENT_BYTES
    """Size at which the next segment begins."""
    memory_bytes: int = MEMORY_BYTES
    """How much is kept in memory while the disk refuses."""
    deliver: bool = True
    """Whether somebody will `take` the events; without, nothing is ever pending."""


class Journal:
    """The `Spool` on disk. One process may have a folder open at a time.

    Args:
        directory: the folder, which is there.
        lock: see `take_lock`; -1 for a folder that is this run's own.
        clock: for retention and dead letters.
        settings: how much is kept.
        identity: whose events are appended.
        disk: where files are written.
    """

    def __init__(
        self,
        directory: Path,
        lock: int,
        *,
        clock: Clock,
        settings: JournalSettings,
        identity: Identity,
        disk: Disk,
    ) -> None:
        self.directory = directory
        self._lock = lock
        self._clock = clock
        self._settings = settings
        self._disk = disk
        self._reader = SegmentReader()
        self._received = 0
        self._losses = Losses()
        self._saving = threading.Lock()
        self._open = True
        self._trouble = ""
        self._given: deque[tuple[Position, int]] = deque()
        """What was taken and not settled: where each chunk ends, and the place there."""
        self._files = CheckpointFile(directory, disk)
        found = recover(directory, self._files)
        self.notes = found.notes
        """What a person should know about the state in which the folder was found."""
        self._segments = found.segments
        self._checkpoint = self._saved = self._noted = found.checkpoint
        self._cursor = self._checkpoint.position
        self._place = self._checkpoint.place
        self._log: LogNote | None = None
        self._dead_letters = DeadLetterFile(directory / "dead-letter.ndjson", disk)
        self._wholes = DeadLetterFile(directory / "truncated.ndjson", disk)
        self._buried = self._dead_letters.places(self._cursor, self._segments)
        self.notes += self._dead_letters.notes
        self._damage = DamageFile(directory / "damaged.ndjson", disk)
        self._damage.load()
        self._carried_over = self._unread = self._unread_bytes = 0
        place, is_whole = self._survey()
        self._tail = Tail(
            directory,
            self._segments,
            self,
            disk=disk,
            clock=clock,
            identity=identity,
            place=place,
            number=self._free_number(),
            sync=settings.fsync,
            segment_bytes=max(1, min(settings.segment_bytes, settings.max_bytes // 8)),
            memory_bytes=settings.memory_bytes,
        )
        self._resume(can_go_on=is_whole)
        if found.fresh:
            self.persist(again=True)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        clock: Clock,
        settings: JournalSettings | None = None,
        identity: Identity | None = None,
        disk: Disk | None = None,
        alone: bool = False,
    ) -> Journal:
        """Open the journal in *directory*, making it if need be, and take up where it ended.

        Args:
            directory: See `journal_directory`.
            clock: For retention and dead letters.
            settings: How much is kept.
            identity: Whose events will be appended.
            disk: Where files are written.
            alone: Nobody else knows of the folder: no lock is needed.

        Raises:
            JournalError: The folder can't be used, another process has it open, or a later version
                has written it.
        """
        with told(directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            warnings = check_folder(directory)
            refuse_newer(directory)
            lock = -1 if alone else take_lock(directory)
        try:
            with told(directory):
                journal = cls(
                    directory,
                    lock,
                    clock=clock,
                    settings=settings or JournalSettings(),
                    identity=identity or Identity(),
                    disk=disk or RealDisk(),
                )
        except BaseException:
            if lock >= 0:
                os.close(lock)
            raise
        journal.notes += warnings
        return journal

    # --- taking up where the last run ended ---------------------------------------------------

    def _survey(self) -> tuple[int, bool]:
        """Look at all that is pending; returns the next line's place, and if the last is as it was."""
        if not self._settings.deliver:
            return self._checkpoint.written or self._checkpoint.place or first_place(), True
        spans = list(self._unread_spans())
        written = self._checkpoint.written
        place = survey(spans, self._reader, self._checkpoint.place or None, written=written)
        place = place or first_place()
        missing_at_end = written - place if written > place else 0
        for segment, offset in spans:
            self._unread_bytes += segment.size - offset
            self._count(segment, segment.flaws)
        if missing_at_end:
            flaw = Flaw(FlawKind.MISSING, 0, 0, written, missing_at_end)
            self._count(self._following(), [flaw])
        self._unread = sum(segment.events for segment in self._segments)
        self._carried_over = self._unread + self._losses.counts.total()
        header = spans and self._reader.header_before(*spans[0])
        self._log = header.log if header else None
        return max(place, written), not missing_at_end

    def _following(self) -> Segment:
        number = self._free_number()
        return Segment(number, self.directory, 0, 0.0)

    def _count(self, segment: Segment, flaws: Sequence[Flaw]) -> int:
        """Tell of *flaws* that are new, and count what they cost; returns that."""
        fresh = self._damage.news(segment.number, flaws)
        if not fresh:
            return 0
        for flaw, lost in fresh:
            reason = _LOST_AS.get(flaw.kind, DAMAGED)
            self._losses.found(reason, lost)
            if lost:
                self._checkpoint = self._checkpoint.with_dropped(reason, lost)
        self.notes.append(describe(segment, fresh))
        with told(self._damage.path):
            self._damage.tell(segment.number, [flaw for flaw, _ in fresh], self._clock.now())
        return sum(lost for _, lost in fresh)

    def _resume(self, *, can_go_on: bool) -> None:
        """Go on in the last segment if it is whole, as whose events it holds unless we were told."""
        last = self._segments[-1] if self._segments else None
        if last is None or last.version == 1 or not last.size or not can_go_on:
            return
        header = self._reader.header_before(last, last.size)
        previous = seal_of(last_line(last).removesuffix(b"\r"))
        ends_whole = previous and not any(flaw.end == last.size for flaw in last.flaws)
        if header is not None and ends_whole:
            self._tail.resume(header.identity, previous)
            if self._tail.identity == Identity():
                self._tail.identity = header.identity

    def _free_number(self) -> int:
        """Above every segment's that was ever used."""
        used = [self._checkpoint.segment - (self._checkpoint.offset == 0)]
        used += [segment.number for segment in self._segments[-1:]]
        used += [segment for segment, _ in self._buried]
        return max(used) + 1

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
        return self._losses.counts

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

    @property
    def standing(self) -> list[str]:
        """What is wrong now, a line each, for as long as it is."""
        return [*([self._trouble] if self._trouble else []), *self._losses.standing]

    def notices(self) -> list[str]:
        """What has begun or ended since this was last asked, to be said once."""
        said, self._losses.notices = self._losses.notices, []
        return said

    # --- writing ----------------------------------------------------------------------------

    @property
    def identity(self) -> Identity:
        """Whose events are appended."""
        return self._tail.identity

    def change_identity(self, identity: Identity) -> None:
        """What is appended from now on was asked for differently; a header says so."""
        self._tail.identity = identity

    def append(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Keep one read, in one write; while the disk refuses, in memory.

        What neither has room for is counted in `dropped`.
        """
        if not items:
            return
        events = sum(type(item) is Event for item in items)
        self._received += events
        kept = self._append(lambda place: seal_items(items, received_at, place), len(items))
        if not kept:
            self._losses.add(DISK_FULL, events, self._clock.now())
        elif self._settings.deliver:
            self._segments[-1].events += events
            self._unread += events

    def append_gap(self, gap: Gap) -> None:
        """Keep a gap."""
        self._append(lambda place: sealed([gap_body(gap)], place), 1)

    def _append(self, encode: Callable[[int], bytes], lines: int) -> int:
        size = self._tail.append(encode, lines)
        self._notice_trouble()
        if not size:
            return 0
        if self._settings.deliver:
            self._unread_bytes += size
        else:
            segment = self._segments[-1]
            self._cursor = Position(segment.number, segment.size)
            self._checkpoint = self._checkpoint.moved_to(self._cursor, place=self._tail.place)
        return size

    def tend(self, now: float) -> None:
        """Try a disk that refused again, and see what has ended. To be called once a second."""
        self._tail.tend()
        self._losses.tend(now)
        self._notice_trouble()

    def _notice_trouble(self) -> None:
        """Say when the disk begins to refuse, and when that ends."""
        was = bool(self._trouble)
        if self._tail.trouble:
            used = self._tail.memory_used / 1e6
            room = self._settings.memory_bytes / 1e6
            self._trouble = (
                f"the journal can't be written: {self._tail.trouble}; "
                f"events go on from memory, {used:.1f} of {room:.0f} MB"
            )
            if not was:
                self._losses.notices.append(self._trouble)
        elif was:
            self._trouble = ""
            self._losses.notices.append("the journal is written again")

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
            if (found := self._reader.received_after(segment, offset)) is not None:
                return found
        return self._clock.now()

    def take(self, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events; None when there is none.

        Raises:
            JournalError: The segment can't be read.
        """
        with told(self.directory):
            for segment, offset in list(self._unread_spans()):
                self._cursor = Position(segment.number, offset)
                while (chunk := self._take_from(segment, max_entries, max_bytes)) is not None:
                    if chunk.entries or chunk.buried or chunk.unreadable:
                        self._given.append((chunk.end, self._place))
                        return chunk
        return None

    def _take_from(self, segment: Segment, max_entries: int, max_bytes: int) -> Chunk | None:
        taken = take_from(
            segment,
            self._reader,
            self._cursor.offset,
            self._place,
            max_lines=max_entries,
            max_bytes=max_bytes,
        )
        if taken is None:
            return None
        self._unread_bytes -= taken.offset - self._cursor.offset
        self._cursor = Position(segment.number, taken.offset)
        self._place = taken.place
        if taken.fails:
            self._look_again(segment)
        if taken.header is not None:
            self._log = taken.header.log
        self._unread -= len(taken.entries) + taken.unreadable
        self._losses.found(DAMAGED, taken.unreadable)
        fresh = taken.entries
        if self._buried:
            fresh = [e for e in fresh if (segment.number, e.end) not in self._buried]
        buried = len(taken.entries) - len(fresh)
        log = self._log if segment.version > 1 else None
        return Chunk(fresh, self._cursor, buried, taken.unreadable, log)

    def _look_again(self, segment: Segment) -> None:
        """Find out what has happened to a segment since it was written, and count it.

        Raises:
            JournalError: Nothing is wrong that could be passed over.
        """
        following = next((s for s in self._segments if s.number > segment.number), None)
        written = self._tail.place
        if following is not None:
            header = self._reader.header_before(following, 1)
            written = header.first if header is not None else 0
        events = segment.events
        survey([(segment, self._cursor.offset)], self._reader, self._place, written=written)
        segment.events = events
        if not segment.flaws:
            raise JournalError(
                f"{segment.path} can't be read from byte {self._cursor.offset:,} on",
                hint="See `grantex-tui journal verify`.",
            )
        said = len(self.notes)
        self._unread -= self._count(segment, segment.flaws)
        self._losses.notices += self.notes[said:]

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
        place = self._checkpoint.place
        while self._given and self._given[0][0] <= end:
            place = self._given.popleft()[1]
        checkpoint = self._checkpoint.moved_to(
            end, place=place, delivered=delivered, dead_lettered=dead_lettered
        )
        if unreadable:
            checkpoint = checkpoint.with_dropped(DAMAGED, unreadable)
        self._checkpoint = checkpoint
        if self._tail.trouble:
            self._forget_settled_memory()
        with told(self.directory):
            checkpoint = checkpoint.written_to(self._tail.place)
            self._files.note(checkpoint)
            self._noted = checkpoint

    def persist(self, *, again: bool = False) -> None:
        """Make what was settled survive a power cut. Blocks; may be called from a thread.

        Args:
            again: Even if nothing was settled since.

        Raises:
            JournalError: It could not be written.
        """
        with self._saving:
            checkpoint = self._checkpoint
            if again or checkpoint is not self._saved:
                with told(self.directory):
                    self._files.save(checkpoint.written_to(self._tail.place))
                self._saved = checkpoint

    # --- retention --------------------------------------------------------------------------

    def rolled(self) -> None:
        """Let old segments go: delivered ones by age and size, others only by size, and counted."""
        on_disk = [segment for segment in self._segments[:-1] if segment.memory is None]
        size = sum(segment.size for segment in on_disk)
        oldest_allowed = self._clock.now() - self._settings.max_age
        for segment in on_disk:
            settled = segment.number < self._saved.segment
            too_much = size > self._settings.max_bytes
            if settled and (too_much or segment.written_at < oldest_allowed):
                self._remove(segment)
                size -= segment.size
            elif not settled and too_much and segment.number > self._cursor.segment:
                self._drop(segment)
                size -= segment.size

    def free(self) -> bool:
        """Remove what is delivered from the disk; whether that was anything."""
        settled = max(self._saved.segment, self._noted.segment)
        found = [s for s in self._segments[:-1] if s.number < settled and s.memory is None]
        for segment in found:
            self._remove(segment)
        return bool(found)

    def restore(self) -> None:
        """See to the folder before segments are written into it again.

        Raises:
            OSError: It can't be made.
            JournalError: Somebody else has it.
        """
        if self._lock < 0 or not has_moved(self.directory, self._lock):
            return
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = take_lock(self.directory)
        os.close(self._lock)
        self._lock = lock
        self._files.close()
        for segment in [s for s in self._segments if s.memory is None and not s.path.exists()]:
            content = self._reader.rescue(segment)
            if content is None:
                self._give_up(segment, REMOVED)
            else:
                segment.memory = bytearray(content)
        self._files.save(self._checkpoint.written_to(self._tail.place))

    def _drop(self, segment: Segment) -> None:
        """Give up the undelivered events of a segment that nobody has begun to read."""
        self._checkpoint = self._checkpoint.with_dropped(JOURNAL_FULL, segment.events)
        with contextlib.suppress(JournalError):  # it may be this very space that is missing
            self.persist()
        self._give_up(segment, JOURNAL_FULL)

    def _give_up(self, segment: Segment, reason: str) -> None:
        unread, size = segment.events, segment.size
        if segment.number < self._cursor.segment:
            unread = size = 0
        elif segment.number == self._cursor.segment:
            later = sum(s.events for s in self._segments if s.number > segment.number)
            unread, size = self._unread - later, size - self._cursor.offset
        self._tell_given_up(segment)
        self._losses.add(reason, unread, self._clock.now())
        self._unread -= unread
        self._unread_bytes -= size
        self._remove(segment)

    def _tell_given_up(self, segment: Segment) -> None:
        """Note which lines are missing, so that the next run doesn't count them once more."""
        following = next((s for s in self._segments if s.number > segment.number), None)
        if following is None:
            return
        lines = following.first - segment.first + self._damage.lost_at(segment.number, 0)
        flaw = Flaw(FlawKind.MISSING, 0, 0, 0, max(0, lines))
        with contextlib.suppress(OSError):
            self._damage.tell(following.number, [flaw], self._clock.now())

    def _remove(self, segment: Segment) -> None:
        self._segments.remove(segment)
        self._reader.forget(segment)
        self._disk.remove(segment.path)

    def _forget_settled_memory(self) -> None:
        """What is delivered need not wait for the disk."""
        settled = self._checkpoint.segment
        self._segments[:-1] = [
            s for s in self._segments[:-1] if s.memory is None or s.number >= settled
        ]

    def close(self, undelivered: int | None = None) -> None:
        """Write the checkpoint and let go of the folder.

        Args:
            undelivered: So many events have no verdict, if that is known; those of them that are in
                memory only and still find no room on the disk are lost now.

        Raises:
            JournalError: The checkpoint could not be written.
        """
        if not self._open:
            return
        self._open = False
        self._tail.land()
        try:
            self._count_what_sinks(undelivered)
            self.persist(again=True)
        finally:
            self._reader.close()
            self._files.close()
            self._tail.forget_writer()
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1

    def _count_what_sinks(self, undelivered: int | None) -> None:
        """Count what is in memory, unsettled, as lost."""
        self._cursor = self._checkpoint.position
        lost = 0
        for segment, offset in self._unread_spans():
            if segment.memory is not None:
                lost += count_events(bytes(segment.memory[offset:]).split(b"\n"))
        if self._settings.deliver:
            lost = lost if undelivered is None else min(lost, undelivered)
            self._losses.add(DISK_FULL, lost, self._clock.now())
