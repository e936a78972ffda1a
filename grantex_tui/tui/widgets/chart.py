"""Events by type over time: stacked bars, the newest apart from the older ones, and a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from grantex_tui.tui.drawing.bars import EMPTY, Cell, column, gutter, runs, time_labels
from grantex_tui.tui.drawing.format import bucket_width, short_count
from grantex_tui.tui.drawing.marks import marks_row
from grantex_tui.tui.drawing.rows import packed, row, spread
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.layout import GUTTER
from grantex_tui.tui.widgets.panel import View


if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from grantex_tui.tui.drawing.chart import Chart
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span

_LABEL_ROWS = 1
_LEAST_BARS = 2
"""Rows of bars without which marks have no room."""


def _rows_below(chart: Chart, height: int) -> int:
    """Rows for the times, and for marks where there are some and room for them."""
    marked = bool(chart.marks) and height - _LABEL_ROWS > _LEAST_BARS
    return _LABEL_ROWS + marked


def draw_axis(chart: Chart, look: Look, width: int, height: int) -> list[Strip]:
    """The scale at the left; the bars lie over the rest."""
    palette, glyphs = look.palette, look.glyphs
    height -= chart.legend_below
    tall = max(0, height - _rows_below(chart, height))
    return [
        row(
            width,
            [
                (label, palette.muted),
                (" ", None),
                (glyphs.axis if label.strip() else glyphs.box[3], palette.edge),
            ],
        )
        for label in gutter(chart.scale, tall, GUTTER - 2)
    ]


def axis_info(chart: Chart, look: Look) -> list[Span]:
    """What one bar stands for, and the highest."""
    palette = look.palette
    return [
        (f"{bucket_width(chart.bucket)} a bar", palette.muted),
        (f" {look.glyphs.dot} peak ", palette.muted),
        (short_count(chart.peak), palette.text),
    ]


def draw_history(chart: Chart, look: Look, width: int, height: int) -> list[Strip]:
    """All bars but the newest, right-aligned, and the times below them."""
    bar = chart.bar
    capacity = width // bar
    end = len(chart.counts) - 1
    begin = max(0, end - capacity)
    pad = (capacity - max(0, end - begin)) * bar
    below = _rows_below(chart, height)
    rows = _bars(chart, look, range(begin, max(begin, end)), height - below, bar, pad)
    if below > _LABEL_ROWS:
        rows.append(marks_row(chart.marks, chart.starts[begin:], bar, look, width, pad))
    labels = time_labels(chart.starts[begin : max(begin, end)], chart.bucket, bar, look.glyphs.tick)
    return [*rows, row(width, [(" " * pad, None), (labels, look.palette.faint)])]


def draw_current(chart: Chart, look: Look, width: int, height: int) -> list[Strip]:
    """The bar that is still filling."""
    last = len(chart.counts) - 1
    bars = range(max(0, last), last + 1)
    tall = height - _rows_below(chart, height)
    return _bars(chart, look, bars, tall, width, width if last < 0 else 0)


def _bars(chart: Chart, look: Look, indices: range, height: int, bar: int, pad: int) -> list[Strip]:
    eighths = look.glyphs.eighths
    patterns = "" if look.colour else "".join(map(look.pattern, chart.types))
    columns = [column(chart.counts[i], chart.scale, height, eighths, patterns) for i in indices]
    styles = _Inks(chart.types, look)
    width = pad + bar * len(columns)
    return [
        row(
            width,
            [
                (" " * pad, None),
                *(
                    (cell.glyph, styles.of(cell))
                    for cell in runs([cells[y] if cells else EMPTY for cells in columns], bar)
                ),
            ],
        )
        for y in range(max(0, height))
    ]


class _Inks:
    """The style of each pair of series, made once a drawing."""

    def __init__(self, types: Sequence[str], look: Look) -> None:
        self._colours = [look.type_style(name).color for name in types]
        self._plain = look.palette.text
        self._made: dict[tuple[int | None, int | None], Style | None] = {(None, None): None}

    def of(self, cell: Cell) -> Style | None:
        pair = (cell.ink, cell.paper)
        if pair == (None, None):
            return None if cell.glyph.isspace() else self._plain
        if pair not in self._made:
            ink = None if cell.ink is None else self._colours[cell.ink]
            paper = None if cell.paper is None else self._colours[cell.paper]
            self._made[pair] = Style.from_color(ink, paper)
        return self._made[pair]


def draw_legend(chart: Chart, look: Look, width: int, height: int) -> list[Strip]:
    """The types with their counts: a column, or one row where there is only one."""
    palette = look.palette
    if not chart.totals:
        return [row(width, [(fit("no events yet", width), palette.faint)])]
    if height == 1:
        items: list[list[Span]] = [
            [
                (f"{look.swatch(name)} ", look.type_style(name)),
                (fit(name, min(len(name), 24)), palette.muted),
                (f" {short_count(count)}", palette.text),
            ]
            for name, count in chart.totals
        ]
        return [row(width, packed(width, items, ("  ", None), gaps=False))]
    room = height if len(chart.totals) <= height else height - 1
    rows = [_legend_row(name, count, look, width) for name, count in chart.totals[:room]]
    rest = chart.totals[room:]
    if rest:
        more = sum(count for _, count in rest)
        left = [(f"  {len(rest)} more types", palette.faint)]
        rows.append(spread(width, left, [(f"{more:,}", palette.faint)]))
    return rows


def _legend_row(name: str, count: int, look: Look, width: int) -> Strip:
    number = f" {count:,}"
    left: list[Span] = [
        (f"{look.swatch(name)} ", look.type_style(name)),
        (fit(name, max(0, width - 2 - len(number))), look.palette.text),
    ]
    return spread(width, left, [(number, look.palette.strong)])


AXIS: View[Chart] = View(
    draw=draw_axis,
    key=lambda chart: (
        chart.scale,
        chart.bucket,
        chart.peak,
        chart.legend_below,
        bool(chart.marks),
    ),
    title="Events by type",
    info=axis_info,
)
HISTORY: View[Chart] = View(
    draw=draw_history,
    key=lambda chart: (
        chart.starts,
        chart.counts[:-1],
        chart.types,
        chart.scale,
        chart.bar,
        chart.marks,
    ),
)
CURRENT: View[Chart] = View(
    draw=draw_current,
    key=lambda chart: (chart.counts[-1:], chart.types, chart.scale, bool(chart.marks)),
)
LEGEND: View[Chart] = View(draw=draw_legend, key=lambda chart: chart.totals)
