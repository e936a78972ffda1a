"""A monitor's value against its thresholds, and its states below: a plot of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.tui.drawing.bars import nice_ceiling
from grantex_tui.tui.drawing.format import axis_label
from grantex_tui.tui.drawing.rows import row


if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span

_GUTTER = 6
_STATES = {"Alert": "A", "Warn": "W", "No Data": "?", "OK": "·"}


def plot(
    values: Sequence[float | None],
    limits: Sequence[tuple[float, Style]],
    look: Look,
    width: int,
    height: int,
) -> list[Strip]:
    """*values* as columns, newest at the right, with a dashed line at each of *limits*."""
    bars = list(values)[-max(0, width - _GUTTER - 1) :]
    known = [abs(value) for value in bars if value is not None]
    top = nice_ceiling(max([*known, *(abs(limit) for limit, _ in limits)], default=0.0))
    lines = {_line(limit, top, height): (limit, style) for limit, style in limits}
    return [
        row(
            width, [*_axis(y, top, height, lines, look), *_cells(bars, y, top, height, lines, look)]
        )
        for y in range(height)
    ]


def _line(limit: float, top: float, height: int) -> int:
    return max(0, min(height - 1, height - 1 - int(limit / top * height)))


def _axis(
    y: int, top: float, height: int, lines: dict[int, tuple[float, Style]], look: Look
) -> list[Span]:
    palette = look.palette
    if y in lines:
        limit, style = lines[y]
        return [
            (axis_label(limit).rjust(_GUTTER - 1)[-_GUTTER + 1 :], style),
            (look.glyphs.axis, palette.edge),
        ]
    label = axis_label(top) if y == 0 else "0" if y == height - 1 else ""
    edge = look.glyphs.axis if label else look.glyphs.box[3]
    return [(label.rjust(_GUTTER - 1), palette.muted), (edge, palette.edge)]


def _cells(
    bars: Sequence[float | None],
    y: int,
    top: float,
    height: int,
    lines: dict[int, tuple[float, Style]],
    look: Look,
) -> list[Span]:
    base = (height - 1 - y) * 8
    spans: list[Span] = []
    for value in bars:
        eighths = 0 if value is None else round(abs(value) / top * height * 8)
        full = max(0, min(8, eighths - base))
        if full:
            spans.append((look.glyphs.eighths[full], look.palette.accent))
        elif y in lines:
            spans.append((look.glyphs.box[1], lines[y][1]))
        else:
            spans.append((" ", None))
    return spans


def state_strip(states: Sequence[str], look: Look, width: int) -> Strip:
    """A letter an evaluation: A for Alert, W for Warn, ? for No Data, a dot for OK."""
    palette = look.palette
    styles = {
        State.ALERT: palette.bad, State.WARN: palette.warn, State.NO_DATA: palette.muted,
        State.OK: palette.good,
    }  # fmt: skip
    shown = states[-max(0, width - _GUTTER - 1) :]
    marks: list[Span] = [
        (_STATES.get(state, "?") if state != State.OK else look.glyphs.dot, styles[State(state)])
        for state in shown
    ]
    return row(width, [("state ".rjust(_GUTTER), palette.muted), *marks])
