"""What the points of an anomaly monitor say about its value: which are outside, when it ends."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.explain.events import Window
from grantex_tui.rehearsal.explain.explanation import Band, Change, End


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.evaluate.machine import GroupMachine
    from grantex_tui.monitoring.evaluate.missing import Outcome
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.rehearsal.explain.explanation import BandPoint, Explanation
    from grantex_tui.rehearsal.explain.judged import Judged


def points_window(monitor: Monitor, at: float) -> Window:
    """The intervals that an evaluation's value is made of, the last that have closed.

    Args:
        monitor: an anomaly monitor.
        at: the evaluation's instant.
    """
    band, until = monitor.query.band, closed_by(monitor, at)
    assert band is not None
    return Window(until - band.points * band.point, until)


def closed_by(monitor: Monitor, at: float) -> float:
    """The end of the last interval that an evaluation at *at* knows."""
    assert monitor.query.band is not None
    interval = monitor.query.band.point
    return (at - monitor.options.evaluation_delay) // interval * interval


def of_band(
    told: Explanation, found: Judged, rule: Rule, machine: GroupMachine, *, counts: bool
) -> Explanation:
    """*told*, with what the points say.

    Args:
        told: of an anomaly monitor.
        found: its points, from the beginning of the state's first window on.
        rule: the monitor's.
        machine: the group's, as it stood after the evaluation; it is moved on.
        counts: whether its points are counts of events.
    """
    after, until = told.window
    points = tuple(point for point in found.points if after <= point.start < until)
    judged = sum(point.count or 0 for point in points)
    band = Band(
        points,
        _tipped(told, found.points),
        found.rests_on,
        missed=max(0, told.counted - int(judged)) if counts else 0,
    )
    return replace(
        told,
        band=band,
        end=_end(told, found.points, machine),
        changes=tuple(_changes(told, rule)),
    )


def _tipped(told: Explanation, points: Iterable[BandPoint]) -> BandPoint | None:
    """The newest point outside at the evaluation with which the state began."""
    if told.state not in (State.ALERT, State.WARN) or told.since is None:
        return None
    closed = closed_by(told.monitor, told.since)
    outside = [point for point in points if point.end <= closed and point.outside]
    return outside[-1] if outside else None


def _end(
    told: Explanation, points: Iterable[BandPoint], machine: GroupMachine
) -> End | None:  # fmt: skip
    """The first evaluation at which the state is another, should every further point be inside."""
    monitor = told.monitor
    limits, options = monitor.query.band, monitor.options
    if told.state not in (State.ALERT, State.WARN):
        return None
    assert limits is not None
    interval, period = limits.point, period_of(monitor.query.window)
    alert = limits.points
    recovery = max(1, (options.recovery_window or limits.alert_window) // interval)
    most = max(alert, recovery)
    last = [point.outside for point in points if point.end <= told.window[1]]
    recent = deque(last, maxlen=most)
    closed = told.window[1]
    for number in range(1, most * interval // period + 3):
        at = told.at + number * period
        while closed + interval <= closed_by(monitor, at):
            closed += interval
            recent.append(False)
        value = _fraction(recent, alert)
        held = _fraction(recent, recovery) if recovery != alert else None
        outcome: Outcome = Absent.KEEP if value is None else value
        change = machine.step(at, outcome, held)
        if change is not None and change.source is not change.destination:
            return End(at, change.destination, change.value)
    return None


def _fraction(points: Iterable[bool | None], last: int) -> float | None:
    known = [point for point in list(points)[-last:] if point is not None]
    return sum(known) / len(known) if known else None


def _changes(told: Explanation, rule: Rule) -> Iterator[Change]:
    """The fraction with which it would have alerted."""
    value, limit = told.value, rule.thresholds.critical
    if told.state is State.ALERT or limit is None or value is None:
        return
    critical = rule.comparator.just_crossed_by(value)
    if critical:  # a fraction of 0 would always alert, and Datadog refuses it
        yield Change("critical", limit, critical, value)
