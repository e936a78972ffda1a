"""Events into the counters of every phase, and the ticks between them in their time."""

from __future__ import annotations

from bisect import bisect_right
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.monitoring.count.bulk import BulkRouter
from grantex_tui.monitoring.count.router import Router
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.notify.telling import QuotedEvents, Teller
from grantex_tui.rehearsal.engine.detectors import detectors_for
from grantex_tui.rehearsal.engine.phases import PhaseRun, SharedCounters


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.engine.heard import Delivered
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan


class Counting:
    """The monitors of a plan at several phases over the same events.

    Args:
        plan: the monitors, and how logs are made.
        phases: one run of the monitors for each.
        with_tracks: keep every evaluation.
        with_notifications: keep what people would have got.
    """

    def __init__(
        self,
        plan: RehearsalPlan,
        phases: Sequence[int],
        *,
        with_tracks: bool,
        with_notifications: bool,
    ) -> None:
        self._plan = plan
        self._phases = phases
        self._with_tracks = with_tracks
        self._with_notifications = with_notifications
        self._router: Router | None = None
        self._bulk: BulkRouter | None = None
        self.runs: list[PhaseRun] = []
        self._next_tick = -inf

    def sketcher(self) -> Sketcher | None:
        """What sees as much of events as these monitors look at; None if that isn't enough."""
        plan = self._plan
        questions = Evaluator(plan.monitors, start=0.0, metrics=plan.metrics).counters
        bulk = BulkRouter(Router(questions, plan.logs, plan.pipelines))
        return Sketcher(bulk.keys) if bulk.is_able else None

    def begin(self, start: float, known_from: float) -> None:
        """Make ready, unless that has been done.

        Args:
            start: the first evaluation comes after it.
            known_from: no event before it is known.
        """
        if self._router is not None:
            return
        plan = self._plan
        detectors = detectors_for(len(self._phases))
        self.runs = [
            PhaseRun(
                plan,
                phase,
                start=start,
                known_from=known_from,
                with_tracks=self._with_tracks,
                detectors=detectors,
            )
            for phase in self._phases
        ]
        each = [run.counters for run in self.runs]
        counters = each[0] if len(each) == 1 else SharedCounters(each)
        quoted = QuotedEvents(plan.monitors if self._with_notifications else (), counters.questions)
        self._router = Router(counters, plan.logs, plan.pipelines, quoted.newest)
        self._bulk = BulkRouter(self._router)
        if self._with_notifications:
            for run in self.runs:
                run.tell(Teller(plan.monitors, plan.logs, quoted, site=plan.site))

    def take(self, delivered: Delivered) -> None:
        """Count events on their arrival; ticks before it do not know them."""
        assert self._bulk is not None
        events, first, arrivals = delivered
        if isinstance(events, Sketches):
            self._bulk.take(events, first, arrivals)
        at, count = 0, len(arrivals)
        while at < count:
            end = bisect_right(arrivals, self._next_tick, at)
            if end == at:
                for run in self.runs:
                    run.advance_before(arrivals[at])
                self._next_tick = min(run.next_tick for run in self.runs)
            elif isinstance(events, Sketches):
                self._bulk.count(first + end)
            else:
                assert self._router is not None
                self._router.route_each(events[first + at : first + end], arrivals[at:end])
            at = end
