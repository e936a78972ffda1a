"""Stays in Alert: which incident each is about, how late it came, which are false, which flap.

Our definitions, since Datadog has no word for them. An alert is a group's stay in Alert. It is
about an incident if it lasts into the time from the incident's beginning to its end and the
monitor's *grace*, its window and two evaluations: until then what happened can still be counted.
An incident is detected when the first alert about it begins, and at once if one is on already.
An alert about none is false. A *flap* is an alert within `FLAP_EVALUATIONS` evaluations of the
same group's last way out of Alert.

Measures, expectations, sweeps, comparisons and timelines all ask here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, Protocol

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Incident, Pass, Span

FLAP_EVALUATIONS = 10
"""An alert that comes so soon after the group's recovery is a flap."""

Times = tuple[float | None, ...]
"""Seconds for each incident; None: nobody noticed it."""


class Stay(Protocol):
    """A stretch of time in a state, epoch seconds."""

    @property
    def start(self) -> float:
        """Its first instant."""
        ...

    @property
    def end(self) -> float:
        """The instant after its last."""
        ...


class Alert(NamedTuple):
    """A group's stay in Alert."""

    start: float
    end: float


def grace_of(monitor: Monitor) -> float:
    """Seconds after an incident's end in which an alert is still about it."""
    window = monitor.query.window
    return float(window + 2 * period_of(window) + monitor.options.evaluation_delay)


class Reach:
    """What the alerts of one monitor are about.

    The work is small enough for the thousands of settings that a sweep tries: incidents are merged
    once, and alerts are sorted and searched, not compared with each incident.

    Args:
        monitor: for its grace.
        incidents: what really happened.
    """

    def __init__(self, monitor: Monitor, incidents: Sequence[Incident]) -> None:
        self._incidents = incidents
        self._grace = grace_of(monitor)
        self._real = _merged((each.start, each.end + self._grace) for each in incidents)
        self._real_starts = [start for start, _ in self._real]

    def about(self, alert: Stay) -> list[Incident]:
        """The incidents that an alert is about."""
        return [
            each
            for each in self._incidents
            if alert.start <= each.end + self._grace and alert.end > each.start
        ]

    def right_seconds(self, alert: Stay) -> float | None:
        """For how long an alert was about an incident; None: it never was, so it is false."""
        first = bisect_right(self._real_starts, alert.start) - 1
        if first < 0 or self._real[first][1] < alert.start:
            first += 1
        about = self._real[first : bisect_left(self._real_starts, alert.end, first)]
        if not about:
            return None
        return sum(min(end, alert.end) - max(start, alert.start) for start, end in about)

    def times(self, alerts: Iterable[Stay]) -> tuple[Times, Times]:
        """How soon each incident was noticed, and how long after its end that was over.

        Both are 0 at the least: for an alert that is on already, or over by the incident's end.
        """
        ordered = sorted((each.start, each.end) for each in alerts)
        starts = [start for start, _ in ordered]
        latest_ends = list(accumulate((end for _, end in ordered), max))
        each = [self._timely(incident, starts, latest_ends) for incident in self._incidents]
        return tuple(delay for delay, _ in each), tuple(recovery for _, recovery in each)

    def _timely(
        self, incident: Incident, starts: Sequence[float], latest_ends: Sequence[float]
    ) -> tuple[float | None, float | None]:
        # Of the alerts that begin in time the last to end tells whether any is about the incident.
        in_time = bisect_right(starts, incident.end + self._grace)
        if not in_time or latest_ends[in_time - 1] <= incident.start:
            return None, None
        recovery = max(0.0, latest_ends[in_time - 1] - incident.end)
        before = bisect_right(starts, incident.start)
        if before and latest_ends[before - 1] > incident.start:
            return 0.0, recovery
        return starts[before] - incident.start, recovery


def times_to_detect(
    spans: Iterable[Span], incidents: Sequence[Incident], monitors: Sequence[Monitor]
) -> Times:
    """Seconds from each incident's beginning until the first of several monitors notices it."""
    by_monitor: dict[int, list[Span]] = {}
    for span in spans:
        if span.state is State.ALERT:
            by_monitor.setdefault(span.monitor, []).append(span)
    times = [
        Reach(monitors[index], incidents).times(alerts)[0] for index, alerts in by_monitor.items()
    ]
    return soonest(times, incidents)


def soonest(times: Iterable[Times], incidents: Sequence[Incident]) -> Times:
    """Of several monitors' times the least for each incident."""
    return _chosen(min, times, incidents)


def latest(times: Iterable[Times], incidents: Sequence[Incident]) -> Times:
    """Of several monitors' times the greatest for each incident."""
    return _chosen(max, times, incidents)


def _chosen(
    choose: Callable[[list[float]], float], times: Iterable[Times], incidents: Sequence[Incident]
) -> Times:
    by_incident = zip((None,) * len(incidents), *times, strict=True)
    known = ([time for time in each if time is not None] for each in by_incident)
    return tuple(choose(each) if each else None for each in known)


def false_alerts(
    spans: Iterable[Span], incidents: Sequence[Incident], monitors: Sequence[Monitor]
) -> list[Span]:
    """The alerts that are about no incident, by time."""
    reaches: dict[int, Reach] = {}
    alone = []
    for span in spans:
        if span.state is State.ALERT:
            if span.monitor not in reaches:
                reaches[span.monitor] = Reach(monitors[span.monitor], incidents)
            if reaches[span.monitor].right_seconds(span) is None:
                alone.append(span)
    return sorted(alone, key=lambda span: span.start)


def changes_of(rehearsed: Pass, monitor: int) -> Iterator[Transition]:
    """A monitor's changes of state, by time; repeated notifications are none."""
    return (
        each
        for each in rehearsed.transitions
        if each.index == monitor and each.source is not each.destination
    )


def flaps(changes: Iterable[Transition], monitor: Monitor) -> Iterator[Transition]:
    """The changes of one monitor, in their order, with which an alert begins that is a flap."""
    limit = FLAP_EVALUATIONS * period_of(monitor.query.window)
    recovered: dict[Group, float] = {}
    for change in changes:
        if change.source is change.destination:
            continue  # a repeated notification
        if change.source is State.ALERT:
            recovered[change.group] = change.at
        since = recovered.get(change.group)
        if change.destination is State.ALERT and since is not None and change.at - since <= limit:
            yield change


def without_waiting(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans by monitor and group, without the time in which a group waited for its first data."""
    key: tuple[int, Group] | None = None
    for span in spans:
        if (span.monitor, span.group) == key or span.state is not State.NO_DATA:
            yield span
        key = span.monitor, span.group


def alerts_of(changes: Iterable[Transition], end: float) -> list[Alert]:
    """The stays in Alert of a group that lasts until *end*, from its changes of state."""
    alerts: list[Alert] = []
    since: float | None = None
    for change in changes:
        if since is not None:
            alerts.append(Alert(since, change.at))
            since = None
        if change.destination is State.ALERT:
            since = change.at
    if since is not None:
        alerts.append(Alert(since, end))
    return alerts


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that touch, as one."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
