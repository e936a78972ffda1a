"""How a monitor would have done under a setting: its alerts, what they were about, how soon.

`stays` says which alert is about which incident.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.tracks import replay_runs, runs_of
from grantex_tui.rehearsal.measure.measures import median_of
from grantex_tui.rehearsal.measure.stays import Reach, alerts_of, flaps


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Incident, Track
    from grantex_tui.rehearsal.measure.stays import Stay, Times

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What people would have had of a monitor. Durations in seconds."""

    alerts: int
    alert_seconds: float
    warnings: int
    flaps: int
    """Alerts within ten evaluations of the same group's last way out of Alert."""
    delays: Times
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
        return median_of(self._delays(incidents))

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
        self._monitor = monitor
        self._reach = Reach(monitor, incidents)
        self._end = end

    def trial(self, histories: Iterable[History], rule: Rule) -> Trial:
        """How the monitor does under *rule*.

        Args:
            histories: of all its groups, by group and time.
            rule: with the thresholds to try.
        """
        alerts: list[Stay] = []
        changes: list[Transition] = []
        for history in histories:
            if own := history.changes(rule):
                left_at = history.track.left_at
                changes += own
                alerts += alerts_of(own, self._end if left_at is None else left_at)
        return self.judged(alerts, changes)

    def judged(self, alerts: Sequence[Stay], changes: Sequence[Transition]) -> Trial:
        """What alerts come to.

        Args:
            alerts: in any order.
            changes: of state; those of each group in their order.
        """
        right = [self._reach.right_seconds(alert) for alert in alerts]
        lasted = sum(alert.end - alert.start for alert in alerts)
        return Trial(
            alerts=len(alerts),
            alert_seconds=lasted,
            warnings=sum(change.destination is State.WARN for change in changes),
            flaps=sum(1 for _ in flaps(changes, self._monitor)),
            delays=self._reach.times(alerts)[0],
            false_alerts=sum(seconds is None for seconds in right),
            wrong_seconds=lasted - sum(seconds or 0.0 for seconds in right),
        )
