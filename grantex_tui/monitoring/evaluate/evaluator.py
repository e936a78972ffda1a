"""Evaluating monitors over time: `watch`, rehearsal and what-if run this and nothing else.

The order of events, for whoever drives it, live or in virtual time:

1. When logs arrive at Datadog at instant *a*, first ``advance_before(a)``: the ticks before *a* do
   not know them.
2. Then add them to the counters. Their date may be anything: past (they count in every later tick
   whose window holds the date), or future (they count when their time comes).
3. ``advance(t)`` when *t* has come and everything that arrived until then has been added.

An evaluation looks at what is known at its tick, and no earlier evaluation is revised; only states
are carried from one to the next. So the same arrivals give the same transitions, live or not.
"""

from __future__ import annotations

from math import ceil, floor, inf
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import first_tick
from grantex_tui.monitoring.count.counters import Counters
from grantex_tui.monitoring.count.metrics import log_query_of
from grantex_tui.monitoring.count.question import question_of
from grantex_tui.monitoring.evaluate.bands import AnomalySource
from grantex_tui.monitoring.evaluate.detector import own_detector
from grantex_tui.monitoring.evaluate.readings import log_source
from grantex_tui.monitoring.evaluate.run import MonitorRun


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.count.metrics import LogMetric
    from grantex_tui.monitoring.evaluate.detector import DetectorFactory
    from grantex_tui.monitoring.evaluate.groups import Evaluation, Leave
    from grantex_tui.monitoring.evaluate.machine import GroupMachine
    from grantex_tui.monitoring.evaluate.readings import Source
    from grantex_tui.monitoring.evaluate.run import MonitorSnapshot
    from grantex_tui.monitoring.evaluate.states import Transition


class Evaluator:
    """Monitors, their counters and their states.

    Args:
        monitors: evaluated in this order at every tick.
        start: epoch seconds; the first tick comes after it.
        phase: whole seconds by which ticks lie past the full minute (or 10, or 30 minutes).
            Datadog's own is unknown.
        metrics: the log-based metrics that anomaly monitors may name.
        detector_factory: makes the detector of a series.
        covered_from: logs before this instant are not known. Until its whole window is known, a
            monitor is evaluated only if unknown logs could not change an alert.
        on_evaluation: told of every evaluation of every known group, for explanations and for
            trying other thresholds (`machine.scan`). It costs the short cuts, unless *may_rest*.
        may_rest: a silent group that has come to rest is not told of again until something
            changes for it; every evaluation until then would find the same.
        keep_history: remember the last values of each monitor for `snapshots`.
        on_leave: told of every group that leaves its monitor, before it is forgotten.

    Raises:
        MetricError: An anomaly monitor's metric is not among *metrics*.
    """

    def __init__(
        self,
        monitors: Sequence[Monitor],
        *,
        start: float,
        phase: int = 0,
        metrics: Sequence[LogMetric] = (),
        detector_factory: DetectorFactory = own_detector,
        covered_from: float = -inf,
        on_evaluation: Callable[[Evaluation], None] | None = None,
        may_rest: bool = False,
        keep_history: bool = True,
        on_leave: Leave | None = None,
    ) -> None:
        self.counters = Counters()
        self._phase = phase
        self._metrics = metrics
        self._detectors = detector_factory
        runs = [
            MonitorRun(
                monitor,
                index,
                self._source(monitor),
                covered_from=covered_from,
                watch=on_evaluation,
                may_rest=may_rest,
                keep_history=keep_history,
                leave=on_leave,
            )
            for index, monitor in enumerate(monitors)
        ]
        self._runs = runs
        periods = sorted({run.period for run in runs})
        # All runs that a tick concerns, by the longest period that it completes, longest first.
        self._due = [(p, [run for run in runs if run.period <= p]) for p in reversed(periods)]
        self._step = periods[0] if periods else 0
        self._next: float = first_tick(start, periods[0], phase) if periods else inf
        self.ticks = 0
        """How many ticks have run; views need redrawing when it grows."""

    def _source(self, monitor: Monitor) -> Source:
        query, options = monitor.query, monitor.options
        delay = options.evaluation_delay
        band = query.band
        if band is None:
            return log_source(query, self.counters, self._phase, delay)
        question = question_of(log_query_of(band.metric, self._metrics))
        window = self.counters.intervals(question, band.point)
        return AnomalySource(band, window, delay, self._detectors, options.recovery_window)

    @property
    def next_tick(self) -> float:
        """The instant of the next tick; infinite without monitors."""
        return self._next

    def advance(self, to: float) -> list[Transition]:
        """Run every tick up to and including *to*.

        Returns:
            The transitions by tick, then monitor, then group.
        """
        return self._run(floor(to))

    def advance_before(self, arrival: float) -> list[Transition]:
        """Run every tick that does not know what arrives at *arrival*; returns as `advance`."""
        return self._run(ceil(arrival) - 1)

    def _run(self, last: int) -> list[Transition]:
        transitions: list[Transition] = []
        while self._next <= last:
            at = int(self._next)
            for run in self._due_at(at):
                if found := run.evaluate(at):
                    transitions += found
            self.ticks += 1
            self._next += self._step
        return transitions

    def _due_at(self, at: int) -> list[MonitorRun]:
        if len(self._due) == 1:
            return self._due[0][1]
        return next(runs for period, runs in self._due if (at - self._phase) % period == 0)

    def machines(self) -> Iterator[GroupMachine]:
        """The state machine of every group that is known now, by monitor."""
        for run in self._runs:
            yield from run.machines()

    def snapshots(self) -> tuple[MonitorSnapshot, ...]:
        """Every monitor as it stands, in order."""
        return tuple(run.snapshot() for run in self._runs)
