"""Rows of cells: the one way in which text gets onto the dashboard.

A row is a strip of segments whose cells add up to the width asked for, whatever the text. No
markup is interpreted anywhere: text goes into segments as it is, foreign text through `text.fit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from grantex_tui.words.display import cell_width


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.style import Style

    from grantex_tui.tui.drawing.glyphs import Glyphs

Span = tuple[str, "Style | None"]


def row(width: int, spans: Iterable[Span]) -> Strip:
    """*spans* one after the other, cut or padded to *width* cells. Equal neighbours merge."""
    segments: list[Segment] = []
    previous_text, previous_style = "", None
    for text, style in spans:
        if style == previous_style:
            previous_text += text
            continue
        if previous_text:
            segments.append(Segment(previous_text, previous_style))
        previous_text, previous_style = text, style
    if previous_text:
        segments.append(Segment(previous_text, previous_style))
    return Strip(segments).adjust_cell_length(width)


def spread(width: int, left: Sequence[Span], right: Sequence[Span]) -> Strip:
    """*left* at the left end, *right* at the right end; what doesn't fit of *left* is cut."""
    taken = cells(right)
    if taken >= width:
        return row(width, left)
    start = row(width - taken, left)
    return Strip.join([start, row(taken, right)])


def blank(width: int) -> Strip:
    """An empty row."""
    return Strip.blank(width)


def packed(
    width: int, items: Sequence[Sequence[Span]], separator: Span, *, gaps: bool = True
) -> list[Span]:
    """The *items* that fit whole into *width* cells, earlier ones first.

    Without *gaps* the first one that doesn't fit is the end: a ranking must not skip.
    """
    spans: list[Span] = []
    used = 0
    for item in items:
        gap = cell_width(separator[0]) if spans else 0
        taken = cells(item)
        if used + gap + taken > width:
            if gaps:
                continue
            break
        if spans:
            spans.append(separator)
        spans.extend(item)
        used += gap + taken
    return spans


def gauge(fraction: float, width: int, glyphs: Glyphs) -> tuple[str, str]:
    """A bar of *width* cells as (filled, empty) text, in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, fraction)) * width * 8)
    full, rest = divmod(eighths, 8)
    filled = glyphs.gauge[8] * full + (glyphs.gauge[rest] if rest else "")
    return filled, " " * (width - len(filled))


def sparkline(values: Sequence[float | None], width: int, glyphs: Glyphs) -> str:
    """The last *width* values in one row, scaled to their maximum; a gap where there is none."""
    recent = values[-width:] if width > 0 else ()
    top = max((value for value in recent if value is not None), default=0.0)
    return "".join(_spark(value, top, glyphs) for value in recent).rjust(width)


def _spark(value: float | None, top: float, glyphs: Glyphs) -> str:
    if value is None:
        return " "
    if value <= 0 or top <= 0:
        return glyphs.eighths[1]
    return glyphs.eighths[max(1, round(value / top * 8))]


@dataclass(frozen=True, slots=True)
class Edge:
    """How a panel is set off: a box where rows are short, else only a rule above it."""

    title: Sequence[Span]
    info: Sequence[Span]
    style: Style
    boxed: bool


def enclosed(
    draw: Callable[[int, int], Sequence[Strip]], width: int, height: int, edge: Edge, glyphs: Glyphs
) -> list[Strip]:
    """What *draw* makes of the room within *edge*, with it: *height* rows of *width* cells."""
    corner_a, flat, corner_b, wall, corner_c, corner_d = tuple(glyphs.box)
    sides = 2 if edge.boxed else 1
    inner, tall = max(0, width - 2 * sides), max(0, height - 1 - edge.boxed)
    body = exactly(draw(inner, tall), inner, tall)
    if not edge.boxed:
        pad = Strip.blank(1)
        return [titled(width, edge, flat), *(Strip.join([pad, strip, pad]) for strip in body)]
    left = Strip([Segment(wall, edge.style), Segment(" ")])
    right = Strip([Segment(" "), Segment(wall, edge.style)])
    ends = Strip([Segment(corner_a, edge.style)]), Strip([Segment(corner_b, edge.style)])
    return [
        Strip.join([ends[0], titled(width - 2, edge, flat), ends[1]]),
        *(Strip.join([left, strip, right]) for strip in body),
        row(width, [(corner_d + flat * (width - 2) + corner_c, edge.style)]),
    ]


def exactly(rows: Sequence[Strip], width: int, height: int) -> list[Strip]:
    """*rows* cut or filled up to *height* rows of *width* cells."""
    return [
        *(strip.adjust_cell_length(width) for strip in rows[:height]),
        *(blank(width) for _ in range(height - len(rows))),
    ]


def titled(width: int, edge: Edge, flat: str) -> Strip:
    """A rule of *width* cells with the title at its left and, if there is room, the info right."""
    left = [(flat, edge.style), (" ", None), *edge.title, (" ", None)]
    right = [(" ", None), *edge.info, (" ", None), (flat, edge.style)] if edge.info else []
    room = width - cells(left)
    if cells(right) + 1 > room:
        right = []
    return row(width, [*left, (flat * max(0, room - cells(right)), edge.style), *right])


def cells(spans: Iterable[Span]) -> int:
    """How many cells *spans* take."""
    return sum(cell_width(text) for text, _ in spans)
