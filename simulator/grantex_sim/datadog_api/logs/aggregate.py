"""Counting and measuring logs by facets and time, exactly (Datadog answers from sketches).

Datadog: api/v2/logs, "Aggregate events"; logs/guide/build-custom-reports-using-log-analytics-api.
A series holds the steps that have logs; its steps begin at multiples of the interval since the
epoch. Both are our choice where the pages are silent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339
from grantex_tui.monitoring.count.aggregates import aggregate
from grantex_tui.monitoring.count.facets import facet_reader, measure_reader


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from grantex_sim.datadog_api.logs.aggregate_request import (
        Aggregation,
        Compute,
        GroupBy,
        Histogram,
        Label,
    )
    from grantex_sim.datadog_api.store import Stored
    from grantex_tui.datadog.log import Log
    from grantex_tui.monitoring.count.aggregates import Value

    Bucket = dict[str, object]

Number = float | None


def buckets(logs: Sequence[Stored], asked: Aggregation) -> list[Bucket]:
    """The ``data.buckets`` of the answer, in the order of the groups.

    Args:
        logs: Ordered by date.
        asked: The request.
    """
    selected = list(asked.filter.select(logs, asked.filter.span(logs)))
    return [
        {"by": by, "computes": _computes(members, asked.computes)}
        for by, members in _grouped(selected, asked.groups)
        if members or not asked.groups
    ]


def _computes(logs: Sequence[Stored], computes: Sequence[Compute]) -> dict[str, object]:
    found: dict[str, object] = {}
    for index, compute in enumerate(computes):
        if compute.interval is not None:
            found[f"c{index}"] = _series(logs, compute, compute.interval)
        elif (value := _value(logs, compute)) is not None:
            found[f"c{index}"] = value
    return found


def _series(logs: Sequence[Stored], compute: Compute, interval: int) -> list[dict[str, object]]:
    steps: dict[int, list[Stored]] = {}
    for stored in logs:
        steps.setdefault(stored.timestamp // interval, []).append(stored)
    values = ((step, _value(members, compute)) for step, members in sorted(steps.items()))
    return [
        {"time": rfc3339(step * interval / 1000), "value": value}
        for step, value in values
        if value is not None
    ]


def _value(logs: Sequence[Stored], compute: Compute) -> Number:
    """The number for *logs*; None if no log has the measure."""
    if compute.aggregation == "count" and not compute.metric:
        return len(logs)
    read = _reader(compute)
    values = Counter(value for stored in logs for value in read(stored.log))
    if compute.aggregation == "count":
        return values.total()
    found = aggregate(compute.aggregation)
    found.enter(values)
    value = found.value()
    return 0 if value is None and compute.aggregation == "cardinality" else value


def _reader(compute: Compute) -> Callable[[Log], tuple[Value, ...]]:
    if compute.aggregation in ("count", "cardinality"):
        return facet_reader(compute.metric)
    return measure_reader(compute.metric)


def _grouped(
    logs: Sequence[Stored], groups: Sequence[GroupBy]
) -> Iterator[tuple[dict[str, Label], Sequence[Stored]]]:
    """The logs of every combination of groups; each facet's limit holds within the one before."""
    if not groups:
        yield {}, logs
        return
    group, *rest = groups
    for label, members in _ranked(_parted(logs, group), group):
        for by, inner in _grouped(members, rest):
            yield {group.facet: label, **by}, inner
    if group.total is not None:
        for by, inner in _grouped(logs, rest):
            yield {group.facet: group.total, **by}, inner


def _parted(logs: Sequence[Stored], group: GroupBy) -> dict[Label, list[Stored]]:
    labels = _labels(group)
    parts: dict[Label, list[Stored]] = {}
    for stored in logs:
        found = labels(stored.log)
        if not found and group.missing is not None:
            found = (group.missing,)
        for label in found:  # a log with several values counts in each
            parts.setdefault(label, []).append(stored)
    return parts


def _labels(group: GroupBy) -> Callable[[Log], tuple[Label, ...]]:
    histogram = group.histogram
    if histogram is None:
        return facet_reader(group.facet)
    read = measure_reader(group.facet)
    return lambda log: tuple(
        _step(number, histogram)
        for number in read(log)
        if histogram.least <= number < histogram.most
    )


def _step(number: float, histogram: Histogram) -> float:
    least, interval = histogram.least, histogram.interval
    return least + (number - least) // interval * interval


def _ranked(
    parts: Mapping[Label, list[Stored]], group: GroupBy
) -> list[tuple[Label, list[Stored]]]:
    """The groups that the limit leaves, in order; equal ones by label."""
    # Texts and the number that may stand for "missing" don't compare.
    ordered = sorted(parts.items(), key=lambda item: (isinstance(item[0], str), item[0]))
    by, descending = group.order.by, group.order.descending
    if by is None:
        return (ordered[::-1] if descending else ordered)[: group.limit]
    measured = [(_value(members, by), (label, members)) for label, members in ordered]
    known = [(value, part) for value, part in measured if value is not None]
    known.sort(key=lambda item: -item[0] if descending else item[0])
    unknown = [part for value, part in measured if value is None]
    return [*(part for _, part in known), *unknown][: group.limit]
