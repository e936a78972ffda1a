"""What a journal's folder holds when it is opened: mended, and a place to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile
from grantex_tui.events.kept.segments import (
    Segment,
    cut_torn_line,
    find_segments,
    segment_path,
    starts_a_line,
)
from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """A journal's state at its start."""

    segments: list[Segment]
    checkpoint: Checkpoint
    notes: list[str]
    """What a person should know about it."""


def recover(directory: Path, checkpoints: CheckpointFile) -> Found:
    """Mend the segments in *directory* and find the checkpoint that fits them.

    Raises:
        OSError: The folder can't be read or mended.
    """
    segments = find_segments(directory)
    notes = []
    for segment in segments:
        if torn := cut_torn_line(segment.path):
            segment.size -= torn
            notes.append(f"{segment.path}: cut an unfinished last line of {torn:,} bytes")
    checkpoint = checkpoints.load(lambda candidate: _misfit(candidate, segments))
    oldest = segments[0].number if segments else 1
    notes += checkpoints.notes
    if checkpoint is None:
        checkpoint = Checkpoint(oldest, 0)
        if checkpoints.notes:
            notes.append(f"delivering again from {segment_path(directory, oldest)}")
    elif segments and checkpoint.segment < oldest:
        checkpoint = checkpoint.moved_to(Position(oldest, 0))
    return Found(segments, checkpoint, notes)


def _misfit(checkpoint: Checkpoint, segments: list[Segment]) -> str:
    """What is wrong with *checkpoint*, given the segments; nothing if it fits."""
    if not segments or checkpoint.segment < segments[0].number:
        return ""  # what it points to was delivered and has been tidied away
    if checkpoint.segment > segments[-1].number:
        return f"points to segment {checkpoint.segment}, beyond the last"
    for segment in segments:
        if segment.number == checkpoint.segment and not starts_a_line(segment, checkpoint.offset):
            return (
                f"points to byte {checkpoint.offset:,} of {segment.path.name}, not a line's start"
            )
    return ""
