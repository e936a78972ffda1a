"""One event's way through a journal: where it is kept, and what has become of it.

What no file says is left open: a journal knows when a read took place and where the checkpoint is,
not when a request went out. That is in the log, if the run wrote one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.kept.deadletter import DeadLetterFile
from grantex_tui.events.kept.lines import event_payload, parse_entries, received_at
from grantex_tui.events.kept.seal import SEAL, has_seal
from grantex_tui.events.kept.segments import SegmentReader
from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.events.kept.care.looking import Look
    from grantex_tui.events.kept.deadletter import BuriedLetter
    from grantex_tui.events.kept.segments import Segment

_LINES = 1000
_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of a journal that holds the event."""

    event: Event
    segment: Segment
    line: int
    """Of the segment's file, from 1."""
    end: Position
    """Where its line ends."""
    received_at: float | None
    """When the read took place, epoch seconds."""
    is_settled: bool
    """The checkpoint lies behind it: it has its verdict."""
    letter: BuriedLetter | None
    """Why it was given up, if it was."""


def trace(found: Look, event_id: str) -> list[Kept]:
    """Each line of a journal that holds the event *event_id*, in order; usually one.

    Args:
        found: of `look`.
        event_id: the event's ``id``, whole.
    """
    letters = {
        letter.position: letter
        for letter, _ in DeadLetterFile(found.directory / "dead-letter.ndjson").letters()
    }
    kept = []
    for segment, number, line, end in _lines_with(found.segments, event_id.encode()):
        event = _event(line)
        if event is not None and event.id == event_id:
            place = Position(segment.number, end)
            kept.append(
                Kept(
                    event,
                    segment,
                    number,
                    place,
                    received_at(line),
                    is_settled=place <= found.checkpoint.position,
                    letter=letters.get(place),
                )
            )
    return kept


def _lines_with(
    segments: list[Segment], wanted: bytes
) -> Iterator[tuple[Segment, int, bytes, int]]:
    """Each line in which *wanted* occurs at all: its segment, number, bytes, and where it ends."""
    with SegmentReader() as reader:
        for segment in segments:
            offset, number = 0, 0
            while offset < segment.size:
                lines = reader.lines(segment, offset, max_lines=_LINES, max_bytes=_BYTES)
                if not lines:
                    break
                for line in lines:
                    number += 1
                    offset += len(line) + 1
                    if wanted in line:
                        yield segment, number, line.removesuffix(b"\r"), offset


def _event(line: bytes) -> Event | None:
    payload = event_payload(line)
    if payload is None:  # of several lines, or no event
        entries, _ = parse_entries([line], 0, behind=SEAL if has_seal(line) else 1)
        payload = entries[0].raw if entries else b""
    event = decode_event(payload)
    return event if isinstance(event, Event) else None
