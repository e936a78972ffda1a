"""Why a monitor did, or did not, say something at an instant.

The state comes from the evaluations of a pass, the events from a second look at the source.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError
from grantex_tui.monitoring.evaluate.machine import GroupMachine
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.evaluate.states import State, Transition
from grantex_tui.rehearsal.engine.tracks import runs_of
from grantex_tui.rehearsal.expect.about import group_text
from grantex_tui.rehearsal.explain.band import closed_by, of_band, points_window
from grantex_tui.rehearsal.explain.events import Window, looked_back, of_events
from grantex_tui.rehearsal.explain.evidence import gather
from grantex_tui.rehearsal.explain.explanation import WORST, Explanation, Miss, Renotify
from grantex_tui.rehearsal.explain.judged import judged
from grantex_tui.words.display import printable
from grantex_tui.words.durations import instant_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.monitoring.evaluate.missing import Outcome
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.rehearsal.engine.model import Pass, Track
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan

_OTHERS = 8


def explain(
    found: Pass,
    plan: RehearsalPlan,
    make_events: Callable[[], Iterable[Arrival | Gap]],
    *,
    monitor: int,
    at: float,
    group: Group = (),
) -> Explanation:
    """Explain a monitor's state.

    Args:
        found: a pass with tracks.
        plan: what was evaluated in it.
        make_events: the events of it, from the beginning.
        monitor: position among the pass's.
        at: epoch seconds; the last evaluation until then is explained.
        group: pairs that the group must hold; of several groups the worst is explained.

    Raises:
        UsageError: There was no evaluation by then, or there is no such group.
        GrantexTuiError: The events can't be read again.
    """
    own = found.monitors[monitor]
    lives = _lives(found, own, monitor, at, group)
    life = lives[0]
    window = _window(own, life)
    evidence = gather(
        make_events, plan, own, found.delivery,
        start=found.start, since=_looked_back(own, window, life), until=life.at,
    )  # fmt: skip
    told = Explanation(
        monitor=own,
        group=life.track.group,
        asked=at,
        at=life.at,
        start=found.start,
        state=life.state,
        since=life.since,
        before=life.before,
        changed=life.changed,
        window=window,
        value=None if isinstance(life.outcome, Absent) else life.outcome,
        absent=life.outcome if isinstance(life.outcome, Absent) else None,
        comparator=own.query.comparator,
        thresholds=rule_of(own).thresholds,
        delivery=found.delivery,
        counted=0,
        held=life.is_held,
        next=life.next,
        miss=_nearest_miss(life),
        renotify=_renotify(life),
        groups=[(other.track.group, other.state, _value(other.outcome)) for other in lives[1:][:_OTHERS]],
        group_count=len(lives),
        after_end=at > found.end,
        phase=found.phase,
        approximations=found.approximations,
    )  # fmt: skip
    told = of_events(told, evidence, life.rule, life.resume())
    if own.query.band is None:
        return told
    points = judged(
        make_events, plan, found, monitor,
        group=tuple(value for _, value in life.track.group), since=_first_point(own, life),
        until=life.at,
    )  # fmt: skip
    counts = evidence.queries[0][1].method == "count"
    return of_band(told, points, life.rule, life.resume(), counts=counts)


def glimpse(
    found: Pass, *, monitor: int, at: float, group: Group = ()
) -> tuple[State, float | None]:
    """The state and value that `explain` explains, without a look at the events.

    Raises:
        UsageError: As of `explain`.
    """
    life = _lives(found, found.monitors[monitor], monitor, at, group)[0]
    return life.state, _value(life.outcome)


def _window(own: Monitor, life: _Life) -> Window:
    """The window on the log's date; of an anomaly monitor the points that it looks at."""
    if own.query.band is not None:
        return points_window(own, life.at)
    until = life.at - own.options.evaluation_delay
    return Window(until - own.query.window, until)


def _looked_back(own: Monitor, window: Window, life: _Life) -> float:
    """The earliest date of which events are looked at."""
    if own.query.band is not None:
        return window.after
    return looked_back(own, window, _last_data(life) if life.is_silent else None)


def _first_point(own: Monitor, life: _Life) -> float:
    """The beginning of the first point of interest: the state's first, or the oldest that holds it."""
    began = points_window(own, life.at if life.since is None else min(life.since, life.at))
    held = closed_by(own, life.at) - (own.options.recovery_window or 0)
    return min(began.after, held)


@dataclass(frozen=True, slots=True)
class _Life:
    """One group's stay, seen from one of its evaluations."""

    track: Track
    rule: Rule
    place: int
    """Which evaluation."""
    changes: tuple[Transition, ...]
    """All of the track's, repeated notifications among them."""
    state: State
    before: State
    since: float | None

    @property
    def at(self) -> float:
        """The evaluation's instant."""
        return self.track.instants[self.place]

    @property
    def outcome(self) -> Outcome:
        """What it found."""
        return self.track.outcomes[self.place]

    @property
    def is_silent(self) -> bool:
        """Whether nothing was counted, or too little for a monitor that alerts on little."""
        few = self.rule.comparator.is_low and self.state is State.ALERT
        return few or isinstance(self.outcome, Absent) or self.outcome == 0

    @property
    def is_held(self) -> bool:
        """Whether only a recovery threshold keeps the state."""
        outcome = self.outcome
        if isinstance(outcome, Absent) or self.state not in (State.ALERT, State.WARN):
            return False
        return self.rule.decide(State.OK, outcome) is not self.state

    @property
    def changed(self) -> Transition | None:
        """What happened at the evaluation."""
        return next((change for change in self.changes if change.at == self.at), None)

    @property
    def next(self) -> Transition | None:
        """The next change of state."""
        later = (c for c in self.changes if c.at > self.at and c.source is not c.destination)
        return next(later, None)

    def resume(self) -> GroupMachine:
        """The group's machine as it stood after the evaluation."""
        machine = GroupMachine(self.rule, "", self.track.group)
        for at, outcome, recovery in _steps(self.track, self.place + 1):
            machine.step(at, outcome, recovery)
        return machine


