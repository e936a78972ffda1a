"""What a pass comes to in numbers: each monitor, each of its groups, and all together."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.measure.measures import Margin, Measures, PassMeasures
from grantex_tui.rehearsal.measure.stays import Reach, flaps, latest, soonest, without_waiting


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Pass, Span
    from grantex_tui.rehearsal.measure.stays import Times

_DAY = 86_400.0


def measure(rehearsed: Pass) -> PassMeasures:
    """Measure a pass: all monitors together, and each."""
    spans: list[list[Span]] = [[] for _ in rehearsed.monitors]
    for span in rehearsed.spans:
        spans[span.monitor].append(span)
    changes: list[list[Transition]] = [[] for _ in rehearsed.monitors]
    for change in rehearsed.transitions:
        changes[change.index].append(change)
    parts = [
        _part(own, monitor, changes[place], rehearsed)
        for place, (monitor, own) in enumerate(zip(rehearsed.monitors, spans, strict=True))
    ]
    monitors = tuple(
        _measures(part, _margin(place, rehearsed), rehearsed) for place, part in enumerate(parts)
    )
    return PassMeasures(_measures(_together(parts, rehearsed), None, rehearsed), monitors)


def measure_groups(rehearsed: Pass, monitor: int) -> dict[Group, Measures]:
    """Measure each group of one monitor, in the order of the groups."""
    measured = rehearsed.monitors[monitor]
    spans = [span for span in rehearsed.spans if span.monitor == monitor]
    changes: dict[Group, list[Transition]] = {}
    for change in rehearsed.transitions:
        if change.index == monitor:
            changes.setdefault(change.group, []).append(change)
    return {
        group: _measures(
            _part(own, measured, changes.get(group, ()), rehearsed),
            margin_of(measured, rehearsed.extremes.get((monitor, group))),
            rehearsed,
        )
        for group, own in groupby(spans, key=lambda span: span.group)
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


class _Part(NamedTuple):
    """What is measured together."""

    spans: Sequence[Span]
    delays: Times
    recoveries: Times
    false_alerts: int
    flaps: int


def _part(
    spans: Iterable[Span], monitor: Monitor, changes: Iterable[Transition], rehearsed: Pass
) -> _Part:
    """Some groups of one monitor."""
    kept = list(without_waiting(spans))
    alerts = _in(State.ALERT, kept)
    reach = Reach(monitor, rehearsed.incidents)
    false = sum(reach.right_seconds(alert) is None for alert in alerts)
    return _Part(kept, *reach.times(alerts), false, sum(1 for _ in flaps(changes, monitor)))


def _together(parts: Sequence[_Part], rehearsed: Pass) -> _Part:
    return _Part(
        list(chain.from_iterable(part.spans for part in parts)),
        soonest([part.delays for part in parts], rehearsed.incidents),
        latest([part.recoveries for part in parts], rehearsed.incidents),
        sum(part.false_alerts for part in parts),
        sum(part.flaps for part in parts),
    )


def _in(state: State, spans: Iterable[Span]) -> list[Span]:
    return [span for span in spans if span.state is state]


def _measures(part: _Part, margin: Margin | None, rehearsed: Pass) -> Measures:
    alerts = _in(State.ALERT, part.spans)
    warnings = _in(State.WARN, part.spans)
    silences = _in(State.NO_DATA, part.spans)
    duration = rehearsed.end - rehearsed.start
    known = bool(rehearsed.incidents)
    return Measures(
        alerts=len(alerts),
        alert_seconds=_lasted(alerts),
        duty_cycle=_covered(alerts) / duration if duration else 0.0,
        alerts_per_day=len(alerts) * _DAY / duration if duration else None,
        warnings=len(warnings),
        warning_seconds=_lasted(warnings),
        no_data=len(silences),
        no_data_seconds=_lasted(silences),
        flaps=part.flaps,
        false_alerts=part.false_alerts if known else None,
        precision=1 - part.false_alerts / len(alerts) if known and alerts else None,
        delays=part.delays,
        recoveries=part.recoveries,
        margin=margin,
    )


def _lasted(spans: Iterable[Span]) -> float:
    return sum(span.end - span.start for span in spans)


def _covered(spans: Iterable[Span]) -> float:
    """Seconds in which at least one of *spans* lasts."""
    covered, until = 0.0, float("-inf")
    for start, end in sorted((span.start, span.end) for span in spans):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered


def _margin(monitor: int, rehearsed: Pass) -> Margin | None:
    """The nearest of the groups'."""
    own = [found for (index, _), found in rehearsed.extremes.items() if index == monitor]
    if not own:
        return None
    extremes = min(lowest for lowest, _ in own), max(highest for _, highest in own)
    return margin_of(rehearsed.monitors[monitor], extremes)
