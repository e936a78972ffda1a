"""What is said of a row that fired: when, on which value, how late, how far over, how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.expect.about import value_text
from grantex_tui.rehearsal.measure.measuring import margin_of
from grantex_tui.rehearsal.measure.stays import Reach, false_alerts, times_to_detect
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Incident, Pass, Span
    from grantex_tui.report.timeline.rows import Row

Key = tuple[int, "Group"]


class Fired(NamedTuple):
    """The alerts of one group, at the phase that has the most of them."""

    first: Span
    value: float | None
    """What the first alert found."""
    threshold: float | None
    comparator: Comparator
    incident: Incident | None
    """What the first alert is about."""
    incidents_known: bool
    peak: float | None
    """The most extreme value of the group, on the side that the monitor alerts on."""
    alerts: int
    false_alerts: int
    """Those that are about no incident; 0 where no incidents are known."""
    seconds: float
    """In Alert, all alerts together."""
    end: float
    """Of the pass."""
    phases: tuple[int, int]
    """At how many phases it fired, of how many."""
    delays: tuple[float, float] = (0.0, 0.0)
    """From the incident's beginning to the first alert: the least and the most of all phases."""

    @property
    def below(self) -> bool:
        """Whether the monitor alerts on little."""
        return self.comparator.is_low


def fired(passes: Sequence[Pass], rows: Iterable[Row]) -> dict[Key, Fired]:
    """What is to say of the rows of single groups that fired."""
    wanted = {(row.monitor, row.groups[0]) for row in rows if row.alerted and not row.is_rest}
    alerts = [_alerts(each, wanted) for each in passes]
    found = {}
    for key in wanted:
        counts = [len(each.get(key, ())) for each in alerts]
        phase = counts.index(max(counts))
        times = sum(map(bool, counts)), len(counts)
        made = _fired(alerts[phase][key], passes[phase], times)
        firsts = [each[key][0] for each in alerts if each.get(key)]
        found[key] = made._replace(delays=_delays(made.incident, firsts, passes[phase]))
    return found


def _delays(
    incident: Incident | None, firsts: Iterable[Span], rehearsed: Pass
) -> tuple[float, float]:
    """How long after an incident's beginning the first alerts about it came, at all phases."""
    if incident is None:
        return 0.0, 0.0
    times = (times_to_detect([each], [incident], rehearsed.monitors)[0] for each in firsts)
    found = [time for time in times if time is not None]
    return min(found), max(found)


def fired_text(what: Fired, when: Callable[[float], str]) -> str:
    """``fired 11:03 (13 > 10), TTD 2m40s, peak 41``, and what there is more to say.

    Args:
        what: the alerts.
        when: writes an instant.
    """
    parts = [f"fired {when(what.first.start)} ({_cause(what)})", *_right(what)]
    if what.peak is not None and what.peak != what.value:
        parts.append(f"{'low' if what.below else 'peak'} {value_text(what.peak)}")
    if what.alerts == 1:
        parts.append(_lasted(what))
    else:
        parts.append(
            f"{what.alerts} alerts{_false(what)}, {duration_text(round(what.seconds))} in all"
        )
    if what.phases[0] < what.phases[1]:
        parts.append(f"at {what.phases[0]} of {what.phases[1]} phases")
    return ", ".join(parts)


def _cause(what: Fired) -> str:
    return value_text(what.value, what.threshold, what.comparator)


def _right(what: Fired) -> list[str]:
    if what.incident is not None:
        least, most = (duration_text(round(delay)) for delay in what.delays)
        took = least if least == most else f"{least} to {most}"
        return [f"TTD {took} ({printable(what.incident.label, limit=40)})"]
    return ["no incident"] if what.incidents_known else []


def _false(what: Fired) -> str:
    return f" ({what.false_alerts} about no incident)" if what.false_alerts else ""


def _lasted(what: Fired) -> str:
    if what.first.end >= what.end:
        return "still on at the end"
    return f"for {duration_text(round(what.first.end - what.first.start))}"


def _alerts(rehearsed: Pass, wanted: set[Key]) -> Mapping[Key, list[Span]]:
    alerts: dict[Key, list[Span]] = {}
    for span in rehearsed.spans:
        if span.state is State.ALERT and (key := (span.monitor, span.group)) in wanted:
            alerts.setdefault(key, []).append(span)
    return alerts


def _fired(alerts: Sequence[Span], rehearsed: Pass, phases: tuple[int, int]) -> Fired:
    first = alerts[0]
    monitor = rehearsed.monitors[first.monitor]
    cause = _transition(first, rehearsed.transitions)
    incidents, monitors = rehearsed.incidents, rehearsed.monitors
    about = Reach(monitor, incidents).about(first)
    false = len(false_alerts(alerts, incidents, monitors)) if incidents else 0
    margin = margin_of(monitor, rehearsed.extremes.get((first.monitor, first.group)))
    return Fired(
        first,
        None if cause is None else cause.value,
        None if cause is None else cause.threshold,
        monitor.query.comparator,
        _nearest(about, first.start),
        bool(incidents),
        None if margin is None else margin.peak,
        len(alerts),
        false,
        sum(each.end - each.start for each in alerts),
        rehearsed.end,
        phases,
    )


def _nearest(about: Sequence[Incident], at: float) -> Incident | None:
    """Of several incidents the last that had begun, or else the first to come."""
    begun = [each for each in about if each.start <= at]
    if begun:
        return max(begun, key=lambda each: each.start)
    return min(about, key=lambda each: each.start, default=None)


def _transition(alert: Span, transitions: Iterable[Transition]) -> Transition | None:
    """The one that began an alert."""
    return next(
        (
            each
            for each in transitions
            if each.at == alert.start
            and each.index == alert.monitor
            and each.group == alert.group
            and each.destination is State.ALERT
        ),
        None,
    )
