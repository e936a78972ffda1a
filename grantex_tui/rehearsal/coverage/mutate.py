"""Small changes of a monitor, and the pass that each would have made of the same evaluations.

A changed threshold or comparator is run over the tracks of the pass. A changed window, group by or
treatment of missing data needs the tracks of another pass, in which it was a monitor of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, overload

from grantex_tui.datadog.monitor.model import Finds
from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.datadog.monitor.thresholds import check_thresholds
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.notify.telling import QuotedEvents, Teller
from grantex_tui.rehearsal.coverage.equivalence import is_whole_valued, telling_value
from grantex_tui.rehearsal.engine.spans import Lives
from grantex_tui.rehearsal.engine.tracks import replay_track
from grantex_tui.rehearsal.sweep.variants import next_window, setting_of, with_setting


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_tui.datadog.monitor.model import Monitor, OnMissingData
    from grantex_tui.monitoring.evaluate.states import Notification, Transition
    from grantex_tui.rehearsal.engine.model import Pass, Track
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan

_THRESHOLDS = ("critical", "warning", "critical_recovery", "warning_recovery")
_COUNTED = ("window", "group by", "on_missing_data")
_FRACTION = 0.1


@dataclass(frozen=True, slots=True)
class Mutant:
    """A monitor with one small change."""

    what: str
    """``critical``, ``comparator``, ``window``, ``group by`` …"""
    before: str
    after: str
    monitor: Monitor

    @property
    def needs_counting(self) -> bool:
        """Whether its evaluations find something else than the monitor's own."""
        return self.what in _COUNTED

    def __str__(self) -> str:
        """``critical 50 → 51``."""
        return f"{self.what} {self.before} → {self.after}"


def mutants_of(monitor: Monitor) -> list[Mutant]:
    """Each threshold a step up and down, the comparator's edge, the window a size up and down.

    And a group by without its last facet, and missing data treated in another way. What Datadog
    would refuse is left out, and what no value could tell from the monitor as it is.
    """
    every = (
        *_thresholds(monitor),
        *_comparator(monitor),
        *_windows(monitor),
        *_groups(monitor),
        *_missing(monitor),
    )
    return [
        mutant
        for mutant in every
        if _is_sound(mutant.monitor)
        and (mutant.needs_counting or telling_value(monitor, mutant.monitor) is not None)
    ]


def step_of(monitor: Monitor, value: float) -> float:
    """A small step from a threshold: 1 for counts and whole numbers, else a tenth of it."""
    if monitor.query.finds is Finds.FRACTIONS:
        return _FRACTION
    if is_whole_valued(monitor) or value == int(value):
        return 1.0
    return float(f"{abs(value) * _FRACTION:.1g}")


def _thresholds(monitor: Monitor) -> Iterator[Mutant]:
    setting = setting_of(monitor)
    for name in _THRESHOLDS:
        value = getattr(setting.thresholds, name)
        if value is None:
            continue
        for sign in (-1, 1):
            other = round(value + sign * step_of(monitor, value), 9)
            thresholds = replace(setting.thresholds, **{name: other})
            changed = with_setting(monitor, replace(setting, thresholds=thresholds))
            yield Mutant(name, f"{value:.9g}", f"{other:.9g}", changed)


def _comparator(monitor: Monitor) -> Iterator[Mutant]:
    query = monitor.query
    other = query.comparator.edge
    if other is not None:
        changed = replace(monitor, query=query.with_comparator(other))
        yield Mutant("comparator", query.comparator, other, changed)


def _windows(monitor: Monitor) -> Iterator[Mutant]:
    setting = setting_of(monitor)
    for larger in (False, True):
        other = next_window(setting.window, larger=larger)
        if other is not None:
            changed = with_setting(monitor, replace(setting, window=other))
            before, after = span_text(setting.window, "mhd"), span_text(other, "mhd")
            yield Mutant("window", before, after, changed)


def _groups(monitor: Monitor) -> Iterator[Mutant]:
    fewer = monitor.query.without_last_facet()
    if fewer is not None:
        before, after = ", ".join(monitor.group_by), ", ".join(fewer.group_by) or "-"
        yield Mutant("group by", before, after, replace(monitor, query=fewer))


