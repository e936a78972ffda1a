"""The monitors of a rehearsal at one phase: evaluated as time goes by, summed up at the end."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.detector import own_detector
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.rehearsal.engine.notifications import Notifications
from grantex_tui.rehearsal.engine.spans import Lives
from grantex_tui.rehearsal.engine.tracks import TrackRecorder


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.counters import AnySlots, Counters
    from grantex_tui.monitoring.count.question import GroupKey, Question
    from grantex_tui.monitoring.evaluate.detector import DetectorFactory
    from grantex_tui.monitoring.evaluate.machine import GroupMachine
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.monitoring.notify.telling import Teller, Told
    from grantex_tui.rehearsal.engine.model import Span, Track
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan


class Outcome(NamedTuple):
    """All that one phase comes to."""

    ticks: int
    transitions: tuple[Transition, ...]
    spans: tuple[Span, ...]
    notifications: Notifications
    tracks: tuple[Track, ...]
    extremes: dict[tuple[int, Group], tuple[float, float]]


class PhaseRun:
    """The evaluator of `watch` with whoever keeps what it says.

    Args:
        plan: the monitors, and how logs are made.
        phase: whole seconds by which evaluations lie past the full minute.
        start: the first evaluation comes after it.
        known_from: no event before it is known.
        with_tracks: keep every evaluation.
        detectors: makes detectors of anomaly monitors.
    """

    def __init__(
        self,
        plan: RehearsalPlan,
        phase: int,
        *,
        start: float,
        known_from: float,
        with_tracks: bool,
        detectors: DetectorFactory = own_detector,
    ) -> None:
        self.phase = phase
        self.start = start
        self._lives = Lives()
        self._transitions: list[Transition] = []
        self._told: list[Told] = []
        self._teller: Teller | None = None
        self._periods = [period_of(monitor.query.window) for monitor in plan.monitors]
        self._recorder = TrackRecorder(self._periods) if with_tracks else None
        self._evaluator = Evaluator(
            plan.monitors,
            start=start,
            phase=phase,
            metrics=plan.metrics,
            detector_factory=detectors,
            covered_from=known_from,
            on_evaluation=None if self._recorder is None else self._recorder.on_evaluation,
            may_rest=True,
            keep_history=False,
            on_leave=self._on_leave,
        )

    @property
    def counters(self) -> Counters:
        """What is counted for its monitors."""
        return self._evaluator.counters

    @property
    def next_tick(self) -> float:
        """The instant of the next evaluation."""
        return self._evaluator.next_tick

    def advance_before(self, arrival: float) -> None:
        """Evaluate every tick that doesn't know what arrives at *arrival*."""
        if arrival > self._evaluator.next_tick:
            self._keep(self._evaluator.advance_before(arrival))

    def tell(self, teller: Teller) -> None:
        """Keep what people would have got."""
        self._teller = teller

    def finish(self, end: float) -> Outcome:
        """Evaluate every tick up to *end*, and sum up."""
        self._keep(self._evaluator.advance(end))
        for machine in self._evaluator.machines():
            self._lives.end(machine, None)
        transitions = tuple(self._transitions)
        return Outcome(
            ticks=self._evaluator.ticks,
            transitions=transitions,
            spans=tuple(self._lives.spans(transitions, end)),
            notifications=Notifications(self._told),
            tracks=() if self._recorder is None else self._recorder.tracks(self._last_ticks(end)),
            extremes=self._lives.extremes(),
        )

    def _keep(self, transitions: Sequence[Transition]) -> None:
        if transitions:
            self._transitions += transitions
            if self._teller is not None:
                self._told += self._teller.tell(transitions)

    def _on_leave(self, machine: GroupMachine, at: int) -> None:
        self._lives.end(machine, at)
        if self._recorder is not None:
            self._recorder.on_leave(machine, at)

    def _last_ticks(self, end: float) -> list[int]:
        return [int((end - self.phase) // each) * each + self.phase for each in self._periods]


class SharedCounters:
    """A `BulkSink` that counts for several evaluators of the same monitors at once, each at its own phase."""

    def __init__(self, each: Iterable[Counters]) -> None:
        self._each = tuple(each)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions, which are those of each."""
        return self._each[0].questions

    def grid(self) -> tuple[int, int]:
        """The coarsest grid that the slots of all of them lie on."""
        grids = [counters.grid() for counters in self._each]
        offset = grids[0][1]
        width = gcd(*(width for width, _ in grids), *(other - offset for _, other in grids))
        return width, offset % width

    def add(
        self,
        question_id: int,
        second: int,
        group: GroupKey = (),
        value: Value | None = None,
        n: int = 1,
    ) -> None:
        """Count for all of them, as `Sink.add`."""
        for counters in self._each:
            counters.add(question_id, second, group, value, n)

    def slots(self, question_id: int) -> Sequence[AnySlots]:
        """Those of all of them."""
        return [slots for counters in self._each for slots in counters.slots(question_id)]
