"""The groups of one monitor: which are known, which are evaluated, what each finds.

Our choices where Datadog says nothing:

- A group is first seen at the first evaluation whose result holds it; ``new_group_delay`` counts
  from there. It is new again after 24 hours out of every result.
- A group leaves the monitor once no result has held it for ``group_retention_duration``. If it was
  triggered, that ends with a recovery that nobody is told of.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple, Protocol

from grantex_tui.monitoring.evaluate.machine import GroupMachine
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State, worst


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.count.question import GroupKey
    from grantex_tui.monitoring.evaluate.missing import MissingData, Outcome
    from grantex_tui.monitoring.evaluate.readings import Reading
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.monitoring.evaluate.states import Transition


_NEW_AGAIN = 24 * 3600.0
_HOUR = 3600.0


class Evaluation(NamedTuple):
    """One evaluation of one group, as it happened."""

    monitor: int
    """Its position."""
    at: float
    group: Group
    outcome: Outcome
    recovery_value: float | None
    state: State
    """After it."""


Watch = Callable[[Evaluation], None]
Leave = Callable[[GroupMachine, int], None]
"""Told of a group that leaves its monitor, before it is forgotten, and when."""


class Groups(Protocol):
    """The groups of a monitor, of which a simple alert has one."""

    def step(self, at: int, reading: Reading) -> Sequence[Transition]:
        """Evaluate them all; the transitions in the order of the groups."""
        ...

    def rest(self, at: int) -> bool:
        """Whether an evaluation at *at* that finds what the last one found would say nothing."""
        ...

    def expire(self, at: int) -> Iterable[GroupKey]:
        """The groups that leave before the evaluation at *at*."""
        ...

    def machines(self) -> Iterable[tuple[GroupKey, GroupMachine]]:
        """Those that have a state."""
        ...

    def every(self) -> Iterable[GroupMachine]:
        """Those of all known groups, whether an evaluation has said anything or not."""
        ...

    def overall(self) -> State:
        """The worst state: Alert, Warn, No Data, OK."""
        ...


class OneGroup:
    """A simple alert."""

    def __init__(
        self,
        monitor: Monitor,
        index: int,
        rule: Rule,
        missing: MissingData,
        watch: Watch | None,
        *,
        may_rest: bool,
    ) -> None:
        self.machine = GroupMachine(rule, monitor.name, (), index)
        self._index = index
        self._missing = missing
        self._watch = watch
        self._data_at: int | None = None
        self._may_rest = (watch is None or may_rest) and missing.no_data_after is None
        self._rests = False

    def step(self, at: int, reading: Reading) -> Sequence[Transition]:
        """Evaluate the one group."""
        outcome: Outcome
        value = reading.values.get(()) if reading.values else None
        if value is None:
            silent_for = None if self._data_at is None else at - self._data_at
            outcome = self._missing.outcome(reading.zero, others=False, silent_for=silent_for)
        else:
            outcome = value
            self._data_at = at
        recovery = None if reading.recovery is None else reading.recovery.get(())
        transition = self.machine.step(at, outcome, recovery)
        if self._watch is not None:
            self._watch(Evaluation(self._index, at, (), outcome, recovery, self.machine.state))
        self._rests = self._may_rest and self.machine.settled(outcome)
        return () if transition is None else (transition,)

    def rest(self, at: int) -> bool:  # noqa: ARG002 - it never leaves
        """Whether its state stays as long as the outcome does."""
        return self._rests

    def expire(self, at: int) -> Iterable[GroupKey]:  # noqa: ARG002 - it never does
        """A simple alert's group stays."""
        return ()

    def machines(self) -> Iterable[tuple[GroupKey, GroupMachine]]:
        """The one."""
        return (((), self.machine),)

    def every(self) -> Iterable[GroupMachine]:
        """The one."""
        return (self.machine,)

    def overall(self) -> State:
        """Its state."""
        return self.machine.state


class _Known:
    __slots__ = ("data_at", "first_seen", "last_seen", "machine")

    def __init__(self, at: int) -> None:
        self.first_seen = at
        self.last_seen = at
        self.data_at: int | None = None
        self.machine: GroupMachine | None = None


