"""What of a journal goes, and when: delivered segments by age and size, others only if they must.

Also what becomes of the segments of a folder that somebody has removed under us.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.kept.losses import JOURNAL_FULL, REMOVED


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.folder import FolderLock
    from grantex_tui.events.kept.losses import Losses
    from grantex_tui.events.kept.proving.findings import Findings
    from grantex_tui.events.kept.reading import Reading
    from grantex_tui.events.kept.segments import Segment, SegmentReader
    from grantex_tui.events.kept.settings import JournalSettings
    from grantex_tui.events.kept.verdicts import Verdicts


class Retention:
    """Lets segments go: `Keeper` of the `Tail`.

    Args:
        directory: the journal's folder.
        lock: on it.
        segments: the journal's.
        reader: which may have one of their files open.
        reading: what of them is unread.
        verdicts: what of them is done with.
        findings: told what will be missing.
        losses: told what was unread of it.
        settings: how much is kept.
    """

    def __init__(
        self,
        directory: Path,
        lock: FolderLock | None,
        segments: list[Segment],
        reader: SegmentReader,
        *,
        reading: Reading,
        verdicts: Verdicts,
        findings: Findings,
        losses: Losses,
        settings: JournalSettings,
        disk: Disk,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._lock = lock
        self._segments = segments
        self._reader = reader
        self._reading = reading
        self._verdicts = verdicts
        self._findings = findings
        self._losses = losses
        self._settings = settings
        self._disk = disk
        self._clock = clock

    def rolled(self) -> None:
        """Let old segments go: delivered ones by age and size, others only by size, and counted."""
        on_disk = [segment for segment in self._segments[:-1] if segment.memory is None]
        size = sum(segment.size for segment in on_disk)
        oldest_allowed = self._clock.now() - self._settings.max_age
        for segment in on_disk:
            settled = segment.number < self._verdicts.safe_segment
            too_much = size > self._settings.max_bytes
            if settled and (too_much or segment.written_at < oldest_allowed):
                self._remove(segment)
                size -= segment.size
            elif not settled and too_much and segment.number > self._reading.cursor.segment:
                self._drop(segment)
                size -= segment.size

    def free(self) -> bool:
        """Remove what is delivered from the disk; whether that was anything."""
        settled = self._verdicts.noted_segment
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
        if self._lock is None or not self._lock.is_elsewhere():
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.renew()
        for segment in [s for s in self._segments if s.memory is None and not s.path.exists()]:
            content = self._reader.rescue(segment)
            if content is None:
                self._give_up(segment, REMOVED)
            else:
                segment.memory = bytearray(content)
        self._verdicts.renew()

    def forget_settled_memory(self) -> None:
        """What is delivered need not wait for the disk."""
        settled = self._verdicts.checkpoint.segment
        self._segments[:-1] = [
            s for s in self._segments[:-1] if s.memory is None or s.number >= settled
        ]

    def _drop(self, segment: Segment) -> None:
        """Give up the undelivered events of a segment that nobody has begun to read."""
        self._verdicts.drop(JOURNAL_FULL, segment.events)
        with contextlib.suppress(JournalError):  # it may be this very space that is missing
            self._verdicts.persist()
        self._give_up(segment, JOURNAL_FULL)

    def _give_up(self, segment: Segment, reason: str) -> None:
        following = next((s for s in self._segments if s.number > segment.number), None)
        if following is not None:
            self._findings.expect_gone(segment, following)
        self._losses.add(reason, self._reading.forgo(segment), self._clock.now())
        self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        self._segments.remove(segment)
        self._reader.forget(segment)
        self._disk.remove(segment.path)
