"""Monitors over the live stream: what arrives is counted, and every tick is evaluated in its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.message.link import log_link
from grantex_tui.datadog.monitor.schedule import first_tick, period_of
from grantex_tui.events.arrived import Arrived
from grantex_tui.events.event import Event
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.monitoring.count.senders import SenderRouter
from grantex_tui.monitoring.count.unevaluated import unevaluated
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.monitoring.notify.telling import QuotedEvents, Teller
from grantex_tui.watch.frame import GroupView, MonitorView


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.events.arrived import Envelope
    from grantex_tui.events.event import Malformed
    from grantex_tui.monitoring.count.event_logs import EventLogs
    from grantex_tui.monitoring.count.metrics import LogMetric
    from grantex_tui.monitoring.evaluate.run import MonitorSnapshot
    from grantex_tui.monitoring.evaluate.states import Notification, Transition


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
        self._tell = tell
        self._alerted = False
        self._monitors = monitors
        self._pipelines = pipelines
        self._metrics = metrics
        self._site = site
        self._sent: dict[int, str] = {}
        """By monitor: what was last sent for it."""
        self._noted = set(self._notes())
        self._evaluator = Evaluator(
            monitors, start=started_at, covered_from=started_at, metrics=metrics
        )
        counters = self._evaluator.counters
        quoted = QuotedEvents(monitors, counters.questions)
        self._teller = Teller(monitors, logs, quoted, site=site)
        self._router = SenderRouter(counters, logs, pipelines, quoted.newest)
        self._sketcher = Sketcher(self._router.keys)

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
        if isinstance(items, Arrived) and items.envelopes is not None and self._router.is_able:
            sketches = Sketches(items.payloads, items.envelopes, [received_at] * len(items))
            self._router.route_sketches(sketches)
        else:
            events = [item for item in items if isinstance(item, Event)]
            self._router.route(events, received_at)

    def envelopes(self, payloads: Sequence[bytes]) -> Sequence[Envelope] | None:
        """The envelopes of payloads with as much of their data as the monitors ask for."""
        return self._sketcher.envelopes(payloads)

    def advance(self, now: float) -> None:
        """Evaluate every tick up to *now*; everything received until then has been counted."""
        self._report(self._evaluator.advance(now))

    def _report(self, transitions: Sequence[Transition]) -> None:
        self._alerted |= any(t.destination is State.ALERT for t in transitions)
        for told in self._teller.tell(transitions):
            sent = told.rendered()
            self._sent[sent.transition.index] = f"{sent.title}\n{sent.body}"
            self._tell(sent)

    def warnings(self) -> Sequence[str]:
        """What the pipelines have left out since this was last asked, such as for want of time."""
        news = [note for note in self._notes() if note not in self._noted]
        self._noted.update(news)
        return news

    def _notes(self) -> Iterator[str]:
        for pipeline in self._pipelines:
            yield from pipeline.approximations

    def views(self) -> tuple[MonitorView, ...]:
        """How every monitor stands; one that depends on what is left out is said not to be evaluated."""
        missing = unevaluated(self._monitors, self._pipelines, self._metrics)
        return tuple(
            self._view(position, snapshot, missing.get(position, ""))
            for position, snapshot in enumerate(self._evaluator.snapshots())
        )

    def _view(self, position: int, snapshot: MonitorSnapshot, missing: str) -> MonitorView:
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
            note=f"not evaluated: {missing}" if missing else snapshot.note,
            history=snapshot.history,
            triggered=snapshot.triggered,
            states=tuple(state.value for state in snapshot.states),
            query=monitor.query_text,
            window=float(monitor.query.window),
            next_at=self._next_at(monitor),
            message=self._sent.get(position, monitor.message),
            link=_link(monitor, self._evaluator.next_tick, self._site),
        )

    def _next_at(self, monitor: Monitor) -> float:
        period = period_of(monitor.query.window)
        return float(first_tick(self._evaluator.next_tick - 1, period, 0))


def _link(monitor: Monitor, at: float, site: str) -> str:
    """The monitor in Datadog if it came from there, else the logs that it counts."""
    if monitor.id is None:
        return log_link(monitor.query, (), at, site)
    host = site if site.count(".") > 1 else f"app.{site}"
    return f"https://{host}/monitors/{monitor.id}"
