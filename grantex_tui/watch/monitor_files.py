"""Which monitors a run evaluates, and over which pipelines: the user's files, or the bundled ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.errors import InvalidFileError
from grantex_tui.monitoring.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.metrics import LogMetric, read_log_metric
from grantex_tui.pack import monitor_texts
from grantex_tui.watch.monitors import LiveMonitors, approximations, bundled_metrics


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.monitoring.states import Notification
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
    """What is only approximate about them, for people."""

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
    pipelines = _pipelines(settings.pipelines) if settings.pipelines else bundled_pipelines()
    monitors: list[Monitor] = []
    metrics = bundled_metrics()
    if settings.evaluate:
        for name, text in _monitor_texts(settings.monitors):
            found, named = _read(name, text)
            monitors += found
            metrics += named
    return MonitorPlan(
        monitors,
        pipelines,
        metrics,
        EventLogs(pipelines, source=settings.source, service=settings.service, tags=settings.tags),
        settings.site,
        approximations(monitors, pipelines) if monitors else (),
    )


def _monitor_texts(files: Sequence[str]) -> list[tuple[str, str]]:
    if not files:
        return [(f"pack/monitors/{name}.json", text) for name, text in monitor_texts()]
    return [(name, _text(name)) for name in files]


def _read(name: str, text: str) -> tuple[list[Monitor], list[LogMetric]]:
    """The monitors of a file, or the log-based metric that it defines."""
    value = read_document(text, path=name).value
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        return [], [read_log_metric(value)]
    return load_monitors(text, path=name), []


def _pipelines(files: Sequence[str]) -> list[Pipeline]:
    return [
        pipeline
        for name in files
        for pipeline in parse_pipelines(read_document(_text(name), path=name).value, path=name)
    ]


def _text(name: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFileError(
            f"can't be read: {error}", path=name, hint="Check the path, and that it is UTF-8."
        ) from error
