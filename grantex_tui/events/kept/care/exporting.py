"""The proven lines of a journal, as a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.kept.header import START
from grantex_tui.events.kept.seal import has_seal, without_seal
from grantex_tui.events.kept.segments import SegmentReader
from grantex_tui.events.kept.taking import past_flaws


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.events.kept.care.looking import Look

_LINES = 1000
_BYTES = 1 << 20


def export(found: Look, *, pending: bool = False) -> Iterator[bytes]:
    """Lines without seals, headers left out, each with its break; what can't be proven is left out.

    Args:
        found: of `look`; with ``whole`` unless only what is *pending* is wanted.
        pending: only what has no verdict.
    """
    start = found.checkpoint.position
    with SegmentReader() as reader:
        for segment in found.segments:
            if pending and segment.number < start.segment:
                continue
            offset = start.offset if pending and segment.number == start.segment else 0
            while offset < segment.size:
                offset, _ = past_flaws(segment, offset, 0)
                until = segment.flaws[0].start if segment.flaws else segment.size
                lines = reader.lines(
                    segment, offset, max_lines=_LINES, max_bytes=_BYTES, until=until
                )
                if not lines:
                    offset = max(until, offset + 1)
                offset += sum(map(len, lines)) + len(lines)
                yield from (_bare(line) for line in lines if not line.startswith(START))


def _bare(line: bytes) -> bytes:
    text = line.removesuffix(b"\r")
    return (without_seal(text) + b"}\n") if has_seal(text) else text + b"\n"
