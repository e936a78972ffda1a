"""How a monitor would have done under a setting: its alerts, what they were about, how soon.

An alert is about an incident as `detection` has it; here the work for many settings is kept small.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.tracks import replay_runs, runs_of
from grantex_tui.rehearsal.measure.detection import grace_of
from grantex_tui.rehearsal.measure.measures import FLAP_EVALUATIONS


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Incident, Track

HOUR = 3600.0


class Alert(NamedTuple):
    """A group's stay in Alert."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What people would have had of a monitor. Durations in seconds."""

    alerts: int
    alert_seconds: float
    warnings: int
    flaps: int
    """Alerts within ten evaluations of the same group's last way out of Alert."""
    delays: tuple[float | None, ...]
    """From each incident's beginning to its detection; None: it was missed."""
    false_alerts: int
    """Alerts that are about no incident."""
    wrong_seconds: float
    """In Alert while there was no incident, nor its end in the window."""

    @property
    def noise(self) -> int:
        """Alerts for nothing; one that stays on counts once more for every hour of it."""
        return self.false_alerts + int(self.wrong_seconds // HOUR)

    def detected(self, incidents: Iterable[int]) -> list[int]:
        """Which of these incidents were detected, by position."""
        return [number for number in incidents if self.delays[number] is not None]

    def missed(self, incidents: Iterable[int]) -> list[int]:
        """Which were not."""
        return [number for number in incidents if self.delays[number] is None]

    def typical_delay(self, incidents: Iterable[int]) -> float | None:
        """The median of the delays of those that were detected."""
        return median(found) if (found := self._delays(incidents)) else None

    def worst_delay(self, incidents: Iterable[int]) -> float | None:
        """The longest of them."""
        return max(self._delays(incidents), default=None)

    def _delays(self, incidents: Iterable[int]) -> list[float]:
        delays = (self.delays[number] for number in incidents)
        return [delay for delay in delays if delay is not None]


class History:
    """The evaluations of one group, made ready for being run through many rules."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._runs = list(runs_of(track))
        values = [run.outcome for run in self._runs if not isinstance(run.outcome, Absent)]
        self._has_values_only = len(values) == len(self._runs)
        self._lowest, self._highest = min(values, default=inf), max(values, default=-inf)

    def changes(self, rule: Rule) -> list[Transition]:
        """The group's changes of state under *rule*; repeated notifications are none."""
        if self._is_calm(rule):
            return []
        found = replay_runs(self.track, self._runs, rule)[1]
        return [change for change in found if change.source is not change.destination]

    def _is_calm(self, rule: Rule) -> bool:
        """Whether it is OK all along, since no value crosses a threshold."""
        if not self._has_values_only or not rule.comparator.has_side:
            return False
        value = rule.comparator.worst((self._lowest, self._highest))
        limits = rule.thresholds.critical, rule.thresholds.warning
        return not any(limit is not None and rule.crosses(value, limit) for limit in limits)


class Judge:
    """Judges the alerts of one monitor against what really happened.

    Args:
        monitor: for its window and how often it is evaluated.
        incidents: what really happened.
        end: the end of the pass.
    """

    def __init__(self, monitor: Monitor, incidents: Sequence[Incident], end: float) -> None:
        self._incidents = incidents
        self._grace = grace_of(monitor)
        self._flap = FLAP_EVALUATIONS * period_of(monitor.query.window)
        self._end = end
        self._real = _merged((each.start, each.end + self._grace) for each in incidents)
        self._real_starts = [start for start, _ in self._real]

    def trial(self, histories: Iterable[History], rule: Rule) -> Trial:
        """How the monitor does under *rule*.

        Args:
            histories: of all its groups, by group and time.
            rule: with the thresholds to try.
        """
        alerts: list[Alert] = []
        changes: list[Transition] = []
        for history in histories:
            if own := history.changes(rule):
                left_at = history.track.left_at
                changes += own
                alerts += alerts_of(own, self._end if left_at is None else left_at)
        return self.judged(alerts, changes)

    def judged(self, alerts: Iterable[Alert], changes: Iterable[Transition]) -> Trial:
        """What alerts come to.

        Args:
            alerts: in any order.
            changes: of state; those of each group in their order.
        """
        warnings = flaps = 0
        recovered: dict[Group, float] = {}
        for change in changes:
            warnings += change.destination is State.WARN
            if change.source is State.ALERT:
                recovered[change.group] = change.at
            if change.destination is State.ALERT and change.group in recovered:
                flaps += change.at - recovered[change.group] <= self._flap
        return self._judged(sorted(alerts), warnings, flaps)

    def _judged(self, alerts: list[Alert], warnings: int, flaps: int) -> Trial:
        right = [self._right_seconds(alert) for alert in alerts]
        lasted = sum(alert.end - alert.start for alert in alerts)
        return Trial(
            alerts=len(alerts),
            alert_seconds=lasted,
            warnings=warnings,
            flaps=flaps,
            delays=self._delays(alerts),
            false_alerts=sum(seconds is None for seconds in right),
            wrong_seconds=lasted - sum(seconds or 0.0 for seconds in right),
        )

    def _right_seconds(self, alert: Alert) -> float | None:
        """For how long an alert was about an incident; None: it never was."""
        first = bisect_right(self._real_starts, alert.start) - 1
        if first < 0 or self._real[first][1] < alert.start:
            first += 1
        about = self._real[first : bisect_left(self._real_starts, alert.end, first)]
        if not about:
            return None
        return sum(min(end, alert.end) - max(start, alert.start) for start, end in about)

    def _delays(self, alerts: Sequence[Alert]) -> tuple[float | None, ...]:
        starts = [alert.start for alert in alerts]
        latest_ends = list(accumulate((alert.end for alert in alerts), max))
        return tuple(self._delay(each, starts, latest_ends) for each in self._incidents)

    def _delay(
        self, incident: Incident, starts: Sequence[float], latest_ends: Sequence[float]
    ) -> float | None:
        """Seconds until the first alert about an incident; 0 if one is on already."""
        before = bisect_right(starts, incident.start)
        if before and latest_ends[before - 1] > incident.start:
            return 0.0
        if before < len(starts) and starts[before] <= incident.end + self._grace:
            return starts[before] - incident.start
        return None


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


def worst_of(trials: Sequence[Trial]) -> Trial:
    """What several phases come to at worst, in each respect."""
    if len(trials) == 1:
        return trials[0]
    return Trial(
        alerts=max(trial.alerts for trial in trials),
        alert_seconds=max(trial.alert_seconds for trial in trials),
        warnings=max(trial.warnings for trial in trials),
        flaps=max(trial.flaps for trial in trials),
        delays=tuple(map(_longest, zip(*(trial.delays for trial in trials), strict=True))),
        false_alerts=max(trial.false_alerts for trial in trials),
        wrong_seconds=max(trial.wrong_seconds for trial in trials),
    )


def _longest(delays: Sequence[float | None]) -> float | None:
    found = [delay for delay in delays if delay is not None]
    return max(found) if len(found) == len(delays) else None


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that touch, as one."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
