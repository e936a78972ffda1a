"""Takes the next events out of a segment, proving each line once more on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.events.kept.header import START, Header, parse_header
from grantex_tui.events.kept.lines import UNSEALED, parse_entries, place_behind
from grantex_tui.events.kept.seal import SEAL, place_offset


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.kept.segments import Segment, SegmentReader
    from grantex_tui.events.kept.spool import Entry


class Taken(NamedTuple):
    """What was read, and where that ends."""

    entries: list[Entry]
    unreadable: int
    """Whole lines that hold no event all the same."""
    offset: int
    place: int
    header: Header | None = None
    """What was read instead: it says what becomes a log of the events behind it."""
    fails: bool = False
    """The lines are not what was written here; nothing was taken."""


def take_from(
    segment: Segment,
    reader: SegmentReader,
    offset: int,
    place: int,
    *,
    max_lines: int,
    max_bytes: int,
) -> Taken | None:
    """The next events from *offset* on; None at the segment's end."""
    offset, place = past_flaws(segment, offset, place)
    until = segment.flaws[0].start if segment.flaws else segment.size
    lines = reader.lines(segment, offset, max_lines=max_lines, max_bytes=max_bytes, until=until)
    if not lines:
        return Taken([], 0, until, place) if until < segment.size else None
    return _parsed(_alike(lines), segment, offset, place)


def past_flaws(segment: Segment, offset: int, place: int) -> tuple[int, int]:
    """Where reading goes on if there are flaws here; those are done with then."""
    while segment.flaws and segment.flaws[0].start <= offset:
        flaw = segment.flaws.pop(0)
        offset, place = max(offset, flaw.end), flaw.place
    return offset, place


def _alike(lines: list[bytes]) -> list[bytes]:
    """The first of *lines*, as far as they end alike: with a carriage return or without."""
    crlf = lines[0].endswith(b"\r")
    if any(line.endswith(b"\r") is not crlf for line in lines):
        return lines[: next(n for n, line in enumerate(lines) if line.endswith(b"\r") is not crlf)]
    return lines


def _parsed(lines: list[bytes], segment: Segment, offset: int, place: int) -> Taken:
    behind = int(lines[0].endswith(b"\r"))
    if segment.version > 1:
        plain = [line[:-1] for line in lines] if behind else lines
        header = parse_header(plain[0])
        if header is not None and place_offset(plain[0], header.first) == 0:
            return Taken([], 0, offset + len(lines[0]) + 1, header.first + 1, header)
        lines = _up_to_header(lines)
        following = place_behind(plain[: len(lines)], place) if lines else None
        if following is None:
            return Taken([], 0, offset, place, fails=True)
        place = following
    behind += UNSEALED if segment.version == 1 else SEAL
    entries, unreadable = parse_entries(lines, offset, behind=behind)
    end = offset + sum(map(len, lines)) + len(lines)
    return Taken(entries, unreadable, end, place)


def _up_to_header(lines: Sequence[bytes]) -> list[bytes]:
    for number, line in enumerate(lines):
        if line.startswith(START):
            return list(lines[:number])
    return list(lines)
