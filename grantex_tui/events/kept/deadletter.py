"""What the intake will never take, on disk for a person to look at."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import rfc3339
from grantex_tui.events.kept.segments import cut_torn_line


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.events.kept.spool import DeadLetter, Position


class _Line(msgspec.Struct, gc=False):
    at: str
    status: int | None
    reason: str
    segment: int
    end: int
    entry: msgspec.Raw


class _Place(msgspec.Struct, gc=False):
    segment: int
    end: int


class DeadLetterFile:
    """``dead-letter.ndjson``: one line an entry, with the reason, the status and the time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def places(self, after: Position) -> set[tuple[int, int]]:
        """(segment, end) of the buried events beyond *after*, so that none is sent again."""
        if not self.path.exists():
            return set()
        cut_torn_line(self.path)
        decode = msgspec.json.Decoder(_Place).decode
        found = set()
        with self.path.open("rb") as lines:
            for line in lines:
                try:
                    place = decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue
                if (place.segment, place.end) > after:
                    found.add((place.segment, place.end))
        return found

    def bury(self, letter: DeadLetter, now: float) -> None:
        """Write *letter* down for good.

        Raises:
            OSError: It could not be written.
        """
        line = _Line(
            rfc3339(now),
            letter.status,
            letter.reason,
            letter.segment,
            letter.end,
            msgspec.Raw(letter.entry),
        )
        block = msgspec.json.encode(line) + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags, 0o600)
        size = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, block) != len(block):
                os.ftruncate(descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
