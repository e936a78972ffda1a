"""``damaged.ndjson``: what of the journal can't be read, for a person to look at, and told once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import rfc3339
from grantex_tui.events.kept.disk import RealDisk
from grantex_tui.events.kept.segments import cut_torn_line


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.proving.proof import Flaw


class _Line(msgspec.Struct, gc=False):
    at: str
    kind: str
    segment: int
    offset: int
    lost: int
    text: str = ""
    """What stands there, its beginning; bytes that are no UTF-8 replaced."""


class DamageFile:
    """The file. A flaw that is in it has been told and counted."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self.path = path
        self._disk = disk or RealDisk()
        self._known: dict[tuple[int, int], int] = {}

    def load(self) -> None:
        """Read what was told before.

        Raises:
            OSError: The file can't be read.
        """
        if not self.path.exists():
            return
        cut_torn_line(self.path)
        decode = msgspec.json.Decoder(_Line).decode
        with self.path.open("rb") as lines:
            for line in lines:
                try:
                    said = decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue
                self._known[said.segment, said.offset] = said.lost

    def news(self, segment: int, flaws: Sequence[Flaw]) -> list[tuple[Flaw, int]]:
        """Those of *flaws* that were not told before, each with the events it adds to what is lost."""
        fresh = []
        for flaw in flaws:
            known = self._known.get((segment, flaw.start))
            if known is None or flaw.lost > known:
                fresh.append((flaw, flaw.lost - (known or 0)))
        return fresh

    def lost_at(self, segment: int, offset: int) -> int:
        """Events of which it was told that they are lost there."""
        return self._known.get((segment, offset), 0)

    def tell(self, segment: int, flaws: Sequence[Flaw], now: float) -> None:
        """Write *flaws* down.

        Raises:
            OSError: They could not be written.
        """
        lines = [
            _Line(
                rfc3339(now),
                flaw.kind.value,
                segment,
                flaw.start,
                flaw.lost,
                flaw.seen.decode("utf-8", "replace"),
            )
            for flaw in flaws
        ]
        self._known.update({(line.segment, line.offset): line.lost for line in lines})
        block = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = self._disk.open(self.path, flags)
        try:
            written = 0
            while written < len(block):
                written += self._disk.write(descriptor, block[written:])
        finally:
            os.close(descriptor)
