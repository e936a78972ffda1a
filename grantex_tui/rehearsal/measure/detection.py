"""Incidents and alerts: which alert is about which incident, how late, and which is about none.

Our definitions, since Datadog has no word for them. An alert is a group's stay in Alert. It is
about an incident if it lasts into the time from the incident's beginning to its end and the
monitor's *grace*, its window and two evaluations: until then what happened can still be counted.
An incident is detected when the first alert about it begins, and at once if one is on already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import Incident, Span


def grace_of(monitor: Monitor) -> float:
    """Seconds after an incident's end in which an alert is still about it."""
    window = monitor.query.window
    return float(window + 2 * period_of(window) + monitor.options.evaluation_delay)


def detected_at(
    incident: Incident, spans: Iterable[Span], monitors: Sequence[Monitor]
) -> float | None:
    """When an incident is first noticed, epoch seconds; None if no alert is about it.

    Args:
        incident: what happened.
        spans: states of the groups that may notice it.
        monitors: those of the pass.
    """
    begins = [
        max(span.start, incident.start)
        for span in spans
        if span.state is State.ALERT and is_about(span, incident, monitors)
    ]
    return min(begins, default=None)


def is_about(alert: Span, incident: Incident, monitors: Sequence[Monitor]) -> bool:
    """Whether an alert is about an incident."""
    until = incident.end + grace_of(monitors[alert.monitor])
    return alert.start <= until and alert.end > incident.start


def false_alerts(
    spans: Iterable[Span], incidents: Sequence[Incident], monitors: Sequence[Monitor]
) -> list[Span]:
    """The alerts that are about no incident, by time."""
    alerts = (span for span in spans if span.state is State.ALERT)
    alone = [
        alert for alert in alerts if not any(is_about(alert, one, monitors) for one in incidents)
    ]
    return sorted(alone, key=lambda span: span.start)