def _missing(monitor: Monitor) -> Iterator[Mutant]:
    before: OnMissingData = monitor.options.on_missing_data
    if not monitor.query.log_queries:
        return
    after: OnMissingData = "show_and_notify_no_data" if before == "default" else "default"
    changed = replace(monitor, options=replace(monitor.options, on_missing_data=after))
    yield Mutant("on_missing_data", before, after, changed)


def _is_sound(monitor: Monitor) -> bool:
    limits = setting_of(monitor).thresholds
    given = {name: getattr(limits, name) for name in _THRESHOLDS}
    if monitor.query.finds is Finds.FRACTIONS:
        fractions = [value for value in given.values() if value is not None]
        if not all(0 <= value <= 1 for value in fractions) or not limits.critical:
            return False
    problems = check_thresholds(given, monitor.query)
    return not any(problem.severity == "error" for problem in problems)


def mutated(
    found: Pass, index: int, mutant: Mutant, tracks: Sequence[Track], plan: RehearsalPlan
) -> Pass:
    """The pass as it would have been with a changed monitor.

    Args:
        found: the pass as it was.
        index: the monitor's position.
        mutant: the changed monitor.
        tracks: its evaluations; the monitor's own, unless the mutant `needs_counting`.
        plan: how logs are made.
    """
    rule = rule_of(mutant.monitor)
    lives = Lives()
    transitions: list[Transition] = []
    for track in tracks:
        machine, own = replay_track(replace(track, monitor=index), rule, mutant.monitor.name)
        transitions += own
        lives.end(machine, track.left_at)
    transitions.sort(key=lambda each: (each.at, each.group))
    others = [each for each in found.transitions if each.index != index]
    spans = [span for span in found.spans if span.monitor != index]
    extremes = {key: value for key, value in found.extremes.items() if key[0] != index}
    return replace(
        found,
        monitors=[*found.monitors[:index], mutant.monitor, *found.monitors[index + 1 :]],
        transitions=tuple(sorted([*others, *transitions], key=lambda each: (each.at, each.index))),
        spans=tuple(
            sorted(
                [*spans, *lives.spans(transitions, found.end)],
                key=lambda span: (span.monitor, span.group, span.start),
            )
        ),
        notifications=Later(lambda: _notifications(found, index, mutant, transitions, plan)),
        tracks=tuple(
            sorted(
                [each for each in found.tracks if each.monitor != index]
                + [replace(track, monitor=index) for track in tracks],
                key=lambda track: (track.monitor, track.group, track.instants[0]),
            )
        ),
        extremes={**extremes, **lives.extremes()},
    )


class Later(Sequence["Notification"]):
    """Notifications that are made when somebody looks at them: few expectations do."""

    def __init__(self, make: Callable[[], Sequence[Notification]]) -> None:
        self._make = make
        self._made: Sequence[Notification] | None = None

    def _all(self) -> Sequence[Notification]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Notification: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Notification]: ...

    def __getitem__(self, index: int | slice) -> Notification | Sequence[Notification]:
        return self._all()[index]


def _notifications(
    found: Pass, index: int, mutant: Mutant, transitions: Sequence[Transition], plan: RehearsalPlan
) -> Sequence[Notification]:
    """What people would have got.

    A message that quotes a log quotes none here, unless it is the same as it was.
    """
    monitors = [*found.monitors[:index], mutant.monitor]
    teller = Teller(monitors, plan.logs, QuotedEvents((), ()), site=plan.site)
    told = [
        each
        for _, together in groupby(transitions, key=lambda each: each.at)
        for each in teller.tell(list(together))
    ]
    texts = mutant.monitor.message + mutant.monitor.options.escalation_message
    before = found.notifications if "log." in texts else ()
    known = {_key(each.transition): each for each in before}
    own = [known.get(_key(each.transition)) or each.rendered() for each in told]
    others = [each for each in found.notifications if each.transition.index != index]
    return sorted([*others, *own], key=lambda each: (each.transition.at, each.transition.index))


def _key(transition: Transition) -> tuple[object, ...]:
    return (
        transition.index, transition.at, transition.group, transition.kind, transition.value,
        transition.notify,
    )  # fmt: skip
