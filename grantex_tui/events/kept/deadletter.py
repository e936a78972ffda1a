"""What the intake will never take, on disk for a person to look at."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from grantex_tui.clock import rfc3339
from grantex_tui.events.kept.disk import RealDisk
from grantex_tui.events.kept.seal import has_seal, seal_of, without_seal
from grantex_tui.events.kept.segments import cut_torn_line
from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.segments import Segment
    from grantex_tui.events.kept.spool import DeadLetter

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK


class BuriedLetter(msgspec.Struct, gc=False, kw_only=True):
    """One line of the file."""

    at: str
    status: int | None = None
    reason: str = ""
    segment: int
    end: int
    entry: msgspec.Raw = msgspec.Raw()

    @property
    def position(self) -> Position:
        """Where its event's line ends."""
        return Position(self.segment, self.end)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(BuriedLetter).decode


class DeadLetterFile:
    """``dead-letter.ndjson``: one line an entry, with the reason, the status and the time.

    A line ends in the CRC-32 of the bytes before it, as lines of the journal do, since what it says
    keeps an event from being sent.
    """

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self.path = path
        self.notes: list[str] = []
        """What a person should know about the lines that were read."""
        self._disk = disk or RealDisk()

    def letters(self) -> Iterator[tuple[BuriedLetter, bool]]:
        """The letters, each with whether a check sum proves it; lines that are none are noted."""
        if not self.path.exists():
            return
        bad = 0
        with self.path.open("rb") as lines:
            for line in lines:
                text = line.rstrip(b"\r\n")
                is_proven = has_seal(text)
                try:
                    letter = _decode(without_seal(text) + b"}" if is_proven else text)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    bad += 1
                    continue
                if is_proven and seal_of(text) != f"{crc32(without_seal(text)):08x}":
                    bad += 1
                    continue
                yield letter, is_proven
        if bad:
            self.notes.append(f"{self.path}: {bad:,} lines are damaged and were passed over")

    def places(self, after: Position, segments: Sequence[Segment] = ()) -> set[tuple[int, int]]:
        """(segment, end) of the buried events beyond *after*, so that none is sent again.

        A line without a check sum is believed only of a segment of the first format: the event that
        it would keep from being sent is sent.
        """
        if self.path.exists() and (torn := cut_torn_line(self.path)):
            self.notes.append(f"{self.path}: cut an unfinished last line of {torn:,} bytes")
        old = {segment.number for segment in segments if segment.version == 1}
        found, forged = set(), 0
        for letter, is_proven in self.letters():
            if letter.position > after:
                if is_proven or letter.segment in old:
                    found.add((letter.segment, letter.end))
                else:
                    forged += 1
        if forged:
            self.notes.append(
                f"{self.path}: {forged:,} lines were not written by this program; "
                "the events they name are delivered"
            )
        return found

    def bury(self, letter: DeadLetter, now: float) -> None:
        """Write *letter* down for good.

        Raises:
            OSError: It could not be written.
        """
        self.add(
            BuriedLetter(
                at=rfc3339(now),
                status=letter.status,
                reason=letter.reason,
                segment=letter.segment,
                end=letter.end,
                entry=msgspec.Raw(letter.entry),
            )
        )

    def add(self, letter: BuriedLetter) -> None:
        """Append a line.

        Raises:
            OSError: It could not be written.
        """
        body = _encode(letter)[:-1]
        block = b'%b,"crc":"%08x"}\n' % (body, crc32(body))
        descriptor = self._disk.open(self.path, _APPEND)
        size = os.fstat(descriptor).st_size
        try:
            if self._disk.write(descriptor, block) != len(block):
                self._disk.truncate(descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)
