"""Stacked bars out of block elements, as pure values: heights, cells, scale, labels.

A bar's height is rounded to eighths of a cell once, for the whole stack, and shared out among its
parts by their cumulative sums, so that the parts always add up to the bar.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.tui.drawing.format import axis_label, clock


if TYPE_CHECKING:
    from collections.abc import Sequence


class Section(NamedTuple):
    """A part of a bar: which series, and from where to where, in eighths of a cell."""

    series: int
    low: int
    high: int


class Cell(NamedTuple):
    """One character cell: a glyph and the series that colour its ink and its paper."""

    glyph: str
    ink: int | None
    paper: int | None


EMPTY = Cell(" ", None, None)


def sections(counts: Sequence[int], scale: float, height: int) -> tuple[Section, ...]:
    """The parts of a bar of *counts* (bottom first), where *scale* fills *height* cells.

    Any event at all shows: a bar with a count is at least one eighth high.
    """
    total = sum(counts)
    if total <= 0 or scale <= 0 or height <= 0:
        return ()
    top = min(height * 8, max(1, round(total / scale * height * 8)))
    parts: list[Section] = []
    running, low = 0, 0
    for series, count in enumerate(counts):
        running += count
        high = round(running / total * top)
        if high > low:
            parts.append(Section(series, low, high))
        low = high
    return tuple(parts)


@lru_cache(maxsize=2048)
def column(
    counts: tuple[int, ...], scale: float, height: int, eighths: str, patterns: str = ""
) -> tuple[Cell, ...]:
    """A bar's cells, top first. With *patterns* (one a series) there are no colours.

    Cached, because a chart that moves on by one bar shows the same bars again.
    """
    parts = sections(counts, scale, height)
    draw = _pattern_cell if patterns else _colour_cell
    cells = [draw(parts, base, patterns or eighths) for base in range(0, height * 8, 8)]
    return tuple(reversed(cells))


def _colour_cell(parts: Sequence[Section], base: int, eighths: str) -> Cell:
    """The cell over [base, base + 8): two series at most, the two largest."""
    inside = [
        (min(part.high, base + 8) - max(part.low, base), part)
        for part in parts
        if part.low < base + 8 and part.high > base
    ]
    if not inside:
        return EMPTY
    filled = sum(share for share, _ in inside)
    if filled < 8:  # the bar's top: the paper stays empty, so one ink
        largest = max(inside, key=lambda item: item[0])[1]
        return Cell(eighths[filled], largest.series, None)
    if len(inside) == 1:
        return Cell(eighths[8], inside[0][1].series, None)
    lower, upper = sorted(sorted(inside, key=lambda item: -item[0])[:2], key=lambda i: i[1].low)
    boundary = round(8 * lower[0] / (lower[0] + upper[0]))
    return Cell(eighths[min(7, max(1, boundary))], lower[1].series, upper[1].series)


def _pattern_cell(parts: Sequence[Section], base: int, patterns: str) -> Cell:
    """The same without colours: the fill of the largest part, from half a cell on."""
    inside = [
        (min(part.high, base + 8) - max(part.low, base), part.series)
        for part in parts
        if part.low < base + 8 and part.high > base
    ]
    filled = sum(share for share, _ in inside)
    if not inside or (filled < 4 and base > 0):
        return EMPTY
    return Cell(patterns[max(inside)[1]], None, None)


def nice_ceiling(value: float) -> float:
    """The smallest round number not below *value*: a scale that rarely changes."""
    if value <= 4:
        return 4.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10):
        if step * power >= value:
            return step * power
    return 10 * power


def gutter(scale: float, height: int, width: int) -> list[str]:
    """The labels left of the bars, top first, each *width* cells: top, middle and zero."""
    labels = {0: scale}
    if height >= 6:
        labels[round(height / 2)] = scale / 2
    if height >= 3:
        labels[height - 1] = 0.0
    return [
        axis_label(labels[y]).rjust(width) if y in labels else " " * width for y in range(height)
    ]


_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200)


def time_labels(starts: Sequence[float], bucket: float, columns: int, tick: str) -> str:
    """The row below the bars: the time of day under bars that begin at a round time.

    *columns* cells a bar; at least three cells are left between two labels.
    """
    step = next((s for s in _STEPS if s >= bucket and s / bucket * columns >= 12), _STEPS[-1])
    width = len(starts) * columns
    line = [" "] * width
    for index, start in enumerate(starts):
        label = f"{tick}{clock(start)}"
        at = index * columns
        if int(start) % step == 0 and at + len(label) <= width:
            line[at : at + len(label)] = label
    return "".join(line)


def runs(cells: Sequence[Cell], columns: int) -> list[Cell]:
    """A row of bars, *columns* cells each, with equal neighbours merged into one run."""
    merged: list[Cell] = []
    for cell in cells:
        glyph = cell.glyph * columns
        if merged and merged[-1].ink == cell.ink and merged[-1].paper == cell.paper:
            merged[-1] = Cell(merged[-1].glyph + glyph, cell.ink, cell.paper)
        else:
            merged.append(Cell(glyph, cell.ink, cell.paper))
    return merged


def visible(capacity: int, buckets: int) -> slice:
    """Which of *buckets* to show where *capacity* bars fit: the newest."""
    return slice(max(0, buckets - capacity), buckets)
