"""Append-only segments on disk, and the delivery checkpoint: what is in here is promised.

A folder holds numbered NDJSON segments (`lines`), the checkpoint, the dead letters, what is damaged
and a lock. It is a recording, too, and can be rehearsed as it is. This is the whole of it; what is
appended goes through the `Tail`, what is taken out through `Reading`, what becomes of it is in
`Verdicts`, and `Retention` lets it go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.arrived import types_of
from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile
from grantex_tui.events.kept.deadletter import DeadLetterFile
from grantex_tui.events.kept.disk import RealDisk
from grantex_tui.events.kept.folder import FolderLock, told
from grantex_tui.events.kept.guard import check_folder
from grantex_tui.events.kept.header import Identity
from grantex_tui.events.kept.lines import count_events, gap_body, seal_items
from grantex_tui.events.kept.losses import DISK_FULL, Losses
from grantex_tui.events.kept.proving.findings import Findings
from grantex_tui.events.kept.reading import Reading
from grantex_tui.events.kept.recent import Recent
from grantex_tui.events.kept.recovery import recover, refuse_newer
from grantex_tui.events.kept.retention import Retention
from grantex_tui.events.kept.seal import EVENT, first_place, seal_of, sealed
from grantex_tui.events.kept.segments import SegmentReader, last_line, last_received_at
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.events.kept.spool import Chunk, DeadLetter, Position
from grantex_tui.events.kept.tail import Tail
from grantex_tui.events.kept.trouble import DiskTrouble
from grantex_tui.events.kept.verdicts import Verdicts


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.event import Event, Malformed
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.kept.disk import Disk


class Journal:
    """The `Spool` on disk. One process may have a folder open at a time.

    Args:
        directory: the folder, which is there.
        lock: on it; None for a folder that is this run's own.
        clock: for retention and dead letters.
        settings: how much is kept.
        identity: whose events are appended.
        disk: where files are written.
    """

    def __init__(
        self,
        directory: Path,
        lock: FolderLock | None,
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
        self._received = 0
        self._open = True
        self._trouble = DiskTrouble(settings.memory_bytes)
        self._losses = Losses()
        files = CheckpointFile(directory, disk)
        found = recover(directory, files)
        self._segments = found.segments
        self._reader = SegmentReader()
        self._verdicts = Verdicts(directory, files, found.checkpoint)
        self._findings = Findings(directory, self._losses, self._verdicts, disk=disk, clock=clock)
        self._dead_letters = DeadLetterFile(directory / "dead-letter.ndjson", disk)
        self._wholes = DeadLetterFile(directory / "truncated.ndjson", disk)
        buried = self._dead_letters.places(found.checkpoint.position, self._segments)
        self._recent = Recent(settings.recent_bytes)
        self._reading = Reading(
            self._segments,
            self._reader,
            verdicts=self._verdicts,
            findings=self._findings,
            losses=self._losses,
            buried=buried,
            recent=self._recent,
        )
        self._retention = Retention(
            directory,
            lock,
            self._segments,
            self._reader,
            reading=self._reading,
            verdicts=self._verdicts,
            findings=self._findings,
            losses=self._losses,
            settings=settings,
            disk=disk,
            clock=clock,
        )
        number = self._free_number(buried)
        place, is_whole = self._begin(number)
        self._carried_over = self._reading.unread + self._losses.counts.total()
        self._verdicts.written = place
        self._tail = Tail(
            directory,
            self._segments,
            self._retention,
            disk=disk,
            clock=clock,
            identity=identity,
            place=place,
            number=number,
            sync=settings.fsync,
            segment_bytes=max(1, min(settings.segment_bytes, settings.max_bytes // 8)),
            memory_bytes=settings.memory_bytes,
        )
        self._resume(can_go_on=is_whole)
        self.notes = found.notes + self._dead_letters.notes + self._findings.notes
        """What a person should know about the state in which the folder was found."""
        self._findings.notes = []
        if found.fresh or found.checkpoint.final:
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
            lock = None if alone else FolderLock(directory)
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
            if lock is not None:
                lock.release()
            raise
        journal.notes += warnings
        return journal

    # --- taking up where the last run ended ---------------------------------------------------

    def _begin(self, number: int) -> tuple[int, bool]:
        """The next line's place, and if the last is as it was, after a look at what is pending."""
        if self._settings.deliver:
            return self._reading.begin(self.directory, number)
        checkpoint = self._verdicts.checkpoint
        return checkpoint.written or checkpoint.place or first_place(), True

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

    def _free_number(self, buried: set[tuple[int, int]]) -> int:
        """Above every segment's that was ever used."""
        checkpoint = self._verdicts.checkpoint
        used = [checkpoint.segment - (checkpoint.offset == 0)]
        used += [segment.number for segment in self._segments[-1:]]
        used += [segment for segment, _ in buried]
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
        return self._reading.unread

    @property
    def unread_bytes(self) -> int:
        """Bytes of journal that nobody has taken yet."""
        return self._reading.unread_bytes

    @property
    def checkpoint(self) -> Checkpoint:
        """How far delivery has come, and its totals since the journal began."""
        return self._verdicts.checkpoint

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
        return [*filter(None, [self._trouble.standing]), *self._losses.standing]

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
        events = len(types_of(items))
        self._received += events
        places = events * EVENT + len(items) - events
        kept = self._append(lambda place: seal_items(items, received_at, place), places)
        if not kept:
            self._losses.add(DISK_FULL, events, self._clock.now())
        elif self._settings.deliver:
            segment = self._segments[-1]
            segment.events += events
            self._reading.unread += events
            self._recent.add(items, received_at, segment.number, segment.size, kept)

    def append_gap(self, gap: Gap) -> None:
        """Keep a gap."""
        self._append(lambda place: sealed([gap_body(gap)], [place]), 1)

    def _append(self, encode: Callable[[int], bytes], places: int) -> int:
        size = self._tail.append(encode, places)
        self._verdicts.written = self._tail.place
        self._notice_trouble()
        if not size:
            return 0
        if self._settings.deliver:
            self._reading.unread_bytes += size
        else:
            segment = self._segments[-1]
            self._reading.cursor = Position(segment.number, segment.size)
            self._verdicts.pass_over(self._reading.cursor, self._tail.place)
        return size

    def tend(self, now: float) -> None:
        """Try a disk that refused again, and see what has ended. To be called once a second."""
        self._tail.tend()
        self._losses.tend(now)
        self._notice_trouble()

    def _notice_trouble(self) -> None:
        """Say when the disk begins to refuse, and when that has ended."""
        trouble = self._tail.trouble
        used = self._tail.memory_used if trouble else 0
        said = self._trouble.see(trouble, used, self._clock.now())
        if said:
            self._losses.notices.append(said)

    # --- reading ----------------------------------------------------------------------------

    def oldest_unread_at(self) -> float | None:
        """When the first unread event was received (epoch seconds), if there is one."""
        return self._reading.oldest_unread_at(self._clock)

    def take(self, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events; None when there is none.

        Raises:
            JournalError: The segment can't be read.
        """
        with told(self.directory):
            return self._reading.take(max_entries, max_bytes)

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
        self._verdicts.settle(
            end, delivered=delivered, dead_lettered=dead_lettered, unreadable=unreadable
        )
        if self._tail.trouble:
            self._retention.forget_settled_memory()
        self._verdicts.note()

    def persist(self, *, again: bool = False) -> None:
        """Make what was settled survive a power cut. Blocks; may be called from a thread.

        Args:
            again: Even if nothing was settled since.

        Raises:
            JournalError: It could not be written.
        """
        self._verdicts.persist(again=again)

    # --- the end ----------------------------------------------------------------------------

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
            self._verdicts.persist(again=True, final=True)
        finally:
            self._reader.close()
            self._verdicts.close()
            self._tail.forget_writer()
            if self._lock is not None:
                self._lock.release()

    def _count_what_sinks(self, undelivered: int | None) -> None:
        """Count what is in memory, unsettled, as lost."""
        self._reading.go_back(self._verdicts.checkpoint.position)
        lost = 0
        for segment, offset in self._reading.spans():
            if segment.memory is not None:
                lost += count_events(bytes(segment.memory[offset:]).split(b"\n"))
        if self._settings.deliver:
            lost = lost if undelivered is None else min(lost, undelivered)
            self._losses.add(DISK_FULL, lost, self._clock.now())
