"""Looks at a journal without touching it: whose it is, what is pending, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile
from grantex_tui.events.kept.deadletter import DeadLetterFile
from grantex_tui.events.kept.folder import told
from grantex_tui.events.kept.guard import check_folder
from grantex_tui.events.kept.header import parse_header
from grantex_tui.events.kept.proving.damage import DamageFile
from grantex_tui.events.kept.proving.survey import describe, survey
from grantex_tui.events.kept.recovery import recover, refuse_newer
from grantex_tui.events.kept.seal import events_between
from grantex_tui.events.kept.segments import (
    Segment,
    SegmentReader,
    find_segments,
    first_line,
    last_received_at,
)
from grantex_tui.events.kept.spool import Position
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.events.kept.header import Identity


@dataclass(frozen=True, slots=True)
class Look:
    """What a folder holds. Instants are epoch seconds."""

    directory: Path
    segments: list[Segment]
    checkpoint: Checkpoint
    identities: list[Identity]
    """Whose events they are, the latest last; none in a journal of the first format."""
    pending: int
    pending_since: float | None
    newest_at: float | None
    dead_letters: int
    lost: int
    """Pending events that can't be read and that no run has told of yet."""
    settled: int
    """The same of those that had been delivered, or given up, before: only their record is gone."""
    notes: list[str]
    """What is wrong, a line each."""

    @property
    def forward(self) -> bool:
        """Whether its events are to be delivered at all."""
        return self.identities[-1].forward if self.identities else True

    @property
    def tenant(self) -> str:
        """Grantex's name for the developer, if that is known."""
        return self.identities[-1].tenant if self.identities else ""


def identities_of(directory: Path) -> list[Identity]:
    """Whose events the segments in *directory* say they hold, the latest last."""
    found = []
    with SegmentReader() as reader:
        for segment in find_segments(directory):
            header = parse_header(first_line(segment.path).removesuffix(b"\r"))
            last = reader.header_before(segment, segment.size) if header is not None else None
            found += [each.identity for each in (header, last) if each is not None]
    return found


def look(directory: Path, *, whole: bool = False) -> Look:
    """Look at the journal in *directory*.

    Args:
        directory: its folder.
        whole: prove what was delivered, too.

    Raises:
        JournalError: It can't be read, or a later version has written it.
    """
    with told(directory):
        check_folder(directory)
        refuse_newer(directory)
        found = recover(directory, CheckpointFile(directory, mend=False), mend=False)
        notes = list(found.notes)
        letters = DeadLetterFile(directory / "dead-letter.ndjson")
        dead_letters = sum(1 for _ in letters.letters())
        damage = DamageFile(directory / "damaged.ndjson")
        damage.load()
        start = found.checkpoint
        begins = Position(0, 0) if whole else start.position
        spans = [
            (s, begins.offset if s.number == begins.segment else 0)
            for s in found.segments
            if s.number >= begins.segment
        ]
        with SegmentReader() as reader:
            place = None if whole else start.place or None
            end = survey(spans, reader, place, written=start.written, is_all=start.final)
            since = _pending_since(found.segments, start.position, reader)
            pending = _pending(found.segments, start, reader) if whole else None
        lost = settled = 0
        for segment in found.segments:
            if segment.flaws:
                notes.append(
                    describe(segment, [(flaw, flaw.lost) for flaw in segment.flaws], is_kept=False)
                )
                for flaw, cost in damage.news(segment.number, segment.flaws):
                    if (segment.number, flaw.start) < (start.segment, start.offset):
                        settled += cost
                    else:
                        lost += cost
        if end is not None and start.written > end:
            gone = events_between(end, start.written)
            what = count(gone, "event") if gone else "a line that is no event"
            notes.append(f"{directory}: {what} missing at the end")
            lost += gone
        identities = identities_of(directory)
        known = sum(segment.events for segment in found.segments) if pending is None else pending
        if identities and not identities[-1].forward:
            known, since = 0, None
        newest = [at for s in found.segments[-1:] if s.size and (at := last_received_at(s))]
        return Look(
            directory,
            found.segments,
            start,
            identities,
            known,
            since,
            newest[0] if newest else None,
            dead_letters,
            lost,
            settled,
            notes + letters.notes,
        )


def _pending(segments: list[Segment], start: Checkpoint, reader: SegmentReader) -> int:
    """Events behind the checkpoint, of segments that were looked at from their beginning."""
    flaws = [(segment, segment.flaws, segment.events) for segment in segments]
    spans = [
        (s, start.offset if s.number == start.segment else 0)
        for s in segments
        if s.number >= start.segment
    ]
    survey(spans, reader, start.place or None, written=start.written, is_all=start.final)
    pending = sum(segment.events for segment, _ in spans)
    for segment, before, events in flaws:
        segment.flaws, segment.events = before, events
    return pending


def _pending_since(
    segments: list[Segment], begins: Position, reader: SegmentReader
) -> float | None:
    for segment in segments:
        if segment.number >= begins.segment:
            offset = begins.offset if segment.number == begins.segment else 0
            if (found := reader.received_after(segment, offset)) is not None:
                return found
    return None
