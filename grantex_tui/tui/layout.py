"""Where each panel goes for a terminal's size: a pure function, and the layout that applies it.

120 columns and more: two columns. 80 to 119: stacked, the small panels side by side. Fewer than
80: chart and stream, and a row of tabs for the other places. Fewer than 40 columns or 12 rows: one
line for each state. Boxes go where rows are short, since their lower edges cost a row each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import NULL_OFFSET, Region, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement

from grantex_tui.tui.widgets.side import SIDE as _VIEWS


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual.geometry import Size
    from textual.widget import Widget

_LEAST = 4
"""Rows of a panel in a column."""
VALUES = ("created", "revoked", "alerts")
SIDE = tuple(_VIEWS)
PANELS = ("values", "chart", *SIDE, "stream")
"""The panels that keys show and hide; ``values`` stands for the three counters."""
PLACES = ("stream", "chart", *SIDE, "budget")
"""What the digits from 1 on go to. The last one has room only when it is maximised."""
TABBED = 80
"""Columns below which places are tabs."""
_FOOTERLESS = 16
"""Rows below which tabs do without the footer."""


def has_footer(width: int, height: int) -> bool:
    """Whether there is a row for the keys."""
    is_tiny = width < 40 or height < 12
    return not is_tiny and (width >= TABBED or height >= _FOOTERLESS)


class Plan(NamedTuple):
    """Regions by widget id; what has none is not shown. *boxed*: draw boxes, else rules."""

    regions: dict[str, Region]
    boxed: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the keyboard asked for, and what the frame needs."""

    hidden: frozenset[str] = frozenset()
    maximised: str | None = None
    warnings: bool = False
    """The header needs a row more."""
    monitors: int = 0
    filtering: bool = False
    """The filter's input is open: a row above the footer."""


def arrange(width: int, height: int, wish: Wish) -> Plan:
    """The plan for a terminal of *width* by *height* cells, the last row of which is the footer's.

    The footer makes way where there are few rows.
    """
    if width < 40 or height < 12:
        return Plan({"tiny": Region(0, 0, width, height)}, boxed=False)
    regions: dict[str, Region] = {}
    height -= has_footer(width, height)
    boxed = height >= 29 and width >= TABBED
    top = 3 if wish.warnings else 2
    regions["header"] = Region(0, 0, width, top)
    bottom = height
    if wish.filtering:
        bottom -= 1
        regions["filter"] = Region(0, bottom, width, 1)
    if width < TABBED:
        regions["tabs"] = Region(0, top, width, 1)
        top += 1
    body = Region(0, top, width, bottom - top)
    if wish.maximised is not None:
        _place(regions, wish.maximised, body)
    elif width >= 120:
        _two_columns(regions, body, wish, boxed=boxed)
    elif width >= TABBED:
        _stacked(regions, body, wish, boxed=boxed)
    else:
        _chart_and_stream(regions, body, wish)
    if (chart := regions.get("chart")) is not None:
        regions |= chart_parts(chart, boxed=boxed)
    return Plan(regions, boxed)


GUTTER = 6
"""Cells left of the bars: the scale's labels and the axis."""


def bar_columns(width: int) -> int:
    """How many cells wide a bar is in a chart of *width* cells: as much past as there is room."""
    return 1 if width < 300 else 2


def chart_parts(area: Region, *, boxed: bool) -> dict[str, Region]:
    """The chart's moving parts, each a widget of its own on top of the chart's panel.

    The newest bar changes with every frame and the older ones only move on, so they are apart:
    1.8 kB a refresh instead of 27 kB (measured). The legend has a column where there is one.
    """
    sides = 2 if boxed else 1
    inner = Region(
        area.x + sides, area.y + 1, area.width - 2 * sides, area.height - 1 - (1 if boxed else 0)
    )
    bar = bar_columns(area.width)
    beside = 34 if inner.width >= 100 else 26 if inner.width >= 76 else 0
    if inner.height < 4:
        beside = 0
    below = 1 if not beside and inner.height >= 5 else 0
    tall = inner.height - below
    bars = (inner.width - GUTTER - beside) // bar
    left = inner.x + GUTTER
    parts = {
        "chart-history": Region(left, inner.y, (bars - 1) * bar, tall),
        "chart-current": Region(left + (bars - 1) * bar, inner.y, bar, tall),
    }
    if beside:
        parts["chart-legend"] = Region(inner.right - beside + 2, inner.y, beside - 2, tall)
    elif below:
        parts["chart-legend"] = Region(inner.x, inner.bottom - 1, inner.width, 1)
    return parts


