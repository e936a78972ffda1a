"""One pass of monitors over events in virtual time: what they would have said, and when.

The evaluator, the router and the notifications are those of `watch`; only the clock is another one,
and a delivery model stands between what was received and what Datadog knows.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import MINUTE
from grantex_tui.monitoring.count.unevaluated import unevaluated
from grantex_tui.rehearsal.engine.counting import Counting
from grantex_tui.rehearsal.engine.fidelity import approximations_of
from grantex_tui.rehearsal.engine.heard import Heard, arrivals
from grantex_tui.rehearsal.engine.input import Recordings
from grantex_tui.rehearsal.engine.model import Pass
from grantex_tui.rehearsal.engine.ordering import OutOfOrderError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Incident
    from grantex_tui.rehearsal.engine.phases import Outcome
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan


SWEEP_STEP = 10
"""Seconds between the phases of a sweep."""


def sweep_phases(step: int = SWEEP_STEP) -> range:
    """The phases of a sweep: every *step* seconds within the minute between evaluations."""
    return range(0, MINUTE, step)


def run_pass(
    events: Iterable[Arrival | Gap],
    plan: RehearsalPlan,
    *,
    source: str,
    delivery: DeliveryModel,
    phase: int = 0,
    incidents: Sequence[Incident] = (),
    start: float | None = None,
    end: float | None = None,
    with_tracks: bool = False,
    with_notifications: bool = True,
) -> Pass:
    """Evaluate the plan's monitors over *events*.

    Args:
        events: in the order in which they were received; read once. An event of which the
            recording doesn't tell when it was received was received when it was created.
        plan: the monitors, and how logs are made.
        source: what the events come from, for people.
        delivery: when Datadog gets them. Under `INSTANT` the pass is what `watch` would have
            said: it judges on receipt.
        phase: whole seconds by which evaluations lie past the full minute.
        incidents: what really happened; passed on.
        start: the first evaluation comes after it (epoch seconds); by default the first event.
            Events are known from then on, or from the first event if that is earlier.
        end: the last evaluation comes not after it; by default the last event or gap's end. What
            is received later is left out.
        with_tracks: keep every evaluation, to explain them and to try other thresholds.
        with_notifications: keep what people would have got.

    Raises:
        RecordingError: There is no event, and no *start*.
        MetricError: An anomaly monitor names a metric that the plan doesn't have.
    """
    (only,) = run_phases(
        lambda: events,
        plan,
        source=source,
        delivery=delivery,
        phases=(phase,),
        incidents=incidents,
        start=start,
        end=end,
        with_tracks=with_tracks,
        with_notifications=with_notifications,
    )
    return only


def run_phases(
    make_events: Callable[[], Iterable[Arrival | Gap]],
    plan: RehearsalPlan,
    *,
    source: str,
    delivery: DeliveryModel,
    phases: Sequence[int],
    incidents: Sequence[Incident] = (),
    start: float | None = None,
    end: float | None = None,
    with_tracks: bool = False,
    with_notifications: bool = True,
) -> list[Pass]:
    """The same at each of *phases*; the events are read and understood once for all of them.

    Args and errors as `run_pass`, and *make_events*, which is called once.
    """
    events = make_events()

    def counted(items: Iterable[Arrival | Gap]) -> tuple[Heard, Counting, list[Outcome]]:
        heard = Heard(items, source, start=start, end=end)
        counting = Counting(
            plan, phases, with_tracks=with_tracks, with_notifications=with_notifications
        )
        return heard, counting, _evaluated(heard, counting, delivery)

    trusted = events.trusted() if isinstance(events, Recordings) else None
    try:
        heard, counting, outcomes = counted(events if trusted is None else trusted)
    except OutOfOrderError:
        heard, counting, outcomes = counted(events)
    problems = heard.problems()
    passes = []
    for run, outcome in zip(counting.runs, outcomes, strict=True):
        passes.append(
            Pass(
                monitors=plan.monitors,
                source=source,
                start=run.start,
                end=heard.until,
                phase=run.phase,
                delivery=delivery,
                events=heard.events,
                ticks=outcome.ticks,
                transitions=outcome.transitions,
                spans=outcome.spans,
                gaps=tuple(heard.gaps),
                problems=problems,
                incidents=tuple(incidents),
                notifications=outcome.notifications,
                tracks=outcome.tracks,
                extremes=outcome.extremes,
                approximations=tuple(
                    approximations_of(plan, delivery, run.phase, heard.gaps, heard.repeated)
                ),
                unmatched=counting.unmatched(),
                unevaluated=unevaluated(plan.monitors, plan.pipelines, plan.metrics),
            )
        )
    return passes


def _evaluated(heard: Heard, counting: Counting, delivery: DeliveryModel) -> list[Outcome]:
    """What each of the phases comes to."""
    with _rare_collections():
        for delivered in arrivals(heard, delivery, counting.sketcher()):
            counting.begin(*heard.began())
            counting.take(delivered)
        counting.begin(*heard.began())
        return [run.finish(heard.until) for run in counting.runs]


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles rarely: a pass makes none, and much that stays. A tenth of its time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
