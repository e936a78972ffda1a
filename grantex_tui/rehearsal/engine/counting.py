"""Events into the counters of every phase, and the ticks between them in their time."""

from __future__ import annotations

from bisect import bisect_right
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.events.recorded.sketch import Sketches
from grantex_tui.monitoring.count.presence import Presence
from grantex_tui.monitoring.count.senders import SenderRouter
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.notify.telling import QuotedEvents, Teller
from grantex_tui.rehearsal.engine.detectors import detectors_for
from grantex_tui.rehearsal.engine.phases import PhaseRun, SharedCounters


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.event import Event
    from grantex_tui.events.recorded.sketch import Sketcher
    from grantex_tui.monitoring.count.sink import BulkSink
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
        self._router: SenderRouter | None = None
        self._presence: Presence | None = None
        self.runs: list[PhaseRun] = []
        self._next_tick = -inf

    def sketcher(self) -> Sketcher | None:
        """What sees as much of events as these monitors look at; None if that isn't enough."""
        plan = self._plan
        questions = Evaluator(plan.monitors, start=0.0, metrics=plan.metrics).counters
        return SenderRouter(questions, plan.logs, plan.pipelines).sketcher()

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
        counters: BulkSink = each[0] if len(each) == 1 else SharedCounters(each)
        quoted = QuotedEvents(plan.monitors if self._with_notifications else (), counters.questions)
        self._router = SenderRouter(counters, plan.logs, plan.pipelines, quoted.newest)
        self._presence = Presence({each.search for each in counters.questions}, plan.logs)
        if self._with_notifications:
            for run in self.runs:
                run.tell(Teller(plan.monitors, plan.logs, quoted, site=plan.site))

    def unmatched(self) -> tuple[tuple[str, str], ...]:
        """Searches, each with a condition that no log fulfils."""
        return () if self._presence is None else tuple(self._presence.unmatched())

    def _note(self, events: Sketches | Sequence[Event], first: int, count: int) -> None:
        """Note what the logs carry."""
        assert self._presence is not None
        if isinstance(events, Sketches):
            self._presence.see_sketches(events, first, first + count)
        else:
            self._presence.see_events(events[first : first + count])

    def take(self, delivered: Delivered) -> None:
        """Count events on their arrival; ticks before it do not know them."""
        router = self._router
        assert router is not None
        events, first, arrivals = delivered
        self._note(events, first, len(arrivals))
        if isinstance(events, Sketches):
            router.take(events, first, arrivals)
        at, count = 0, len(arrivals)
        while at < count:
            end = bisect_right(arrivals, self._next_tick, at)
            if end == at:
                for run in self.runs:
                    run.advance_before(arrivals[at])
                self._next_tick = min(run.next_tick for run in self.runs)
            elif isinstance(events, Sketches):
                router.count(first + end)
            else:
                router.route_each(events[first + at : first + end], arrivals[at:end])
            at = end
