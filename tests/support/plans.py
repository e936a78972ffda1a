"""Plans of rehearsals from files, or of what comes with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.sites import DEFAULT_SITE
from grantex_tui.monitoring.count.event_logs import EventLogs
from grantex_tui.monitoring.definitions import read_monitors, read_pipelines
from grantex_tui.rehearsal.engine.plan import RehearsalPlan


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.entry import Sender


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
