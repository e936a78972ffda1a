"""The journal's end, at which lines are appended: on disk, or in memory while the disk refuses.

What is in memory has the form, the places and the numbers that it would have on disk, in segments
of its own; once the disk takes files again they are written as they are, so that nobody who reads
has to know where a segment is.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError
from grantex_tui.events.kept.disk import APPEND, free_name, sync_folder
from grantex_tui.events.kept.header import header_body
from grantex_tui.events.kept.seal import sealed
from grantex_tui.events.kept.segments import Segment, segment_path
from grantex_tui.events.kept.writer import SegmentWriter


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Protocol

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.header import Identity

    class Keeper(Protocol):
        """Who has the rest of the journal."""

        def free(self) -> bool:
            """Remove what is delivered from the disk; whether that was anything."""
            ...

        def restore(self) -> None:
            """See to the folder before segments are written into it again."""
            ...

        def rolled(self) -> None:
            """A segment has begun."""
            ...


_RETRY_EVERY = 0.5
_SEGMENT_IN_MEMORY = 1 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SEAL = slice(-11, -3)
"""The digits of a block's last line."""


class Tail:
    """Appends blocks of sealed lines.

    Args:
        directory: the journal's folder.
        segments: those there are; new ones are added.
        keeper: asked for space, and to mend the folder.
        identity: what goes into the headers.
        place: the place of the next line.
        number: the least number of a new segment.
        settings: see `Journal.open`.
    """

    def __init__(
        self,
        directory: Path,
        segments: list[Segment],
        keeper: Keeper,
        *,
        disk: Disk,
        clock: Clock,
        identity: Identity,
        place: int,
        number: int,
        sync: bool,
        segment_bytes: int,
        memory_bytes: int,
    ) -> None:
        self.place = place
        self.identity = identity
        """May be changed; the next lines get a header of their own then."""
        self.trouble = ""
        """What the disk says while it takes nothing."""
        self.previous = ""
        """The seal of the last line."""
        self._directory = directory
        self._segments = segments
        self._keeper = keeper
        self._disk = disk
        self._clock = clock
        self._sync = sync
        self._segment_bytes = segment_bytes
        self._memory_bytes = memory_bytes
        self._number = number
        self._writer: SegmentWriter | None = None
        self._announced: tuple[int, Identity] | None = None
        """The segment that is being written to, and its last header's identity."""
        self._retry_at = 0.0
        self._landing: set[int] = set()
        """Segments whose files we have begun to write, and may begin again."""

    def resume(self, identity: Identity, previous: str) -> None:
        """Go on in the last segment, which has a header with *identity* in force."""
        self._announced = (self._segments[-1].number, identity)
        self.previous = previous

    @property
    def memory_used(self) -> int:
        """Bytes in memory only."""
        return sum(len(segment.memory) for segment in self._segments if segment.memory is not None)

    def append(self, encode: Callable[[int], bytes], places: int) -> int:
        """Append lines that take so many *places*, given the first; returns the bytes kept, or 0."""
        self.tend()
        if not self.trouble:
            try:
                return self._to_disk(encode, places)
            except OSError as error:
                if error.errno not in _FULL or not self._keeper.free():
                    self._go_afloat(error)
            try:
                if not self.trouble:
                    return self._to_disk(encode, places)
            except OSError as error:
                self._go_afloat(error)
        return self._to_memory(encode, places)

    def tend(self) -> None:
        """While the disk refuses, try it again now and then."""
        if self.trouble and self._clock.monotonic() >= self._retry_at:
            self._retry_at = self._clock.monotonic() + _RETRY_EVERY
            self._land()

    def land(self) -> None:
        """Try the disk again now."""
        if self.trouble:
            self._land()

    def forget_writer(self) -> None:
        """Let go of the file that is being written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    # --- on disk ----------------------------------------------------------------------------

    def _to_disk(self, encode: Callable[[int], bytes], places: int) -> int:
        writer = self._current_writer()
        number = writer.segment.number
        block, taken = self._with_header(number, encode, places)
        try:
            writer.write(block, self._clock.now())
        except OSError:
            if writer.segment.size == 0:
                self._abandon(writer)
            raise
        self._commit(number, block, taken)
        return len(block)

    def _with_header(
        self, number: int, encode: Callable[[int], bytes], places: int
    ) -> tuple[bytes, int]:
        """The lines, after a header where one is due, and how many places they take then."""
        if self._announced == (number, self.identity):
            return encode(self.place), places
        body = header_body(self.identity, segment=number, first=self.place, previous=self.previous)
        return sealed([body], [self.place]) + encode(self.place + 1), places + 1

    def _commit(self, number: int, block: bytes, places: int) -> None:
        self._announced = (number, self.identity)
        self.place += places
        self.previous = block[_SEAL].decode("ascii")

    def _current_writer(self) -> SegmentWriter:
        writer = self._writer
        if writer and not writer.damaged and writer.segment.size < self._segment_bytes:
            return writer
        if writer is None and self._may_go_on():
            self._writer = self._open(self._segments[-1])
            return self._writer
        return self._roll()

    def _may_go_on(self) -> bool:
        """Whether the last segment takes more."""
        last = self._segments[-1] if self._segments else None
        return (
            last is not None
            and self._announced is not None
            and self._announced[0] == last.number
            and last.memory is None
            and last.path.suffix == ".ndjson"
            and last.size < self._segment_bytes
        )

    def _open(self, segment: Segment) -> SegmentWriter:
        return SegmentWriter(segment, self._disk, sync=self._sync)

    def _roll(self) -> SegmentWriter:
        """Begin the next segment; its number is above every one that was ever used."""
        segment = self._next_segment()
        following = self._open(segment)
        if self._sync:
            sync_folder(self._directory)
        self.forget_writer()
        self._writer = following
        self._add(segment)
        self._keeper.rolled()
        return following

    def _next_segment(self) -> Segment:
        number = max(self._number, *(segment.number + 1 for segment in self._segments[-1:]), 1)
        while segment_path(self._directory, number).exists():
            number += 1
        path = segment_path(self._directory, number)
        return Segment(number, path, 0, self._clock.now(), first=self.place)

    def _add(self, segment: Segment) -> None:
        self._number = segment.number + 1
        self._segments.append(segment)

    def _abandon(self, writer: SegmentWriter) -> None:
        """Let go of a segment into which nothing could be written."""
        self._segments.remove(writer.segment)
        self.forget_writer()
        try:
            self._disk.remove(writer.segment.path)
        except OSError:
            return  # an empty file holds no line, and the next number is free

    # --- in memory --------------------------------------------------------------------------

    def _go_afloat(self, error: OSError) -> None:
        self.trouble = f"{error.filename or self._directory}: {error.strerror}"
        self._retry_at = self._clock.monotonic() + _RETRY_EVERY
        writer, self._writer = self._writer, None
        if writer is None:
            return
        if error.errno in (errno.ESTALE, errno.ENOENT) and writer.segment in self._segments:
            # The file has no name any more, and will have no content once it is closed.
            writer.segment.memory = bytearray(writer.rescue())
        writer.close()

    def _to_memory(self, encode: Callable[[int], bytes], places: int) -> int:
        segment = self._segments[-1] if self._segments else None
        fresh = segment is None or segment.memory is None or segment.size >= _SEGMENT_IN_MEMORY
        if segment is None or fresh:
            segment = self._next_segment()
            segment.memory = bytearray()
        block, taken = self._with_header(segment.number, encode, places)
        if self.memory_used + len(block) > self._memory_bytes:
            return 0
        if fresh:
            self._add(segment)
        assert segment.memory is not None
        segment.memory += block
        segment.size = len(segment.memory)
        segment.written_at = self._clock.now()
        self._commit(segment.number, block, taken)
        return len(block)

    def _land(self) -> None:
        """Write what is in memory to the disk; what it refuses stays."""
        try:
            self._keeper.restore()
            try:
                self._write_memory()
            except OSError as error:
                if error.errno not in _FULL or not self._keeper.free():
                    raise
                self._write_memory()
            if self._sync:
                sync_folder(self._directory)
        except OSError as error:
            self.trouble = f"{error.filename or self._directory}: {error.strerror}"
        except JournalError as error:
            self.trouble = error.message
        else:
            self.trouble = ""

    def _write_memory(self) -> None:
        for segment in self._segments:
            if segment.memory is not None:
                self._write_whole(segment, segment.memory)
                segment.memory = None

    def _write_whole(self, segment: Segment, content: bytearray) -> None:
        if segment.number not in self._landing and segment.path.exists():
            self._disk.replace(free_name(segment.path.with_suffix(".found")), segment.path)
        self._landing.add(segment.number)
        descriptor = self._disk.open(segment.path, APPEND | os.O_TRUNC)
        try:
            written = 0
            while written < len(content):
                written += self._disk.write(descriptor, memoryview(content)[written:])
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)
