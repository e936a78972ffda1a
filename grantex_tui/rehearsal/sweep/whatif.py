"""What if a monitor had other thresholds, or another window? For a screen that asks as keys go down.

The history is counted once, with every evaluation kept; a threshold is then a scan over the changes
(`with_thresholds`, a millisecond), and only another window counts again (`with_window`). What comes
out is a `Pass` as a rehearsal's, so every report and timeline can show it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.notify.telling import QuotedEvents, Teller
from grantex_tui.rehearsal.engine.model import INSTANT
from grantex_tui.rehearsal.engine.notifications import Notifications
from grantex_tui.rehearsal.engine.run import run_pass
from grantex_tui.rehearsal.engine.spans import Lives
from grantex_tui.rehearsal.engine.tracks import replay_track
from grantex_tui.rehearsal.sweep.variants import setting_of, with_setting


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.datadog.monitor.model import Monitor, Thresholds
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Pass
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan


class WhatIf:
    """A monitor's history, on which other settings are tried. Nothing is ever written.

    Args:
        plan: how logs are made, and the metrics; its monitors don't matter.
        monitor: as it is.
        make_events: the history, `Recording` of a journal for example; called once now, and once
            for every other window.
        source: what the events come from, for people.
        delivery: when Datadog gets them; by default as `watch` judges.
        start: as `run_pass`.
        end: as `run_pass`.

    Raises:
        RecordingError: There is no event, and no *start*.
        MetricError: The monitor names a metric that the plan doesn't have.
    """

    def __init__(
        self,
        plan: RehearsalPlan,
        monitor: Monitor,
        make_events: Callable[[], Iterable[Arrival | Gap]],
        *,
        source: str = "the journal",
        delivery: DeliveryModel = INSTANT,
        start: float | None = None,
        end: float | None = None,
    ) -> None:
        self._plan = plan
        self._monitor = monitor
        self._make_events = make_events
        self._source = source
        self._delivery = delivery
        self._start = start
        self._end = end
        self._by_window: dict[int, Pass] = {}
        self.as_it_is = self._counted(monitor)

    def with_thresholds(self, thresholds: Thresholds, *, window: int | None = None) -> Pass:
        """What the monitor would have said with these.

        Args:
            thresholds: all four; there must be a critical one.
            window: seconds, if that is another, too.
        """
        own = setting_of(self._monitor)
        setting = replace(own, thresholds=thresholds, window=window or own.window)
        changed = with_setting(self._monitor, setting)
        counted = self._counted(
            with_setting(self._monitor, replace(setting, thresholds=own.thresholds))
        )
        return rejudged(counted, changed, self._plan)

    def with_window(self, window: int) -> Pass:
        """What the monitor would have said with a window of so many seconds."""
        return self.with_thresholds(setting_of(self._monitor).thresholds, window=window)

    def _counted(self, monitor: Monitor) -> Pass:
        window = setting_of(monitor).window
        if window not in self._by_window:
            self._by_window[window] = run_pass(
                self._make_events(),
                replace(self._plan, monitors=[monitor]),
                source=self._source,
                delivery=self._delivery,
                start=self._start,
                end=self._end,
                with_tracks=True,
            )
        return self._by_window[window]


def what_if(
    plan: RehearsalPlan,
    monitor: Monitor,
    events: Iterable[Arrival | Gap],
    *,
    thresholds: Thresholds | None = None,
    window: int | None = None,
) -> Pass:
    """What *monitor* would have said about *events* with other thresholds, window, or both.

    For one question; who asks again and again keeps a `WhatIf`.

    Args:
        plan: how logs are made, and the metrics.
        monitor: as it is.
        events: its history.
        thresholds: instead of its own.
        window: in seconds, instead of its own.
    """
    own = setting_of(monitor)
    setting = replace(own, thresholds=thresholds or own.thresholds, window=window or own.window)
    changed = replace(plan, monitors=[with_setting(monitor, setting)])
    return run_pass(events, changed, source="the journal", delivery=INSTANT)


def rejudged(counted: Pass, monitor: Monitor, plan: RehearsalPlan) -> Pass:
    """A pass of one monitor with its tracks, as it would be under *monitor*'s rule.

    The counts are those of the pass, so the question and the window must be the same. The messages
    quote no logs.
    """
    rule, lives = rule_of(monitor), Lives()
    transitions: list[Transition] = []
    for track in counted.tracks:
        machine, own = replay_track(track, rule, monitor.name)
        lives.end(machine, track.left_at)
        transitions += own
    transitions.sort(key=lambda transition: (transition.at, transition.group))
    teller = Teller([monitor], plan.logs, QuotedEvents([], []), site=plan.site)
    return replace(
        counted,
        monitors=[monitor],
        transitions=tuple(transitions),
        spans=tuple(lives.spans(transitions, counted.end)),
        notifications=Notifications(teller.tell(transitions)),
        extremes=lives.extremes(),
    )
