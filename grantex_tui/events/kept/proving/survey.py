"""Goes over what has not been delivered: how much it is, and what of it can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.kept.lines import count_events, is_a_line
from grantex_tui.events.kept.proving.proof import Flaw, FlawKind, Proof
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.events.kept.segments import Segment, SegmentReader

_BLOCK = 1 << 20
_SHOWN = 65_536


def survey(
    spans: Iterable[tuple[Segment, int]],
    reader: SegmentReader,
    place: int | None,
    *,
    written: int = 0,
    is_all: bool = False,
) -> int | None:
    """Prove each span's lines; its segment gets its events and flaws.

    Args:
        spans: segments in order, each with the offset from which on it is looked at.
        reader: reads them.
        place: of the first line; None if that is not known.
        written: every line before this place had been written.
        is_all: and none behind it.

    Returns:
        The place after the last line; None if there is no sealed line.
    """
    damages: list[Flaw] = []
    proof = Proof(place)
    for segment, offset in spans:
        if segment.version == 1:
            segment.events, segment.flaws = _unsealed(segment, offset, reader)
            continue
        proof = Proof(proof.place, written if is_all else None)
        segment.events = _prove(segment, offset, reader, proof)
        segment.flaws = proof.flaws
        is_lost_from_view = proof.open_flaw is not None and len(proof.flaws) == 1
        if not is_lost_from_view:
            _close(damages, proof)
        if proof.open_flaw is not None:
            damages.append(proof.open_flaw)
    if damages:
        for damage in damages[:-1]:
            damage.place = 0
        likely = 0 if is_all else sum(damage.likely for damage in damages)
        proof.end(written, likely)
    return proof.place


def _close(damages: list[Flaw], following: Proof) -> None:
    """Say what damage at segments' ends has cost, now that a whole line follows.

    It is told once, where the lines go on; where that is in the middle of a segment, it is in there.
    """
    first = following.flaws[0] if following.flaws else None
    for damage in damages:
        damage.place = 0
    if damages and first and first.kind is FlawKind.MISSING and first.start == first.end == 0:
        damages[-1].lost = first.lost
        following.flaws.pop(0)
    damages.clear()


def _prove(segment: Segment, offset: int, reader: SegmentReader, proof: Proof) -> int:
    """How many good events there are from *offset* on."""
    events = 0
    while lines := reader.lines(segment, offset, max_lines=1 << 20, max_bytes=_BLOCK):
        size = sum(map(len, lines)) + len(lines)
        good, gone = proof.read(lines, offset, last=offset + size >= segment.size)
        events += count_events(good)
        offset += gone
    return events


def _unsealed(segment: Segment, offset: int, reader: SegmentReader) -> tuple[int, list[Flaw]]:
    """Events of a segment of the first format, and lines that are none of its kinds."""
    events = 0
    flaws: list[Flaw] = []
    while lines := reader.lines(segment, offset, max_lines=1 << 20, max_bytes=_BLOCK):
        events += count_events(lines)
        for line in lines:
            end = offset + len(line) + 1
            if not is_a_line(line):
                lost = int(bool(line.strip(b"\0\r")))
                flaws.append(Flaw(FlawKind.DAMAGED, offset, end, 0, lost, line[:_SHOWN] + b"\n"))
            offset = end
    return events, flaws


def describe(segment: Segment, flaws: Sequence[tuple[Flaw, int]], *, is_kept: bool = True) -> str:
    """What was found wrong with a segment, in one line.

    Args:
        segment: which.
        flaws: each with the events that it cost.
        is_kept: whether what stands there has been put into ``damaged.ndjson``.
    """
    parts = []
    for kind in FlawKind:
        found = [lost for flaw, lost in flaws if flaw.kind is kind]
        if found:
            verb = "lost" if is_kept else "unreadable"
            lost = f", {count(sum(found), 'event')} {verb}" if sum(found) else ""
            parts.append(f"{kind.value} in {count(len(found), 'place')}{lost}")
    return f"{segment.path}: {'; '.join(parts)}" + "; see damaged.ndjson" * is_kept
