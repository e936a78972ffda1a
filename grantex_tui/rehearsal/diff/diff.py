"""Two sets of monitors over the same events: what one says and the other doesn't.

Both are evaluated in one pass, the first set before the second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.diff.edits import edits
from grantex_tui.rehearsal.diff.match import match
from grantex_tui.rehearsal.measure.stays import changes_of
from grantex_tui.rehearsal.sweep.trial import Judge


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.diff.edits import Edit
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.sweep.trial import Trial

TOLERANCE = 900.0
"""Seconds within which a transition counts as moved, for windows up to so long."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one monitor. A is the one, B the other."""

    name: str
    a: Monitor | None
    """None: it is only in B."""
    b: Monitor | None
    edits: tuple[Edit, ...] = ()
    """What of its definition is not the same."""
    only_a: tuple[Transition, ...] = ()
    only_b: tuple[Transition, ...] = ()
    moved: tuple[tuple[Transition, Transition], ...] = ()
    """In A and in B, at another instant."""
    same: int = 0
    """Transitions that both have at the same instant."""
    trial_a: Trial | None = None
    trial_b: Trial | None = None
    lost: tuple[str, ...] = ()
    """Labels of the incidents that only A detects."""
    found: tuple[str, ...] = ()
    """Those that only B detects."""
    phase: int = 0
    """Seconds past the full minute of the evaluations that this is about."""
    differs_at: tuple[int, ...] = ()
    """The phases at which anything differs; of them this is the one that differs the most."""

    @property
    def differs(self) -> bool:
        """Whether anything that people see is not the same."""
        alone = self.a is None or self.b is None
        return bool(alone or self.only_a or self.only_b or self.moved)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All monitors of both sets."""

    differences: tuple[Difference, ...]
    """In the order of A, then those that are only in B."""
    passed: Pass
    tolerance: float | None
    """As asked for; None: the monitor's window, and at least `TOLERANCE`."""
    phases: tuple[int, ...] = (0,)
    """Those that were compared, each with itself."""

    @property
    def differs(self) -> bool:
        """Whether any monitor says something else."""
        return any(each.differs for each in self.differences)

    @property
    def days(self) -> float:
        """How long the pass was."""
        return (self.passed.end - self.passed.start) / 86400


def compare(passes: Sequence[Pass], first: int, *, tolerance: float | None = None) -> Comparison:
    """Compare the first monitors of passes with the others, at each phase.

    Args:
        passes: over the monitors of A and then those of B, one for each phase.
        first: how many are A's.
        tolerance: seconds within which a transition counts as moved.
    """
    found = passes[0]
    a, b = found.monitors[:first], found.monitors[first:]
    return Comparison(
        tuple(
            _worst([
                _difference(each, one, None if other is None else first + other, tolerance)
                for each in passes
            ])
            for one, other in paired(a, b)
        ),
        found,
        tolerance,
        tuple(each.phase for each in passes),
    )  # fmt: skip


def _worst(phases: Sequence[Difference]) -> Difference:
    """Of the same monitors at several phases where they differ the most."""
    worst = max(phases, key=_weight)  # of those that are alike the first
    return replace(worst, differs_at=tuple(each.phase for each in phases if each.differs))


def _weight(each: Difference) -> tuple[int, int, int]:
    """How much differs: incidents, then what is on one side only, then what has moved."""
    incidents = len(each.lost) + len(each.found)
    return incidents, len(each.only_a) + len(each.only_b), len(each.moved)


def paired(a: Sequence[Monitor], b: Sequence[Monitor]) -> list[tuple[int | None, int | None]]:
    """Which monitor is which: by name, else by id, else by query, else the last that are left."""
    left = list(range(len(b)))
    counterparts: dict[int, int] = {}
    for is_same in (_same_name, _same_id, _same_query):
        for one in range(len(a)):
            if one in counterparts:
                continue
            other = next((n for n in left if is_same(a[one], b[n])), None)
            if other is not None:
                counterparts[one] = other
                left.remove(other)
    alone = [one for one in range(len(a)) if one not in counterparts]
    if len(alone) == 1 and len(left) == 1:
        counterparts[alone[0]] = left.pop()
    return [(one, counterparts.get(one)) for one in range(len(a))] + [(None, n) for n in left]


def _same_name(one: Monitor, other: Monitor) -> bool:
    return one.name == other.name


def _same_id(one: Monitor, other: Monitor) -> bool:
    return one.id is not None and one.id == other.id


def _same_query(one: Monitor, other: Monitor) -> bool:
    """Whether they ask the same but for the threshold: then one is the other with a new name."""
    band = other.query.band
    return one.query == other.query.with_values(
        threshold=one.query.threshold,
        window=other.query.window,
        deviations=None if band is None else band.deviations,
    )


def _difference(
    found: Pass, one: int | None, other: int | None, tolerance: float | None
) -> Difference:
    a = None if one is None else found.monitors[one]
    b = None if other is None else found.monitors[other]
    known = b if b is not None else a
    assert known is not None
    before, after = (
        [] if index is None else list(changes_of(found, index)) for index in (one, other)
    )
    told = Difference(
        known.name, a, b,
        edits=edits(a, b) if a is not None and b is not None else (),
        trial_a=_trial(found, one), trial_b=_trial(found, other), phase=found.phase,
    )  # fmt: skip
    if a is None or b is None:
        return replace(told, only_a=tuple(before), only_b=tuple(after))
    if tolerance is None:
        tolerance = max(TOLERANCE, a.query.window, b.query.window)
    return _with_incidents(_matched(told, before, after, tolerance), found)


def _trial(found: Pass, index: int | None) -> Trial | None:
    if index is None:
        return None
    judge = Judge(found.monitors[index], found.incidents, found.end)
    alerts = [span for span in found.spans if span.monitor == index and span.state is State.ALERT]
    return judge.judged(alerts, list(changes_of(found, index)))


def _matched(
    told: Difference, before: Sequence[Transition], after: Sequence[Transition], tolerance: float
) -> Difference:
    only_a: list[Transition] = []
    only_b: list[Transition] = []
    moved: list[tuple[Transition, Transition]] = []
    same = 0
    keys = dict.fromkeys(_key(each) for each in (*before, *after))
    for key in keys:
        one = [each for each in before if _key(each) == key]
        other = [each for each in after if _key(each) == key]
        for a, b in match([t.at for t in one], [t.at for t in other], tolerance):
            if a is None:
                assert b is not None
                only_b.append(other[b])
            elif b is None:
                only_a.append(one[a])
            elif one[a].at == other[b].at:
                same += 1
            else:
                moved.append((one[a], other[b]))
    return replace(
        told,
        only_a=tuple(sorted(only_a, key=lambda each: each.at)),
        only_b=tuple(sorted(only_b, key=lambda each: each.at)),
        moved=tuple(sorted(moved, key=lambda pair: pair[0].at)),
        same=same,
    )


def _key(transition: Transition) -> tuple[Group, State]:
    return transition.group, transition.destination


def _with_incidents(told: Difference, found: Pass) -> Difference:
    a, b = told.trial_a, told.trial_b
    assert a is not None
    assert b is not None
    labels = [each.label for each in found.incidents]
    delays = list(zip(labels, a.delays, b.delays, strict=True))
    return replace(
        told,
        lost=tuple(label for label, one, other in delays if one is not None and other is None),
        found=tuple(label for label, one, other in delays if one is None and other is not None),
    )
