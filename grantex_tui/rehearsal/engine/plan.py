"""What a rehearsal evaluates: monitors, and how logs are made of events for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.sites import DEFAULT_SITE
from grantex_tui.monitoring.count.event_logs import EventLogs
from grantex_tui.monitoring.definitions import read_monitors, read_pipelines


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.events.entry import Sender
    from grantex_tui.monitoring.count.metrics import LogMetric


@dataclass(frozen=True, slots=True)
class RehearsalPlan:
    """The monitors of a rehearsal and all that their evaluation needs.

    To try a changed monitor, `dataclasses.replace` the *monitors*.
    """

    monitors: Sequence[Monitor]
    pipelines: Sequence[Pipeline]
    metrics: Sequence[LogMetric]
    """Those that anomaly monitors may name."""
    logs: EventLogs
    """Makes logs of events by these pipelines."""
    site: str = DEFAULT_SITE
    """Datadog's, for links in messages."""
    left_out: Sequence[str] = ()
    """The monitors that are not evaluated here, a line each for people."""


def load_plan(
    monitor_files: Sequence[str] = (),
    pipeline_files: Sequence[str] = (),
    *,
    sender: Sender | None = None,
    again: bool = False,
    site: str = DEFAULT_SITE,
) -> RehearsalPlan:
    """The plan for the user's files; where none are given, for what comes with this package.

    Args:
        monitor_files: monitors or log-based metrics, Datadog's JSON or the same as YAML.
        pipeline_files: in the order in which Datadog runs them.
        sender: what is put on the log of an event that doesn't tell.
        again: whether logs that have been through Datadog's pipelines go through these, too.
        site: Datadog's, for links in messages.

    Raises:
        InvalidFileError: One can't be read, or Datadog would refuse it.
    """
    monitors, metrics, others = read_monitors(monitor_files)
    pipelines = read_pipelines(pipeline_files)
    logs = EventLogs(pipelines, sender, again=again)
    left_out = [other.text for other in others]
    return RehearsalPlan(monitors, pipelines, metrics, logs, site, left_out)
