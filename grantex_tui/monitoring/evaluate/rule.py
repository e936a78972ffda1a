"""From a value to a state: critical, then warning, then what a recovery threshold holds back.

Datadog: monitors/guide/recovery-thresholds. A state is held as long as its recovery threshold is
still crossed in the comparator's own sense: ``> T`` recovers at ``value <= R``, ``>= T`` at
``value < R``, ``< T`` at ``value >= R``, ``<= T`` at ``value > R``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.model import Monitor


_BY_STATUS = {"alert": State.ALERT, "warn": State.WARN, "no data": State.NO_DATA}
_HOUR = 3600.0
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Rule:
    """Everything that a group's state depends on apart from the values. Durations in seconds.

    Change ``thresholds`` (`dataclasses.replace`) to ask what another threshold would have done.
    """

    comparator: Comparator
    thresholds: Thresholds
    holds: Comparator | None = None
    """The comparator that keeps a state at its recovery threshold; None: the comparator's own.

    An anomaly monitor keeps it while *more* points are outside than the recovery fraction."""
    renotify_every: float = 0.0
    """0: never again."""
    renotify_states: frozenset[State] = frozenset()
    renotify_most: int | None = None
    resolve_after: float = 0.0
    """Without data for so long, a triggered group is resolved; 0: never."""

    @property
    def crosses(self) -> Callable[[float, float], bool]:
        """Whether a value is on the wrong side of a threshold."""
        return self.comparator.crosses

    def decide(self, state: State, value: float, recovery_value: float | None = None) -> State:
        """The state after an evaluation that found *value* in *state*.

        Args:
            state: before it.
            value: compared with the thresholds.
            recovery_value: compared with the recovery thresholds, if that is another value.
        """
        crosses, limits = self.crosses, self.thresholds
        if limits.critical is not None and crosses(value, limits.critical):
            return State.ALERT
        if limits.warning is not None and crosses(value, limits.warning):
            return State.WARN
        if state is State.OK or state is State.NO_DATA:
            return State.OK
        return self._held(state, value if recovery_value is None else recovery_value)

    def _held(self, state: State, value: float) -> State:
        """An alert is a warning as well: leaving it at once, the warning's hold still applies."""
        if not self.comparator.has_side:
            return State.OK
        holds = (self.holds or self.comparator).crosses
        limits = self.thresholds
        critical, warning = limits.critical_recovery, limits.warning_recovery
        if state is State.ALERT and critical is not None and holds(value, critical):
            return State.ALERT
        if warning is not None and holds(value, warning):
            return State.WARN
        return State.OK

    def threshold(self, state: State) -> float | None:
        """The threshold that *state* is about."""
        if state is State.ALERT:
            return self.thresholds.critical
        return self.thresholds.warning if state is State.WARN else None

    def renotifies(self, state: State) -> bool:
        """Whether people are told again while *state* lasts."""
        return self.renotify_every > 0 and state in self.renotify_states


def rule_of(monitor: Monitor) -> Rule:
    """The rule of a monitor; without ``options.thresholds`` the query's number is the critical."""
    options = monitor.options
    limits = options.thresholds
    critical = monitor.query.threshold if limits.critical is None else limits.critical
    known = (_BY_STATUS.get(status) for status in options.renotify_statuses)
    return Rule(
        comparator=monitor.query.comparator,
        thresholds=Thresholds(
            critical, limits.warning, limits.critical_recovery, limits.warning_recovery
        ),
        holds=monitor.query.recovery_comparator,
        renotify_every=(options.renotify_interval or 0) * _MINUTE,
        renotify_states=frozenset(state for state in known if state is not None),
        renotify_most=options.renotify_occurrences,
        resolve_after=options.timeout_h * _HOUR,
    )
