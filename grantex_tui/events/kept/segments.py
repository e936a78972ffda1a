"""The journal's segments: found and read, from their files or from memory."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from grantex_tui.events.kept.header import START, VERSION, Header, parse_header, version_of
from grantex_tui.events.kept.lines import HEAD, received_at
from grantex_tui.events.kept.seal import has_seal, place_offset


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.events.kept.proving.proof import Flaw

_NAME = re.compile(r"(\d{8})\.ndjson(?:\.zst)?")
_BLOCK = 1 << 20
_HEADER_ROOM = 65_536


@dataclass(slots=True)
class Segment:
    """A part of the journal."""

    number: int
    path: Path
    size: int
    """Bytes of whole lines; what the file holds beyond them was never promised."""
    written_at: float
    """When it was last written to, in epoch seconds."""
    events: int = 0
    """Events in it that were not behind the checkpoint when the journal was opened."""
    version: int = 2
    """Of its format; 1 has no headers and no seals."""
    first: int = 0
    """The place of its first line; 0 if it doesn't say."""
    memory: bytearray | None = None
    """All of it, as long as the disk takes nothing."""
    flaws: list[Flaw] = field(default_factory=list)
    """What is not to be read of what has not been read yet, in order."""


def segment_path(folder: Path, number: int) -> Path:
    """Where segment *number* is."""
    return folder / f"{number:08d}.ndjson"


def is_segment_name(name: str) -> bool:
    """Whether a segment's file is called so."""
    return _NAME.fullmatch(name) is not None


def find_segments(folder: Path) -> list[Segment]:
    """The segments in *folder*, oldest first. What is no plain file is none."""
    found = []
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                found.append(Segment(int(match[1]), path, status.st_size, status.st_mtime))
    return sorted(found, key=lambda segment: segment.number)


def first_line(path: Path) -> bytes:
    """The first line of the segment at *path*, without its break, if it could be a header."""
    with path.open("rb") as file:
        return file.read(_HEADER_ROOM).partition(b"\n")[0]


def format_version(path: Path) -> int:
    """Which format the segment at *path* has; damage to its header makes no old one of it."""
    with path.open("rb") as file:
        block = file.read(_HEADER_ROOM)
    lines = block.split(b"\n")
    if len(lines) == 1 and len(block) < _HEADER_ROOM:
        return 2  # no whole line, so there is nothing of an older format to read
    version = version_of(lines[0])
    if version is not None:
        return VERSION if version > VERSION and _is_damaged_digit(lines[0]) else version
    has_seals = any(has_seal(line.removesuffix(b"\r")) for line in lines)
    return 2 if has_seals or lines[0].startswith(START) else 1


def _is_damaged_digit(line: bytes) -> bool:
    """Whether a header that says it is of a newer format proves to be of ours but for that number."""
    ours = START + b"%d" % VERSION + line[line.index(b",") :].removesuffix(b"\r")
    header = parse_header(ours)
    return header is not None and place_offset(ours, header.first) == 0


def torn_bytes(path: Path) -> int:
    """How many bytes follow the last line break in *path*."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        return size - _last_line_break(file.fileno(), size) - 1


def cut(path: Path, size: int) -> None:
    """Cut *path* to *size* bytes."""
    with path.open("r+b") as file:
        file.truncate(size)


def cut_torn_line(path: Path) -> int:
    """Cut what follows the last line break in *path*; returns how many bytes that was."""
    torn = torn_bytes(path)
    if torn:
        cut(path, path.stat().st_size - torn)
    return torn


def _last_line_break(descriptor: int, end: int) -> int:
    """The offset of the last line break before *end*, -1 if there is none."""
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found
        end = start
    return -1


def starts_a_line(segment: Segment, offset: int) -> bool:
    """Whether *offset* is where a line of *segment* begins or its lines end."""
    if offset == 0:
        return True
    if offset > segment.size:
        return False
    with segment.path.open("rb") as file:
        return os.pread(file.fileno(), 1, offset - 1) == b"\n"


def last_line(segment: Segment) -> bytes:
    """The last line of a segment on disk, without its break."""
    with segment.path.open("rb") as file:
        start = _last_line_break(file.fileno(), segment.size - 1) + 1
        return os.pread(file.fileno(), segment.size - 1 - start, start)


def last_received_at(segment: Segment) -> float | None:
    """When the last read in *segment* took place, if its last line tells."""
    if segment.memory is not None:
        start = segment.memory.rfind(b"\n", 0, len(segment.memory) - 1) + 1
        return received_at(bytes(segment.memory[start : start + HEAD]))
    return received_at(last_line(segment)[:HEAD])


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
        self,
        segment: Segment,
        offset: int,
        *,
        max_lines: int,
        max_bytes: int,
        until: int | None = None,
    ) -> list[bytes]:
        """Whole lines from *offset* on, without their breaks; none at the segment's end.

        At least one line is read, however long it is. None goes beyond byte *until*.
        """
        left = (segment.size if until is None else until) - offset
        size = min(left, max_bytes, max_lines * self._line_length + _BLOCK // 16)
        while size > 0:
            data = self._read(segment, size, offset)
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
        """The first bytes of the line at *offset*."""
        return self._read(segment, min(HEAD, segment.size - offset), offset)

    def received_after(self, segment: Segment, offset: int) -> float | None:
        """When the first line from *offset* on that tells was received."""
        while offset < segment.size:
            if (found := received_at(self.head(segment, offset))) is not None:
                return found
            line = self.lines(segment, offset, max_lines=1, max_bytes=1)
            offset += len(line[0]) + 1 if line else segment.size
        return None

    def header_before(self, segment: Segment, offset: int) -> Header | None:
        """The last whole header in *segment* before byte *offset*."""
        end = offset
        while end > 0:
            start = max(0, end - _BLOCK)
            room = min(_HEADER_ROOM, offset - end)
            data = self._read(segment, end - start + room, start)
            at = len(data)
            while (at := data.rfind(START, 0, at)) >= 0:
                if start + at == 0 or data[at - 1 : at] == b"\n":
                    header = parse_header(data[at:].partition(b"\n")[0].removesuffix(b"\r"))
                    if header is not None:
                        return header
            end = start
        return None

    def rescue(self, segment: Segment) -> bytes | None:
        """All of a segment whose file has no name any more, if it is open here."""
        return self._read(segment, segment.size, 0) if segment.number == self._number else None

    def forget(self, segment: Segment) -> None:
        """Let go of the file of *segment*."""
        if segment.number == self._number:
            self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._number = self._descriptor = -1

    def _read(self, segment: Segment, size: int, offset: int) -> bytes:
        if segment.memory is not None:
            return bytes(segment.memory[offset : offset + size])
        return os.pread(self._open(segment), size, offset)

    def _open(self, segment: Segment) -> int:
        if segment.number != self._number:
            self.close()
            self._descriptor = os.open(segment.path, os.O_RDONLY)
            self._number = segment.number
        return self._descriptor
