"""Monitors over the live stream: what arrives is counted, and every tick is evaluated in its time."""

from __future__ import annotations

import json
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import AnomalyQuery, LogAlertQuery
from grantex_tui.datadog.search import compile_query
from grantex_tui.events.event import Event
from grantex_tui.monitoring.evaluator import Evaluator
from grantex_tui.monitoring.facets import facet_reader
from grantex_tui.monitoring.metrics import read_log_metric
from grantex_tui.monitoring.notify import notification
from grantex_tui.monitoring.notify_by import NotifyBy
from grantex_tui.monitoring.router import Router
from grantex_tui.monitoring.states import State
from grantex_tui.watch.frame import GroupView, MonitorView


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.events.event import Malformed
    from grantex_tui.monitoring.event_logs import EventLogs
    from grantex_tui.monitoring.metrics import LogMetric
    from grantex_tui.monitoring.run import MonitorSnapshot
    from grantex_tui.monitoring.states import Group, Notification, Transition

_RECENT = 500
"""Events among which a log is looked for that a message can quote."""


class LiveMonitors:
    """Evaluates monitors as events come in and time goes by.

    Args:
        monitors: In the order in which they are shown.
        pipelines: What shapes the logs.
        logs: Makes logs of events.
        started_at: Epoch seconds; earlier events are unknown.
        tell: Called with the notification of each transition, silent ones included.
        site: Datadog's site, for links in messages.
        metrics: The log-based metrics that anomaly monitors name.
    """

    def __init__(
        self,
        monitors: Sequence[Monitor],
        pipelines: Sequence[Pipeline],
        logs: EventLogs,
        *,
        started_at: float,
        tell: Callable[[Notification], None],
        site: str,
        metrics: Sequence[LogMetric],
    ) -> None:
        self._monitors = monitors
        self._tell = tell
        self._site = site
        self._alerted = False
        self._notify_by = [NotifyBy(monitor) for monitor in monitors]
        self._evaluator = Evaluator(
            monitors, start=started_at, covered_from=started_at, metrics=metrics
        )
        self._router = Router(self._evaluator.counters, logs, pipelines)
        self._logs = logs
        self._recent: deque[tuple[Event, float]] = deque(maxlen=_RECENT)

    @property
    def version(self) -> int:
        """Grows with every evaluation."""
        return self._evaluator.ticks

    @property
    def alerted(self) -> bool:
        """Whether any monitor has gone to Alert."""
        return self._alerted

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Count one read; ticks before it do not know it."""
        self._report(self._evaluator.advance_before(received_at))
        events = [item for item in items if isinstance(item, Event)]
        self._router.route(events, received_at)
        self._recent.extend((event, received_at) for event in events[-_RECENT:])

    def advance(self, now: float) -> None:
        """Evaluate every tick up to *now*; everything received until then has been counted."""
        self._report(self._evaluator.advance(now))

    def _report(self, transitions: Sequence[Transition]) -> None:
        self._alerted |= any(t.destination is State.ALERT for t in transitions)
        for index, own in groupby(transitions, key=lambda transition: transition.index):
            monitor = self._monitors[index]
            for transition in self._notify_by[index].merge(list(own)):
                sample = self._sample(monitor, transition.group) if _wants_log(monitor) else None
                self._tell(notification(monitor, transition, sample=sample, site=self._site))

    def _sample(self, monitor: Monitor, group: Group) -> Log | None:
        """The newest log that the monitor counted for *group*, if it is still at hand."""
        if not isinstance(monitor.query, LogAlertQuery):
            return None
        matches = compile_query(monitor.query.query.search)
        facets = [(facet_reader(facet), value) for facet, value in group]
        for event, received_at in reversed(self._recent):
            log = self._logs.log(event, received_at)
            if matches(log) and all(value in read(log) for read, value in facets):
                return log
        return None

    def views(self) -> tuple[MonitorView, ...]:
        """How every monitor stands."""
        return tuple(map(_view, self._evaluator.snapshots()))


def _wants_log(monitor: Monitor) -> bool:
    return "log." in monitor.message or "log." in monitor.options.escalation_message


def _view(snapshot: MonitorSnapshot) -> MonitorView:
    monitor = snapshot.monitor
    thresholds = monitor.options.thresholds
    critical = thresholds.critical
    return MonitorView(
        name=monitor.name,
        state=snapshot.state.value,
        since=snapshot.since,
        value=snapshot.value,
        critical=monitor.query.threshold if critical is None else critical,
        warning=thresholds.warning,
        comparator=monitor.query.comparator,
        groups=tuple(
            GroupView(
                ", ".join(f"{facet}:{value}" for facet, value in group.group),
                group.state.value,
                group.value,
                group.since or 0.0,
            )
            for group in snapshot.groups
        ),
        note=snapshot.note,
        history=snapshot.history,
        triggered=snapshot.triggered,
    )


def bundled_metrics() -> list[LogMetric]:
    """The log-based metric that the bundled anomaly monitor is about."""
    from grantex_tui.pack import metric_text

    return [read_log_metric(json.loads(metric_text()))]


def approximations(monitors: Sequence[Monitor], pipelines: Sequence[Pipeline]) -> list[str]:
    """What a local evaluation of these can only approximate, one sentence each."""
    notes = [note for pipeline in pipelines for note in pipeline.approximations]
    names = [monitor.name for monitor in monitors if isinstance(monitor.query, AnomalyQuery)]
    if names:
        notes.append(
            f"anomaly detection is our approximation of an unpublished algorithm: {', '.join(names)}"
        )
    return notes
