"""The journal's segment files: found, mended, written and read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from grantex_tui.events.kept.lines import HEAD, count_events, received_at


if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"(\d{8})\.ndjson")
_BLOCK = 1 << 20


@dataclass(slots=True)
class Segment:
    """One file of lines."""

    number: int
    path: Path
    size: int
    """Bytes of whole lines; what the file holds beyond them was never promised."""
    written_at: float
    """When it was last written to, in epoch seconds."""
    events: int = 0
    """Events in it that were not behind the checkpoint when the journal was opened."""


def segment_path(folder: Path, number: int) -> Path:
    """Where segment *number* is."""
    return folder / f"{number:08d}.ndjson"


def find_segments(folder: Path) -> list[Segment]:
    """The segments in *folder*, oldest first."""
    found = []
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            status = path.stat()
            found.append(Segment(int(match[1]), path, status.st_size, status.st_mtime))
    return sorted(found, key=lambda segment: segment.number)


def cut_torn_line(path: Path) -> int:
    """Cut what follows the last line break in *path*; returns how many bytes that was.

    Only a write that never returned leaves such a rest, so nobody was promised it.
    """
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        keep = _last_line_break(file.fileno(), size) + 1
        if keep < size:
            file.truncate(keep)
    return size - keep


def _last_line_break(descriptor: int, end: int) -> int:
    """The offset of the last line break before *end*, -1 if there is none."""
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found
        end = start
    return -1


def count_events_from(segment: Segment, offset: int) -> int:
    """Events in *segment* from byte *offset* on."""
    count = 0
    with SegmentReader() as reader:
        while lines := reader.lines(segment, offset, max_lines=1 << 20, max_bytes=_BLOCK):
            count += count_events(lines)
            offset += sum(map(len, lines)) + len(lines)
    return count


def starts_a_line(segment: Segment, offset: int) -> bool:
    """Whether *offset* is where a line of *segment* begins or its lines end."""
    if offset == 0:
        return True
    if offset > segment.size:
        return False
    with segment.path.open("rb") as file:
        return os.pread(file.fileno(), 1, offset - 1) == b"\n"


def last_received_at(segment: Segment) -> float | None:
    """When the last read in *segment* took place, if its last line tells."""
    with segment.path.open("rb") as file:
        start = _last_line_break(file.fileno(), segment.size - 1) + 1
        return received_at(os.pread(file.fileno(), HEAD, start))


class SegmentReader:
    """Reads lines at any place; keeps the file of the last segment it read open."""

    def __init__(self) -> None:
        self._number = -1
        self._descriptor = -1
        self._line_length = 512

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lines(
        self, segment: Segment, offset: int, *, max_lines: int, max_bytes: int
    ) -> list[bytes]:
        """Whole lines from *offset* on, without their breaks; none at the segment's end.

        At least one line is read, however long it is.
        """
        descriptor = self._open(segment)
        left = segment.size - offset
        size = min(left, max_bytes, max_lines * self._line_length + _BLOCK // 16)
        while size > 0:
            data = os.pread(descriptor, size, offset)
            lines = data.split(b"\n", max_lines)
            rest = lines.pop()  # what is left over, or unfinished
            if lines:
                self._line_length = 1 + (size - len(rest)) // len(lines)
                return lines
            if size == left:
                break
            size, max_lines = min(left, size * 2), 1  # a line longer than the limit comes alone
        return []

    def head(self, segment: Segment, offset: int) -> bytes:
        """The line at *offset*, up to where its time has been told."""
        return os.pread(self._open(segment), HEAD, offset)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._number = self._descriptor = -1

    def _open(self, segment: Segment) -> int:
        if segment.number != self._number:
            self.close()
            self._descriptor = os.open(segment.path, os.O_RDONLY)
            self._number = segment.number
        return self._descriptor


class SegmentWriter:
    """Appends to one segment; what fails leaves the segment as it was."""

    def __init__(self, segment: Segment, *, sync: bool) -> None:
        self.segment = segment
        self.damaged = False
        """A failed write could not be taken back: the segment takes no more."""
        self._sync = sync
        self._descriptor = os.open(
            segment.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600
        )

    def write(self, block: bytes, now: float) -> None:
        """Append *block* in one write, and sync it if that was asked for.

        Raises:
            OSError: Nothing was kept.
        """
        try:
            _write_all(self._descriptor, block)
            if self._sync:
                os.fdatasync(self._descriptor)
        except OSError:
            self._take_back()
            raise
        self.segment.size += len(block)
        self.segment.written_at = now

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._descriptor, self.segment.size)
        except OSError:
            self.damaged = True

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def _write_all(descriptor: int, block: bytes) -> None:
    """Like one write; a full disk may take a part first and refuse the rest."""
    written = os.write(descriptor, block)
    while written < len(block):
        written += os.write(descriptor, memoryview(block)[written:])
