"""The values that a group's evaluations found, as a line under its strip, with the thresholds."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.engine.tracks import runs_of
from grantex_tui.report.markup import element, text
from grantex_tui.report.table import short


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import Track
    from grantex_tui.report.timeline.axis import Scale

HEIGHT = 48
_UNITS = 1000.0
_ROOM = 1.15
"""So much higher than the highest of what is drawn."""
_NEAR = 6.0
"""A monitor of little is interesting near its threshold; what is that much above is cut off."""

Column = float | None


def curve(monitor: Monitor, tracks: Iterable[Track], scale: Scale) -> str:
    """The line of a group; "" where no evaluation found a value.

    What is drawn into one column is the worst of its time: the highest value, or the lowest for a
    monitor that alerts on little.

    Args:
        monitor: for its thresholds.
        tracks: every evaluation of the group.
        scale: a column for each point.
    """
    comparator = monitor.query.comparator
    columns = values(tracks, scale, comparator)
    found = [value for value in columns if value is not None]
    if not found:
        return ""
    limits = _limits(monitor)
    highest = max(found)
    top = max(highest, *limits.values()) * _ROOM
    if comparator.is_low:
        top = min(top, limits["critical"] * _NEAR or top)
    bottom = min(0.0, *found)
    lines = [_limit(name, value, bottom, top) for name, value in limits.items()]
    title = f"{short(min(found))} to {short(highest)}, alert {comparator} "
    title += short(limits["critical"])
    inside = element("title", text(title))
    inside += "".join(lines) + _path(columns, bottom, top)
    return element(
        "svg",
        inside,
        class_="strip curve",
        viewBox=f"0 0 {_UNITS:g} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=title,
    )


def values(tracks: Iterable[Track], scale: Scale, comparator: Comparator) -> list[Column]:
    """The worst value of each column; None where no evaluation in it found any."""
    columns: list[Column] = [None] * scale.width
    for track in tracks:
        for start, period, times, outcome, _ in runs_of(track):
            if isinstance(outcome, Absent) or not isfinite(outcome):
                continue
            first, until = scale.columns(start, start + max(times * period, 1))
            for place in range(first, until):
                known = columns[place]
                columns[place] = outcome if known is None else comparator.worst((known, outcome))
    return columns


def _limits(monitor: Monitor) -> dict[str, float]:
    thresholds = monitor.options.thresholds
    critical = monitor.query.threshold if thresholds.critical is None else thresholds.critical
    found = {"critical": critical}
    return found if thresholds.warning is None else found | {"warning": thresholds.warning}


def _height(value: float, bottom: float, top: float) -> float:
    """From the top; what is above it is drawn at it."""
    part = (value - bottom) / (top - bottom) if top > bottom else 0.0
    return HEIGHT - 2 - (HEIGHT - 4) * min(max(part, 0.0), 1.0)


def _limit(name: str, value: float, bottom: float, top: float) -> str:
    at = f"{_height(value, bottom, top):.4g}"
    return element("line", class_=f"l-{name}", x1="0", x2=f"{_UNITS:g}", y1=at, y2=at)


def _path(columns: Sequence[Column], bottom: float, top: float) -> str:
    """A line through the columns' middles, broken where there is no value."""
    width = _UNITS / len(columns)
    steps = []
    pen = "M"
    for place, value in enumerate(columns):
        if value is None:
            pen = "M"
            continue
        x = (place + 0.5) * width
        y = _height(value, bottom, top)
        # A lone point is a line without length, which round caps make visible.
        steps.append(f"{pen}{x:.5g} {y:.4g}" + ("h0" if pen == "M" else ""))
        pen = "L"
    return element("path", class_="line", d="".join(steps))
