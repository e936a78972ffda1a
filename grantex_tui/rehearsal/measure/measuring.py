"""What a pass comes to in numbers: each monitor, each of its groups, and all together."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.measure.detection import grace_of
from grantex_tui.rehearsal.measure.measures import FLAP_EVALUATIONS, Margin, Measures, PassMeasures


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.rehearsal.engine.model import Incident, Pass, Span

_DAY = 86_400.0
Times = tuple[float | None, ...]
"""Seconds for each incident; None: it was missed."""


def measure(rehearsed: Pass) -> PassMeasures:
    """Measure a pass: all monitors together, and each."""
    flaps = _flaps(rehearsed)
    parts = [
        _Part(_stays(spans, monitor, rehearsed), flaps[monitor].total())
        for monitor, spans in enumerate(_by_monitor(rehearsed))
    ]
    monitors = tuple(
        _measures(part, _margin(monitor, rehearsed), rehearsed)
        for monitor, part in enumerate(parts)
    )
    everything = _Part(
        [stay for part in parts for stay in part.stays], sum(part.flaps for part in parts)
    )
    return PassMeasures(_measures(everything, None, rehearsed), monitors)


def measure_groups(rehearsed: Pass, monitor: int) -> dict[Group, Measures]:
    """Measure each group of one monitor, in the order of the groups."""
    flaps = _flaps(rehearsed)[monitor]
    by_group = groupby(_by_monitor(rehearsed)[monitor], key=lambda span: span.group)
    return {
        group: _measures(
            _Part(_stays(list(spans), monitor, rehearsed), flaps[group]),
            margin_of(rehearsed.monitors[monitor], rehearsed.extremes.get((monitor, group))),
            rehearsed,
        )
        for group, spans in by_group
    }


def margin_of(monitor: Monitor, extremes: tuple[float, float] | None) -> Margin | None:
    """How near *monitor* came to alerting.

    Args:
        monitor: one that alerts on much or on little.
        extremes: the lowest and the highest value that was found, if any.
    """
    comparator = monitor.query.comparator
    if extremes is None or not comparator.has_side:
        return None
    critical = monitor.options.thresholds.critical
    threshold = monitor.query.threshold if critical is None else critical
    peak = comparator.worst(extremes)
    return Margin(peak, threshold, comparator.distance(peak, threshold))


class _Stay(NamedTuple):
    """A span that counts, and the incidents that it is about if it is an alert."""

    span: Span
    about: tuple[int, ...]


class _Part(NamedTuple):
    """What is measured together."""

    stays: list[_Stay]
    flaps: int


def _by_monitor(rehearsed: Pass) -> list[list[Span]]:
    spans: list[list[Span]] = [[] for _ in rehearsed.monitors]
    for span in rehearsed.spans:
        spans[span.monitor].append(span)
    return spans


def _stays(spans: Iterable[Span], monitor: int, rehearsed: Pass) -> list[_Stay]:
    reach = _reach(rehearsed.monitors[monitor], rehearsed.incidents)
    return [_Stay(span, _about(span, reach)) for span in counted(spans)]


def counted(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans of a monitor without the time in which groups waited for their first data."""
    group: Group | None = None
    for span in spans:
        if span.group == group or span.state is not State.NO_DATA:
            yield span
        group = span.group


def _reach(monitor: Monitor, incidents: Sequence[Incident]) -> list[tuple[float, float]]:
    grace = grace_of(monitor)
    return [(incident.start, incident.end + grace) for incident in incidents]


def _about(span: Span, reach: Sequence[tuple[float, float]]) -> tuple[int, ...]:
    """As `detection.is_about`; written out, for there may be ten thousand alerts."""
    if span.state is not State.ALERT:
        return ()
    begins, ends = span.start, span.end
    return tuple(
        place for place, (start, until) in enumerate(reach) if begins <= until and ends > start
    )


def _measures(part: _Part, margin: Margin | None, rehearsed: Pass) -> Measures:
    alerts = [stay for stay in part.stays if stay.span.state is State.ALERT]
    warnings = [stay.span for stay in part.stays if stay.span.state is State.WARN]
    silences = [stay.span for stay in part.stays if stay.span.state is State.NO_DATA]
    duration = rehearsed.end - rehearsed.start
    incidents = rehearsed.incidents
    delays, recoveries = _timely(alerts, incidents)
    false = sum(not stay.about for stay in alerts)
    return Measures(
        alerts=len(alerts),
        alert_seconds=_lasted(stay.span for stay in alerts),
        duty_cycle=_covered(stay.span for stay in alerts) / duration if duration else 0.0,
        alerts_per_day=len(alerts) * _DAY / duration if duration else None,
        warnings=len(warnings),
        warning_seconds=_lasted(warnings),
        no_data=len(silences),
        no_data_seconds=_lasted(silences),
        flaps=part.flaps,
        false_alerts=false if incidents else None,
        precision=1 - false / len(alerts) if incidents and alerts else None,
        delays=delays,
        recoveries=recoveries,
        margin=margin,
    )


def _timely(alerts: Sequence[_Stay], incidents: Sequence[Incident]) -> tuple[Times, Times]:
    """How soon each incident was noticed, and how long after it that was over."""
    if not alerts:
        never = (None,) * len(incidents)
        return never, never
    by_incident: list[list[Span]] = [[] for _ in incidents]
    for stay in alerts:
        for place in stay.about:
            by_incident[place].append(stay.span)
    about = list(zip(incidents, by_incident, strict=True))
    return (
        tuple(_delay(incident, spans) for incident, spans in about),
        tuple(_recovery(incident, spans) for incident, spans in about),
    )


def _delay(incident: Incident, about: Sequence[Span]) -> float | None:
    if not about:
        return None
    return max(0.0, min(alert.start for alert in about) - incident.start)


def _recovery(incident: Incident, about: Sequence[Span]) -> float | None:
    if not about:
        return None
    return max(0.0, max(alert.end for alert in about) - incident.end)


def _lasted(spans: Iterable[Span]) -> float:
    return sum(span.end - span.start for span in spans)


def _covered(spans: Iterable[Span]) -> float:
    """Seconds in which at least one of *spans* lasts."""
    covered, until = 0.0, float("-inf")
    for start, end in sorted((span.start, span.end) for span in spans):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered


def _flaps(rehearsed: Pass) -> list[Counter[Group]]:
    """How many, by group, for each monitor; as the expectation about flaps counts them."""
    limits = [FLAP_EVALUATIONS * period_of(each.query.window) for each in rehearsed.monitors]
    left: dict[tuple[int, Group], float] = {}
    flaps: list[Counter[Group]] = [Counter() for _ in limits]
    for change in rehearsed.transitions:
        if change.source is change.destination:
            continue
        key = change.index, change.group
        if change.source is State.ALERT:
            left[key] = change.at
        elif change.destination is State.ALERT and key in left:
            flaps[change.index][change.group] += change.at - left[key] <= limits[change.index]
    return flaps


def _margin(monitor: int, rehearsed: Pass) -> Margin | None:
    """The nearest of the groups'."""
    own = [found for (index, _), found in rehearsed.extremes.items() if index == monitor]
    if not own:
        return None
    extremes = min(lowest for lowest, _ in own), max(highest for _, highest in own)
    return margin_of(rehearsed.monitors[monitor], extremes)