def _two_columns(regions: dict[str, Region], body: Region, wish: Wish, *, boxed: bool) -> None:
    if "values" not in wish.hidden:
        tall = 5 if boxed and body.height >= 34 else 1
        _place(regions, "values", Region(body.x, body.y, body.width, tall))
        body = Region(body.x, body.y + tall, body.width, body.height - tall)
    side = _roomy([name for name in SIDE if name not in wish.hidden], body.height)
    main = [name for name in ("chart", "stream") if name not in wish.hidden]
    right = max(46, min(64, body.width * 3 // 10)) if side and main else 0
    left = Region(body.x, body.y, body.width - right, body.height)
    if main:
        _column(regions, left, main, wish)
    if side:
        place = Region(left.right, body.y, right, body.height) if main else left
        _column(regions, place, side, wish)


def _stacked(regions: dict[str, Region], body: Region, wish: Wish, *, boxed: bool) -> None:
    if "values" not in wish.hidden:
        _place(regions, "values", Region(body.x, body.y, body.width, 1))
        body = Region(body.x, body.y + 1, body.width, body.height - 1)
    side = [name for name in SIDE if name not in wish.hidden]
    if body.width < 100 and len(side) > 2 and not boxed:
        side.remove("agents")  # three columns of 26 cells would say nothing
    main = [name for name in ("chart", "stream") if name not in wish.hidden]
    low = body.height
    if main:
        low = 0 if body.height < 16 else 5 if body.height < 20 else 8 if boxed else 6
    low = low if side else 0
    above = Region(body.x, body.y, body.width, body.height - low)
    chart = above.height * 11 // 24 if "stream" in main else above.height
    if "chart" in main:
        _place(regions, "chart", Region(body.x, body.y, body.width, chart))
    else:
        chart = 0
    if low:
        _beside(regions, Region(body.x, body.y + chart, body.width, low), side)
    if "stream" in main:
        rest = Region(body.x, body.y + chart + low, body.width, above.height - chart)
        _place(regions, "stream", rest)


def _chart_and_stream(regions: dict[str, Region], body: Region, wish: Wish) -> None:
    names = [name for name in ("chart", "stream") if name not in wish.hidden]
    if names:
        _column(regions, body, names, wish)


def _shares(names: Sequence[str], height: int, wish: Wish) -> list[int]:
    """How many rows each panel of a column gets; the agents (else the last) take the rest."""
    if list(names) == ["chart", "stream"]:
        first = max(5, height * 9 // 20)
        return [first, height - first]
    wanted = {"monitors": max(_LEAST, 2 + 2 * wish.monitors), "delivery": 11}
    rows = dict.fromkeys(names, _LEAST)
    spare = height - _LEAST * len(names)
    for name in [name for name in wanted if name in rows]:
        more = min(wanted[name] - _LEAST, spare, height // len(names))
        rows[name] += more
        spare -= more
    rows["agents" if "agents" in rows else names[-1]] += spare
    return list(rows.values())


def _roomy(names: list[str], height: int) -> list[str]:
    """*names* without those for which *height* has no room, the least urgent first."""
    for name in ("agents", "delivery", "monitors"):
        if len(names) * _LEAST > height and len(names) > 1 and name in names:
            names = [other for other in names if other != name]
    return names


def _column(regions: dict[str, Region], area: Region, names: Sequence[str], wish: Wish) -> None:
    y = area.y
    for name, tall in zip(names, _shares(names, area.height, wish), strict=True):
        _place(regions, name, Region(area.x, y, area.width, tall))
        y += tall


def _beside(regions: dict[str, Region], area: Region, names: Sequence[str]) -> None:
    x = area.x
    for index, name in enumerate(names):
        wide = (area.right - x) // (len(names) - index)
        _place(regions, name, Region(x, area.y, wide, area.height))
        x += wide


def _place(regions: dict[str, Region], name: str, area: Region) -> None:
    if name != "values":
        regions[name] = area
        return
    _beside(regions, area, VALUES)


class PlannedLayout(Layout):
    """Puts each child where a plan says; a child that the plan leaves out is not drawn."""

    name = "planned"

    def __init__(self, plan: Callable[[Size], dict[str, Region]]) -> None:
        self._plan = plan

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: FBT001, FBT002 - Textual's
    ) -> ArrangeResult:
        """Textual asks for the children's places."""
        del greedy
        parent.pre_layout(self)
        regions = self._plan(size)
        return [
            WidgetPlacement(regions[child.id], NULL_OFFSET, Spacing(), child)
            for child in children
            if child.id in regions
        ]


def shown(regions: Collection[str], panel: str) -> bool:
    """Whether *panel* is anywhere on the screen."""
    return any(name in regions for name in (VALUES if panel == "values" else (panel,)))
