"""What a rehearsal evaluates: monitors, and how logs are made of events for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.sites import DEFAULT_SITE


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.monitoring.count.event_logs import EventLogs
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
