"""The state of one group: outcomes of evaluations in, transitions out.

It counts nothing and knows no logs, so the same outcomes can be run through other rules: that is
how a threshold is tried on a history without counting again (`scan`).

Datadog: monitors/notify/variables (first and last triggered), monitors/configuration (renotify,
auto-resolve). Our choices where it says nothing:

- A group starts as No Data. Coming from there to OK is no transition; nobody had been told.
- A recovery notifies if any transition since the last OK did.
- The renotify interval and its occurrences start anew with every transition. There is no end
  without ``renotify_occurrences`` (Datadog's pages disagree), and a silent No Data is not repeated.
- ``timeout_h`` counts from the first evaluation without data, and what it resolved stays OK until
  there is data again. An empty count that is evaluated as 0 is data.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State, Transition, TransitionKind


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.missing import Outcome
    from grantex_tui.monitoring.evaluate.rule import Rule


_KIND = {
    State.OK: TransitionKind.RECOVERED,
    State.WARN: TransitionKind.WARN,
    State.ALERT: TransitionKind.TRIGGERED,
    State.NO_DATA: TransitionKind.NO_DATA,
}
_AGAIN = {
    State.WARN: TransitionKind.RE_WARN,
    State.ALERT: TransitionKind.RE_TRIGGERED,
    State.NO_DATA: TransitionKind.RE_NO_DATA,
}


class GroupMachine:
    """One group's state, and since when."""

    __slots__ = (
        "_absent_since", "_calm", "_crosses", "_first", "_group", "_has_data", "_index", "_last", "_monitor",
        "_notified_at", "_quiet_until", "_repeats", "_resolved", "_rule", "_settled", "_told", "_told_since_ok",
        "first_at", "first_state", "highest", "lowest", "said_at", "since", "started", "state",
        "value",
    )  # fmt: skip

    def __init__(self, rule: Rule, monitor: str = "", group: Group = (), index: int = 0) -> None:
        self._rule = rule
        self._monitor = monitor
        self._group = group
        self._index = index
        self.state = State.NO_DATA
        self.started = False
        """Whether an evaluation has said anything yet."""
        self.since: float | None = None
        self.value: float | None = None
        self.first_at: float | None = None
        """The first evaluation."""
        self.said_at: float | None = None
        """The first evaluation that said anything, and what it said."""
        self.first_state = State.NO_DATA
        self.lowest = inf
        self.highest = -inf
        self._first: float | None = None
        self._last: float | None = None
        self._has_data = False
        self._absent_since: float | None = None
        self._resolved = False
        self._told = False
        self._told_since_ok = False
        self._notified_at = 0.0
        self._repeats = 0
        self._settled: Outcome | None = None
        """What can come again without effect, before *_quiet_until*."""
        self._quiet_until = inf
        """When people are told again."""
        self._calm = False
        """Whether the last evaluation found a value, and all was and is OK."""
        self._crosses = rule.crosses

    @property
    def group(self) -> Group:
        """The facets and their values."""
        return self._group

    @property
    def index(self) -> int:
        """Its monitor's position."""
        return self._index

    def settled(self, outcome: Outcome) -> bool:
        """Whether *outcome*, which came last, can come any number of times without effect."""
        return self._settled is not None and outcome == self._settled and self._quiet_until == inf

    def step(
        self, at: float, outcome: Outcome, recovery_value: float | None = None
    ) -> Transition | None:
        """One evaluation.

        Args:
            at: its instant, epoch seconds, later than the last one.
            outcome: what it found.
            recovery_value: what recovery thresholds are compared with, if that is another value.
        """
        if outcome == self._settled and at < self._quiet_until:
            return None  # as most evaluations: they find what the last one found
        if self._calm and recovery_value is None and self._stays_calm(outcome):
            return None
        if self.first_at is None:
            self.first_at = at
        if isinstance(outcome, Absent):
            transition = self._without_value(at, outcome)
            waits = self._absent_since is not None and self._timeout_pending()
        else:
            transition = self._with_value(at, outcome, recovery_value)
            waits = recovery_value is not None
        self._settled = None if waits else outcome
        self._quiet_until = (
            self._notified_at + self._rule.renotify_every if self._may_repeat() else inf
        )
        self._calm = self.state is State.OK and self._absent_since is None
        return transition

    def _stays_calm(self, outcome: Outcome) -> bool:
        """Whether a group that is OK and has data stays so: all of `step` that this needs."""
        if isinstance(outcome, Absent):
            self._calm = False
            return False
        crosses, limits = self._crosses, self._rule.thresholds
        if (limits.critical is not None and crosses(outcome, limits.critical)) or (
            limits.warning is not None and crosses(outcome, limits.warning)
        ):
            self._calm = False
            return False
        self.value = self._settled = outcome
        if outcome < self.lowest:
            self.lowest = outcome
        elif outcome > self.highest:
            self.highest = outcome
        return True

    def leave(self, at: float) -> Transition | None:
        """The group is dropped. What was triggered ends there, and nobody is told."""
        if not self.started or self.state is State.OK:
            return None
        self.value = None
        self._told_since_ok = False
        return self._move(at, State.OK, notify=False)

    def _with_value(
        self, at: float, value: float, recovery_value: float | None
    ) -> Transition | None:
        self.value = value
        if value < self.lowest:  # noqa: PLR1730 - min() takes three times as long
            self.lowest = value
        if value > self.highest:  # noqa: PLR1730 - as above
            self.highest = value
        self._has_data = True
        self._absent_since = None
        self._resolved = False
        state = self._rule.decide(self.state, value, recovery_value)
        return self._repeat(at) if state is self.state else self._move(at, state, notify=True)

    def _without_value(self, at: float, outcome: Absent) -> Transition | None:
        self.value = None
        if self._absent_since is None:
            self._absent_since = at
        if self._resolved:
            return None
        if self._timeout_pending() and at - self._absent_since >= self._rule.resolve_after:
            self._resolved = True
            return self._move(at, State.OK, notify=True)
        state = self.state
        if outcome is Absent.RESOLVE:
            state = State.OK
        elif outcome is not Absent.KEEP and self._has_data:
            state = State.NO_DATA
        if state is self.state:
            return self._repeat(at)
        return self._move(at, state, notify=outcome is not Absent.SHOW)

    def _timeout_pending(self) -> bool:
        return self._rule.resolve_after > 0 and self.started and self.state is not State.OK

    def _may_repeat(self) -> bool:
        most = self._rule.renotify_most
        exhausted = most is not None and self._repeats >= most
        return self._told and not exhausted and self._rule.renotifies(self.state)

    def _move(self, at: float, state: State, *, notify: bool) -> Transition | None:
        source, self.state, self.since = self.state, state, at
        first = not self.started
        if first:
            self.started = True
            self.said_at, self.first_state = at, state
        if first and state is State.OK:
            return None
        if state is State.OK:
            notify = self._told_since_ok
            about = source
        else:
            about = state
            self._last = at
            self._first = at if self._first is None else self._first
        transition = self._transition(at, source, _KIND[state], about, notify=notify)
        self._told = notify and state is not State.OK
        self._told_since_ok = state is not State.OK and (notify or self._told_since_ok)
        self._notified_at = at
        self._repeats = 0
        if state is State.OK:
            self._first = self._last = None
        return transition

    def _repeat(self, at: float) -> Transition | None:
        due = self._may_repeat() and at - self._notified_at >= self._rule.renotify_every
        if not due:
            return None
        self._notified_at = at
        self._repeats += 1
        return self._transition(at, self.state, _AGAIN[self.state], self.state, notify=True)

    def _transition(
        self, at: float, source: State, kind: TransitionKind, about: State, *, notify: bool
    ) -> Transition:
        return Transition(
            monitor=self._monitor,
            group=self._group,
            at=at,
            source=source,
            destination=self.state,
            kind=kind,
            value=self.value,
            threshold=self._rule.threshold(about),
            notify=notify,
            first_triggered_at=self._first,
            last_triggered_at=self._last,
            index=self._index,
        )


def scan(
    outcomes: Iterable[tuple[float, Outcome, float | None]],
    rule: Rule,
    *,
    monitor: str = "",
    group: Group = (),
) -> list[Transition]:
    """The transitions of one group under *rule*, from its outcomes at every evaluation.

    Args:
        outcomes: instant, outcome and recovery value (None: the same), oldest first.
        rule: with whatever thresholds are to be tried.
        monitor: its name, for the transitions.
        group: the group, for the transitions.
    """
    machine = GroupMachine(rule, monitor, group)
    steps = (machine.step(at, outcome, recovery) for at, outcome, recovery in outcomes)
    return [transition for transition in steps if transition is not None]
