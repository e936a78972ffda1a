"""What alerts are about and which flap, said again as plainly as can be: twins of `measure.stays`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.measure.stays import grace_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import Incident, Pass, Span


def is_about(alert: Span, incident: Incident, monitors: Sequence[Monitor]) -> bool:
    """Whether an alert lasts into the incident or the monitor's grace after it."""
    until = incident.end + grace_of(monitors[alert.monitor])
    return alert.start <= until and alert.end > incident.start


def detected_at(
    incident: Incident, spans: Iterable[Span], monitors: Sequence[Monitor]
) -> float | None:
    """When the first alert about an incident begins; None if there is none."""
    begins = [
        max(span.start, incident.start)
        for span in spans
        if span.state is State.ALERT and is_about(span, incident, monitors)
    ]
    return min(begins, default=None)


def false_alerts(
    spans: Iterable[Span], incidents: Sequence[Incident], monitors: Sequence[Monitor]
) -> list[Span]:
    """The alerts that are about no incident."""
    return [
        span
        for span in spans
        if span.state is State.ALERT and not any(is_about(span, i, monitors) for i in incidents)
    ]


def flaps(rehearsed: Pass, monitor: int) -> int:
    """How many alerts come within ten minutes, so evaluations, of the group's last recovery."""
    own = [each for each in rehearsed.transitions if each.index == monitor]
    begins = [(c.group, c.at) for c in own if c.destination is State.ALERT is not c.source]
    ends = [(c.group, c.at) for c in own if c.source is State.ALERT is not c.destination]
    return sum(
        any(one == group and 0 <= at - ended <= 10 * 60 for one, ended in ends)
        for group, at in begins
    )
