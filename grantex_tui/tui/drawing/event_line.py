"""One event in one row: which columns a width has room for, and what goes into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grantex_tui.tui.drawing.format import clock, size
from grantex_tui.tui.drawing.rows import row
from grantex_tui.tui.drawing.text import fit, short_id


if TYPE_CHECKING:
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import EventRow

_LARGE = 16_384
"""Bytes of a payload above which a row doesn't decode it."""
_IDS = frozenset({"grantId", "agentId", "principalId", "userId", "dataPrincipalId"})


class Columns(NamedTuple):
    """Cells for each part of a row; 0 leaves it out."""

    time: int
    type: int
    agent: int
    grant: int
    principal: int
    rest: int


def columns_for(width: int) -> Columns:
    """The columns of a row of *width* cells; each includes the gap behind it."""
    if width < 50:
        return Columns(0 if width < 36 else 9, max(8, width - 23), 14, 0, 0, 0)
    if width < 76:
        return Columns(9, 22, 15, 0, max(0, width - 46), 0)
    if width < 100:
        return Columns(9, 24, 16, 16, max(0, width - 65), 0)
    return Columns(13, 25, 16, 16, 17, width - 87)


def heading(width: int, look: Look) -> Strip:
    """The columns' names."""
    columns = columns_for(width)
    names = ("time", "type", "agent", "grant", "principal", "data")
    text = "".join(fit(name, cells) for name, cells in zip(names, columns, strict=True) if cells)
    return row(width, [(text, look.palette.faint)])


def event_line(event: EventRow, look: Look, width: int) -> Strip:
    """*event* in *width* cells."""
    columns, palette = columns_for(width), look.palette
    time = clock(event.received_at, milliseconds=columns.time > 9)
    spans: list[Span] = [(fit(time, columns.time), palette.faint)]
    if event.malformed:
        rest = width - columns.time
        reason = f"malformed: {event.malformed}  {_head(event.raw, rest)}"
        return row(width, [*spans, (fit(reason, rest), palette.bad)])
    spans += [
        (_column(event.type, columns.type), look.type_style(event.type)),
        (_identifier(event.agent_id, columns.agent), palette.text),
        (_identifier(event.grant_id, columns.grant), palette.muted),
        (_column(event.principal_id, columns.principal), palette.text),
    ]
    if columns.rest:
        spans.append((fit(data_summary(event.raw, columns.rest), columns.rest), palette.faint))
    return row(width, spans)


def _column(text: str, width: int) -> str:
    return fit(text, width - 1) + " " if width > 1 else ""


def _identifier(text: str, width: int) -> str:
    return _column(short_id(text, width - 1), width) if width > 1 else ""


def _head(raw: bytes, limit: int) -> str:
    return raw[: limit * 4].decode("utf-8", "replace")


def data_summary(raw: bytes, limit: int) -> str:
    """What the event says beyond its ids, in short; for a very large one its size."""
    if len(raw) > _LARGE:
        return size(len(raw))
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _head(raw, limit)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict):
        return ""
    parts = [f"{key}={_short(item, limit)}" for key, item in data.items() if key not in _IDS]
    return " ".join(parts)


def _short(value: object, limit: int) -> str:
    if isinstance(value, str):
        return value[:limit]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(item[:limit] for item in value[:limit])
    return msgspec.json.encode(value)[: limit * 4].decode("utf-8", "replace")
