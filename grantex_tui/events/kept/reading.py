"""Where the forwarder reads the journal: what nobody has taken yet, and the next of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.kept.losses import DAMAGED
from grantex_tui.events.kept.proving.proof import Flaw, FlawKind
from grantex_tui.events.kept.proving.survey import survey
from grantex_tui.events.kept.seal import EVENT, events_between, first_place
from grantex_tui.events.kept.segments import Segment
from grantex_tui.events.kept.spool import Chunk, Position
from grantex_tui.events.kept.taking import take_from


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.header import LogNote
    from grantex_tui.events.kept.losses import Losses
    from grantex_tui.events.kept.proving.findings import Findings
    from grantex_tui.events.kept.recent import Recent
    from grantex_tui.events.kept.segments import SegmentReader
    from grantex_tui.events.kept.verdicts import Verdicts


class Reading:
    """Reads the segments in order, from the checkpoint on.

    Args:
        segments: the journal's; others add to them and remove from them.
        reader: reads their lines.
        verdicts: how far delivery has come; what is taken is handed out there.
        findings: told of lines that are not what was written.
        losses: told of whole lines that hold no event all the same.
        buried: (segment, end) of events that an earlier run has dead-lettered.
        recent: what was appended last.
    """

    def __init__(
        self,
        segments: list[Segment],
        reader: SegmentReader,
        *,
        verdicts: Verdicts,
        findings: Findings,
        losses: Losses,
        buried: set[tuple[int, int]],
        recent: Recent,
    ) -> None:
        self.cursor = verdicts.checkpoint.position
        """Everything before it has been taken."""
        self.unread = 0
        """Events that nobody has taken yet."""
        self.unread_bytes = 0
        """Bytes of journal that nobody has taken yet."""
        self._segments = segments
        self._reader = reader
        self._verdicts = verdicts
        self._findings = findings
        self._losses = losses
        self._buried = buried
        self._recent = recent
        self._place = verdicts.checkpoint.place
        """Of the line at the cursor."""
        self._failed_at: Position | None = None
        """Where lines were looked at again because they were not what had been written."""
        self._log: LogNote | None = None
        """In force there."""

    # --- taking up where the last run ended ---------------------------------------------------

    def begin(self, directory: Path, free_number: int) -> tuple[int, bool]:
        """Look at all that is pending; returns the next line's place, and if the last is as it was.

        Raises:
            JournalError: What was found could not be written down.
        """
        spans = list(self.spans())
        found = self._verdicts.checkpoint
        place = survey(
            spans, self._reader, found.place or None, written=found.written, is_all=found.final
        )
        place = place or first_place()
        missing_at_end = found.written > place
        for segment, offset in spans:
            self.unread_bytes += segment.size - offset
            self._findings.count(segment, segment.flaws)
        if missing_at_end:
            lost = events_between(place, found.written)
            flaw = Flaw(FlawKind.MISSING, 0, 0, found.written, lost)
            self._findings.count(Segment(free_number, directory, 0, 0.0), [flaw])
        self.unread = sum(segment.events for segment in self._segments)
        header = spans and self._reader.header_before(*spans[0])
        self._log = header.log if header else None
        return max(place, found.written), not missing_at_end

    # --- reading ------------------------------------------------------------------------------

    def spans(self) -> Iterator[tuple[Segment, int]]:
        """The segments in which something is unread, each with the byte from which on."""
        for segment in self._segments:
            if segment.number >= self.cursor.segment:
                same = segment.number == self.cursor.segment
                yield segment, self.cursor.offset if same else 0

    def oldest_unread_at(self, clock: Clock) -> float | None:
        """When the first unread event was received (epoch seconds), if there is one."""
        if not self.unread:
            return None
        recent = self._recent.received_at(*self.cursor)
        if recent is not None:
            return recent
        for segment, offset in self.spans():
            if (found := self._reader.received_after(segment, offset)) is not None:
                return found
        return clock.now()

    def take(self, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events; None when there is none.

        Raises:
            JournalError: The segment can't be read.
            OSError: The system says so.
        """
        for segment, offset in list(self.spans()):
            self.cursor = Position(segment.number, offset)
            recent = self._take_recent(segment, max_entries, max_bytes)
            if recent is not None:
                return recent
            while (chunk := self._take_from(segment, max_entries, max_bytes)) is not None:
                if chunk.entries or chunk.buried or chunk.unreadable:
                    self._verdicts.hand_out(chunk.end, self._place)
                    return chunk
        return None

    def _take_recent(self, segment: Segment, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events from memory, as they were written; None if they are to be read back."""
        if segment.flaws:
            return None
        entries = self._recent.take(*self.cursor, max_entries=max_entries, max_bytes=max_bytes)
        if not entries:
            return None
        end = Position(segment.number, entries[-1].end)
        self.unread_bytes -= end.offset - self.cursor.offset
        self.unread -= len(entries)
        self.cursor = end
        self._place += len(entries) * EVENT
        self._verdicts.hand_out(end, self._place)
        return Chunk(entries, end, log=self._log)

    def _take_from(self, segment: Segment, max_entries: int, max_bytes: int) -> Chunk | None:
        taken = take_from(
            segment,
            self._reader,
            self.cursor.offset,
            self._place,
            max_lines=max_entries,
            max_bytes=max_bytes,
        )
        if taken is None:
            return None
        self.unread_bytes -= taken.offset - self.cursor.offset
        self.cursor = Position(segment.number, taken.offset)
        self._place = taken.place
        if taken.fails:
            self._look_again(segment)
            if self._failed_at == self.cursor:
                raise _unreadable(segment, self.cursor.offset)
            self._failed_at = self.cursor
        if taken.header is not None:
            self._log = taken.header.log
        self.unread -= len(taken.entries) + taken.unreadable
        self._losses.found(DAMAGED, taken.unreadable)
        fresh = taken.entries
        if self._buried:
            fresh = [e for e in fresh if (segment.number, e.end) not in self._buried]
        buried = len(taken.entries) - len(fresh)
        log = self._log if segment.version > 1 else None
        return Chunk(fresh, self.cursor, buried, taken.unreadable, log)

    def _look_again(self, segment: Segment) -> None:
        """Find out what has happened to a segment since it was written, and count it.

        Raises:
            JournalError: Nothing is wrong that could be passed over.
        """
        following = next((s for s in self._segments if s.number > segment.number), None)
        written = self._verdicts.written
        if following is not None:
            header = self._reader.header_before(following, 1)
            written = header.first if header is not None else 0
        events = segment.events
        survey([(segment, self.cursor.offset)], self._reader, self._place, written=written)
        segment.events = events
        if not segment.flaws:
            raise _unreadable(segment, self.cursor.offset)
        self.unread -= self._findings.count(segment, segment.flaws)
        self._losses.notices += self._findings.notes
        self._findings.notes.clear()

    # --- what others do to the segments -------------------------------------------------------

    def forgo(self, segment: Segment) -> int:
        """Nothing of *segment* will be read any more; returns how many events of it were unread."""
        unread, size = segment.events, segment.size
        if segment.number < self.cursor.segment:
            unread = size = 0
        elif segment.number == self.cursor.segment:
            later = sum(s.events for s in self._segments if s.number > segment.number)
            unread, size = self.unread - later, size - self.cursor.offset
        self.unread -= unread
        self.unread_bytes -= size
        return unread

    def go_back(self, to: Position) -> None:
        """What was taken and not settled is unread again."""
        self.cursor = to


def _unreadable(segment: Segment, offset: int) -> JournalError:
    return JournalError(
        f"{segment.path} can't be read from byte {offset:,} on",
        hint="See `grantex-tui journal verify`.",
    )
