"""What rehearsals would notice: states that they reach, and small changes that fail one of them.

A change of a monitor is noticed if an expectation that holds now would not hold any more, in any
of the rehearsals. Where no event makes a difference, none could; where one does and no expectation
looks, the file's lines about the monitor are named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.missing import Absent, missing_data_of
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.coverage.equivalence import telling_value
from grantex_tui.rehearsal.coverage.facts import STATES, MonitorFacts, MutantFacts, RehearsalFacts
from grantex_tui.rehearsal.coverage.mutate import Later, mutants_of, mutated
from grantex_tui.rehearsal.engine.tracks import runs_of
from grantex_tui.rehearsal.expect.about import transition_text
from grantex_tui.rehearsal.expect.judge import Terms, judge
from grantex_tui.rehearsal.measure.stays import changes_of
from grantex_tui.rehearsal.suite.run import run_passes
from grantex_tui.rehearsal.sweep.variants import setting_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.coverage.facts import Line
    from grantex_tui.rehearsal.coverage.mutate import Mutant
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.engine.simulated import Simulate
    from grantex_tui.rehearsal.expect.judge import Expectation
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal


def cover(rehearsal: Rehearsal, simulate: Simulate) -> RehearsalFacts:
    """What one rehearsal covers. Its events are read once.

    Raises:
        GrantexTuiError: It can't be run.
    """
    return _Case(rehearsal, simulate).facts()


class _Case:
    """One rehearsal, run with every window that is tried as a monitor of its own."""

    def __init__(self, rehearsal: Rehearsal, simulate: Simulate) -> None:
        plan = rehearsal.plan
        self._rehearsal = rehearsal
        self._plan = plan
        self._mutants = [mutants_of(monitor) for monitor in plan.monitors]
        counted = [
            (index, mutant)
            for index, mutants in enumerate(self._mutants)
            for mutant in mutants
            if mutant.needs_counting
        ]
        self._place = {
            (index, str(mutant)): len(plan.monitors) + number
            for number, (index, mutant) in enumerate(counted)
        }
        wide = replace(plan, monitors=[*plan.monitors, *(mutant.monitor for _, mutant in counted)])
        self._wide = run_passes(replace(rehearsal, plan=wide), simulate, with_tracks=True)
        self._passes = [_narrowed(each, plan.monitors) for each in self._wide]
        self._terms = Terms(
            rehearsal.name,
            rehearsal.path,
            allow_phase_sensitive=rehearsal.allow_phase_sensitive,
            allow_approximate=rehearsal.allow_approximate,
        )
        self._holding = [each for each in rehearsal.expectations if self._holds(each, self._passes)]

    def facts(self) -> RehearsalFacts:
        return RehearsalFacts(
            self._rehearsal.name,
            tuple(self._monitor(index) for index in range(len(self._plan.monitors))),
            tuple(
                self._line(each)
                for each in self._rehearsal.expectations
                if each not in self._holding
            ),
        )

    def _holds(self, expectation: Expectation, passes: Sequence[Pass]) -> bool:
        return judge(expectation, passes, self._terms).passed

    def _line(self, expectation: Expectation) -> Line:
        return self._rehearsal.path, expectation.line

    def _monitor(self, index: int) -> MonitorFacts:
        monitor = self._plan.monitors[index]
        groups = {
            track.group for each in self._passes for track in each.tracks if track.monitor == index
        }
        changes = [change for each in self._passes for change in changes_of(each, index)]
        alerting = {change.group for change in changes if change.destination is State.ALERT}
        return MonitorFacts(
            monitor.name,
            _possible(monitor),
            frozenset(_reached(changes)),
            len(groups) if monitor.group_by else 0,
            len(alerting) if monitor.group_by else 0,
            tuple(self._mutant(index, mutant) for mutant in self._mutants[index]),
        )

    def _mutant(self, index: int, mutant: Mutant) -> MutantFacts:
        place = self._place.get((index, str(mutant)), index)
        passes = [
            mutated(
                each, index, mutant,
                [track for track in wide.tracks if track.monitor == place], self._plan,
            )
            for each, wide in zip(self._passes, self._wide, strict=True)
        ]  # fmt: skip
        about = [each for each in self._holding if index in each.claim.monitors]
        failing = [each for each in about if not self._holds(each, passes)]
        difference = next(
            (
                found
                for pair in zip(self._passes, passes, strict=True)
                if (found := _differs(*pair, index))
            ),
            "",
        )
        looked = about if difference and not failing else []
        own = self._plan.monitors[index]
        telling = None if mutant.needs_counting else telling_value(own, mutant.monitor)
        return MutantFacts(
            str(mutant),
            tuple(map(self._line, failing)),
            tuple(map(self._line, looked)),
            difference,
            telling,
            (None, None) if difference or telling is None else self._nearest(index, telling),
        )

    def _nearest(self, index: int, wanted: float) -> tuple[float | None, float | None]:
        """The values of a monitor's evaluations next to one, or that one twice."""
        values = {
            run.outcome
            for each in self._passes
            for track in each.tracks
            if track.monitor == index
            for run in runs_of(track)
            if not isinstance(run.outcome, Absent)
        }
        return (
            max((value for value in values if value <= wanted), default=None),
            min((value for value in values if value >= wanted), default=None),
        )


def _narrowed(wide: Pass, monitors: Sequence[Monitor]) -> Pass:
    """The pass without the monitors that were added at the end."""
    count = len(monitors)
    return replace(
        wide,
        monitors=monitors,
        transitions=tuple(each for each in wide.transitions if each.index < count),
        spans=tuple(span for span in wide.spans if span.monitor < count),
        notifications=Later(
            lambda: [each for each in wide.notifications if each.transition.index < count]
        ),
        tracks=tuple(track for track in wide.tracks if track.monitor < count),
        extremes={key: value for key, value in wide.extremes.items() if key[0] < count},
    )


def _possible(monitor: Monitor) -> tuple[str, ...]:
    missing = missing_data_of(monitor)
    shows = missing.option.startswith("show") or missing.no_data_after is not None
    states = {
        "alert": True,
        "warn": setting_of(monitor).thresholds.warning is not None,
        "no data": shows,
        "recovery": True,
    }
    return tuple(state for state in STATES if states[state])


def _reached(changes: Iterable[Transition]) -> Iterator[str]:
    names = {State.ALERT: "alert", State.WARN: "warn", State.NO_DATA: "no data"}
    for change in changes:
        if change.destination in names:
            yield names[change.destination]
        elif change.source in (State.ALERT, State.WARN):
            yield "recovery"


def _differs(one: Pass, other: Pass, index: int) -> str:
    """The first transition that only one of two passes has."""
    before = {_key(change): change for change in changes_of(one, index)}
    after = {_key(change): change for change in changes_of(other, index)}
    alone = [(before[key], "loses") for key in before if key not in after]
    alone += [(after[key], "adds") for key in after if key not in before]
    if not alone:
        return ""
    change, how = min(alone, key=lambda pair: (pair[0].at, pair[0].group))
    return f"{how} {transition_text(change)}"


def _key(change: Transition) -> tuple[float, Group, State, State]:
    return change.at, change.group, change.source, change.destination
