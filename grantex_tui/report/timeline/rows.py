"""The rows of a timeline: which groups have one of their own, and which states are drawn in each.

Of several phases everything is drawn, the worst over the rest. An alert that not every phase has,
give or take an evaluation, is marked: Datadog's own phase is unknown, so it may come or not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.rehearsal.engine.model import Pass, Span

Phases = tuple[list["Span"], ...]
"""The spans of a group at each phase, by time."""
LOUDEST = 5
"""So many groups of a monitor have a row of their own."""


class Stay(NamedTuple):
    """A stretch of a row in one state."""

    start: float
    end: float
    state: State
    everywhere: bool = True
    """Whether every phase has it; only alerts are asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the timeline: one group of a monitor, or several drawn over each other."""

    monitor: int
    groups: tuple[Group, ...]
    stays: tuple[Stay, ...]
    alerted: int
    """How many of the groups were in Alert at one phase or another."""
    is_rest: bool = False
    """Whether these are the groups that have no row of their own."""


def rows(passes: Sequence[Pass], most: int = LOUDEST) -> list[list[Row]]:
    """The rows of each monitor, the loudest group first.

    Args:
        passes: of the same events and monitors, one for each phase.
        most: how many groups of a monitor have a row of their own.
    """
    by_monitor = _by_group(passes)
    return [
        list(_monitor_rows(index, by_monitor[index], period_of(monitor.query.window), most))
        for index, monitor in enumerate(passes[0].monitors)
    ]


def _by_group(passes: Sequence[Pass]) -> list[dict[Group, Phases]]:
    found: list[dict[Group, Phases]] = [
        defaultdict(lambda: tuple([] for _ in passes)) for _ in passes[0].monitors
    ]
    for phase, rehearsed in enumerate(passes):
        for span in rehearsed.spans:
            own = found[span.monitor][span.group][phase]
            # A group's wait for its first data is no state that anyone cares about.
            if own or span.state is not State.NO_DATA:
                own.append(span)
    return found


def _monitor_rows(
    monitor: int, by_group: dict[Group, Phases], period: int, most: int
) -> Iterator[Row]:
    """Groups that were never but OK have one row together."""
    by_noise = sorted(by_group, key=lambda group: (_quietness(by_group[group]), group))
    loud = [group for group in by_noise if _is_loud(by_group[group])]
    shown = loud[:most]
    if len(by_noise) == len(shown) + 1:
        shown = by_noise
    for group in shown:
        yield _row(monitor, (group,), by_group, period)
    named = set(shown)
    if rest := tuple(group for group in by_noise if group not in named):
        yield _row(monitor, rest, by_group, period, is_rest=True)


def _row(
    monitor: int,
    groups: tuple[Group, ...],
    by_group: dict[Group, Phases],
    period: int,
    *,
    is_rest: bool = False,
) -> Row:
    stays = [stay for group in groups for stay in _stays(by_group[group], period)]
    alerted = sum(
        any(span.state is State.ALERT for spans in by_group[group] for span in spans)
        for group in groups
    )
    return Row(monitor, groups, tuple(stays), alerted, is_rest)


def _is_loud(phases: Phases) -> bool:
    return any(span.state is not State.OK for spans in phases for span in spans)


def _quietness(phases: Phases) -> tuple[float, ...]:
    """What to sort by: more alerts first, then more time in Alert, in Warn, without data."""
    lasted = dict.fromkeys(State, 0.0)
    alerts = 0
    for spans in phases:
        for span in spans:
            lasted[span.state] += span.end - span.start
            alerts += span.state is State.ALERT
    return -alerts, -lasted[State.ALERT], -lasted[State.WARN], -lasted[State.NO_DATA]


def _stays(phases: Phases, period: int) -> Iterator[Stay]:
    alerts = [[span for span in spans if span.state is State.ALERT] for spans in phases]
    starts = [[span.start for span in spans] for spans in alerts]
    for spans in phases:
        for span in spans:
            everywhere = span.state is not State.ALERT or all(
                _overlaps(span, period, others, begins)
                for others, begins in zip(alerts, starts, strict=True)
            )
            yield Stay(span.start, span.end, span.state, everywhere)


def _overlaps(
    span: Span, tolerance: float, others: Sequence[Span], starts: Sequence[float]
) -> bool:
    """Whether one of *others*, by time, touches *span* or comes as near as *tolerance*."""
    before = bisect_right(starts, span.end + tolerance)
    return before > 0 and others[before - 1].end >= span.start - tolerance
