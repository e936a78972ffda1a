"""What a journal's folder holds when it is opened: mended, and a place to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.kept.checkpoint import OF_ANOTHER, Checkpoint, CheckpointFile
from grantex_tui.events.kept.header import VERSION, parse_header
from grantex_tui.events.kept.seal import EVENT, first_place, place_offset
from grantex_tui.events.kept.segments import (
    Segment,
    SegmentReader,
    cut,
    find_segments,
    first_line,
    format_version,
    segment_path,
    starts_a_line,
    torn_bytes,
)
from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from pathlib import Path


_BLOCK = 1 << 20
_SHORTEST = 20
"""Bytes that every line has."""
_MOST_PLACES = 1 << 30


@dataclass(frozen=True, slots=True)
class Found:
    """A journal's state at its start."""

    segments: list[Segment]
    checkpoint: Checkpoint
    notes: list[str]
    """What a person should know about it."""
    fresh: bool
    """There was no checkpoint that could be used."""


def refuse_newer(directory: Path) -> None:
    """Leave alone what a later version has written.

    Raises:
        JournalError: A segment in *directory* is of a newer format.
        OSError: The folder can't be read.
    """
    for segment in find_segments(directory):
        version = format_version(segment.path)
        if version > VERSION:
            raise JournalError(
                f"{segment.path} is a journal of format {version}, and this program knows {VERSION}",
                hint="Use the version that wrote it, or give another folder with --journal DIR. "
                "Nothing was changed.",
            )


def recover(directory: Path, checkpoints: CheckpointFile, *, mend: bool = True) -> Found:
    """Mend the segments in *directory* and find the checkpoint that fits them.

    Without *mend* nothing is changed, and what would be is told all the same.

    Raises:
        OSError: The folder can't be read or mended.
    """
    notes: list[str] = []
    segments = _numbered(find_segments(directory), notes)
    for segment in segments:
        if torn := torn_bytes(segment.path):
            segment.size -= torn
            if segment is segments[-1]:
                if mend:
                    cut(segment.path, segment.size)
                notes.append(f"{segment.path}: cut an unfinished last line of {torn:,} bytes")
            else:
                notes.append(f"{segment.path} ends within a line: {torn:,} bytes are left of it")
    checkpoint = checkpoints.load(lambda each: _misfit(each, segments))
    oldest = segments[0].number if segments else 1
    notes += checkpoints.notes
    fresh = checkpoint is None
    if checkpoint is None:
        checkpoint = Checkpoint(oldest, 0, place=_place_of(segments), written=checkpoints.written)
        if checkpoints.notes:
            notes.append(f"delivering again from {segment_path(directory, oldest)}")
    elif segments and checkpoint.segment < oldest:
        checkpoint = checkpoint.moved_to(Position(oldest, 0), place=checkpoint.place)
    else:
        checkpoint = _found_again(checkpoint, segments, notes)
    return Found(segments, checkpoint, notes, fresh)


def _numbered(segments: list[Segment], notes: list[str]) -> list[Segment]:
    """*segments* in the order in which they were written, whatever their files are called."""
    kept: dict[int, Segment] = {}
    for segment in segments:
        line = first_line(segment.path).removesuffix(b"\r")
        segment.version = format_version(segment.path)
        header = parse_header(line)
        if header is not None and place_offset(line, header.first) == 0:
            if header.segment != segment.number:
                notes.append(f"{segment.path} was renamed: it is segment {header.segment}")
            segment.number, segment.first = header.segment, header.first
        if segment.number in kept:
            notes.append(f"{segment.path} is left alone: {kept[segment.number].path} is the same")
        else:
            kept[segment.number] = segment
    return sorted(kept.values(), key=lambda segment: segment.number)


def _place_of(segments: list[Segment]) -> int:
    """Where a journal without a checkpoint begins; 0 if its first segment doesn't say."""
    if not segments:
        return first_place()
    header = parse_header(first_line(segments[0].path).removesuffix(b"\r"))
    return header.first if header is not None else 0


def _misfit(checkpoint: Checkpoint, segments: list[Segment]) -> str:
    """What is wrong with *checkpoint*, given the segments; nothing if it fits."""
    if not segments or checkpoint.segment < segments[0].number:
        return ""  # what it points to was delivered and has been tidied away
    last = segments[-1]
    if checkpoint.segment > last.number:
        known = checkpoint.written and _is_of(checkpoint, last, _MOST_PLACES)
        return "" if known else f"points to segment {checkpoint.segment}, beyond the last"
    for segment in segments:
        if segment.number == checkpoint.segment:
            return _misplaced(checkpoint, segment)
    return ""


def _is_of(checkpoint: Checkpoint, segment: Segment, places: int) -> bool:
    """Whether the checkpoint's place is at most so many behind the beginning of *segment*."""
    line = first_line(segment.path).removesuffix(b"\r")
    header = parse_header(line)
    if header is None or place_offset(line, header.first) != 0:
        return True  # damaged, so it tells nothing
    return 0 <= checkpoint.place - header.first <= places


def _misplaced(checkpoint: Checkpoint, segment: Segment) -> str:
    offset = checkpoint.offset
    if segment.version == 1:
        where = f"points to byte {offset:,} of {segment.path.name}"
        return "" if starts_a_line(segment, offset) else f"{where}, not a line's start"
    if not checkpoint.place:
        return "has no place, and its segment has"
    if not _is_of(checkpoint, segment, (offset // _SHORTEST + 1) * EVENT):
        return OF_ANOTHER
    return ""


def _found_again(checkpoint: Checkpoint, segments: list[Segment], notes: list[str]) -> Checkpoint:
    """The checkpoint with the offset at which its line stands now, if the segment was changed.

    It is proven by its check sum, so it is the segment that is wrong: what has been delivered is told
    from the rest by the places.
    """
    segment = next((each for each in segments if each.number == checkpoint.segment), None)
    if segment is None or segment.version == 1 or not checkpoint.place:
        return checkpoint
    with SegmentReader() as reader:
        if _still_there(checkpoint, segment, reader):
            return checkpoint
        offset = _behind_delivered(checkpoint, segment, reader)
    notes.append(
        f"{segment.path} was changed where delivery had come to: it goes on from byte {offset:,}"
    )
    return checkpoint.moved_to(Position(segment.number, offset), place=checkpoint.place)


def _still_there(checkpoint: Checkpoint, segment: Segment, reader: SegmentReader) -> bool:
    if checkpoint.offset == segment.size:
        return True
    if not starts_a_line(segment, checkpoint.offset):
        return False
    lines = reader.lines(segment, checkpoint.offset, max_lines=1, max_bytes=1)
    ahead = place_offset(lines[0].removesuffix(b"\r"), checkpoint.place) if lines else 0
    return ahead is None or not 0 < abs(ahead) < _MOST_PLACES


def _behind_delivered(checkpoint: Checkpoint, segment: Segment, reader: SegmentReader) -> int:
    """The byte behind the last whole line that had been written before the checkpoint's place."""
    offset = found = 0
    most = (segment.size // _SHORTEST + 1) * EVENT
    while lines := reader.lines(segment, offset, max_lines=1 << 20, max_bytes=_BLOCK):
        for line in lines:
            offset += len(line) + 1
            ahead = place_offset(line.removesuffix(b"\r"), checkpoint.place)
            if ahead is not None and -most <= ahead < 0:
                found = offset
    return found