class ManyGroups:
    """A multi alert.

    A group that has come to rest is not evaluated again until something changes for it: work is
    proportional to the groups whose logs come or go, not to those that have some or are known.
    """

    def __init__(
        self,
        monitor: Monitor,
        index: int,
        rule: Rule,
        missing: MissingData,
        watch: Watch | None,
        *,
        may_rest: bool,
        leave: Leave | None = None,
    ) -> None:
        self._monitor = monitor
        self._index = index
        self._rule = rule
        self._missing = missing
        self._watch = watch
        self._leave = leave
        self._delay = monitor.options.new_group_delay
        self._retention = monitor.options.group_retention_hours * _HOUR
        # A watched group of long retention can be new again, and wait, without having left.
        may_rest = watch is None or (may_rest and self._retention <= _NEW_AGAIN)
        self._may_rest = may_rest and missing.no_data_after is None
        self._known: dict[GroupKey, _Known] = {}
        self._present: set[GroupKey] = set()
        """Those that the last result held, but for those that have left since."""
        self._has_lost = False
        self._awake: dict[GroupKey, _Known] = {}
        """Those that the next evaluation has to look at, whatever it finds."""
        self._expiries: list[tuple[float, GroupKey]] = []
        self._left: list[Transition | None] = []
        self._silence: tuple[float | None, bool] = (None, False)
        self._at = self._before = 0
        """The last evaluation, and the one before it."""

    def step(self, at: int, reading: Reading) -> Sequence[Transition]:
        """Evaluate the groups of the result, then the known ones that it doesn't hold."""
        self._come_to(at)
        self._see(reading, at)
        silence = (reading.zero, self._missing.minds_others and bool(reading.values))
        if silence != self._silence:
            self._silence = silence
            self._awake = {g: known for g, known in self._known.items() if known.machine}
        transitions = [transition for transition in self._left if transition is not None]
        self._left.clear()
        values, recoveries, delay = reading.values, reading.recovery, self._delay
        for group, known in list(self._awake.items()):
            machine = known.machine
            if machine is None or at - known.first_seen < delay:
                continue
            value = values.get(group)
            if value is not None:
                known.data_at = at
            outcome = value if value is not None else self._without_value(at, known)
            recovery = None if recoveries is None else recoveries.get(group)
            transition = machine.step(at, outcome, recovery)
            if transition is not None:
                transitions.append(transition)
            if self._watch is not None:
                self._report(at, machine, outcome, recovery)
            # The points of an anomaly monitor's series move on without logs, and so do their values.
            may_move = reading.seen is not None and group in values
            if self._may_rest and not may_move and machine.settled(outcome):
                del self._awake[group]
        return sorted(transitions, key=_group_of) if transitions else ()

    def rest(self, at: int) -> bool:
        """Whether all known groups have come to rest, and stay another while."""
        self._come_to(at)
        return not (self._awake or self._left or (self._expiries and self._expiries[0][0] <= at))

    def _come_to(self, at: int) -> None:
        if at != self._at:
            self._before, self._at = self._at, at

    def _without_value(self, at: int, known: _Known) -> Outcome:
        silent_for = None if known.data_at is None else at - known.data_at
        zero, others = self._silence
        return self._missing.outcome(zero, others=others, silent_for=silent_for)

    def _see(self, reading: Reading, at: int) -> None:
        """Wake those for whom something may have changed."""
        present = reading.values if reading.seen is None else reading.seen
        changed = reading.changed
        if changed is None or self._has_lost:
            changed, self._has_lost = {*present, *self._present}, False
        for group in changed:
            if group in present:
                if group not in self._present:
                    self._enter(group, at)
                self._awake[group] = self._known[group]
            elif group in self._present:
                self._present.remove(group)
                known = self._awake[group] = self._known[group]
                known.last_seen = self._before

    def _enter(self, group: GroupKey, at: int) -> None:
        """The result holds a group that the last one didn't."""
        self._present.add(group)
        known = self._known.get(group)
        if known is None:
            known = self._known[group] = _Known(at)
        elif at - known.last_seen >= _NEW_AGAIN:
            known.first_seen = at
        if known.machine is None:
            pairs = tuple(zip(self._monitor.group_by, group, strict=True))
            known.machine = GroupMachine(self._rule, self._monitor.name, pairs, self._index)
            heappush(self._expiries, (at + self._retention, group))
            known.data_at = None

    def expire(self, at: int) -> Iterable[GroupKey]:
        """Forget the groups that have been silent too long."""
        self._come_to(at)
        expiries = self._expiries
        if not expiries or expiries[0][0] > at:
            return ()
        left = []
        while expiries and expiries[0][0] <= at:
            group = heappop(expiries)[1]
            known = self._known.get(group)
            if known is None:
                continue
            last_seen = self._before if group in self._present else known.last_seen
            due = last_seen + self._retention
            if known.machine is not None and due <= at:
                if self._leave is not None:
                    self._leave(known.machine, at)
                self._left.append(known.machine.leave(at))
                known.machine = None
                known.last_seen = last_seen
                if group in self._present:  # evaluations are further apart than it is kept
                    self._present.remove(group)
                    self._has_lost = True
                self._awake.pop(group, None)
                left.append(group)
            if known.machine is None:
                due = last_seen + _NEW_AGAIN
            if due > at:
                heappush(expiries, (due, group))
            else:
                del self._known[group]
        return left

    def _report(
        self, at: int, machine: GroupMachine, outcome: Outcome, recovery: float | None
    ) -> None:
        assert self._watch is not None
        self._watch(Evaluation(self._index, at, machine.group, outcome, recovery, machine.state))

    def machines(self) -> Iterable[tuple[GroupKey, GroupMachine]]:
        """Those that have been evaluated."""
        for group, known in self._known.items():
            if known.machine is not None and known.machine.started:
                yield group, known.machine

    def every(self) -> Iterable[GroupMachine]:
        """Those of all that have not left."""
        return (known.machine for known in self._known.values() if known.machine is not None)

    def overall(self) -> State:
        """The worst state; without groups, what an empty result means."""
        return worst((machine.state for _, machine in self.machines()), self._empty())

    def _empty(self) -> State:
        outcome = self._missing.outcome(self._silence[0], others=False, silent_for=None)
        if isinstance(outcome, Absent):
            return State.OK if outcome is Absent.RESOLVE else State.NO_DATA
        state = self._rule.decide(State.OK, outcome)
        return State.OK if state is State.OK else State.NO_DATA


def _group_of(transition: Transition) -> Group:
    return transition.group
