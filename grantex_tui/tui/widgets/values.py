"""A counter: the number big where there is room, how fast it grows, and its recent course."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.bars import nice_ceiling
from grantex_tui.tui.drawing.digits import HEIGHT, big
from grantex_tui.tui.drawing.format import short_count
from grantex_tui.tui.drawing.glyphs import ASCII
from grantex_tui.tui.drawing.rows import cells, row, sparkline
from grantex_tui.tui.widgets.panel import View


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import Frame, TallyView

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter's value, its events per bucket, and how many came in the last minute."""

    total: int
    series: tuple[int, ...]
    last_minute: int | None
    """None where a bucket is longer than a minute."""

    @classmethod
    def of(cls, frame: Frame, total: int, types: Sequence[str]) -> Counter:
        """The counter of *types* in *frame*."""
        buckets = frame.tally.buckets
        chosen = [index for index, name in enumerate(buckets.types) if name in types]
        series = tuple(sum(counts[i] for i in chosen) for counts in buckets.counts)
        recent: int | None = None
        if buckets.width <= _MINUTE:
            recent = sum(series[max(0, len(series) - int(_MINUTE / buckets.width)) :])
        return cls(total, series, recent)


def draw_counter(
    counter: Counter, look: Look, width: int, height: int, *, title: str, of: str
) -> list[Strip]:
    """Big digits and the recent course as an area; without the room for them, one row."""
    digits = big(f"{counter.total:,}")
    if height < HEIGHT or len(digits[0]) > width or look.glyphs is ASCII:
        return [_line(counter, look, width, title=title, of=of)]
    room = width - len(digits[0]) - 3
    graph = area(counter.series, room, height, look) if room >= 8 else [""] * height
    tops = [*digits, *([" " * len(digits[0])] * (height - HEIGHT))]
    style = look.type_style(of)
    return [
        row(width, [(number, look.palette.strong), ("   ", None), (course, style)])
        for number, course in zip(tops, graph, strict=True)
    ]


def area(series: Sequence[int], width: int, height: int, look: Look) -> list[str]:
    """The last *width* values as an area of *height* rows."""
    recent = series[-width:]
    scale = nice_ceiling(max(recent, default=0))
    tops = [min(height * 8, max(value > 0, round(value / scale * height * 8))) for value in recent]
    glyphs = look.glyphs.eighths
    return [
        "".join(glyphs[min(8, max(0, top - base))] for top in tops).rjust(width)
        for base in range((height - 1) * 8, -1, -8)
    ]


def counter_info(counter: Counter, look: Look) -> list[Span]:
    """How many in the last minute."""
    if counter.last_minute is None:
        return []
    return [
        (f"+{short_count(counter.last_minute)}", look.palette.text),
        ("/min", look.palette.muted),
    ]


def _line(counter: Counter, look: Look, width: int, *, title: str, of: str) -> Strip:
    palette = look.palette
    spans: list[Span] = [
        (f" {look.swatch(of)} ", look.type_style(of)),
        (f"{title} ", palette.muted),
        (f"{counter.total:,}", palette.strong),
    ]
    if counter.last_minute is not None:
        recent = f" +{short_count(counter.last_minute)}/min"
        if cells(spans) + len(recent) <= width:
            spans.append((recent, palette.faint))
    room = width - cells(spans) - 3
    if room >= 6:
        course = sparkline(counter.series, min(room, 24), look.glyphs)
        spans += [("  ", None), (course.lstrip(), look.type_style(of))]
    return row(width, spans)


def counter_view(title: str, of: str) -> View[Counter]:
    """The panel of a counter, coloured as events of type *of*."""
    return View(
        draw=partial(draw_counter, title=title, of=of),
        key=lambda counter: counter,
        title=title,
        info=counter_info,
    )


@dataclass(frozen=True, slots=True)
class Value:
    """One of the counters: its panel's id and title, its total, the types that it counts."""

    id: str
    title: str
    total: Callable[[TallyView], int]
    types: tuple[str, ...]

    def counter(self, frame: Frame) -> Counter:
        """Its value in *frame*."""
        return Counter.of(frame, self.total(frame.tally), self.types)


VALUES = (
    Value("created", "Grants created", lambda tally: tally.grants_created, ("grant.created",)),
    Value("revoked", "Grants revoked", lambda tally: tally.grants_revoked, ("grant.revoked",)),
    Value(
        "alerts",
        "Budget alerts",
        lambda tally: tally.budget_alerts,
        ("budget.threshold", "budget.exhausted"),
    ),
)