def _steps(track: Track, count: int) -> Iterator[tuple[float, Outcome, float | None]]:
    columns = zip(track.instants, track.outcomes, track.recoveries, strict=True)
    for _, step in zip(range(count), columns, strict=False):
        yield step


def _lives(found: Pass, own: Monitor, index: int, at: float, group: Group) -> list[_Life]:
    """The groups that were evaluated by then and are meant, the worst first."""
    tracks = [track for track in found.tracks if track.monitor == index]
    name, rule = printable(own.name, limit=200), rule_of(own)
    if not tracks:
        raise UsageError(
            f"{name} was never evaluated",
            hint="It waits for a whole window of events, or a group's first one.",
        )
    meant = [track for track in tracks if all(pair in track.group for pair in group)]
    if not meant:
        raise UsageError(f"{name} has no group {group_text(group)}", hint=_there_are(tracks))
    alive = [
        track
        for track in meant
        if track.instants[0] <= at and (track.left_at is None or at < track.left_at)
    ]
    if not alive:
        first = min(track.instants[0] for track in meant)
        raise UsageError(
            f"{name} had not been evaluated by {instant_text(at)}, or the group had left",
            hint=f"The first evaluation is at {instant_text(first)}.",
        )
    return sorted((_life(track, rule, own, at) for track in alive), key=_badness)


def _life(track: Track, rule: Rule, own: Monitor, at: float) -> _Life:
    place = min(bisect_right(track.instants, at), len(track.instants)) - 1
    machine = GroupMachine(rule, own.name, track.group, track.monitor)
    changes: list[Transition] = []
    before: tuple[State, float | None] = (State.NO_DATA, None)
    now = before
    number = 0
    for start, period, times, outcome, recovery in runs_of(track):
        for step in range(times):
            change = machine.step(start + step * period, outcome, recovery)
            if change is not None:
                changes.append(change)
            seen = machine.state, machine.since
            before = seen if number + step < place else before
            now = seen if number + step <= place else now
            if machine.settled(outcome):  # the rest of the run is the same
                break
        number += times
    return _Life(track, rule, place, tuple(changes), now[0], before[0], now[1])


def _badness(life: _Life) -> tuple[int, float, Group]:
    value = _value(life.outcome) or 0.0
    return WORST.index(life.state), -life.rule.comparator.severity(value), life.track.group


def _value(outcome: Outcome) -> float | None:
    return None if isinstance(outcome, Absent) else outcome


def _there_are(tracks: Sequence[Track]) -> str:
    groups = list(dict.fromkeys(group_text(track.group) for track in tracks))
    more = f" and {len(groups) - _OTHERS} more" if groups[_OTHERS:] else ""
    return f"There are {', '.join(groups[:_OTHERS])}{more}."


def _last_data(life: _Life) -> float | None:
    """The last evaluation up to this one that found something."""
    for place in range(life.place, -1, -1):
        outcome = life.track.outcomes[place]
        if not isinstance(outcome, Absent) and outcome != 0:
            return life.track.instants[place]
    return None


def _nearest_miss(life: _Life) -> Miss | None:
    """Of the evaluations until now that did not alert the one that came nearest."""
    rule, limit = life.rule, life.rule.thresholds.critical
    if life.state is State.ALERT or limit is None or not rule.comparator.has_side:
        return None
    best: Miss | None = None
    for at, outcome, _ in _steps(life.track, life.place + 1):
        if isinstance(outcome, Absent) or rule.crosses(outcome, limit):
            continue
        distance = abs(limit - outcome)
        if best is None or distance < best.distance:
            best = Miss(at, outcome, distance)
    return best


def _renotify(life: _Life) -> Renotify | None:
    rule = life.rule
    if not rule.renotifies(life.state):
        return None
    own = [change for change in life.changes if change.at <= life.at]
    told = next((change for change in reversed(own) if change.notify), None)
    began = next((c for c in reversed(own) if c.source is not c.destination), None)
    if told is None or began is None or not began.notify:
        return Renotify(None, None, 0, rule.renotify_most)
    times = sum(change.at > began.at for change in own)
    spent = rule.renotify_most is not None and times >= rule.renotify_most
    period = period_of_track(life.track)
    due = None if spent else _on_grid(told.at + rule.renotify_every, life.at, period)
    return Renotify(told.at, due, times, rule.renotify_most)


def _on_grid(instant: float, at: float, period: float) -> float:
    """The first evaluation from *instant* on."""
    return at + max(1, -(-(instant - at) // period)) * period


def period_of_track(track: Track) -> float:
    """Seconds between the evaluations of a track."""
    return track.instants[1] - track.instants[0] if len(track.instants) > 1 else 60.0
