"""One monitor under evaluation: its source, its groups, and what a view wants to know of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.groups import ManyGroups, OneGroup
from grantex_tui.monitoring.evaluate.missing import missing_data_of
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.evaluate.states import State, TransitionKind


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.groups import Groups, Leave, Watch
    from grantex_tui.monitoring.evaluate.machine import GroupMachine
    from grantex_tui.monitoring.evaluate.readings import Reading, Source
    from grantex_tui.monitoring.evaluate.states import Transition


_HISTORY = 60


@dataclass(frozen=True, slots=True)
class GroupSnapshot:
    """A group's state, since when, and the value last compared."""

    group: Group
    state: State
    value: float | None
    since: float | None


@dataclass(frozen=True, slots=True)
class MonitorSnapshot:
    """A monitor at one instant, for views.

    *state* is the worst of the groups, *value* the most critical of their values, *history* that
    of the last evaluations, oldest first. *note* says what is approximate or waited for. *since*
    is None before the first evaluation.
    """

    monitor: Monitor
    state: State
    since: float | None
    value: float | None
    groups: tuple[GroupSnapshot, ...]
    note: str
    history: tuple[float | None, ...]
    triggered: int
    """How often a group went to Alert."""
    states: tuple[State, ...] = ()
    """The states at the evaluations of *history*."""


class MonitorRun:
    """Evaluates one monitor whenever it is told to."""

    def __init__(
        self,
        monitor: Monitor,
        index: int,
        source: Source,
        *,
        covered_from: float,
        watch: Watch | None,
        may_rest: bool,
        keep_history: bool = True,
        leave: Leave | None = None,
    ) -> None:
        self.monitor = monitor
        self._window = monitor.query.window
        self.period = period_of(self._window)
        self._source = source
        self._is_grouped = bool(monitor.group_by)
        missing, rule = missing_data_of(monitor), rule_of(monitor)
        self._groups: Groups = (
            ManyGroups(monitor, index, rule, missing, watch, may_rest=may_rest, leave=leave)
            if self._is_grouped
            else OneGroup(monitor, index, rule, missing, watch, may_rest=may_rest)
        )
        self._extreme = min if missing.below else max
        lead = 0 if monitor.query.only_grows else self._window
        self._ready_at = covered_from + lead + monitor.options.evaluation_delay
        self._waits = False
        self._history: deque[float | None] = deque(maxlen=_HISTORY)
        self._states: deque[State] = deque(maxlen=_HISTORY)
        self._keeps_history = keep_history
        self._triggered = 0

    def evaluate(self, at: int) -> Sequence[Transition]:
        """One evaluation; the transitions in the order of the groups."""
        self._waits = at < self._ready_at
        if self._waits:
            return ()
        groups, source = self._groups, self._source
        # In a rehearsal, most evaluations of most monitors: 1.5 µs instead of 5.
        if not self._keeps_history and groups.rest(at) and source.finds_the_same(at):
            return ()
        if self._is_grouped:
            for group in groups.expire(at):
                source.forget(group)
        reading = source.read(at)
        transitions = groups.step(at, reading)
        if self._keeps_history:
            self._history.append(self._most_critical(reading) if reading.values else reading.zero)
            self._states.append(groups.overall())
        for transition in transitions:
            self._triggered += transition.kind is TransitionKind.TRIGGERED
        return transitions

    def _most_critical(self, reading: Reading) -> float | None:
        values = reading.values.values()
        return self._extreme((value for value in values if value is not None), default=None)

    def machines(self) -> Iterable[GroupMachine]:
        """Those of the groups that are known now."""
        return self._groups.every()

    def snapshot(self) -> MonitorSnapshot:
        """How it stands after the last evaluation."""
        state = self._groups.overall()
        machines = sorted(self._groups.machines(), key=lambda item: item[0])
        in_state = [machine.since for _, machine in machines if machine.state is state]
        since = [instant for instant in in_state if instant is not None]
        return MonitorSnapshot(
            monitor=self.monitor,
            state=state,
            since=(max if state is State.OK else min)(since, default=None),
            value=self._history[-1] if self._history else None,
            groups=tuple(
                GroupSnapshot(machine.group, machine.state, machine.value, machine.since)
                for _, machine in machines
            ),
            note=self._note(state),
            history=tuple(self._history),
            triggered=self._triggered,
            states=tuple(self._states),
        )

    def _note(self, state: State) -> str:
        if self._waits:
            return f"waits until {self._window // 60} min of events are known"
        if self.monitor.query.band is None:
            return ""
        groups = (group for group, machine in self._groups.machines() if machine.state is state)
        return f"approximate: {self._source.status(next(iter(groups), ()))}"
