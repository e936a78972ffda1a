"""The stream from Grantex: each path, each gap with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.format import clock, countdown, span
from grantex_tui.tui.pages.content import trouble_rows
from grantex_tui.tui.pages.parts import facts, heading, paragraph
from grantex_tui.watch.troubles import stream


if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.strip import Strip

    from grantex_tui.events.live.connection import ConnectionView
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.pages.content import Beside
    from grantex_tui.watch.frame import Frame

TITLE = "Stream"
_GAPS = 50


def rows(frame: Frame, look: Look, width: int, beside: Beside) -> list[Strip]:
    """The whole page."""
    del beside
    told: list[Strip] = []
    for trouble in stream.find(frame):
        told += [*trouble_rows(trouble, frame.now, look, width), *paragraph("", None, width)]
    if not told:
        told = paragraph(f"{look.glyphs.ok} the stream is live", look.palette.good, width)
    told += heading("Paths", look, width)
    told += facts([("from", frame.source), *_paths(frame)], look, width)
    told += heading(f"Gaps: {len(frame.gaps)}", look, width)
    told += facts(_gaps(frame), look, width)
    return told


def _paths(frame: Frame) -> Iterator[tuple[str, str]]:
    if not frame.paths:
        yield "stream", _connection(frame.connection, frame.now)
    for path in frame.paths:
        counts = f"; brought {path.brought:,}, {path.first:,} of them first, lacked {path.holes:,}"
        yield path.name, _connection(path.connection, frame.now) + counts


def _connection(view: ConnectionView, now: float) -> str:
    text = f"{view.state} since {clock(view.since)}"
    if view.detail:
        text += f": {view.detail}"
    if view.retry_at is not None:
        text += f"; next attempt in {countdown(view.retry_at - now)}"
    return text


def _gaps(frame: Frame) -> Iterator[tuple[str, str]]:
    for gap in frame.gaps[: -_GAPS - 1 : -1]:
        until = "open" if gap.end is None else f"to {clock(gap.end)}"
        length = span((frame.now if gap.end is None else gap.end) - gap.start)
        yield clock(gap.start), f"{until}, {length}: {gap.reason}"
