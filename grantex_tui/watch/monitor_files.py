"""Which monitors a run evaluates, and over which pipelines: the user's files, or the bundled ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.processors.grok_parser import GrokParser
from grantex_tui.events.entry import Sender
from grantex_tui.monitoring.count.event_logs import EventLogs
from grantex_tui.monitoring.count.presence import foreseen, unmatched_text
from grantex_tui.monitoring.definitions import (
    approximations,
    bundled_metrics,
    read_monitors,
    read_pipelines,
)
from grantex_tui.watch.monitors import LiveMonitors


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.datadog.monitor.load import Other
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.monitoring.count.metrics import LogMetric
    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.settings import Settings


@dataclass(frozen=True, slots=True)
class MonitorPlan:
    """The monitors of a run and all that their evaluation needs."""

    monitors: Sequence[Monitor]
    pipelines: Sequence[Pipeline]
    metrics: Sequence[LogMetric]
    logs: EventLogs
    site: str
    notes: Sequence[str]
    """What is only approximate about them, or left out, for people."""

    def start(self, now: float, tell: Callable[[Notification], None]) -> LiveMonitors:
        """Evaluate from *now* on; *tell* hears of each transition.

        Raises:
            MetricError: An anomaly monitor names a metric that is not among the metrics.
        """
        return LiveMonitors(
            self.monitors,
            self.pipelines,
            self.logs,
            started_at=now,
            tell=tell,
            site=self.site,
            metrics=self.metrics,
        )


def plan_monitors(settings: Settings) -> MonitorPlan:
    """Read the monitors and pipelines that *settings* name.

    Raises:
        InvalidFileError: One can't be read, or Datadog would refuse it.
    """
    pipelines = read_pipelines(settings.pipelines)
    monitors: list[Monitor] = []
    metrics = bundled_metrics()
    others: Sequence[Other] = ()
    if settings.evaluate:
        monitors, metrics, others = read_monitors(settings.monitors)
    sender = Sender(settings.tags, settings.service, settings.source)
    logs = EventLogs(pipelines, sender, dated=settings.entry_date)
    notes = [each.text for each in others]
    if monitors:
        notes += [
            *_unmatched(monitors, logs, pipelines),
            *approximations(monitors, pipelines, metrics),
        ]
    return MonitorPlan(monitors, pipelines, metrics, logs, settings.site, notes)


def _unmatched(
    monitors: Sequence[Monitor], logs: EventLogs, pipelines: Sequence[Pipeline]
) -> list[str]:
    """What the monitors ask for that no log of this run's can have, for people.

    Where logs are parsed by grok rules it isn't foreseen: these may take their time.
    """
    if any(isinstance(each, GrokParser) for one in pipelines for each in one.enabled()):
        return []
    asked = [query.search for each in monitors for query in each.query.log_queries.values()]
    return [
        f"{unmatched_text(*each)}: its monitor can't fire here" for each in foreseen(asked, logs)
    ]
