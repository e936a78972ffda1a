"""Up to when the runs before this one had heard the stream, as their journal's last lines tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.gap import created_instant


if TYPE_CHECKING:
    from pathlib import Path

_LOOKED_AT = 256 * 1024
"""Bytes at a segment's end among which the last line that tells is looked for."""


class _Created(msgspec.Struct, gc=False):
    createdAt: str = ""  # noqa: N815 - the wire's name


class _Gap(msgspec.Struct, gc=False):
    start: str = msgspec.field(name="from")
    to: str | None = None


class _Line(msgspec.Struct, gc=False):
    receivedAt: str = ""  # noqa: N815 - the journal's name
    event: _Created | None = None
    gap: _Gap | None = None


_decode = msgspec.json.Decoder(_Line).decode


def covered_until(folder: Path) -> float | None:
    """The instant (epoch seconds) from which on nobody knows what happened.

    It is the creation of the last event that was kept, or the end of a gap if nothing was kept since,
    or the beginning of one that never ended. None if there is no journal, or it tells nothing.
    """
    if not folder.is_dir():
        return None
    for path in sorted(folder.glob("0*.ndjson"), reverse=True):
        for line in reversed(_last_lines(path)):
            if (told := _told(line)) is not None:
                return told
    return None


def _last_lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOOKED_AT))
            return file.read(_LOOKED_AT).split(b"\n")
    except OSError:  # whoever opens the journal says what is wrong with it
        return []


def _told(line: bytes) -> float | None:
    try:
        said = _decode(line)
        if said.gap is not None:
            return parse_rfc3339(said.gap.to or said.gap.start)
        received_at = parse_rfc3339(said.receivedAt)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return created_instant("" if said.event is None else said.event.createdAt, received_at)
