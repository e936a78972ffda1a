"""``/api/v2/logs/analytics/aggregate``: what is asked (Datadog: api/v2/logs, "Aggregate events")."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.logs.search import read_filter
from grantex_sim.datadog_api.replies import invalid


if TYPE_CHECKING:
    from grantex_sim.datadog_api.bodies import Reader
    from grantex_sim.datadog_api.logs.search import Filter

AGGREGATIONS: Final = (
    "count", "cardinality", "pc75", "pc90", "pc95", "pc98", "pc99", "sum", "min", "max", "avg",
    "median",
)  # fmt: skip
MOST_BUCKETS: Final = 10_000
_MOST_IN_HISTOGRAM: Final = 100
_POINTS: Final = 150
"""About how many points a series has when no interval is given."""
_INTERVAL: Final = re.compile(r"(\d{1,9})(ms|[smhdw])")
_UNITS: Final = {
    "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
}  # fmt: skip
_ROUND: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200)
"""Seconds of the intervals that are chosen by themselves; whole days beyond."""

Label = str | float | bool


@dataclass(frozen=True, slots=True)
class Compute:
    """One number, or one series, for each bucket."""

    aggregation: str
    metric: str
    """A facet or measure; empty for a count."""
    interval: int | None
    """Milliseconds of a series' step; None for a total."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which buckets come first, and are kept when there are more than the limit."""

    by: Compute | None
    """None: by the facet's value."""
    descending: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """A measure cut into ranges of *interval*, from *least* up to but not including *most*."""

    interval: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class GroupBy:
    """One facet to group by."""

    facet: str
    limit: int
    order: Order
    missing: Label | None
    """The group of logs that lack the facet; None: they are left out."""
    total: Label | None
    """The name of a further group with all logs."""
    histogram: Histogram | None


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The whole request."""

    filter: Filter
    computes: tuple[Compute, ...]
    groups: tuple[GroupBy, ...]


def read_aggregation(reader: Reader, now: int) -> Aggregation:
    """What a body asks; *now* in milliseconds.

    Raises:
        RefusedError: It can't be read.
    """
    chosen = read_filter(reader.child("filter"), now)
    computes = [_compute(each, chosen) for each in reader.children("compute")]
    computes = computes or [Compute("count", "", None)]
    groups = [_group(each, computes[0]) for each in reader.children("group_by")]
    if math.prod(group.limit for group in groups) > MOST_BUCKETS:
        raise invalid(reader.at("group_by"), f"the limits' product is over {MOST_BUCKETS}")
    page = reader.child("page")
    if page.text("cursor", ""):
        raise invalid(page.at("cursor"), "every answer here has one page, so there is no cursor")
    return Aggregation(chosen, tuple(computes), tuple(groups))


def _compute(reader: Reader, chosen: Filter) -> Compute:
    if not reader.has("aggregation"):
        raise invalid(reader.at("aggregation"), "it is required")
    aggregation = reader.choice("aggregation", AGGREGATIONS, "")
    metric = reader.text("metric", "")
    if aggregation != "count" and not metric:
        raise invalid(reader.at("metric"), f"{aggregation} needs a metric, such as @duration")
    kind = reader.choice("type", ("total", "timeseries"), "total")
    interval = _interval(reader, chosen)
    return Compute(aggregation, metric, interval if kind == "timeseries" else None)


def _interval(reader: Reader, chosen: Filter) -> int:
    text = reader.text("interval", "")
    if not text:
        return _own_interval(chosen.end - chosen.start)
    match = _INTERVAL.fullmatch(text)
    step = int(match[1]) * _UNITS[match[2]] if match else 0
    if not step:
        raise invalid(reader.at("interval"), f"{text!r} is not such as 5m")
    if (chosen.end - chosen.start) // step > MOST_BUCKETS:
        raise invalid(reader.at("interval"), f"it makes more than {MOST_BUCKETS} points")
    return step


def _own_interval(length: int) -> int:
    least = length / 1000 / _POINTS
    found = next((seconds for seconds in _ROUND if seconds >= least), None)
    return 1000 * (86_400 * math.ceil(least / 86_400) if found is None else found)


def _group(reader: Reader, first: Compute) -> GroupBy:
    facet = reader.text("facet", "")
    if not facet:
        raise invalid(reader.at("facet"), "it is required")
    return GroupBy(
        facet=facet,
        limit=reader.whole("limit", 1, MOST_BUCKETS, 10),
        order=_order(reader.child("sort"), first),
        missing=_label(reader, "missing", ""),
        total=_label(reader, "total", f"{facet}_total"),
        histogram=_histogram(reader.child("histogram")) if reader.has("histogram") else None,
    )


def _order(reader: Reader, first: Compute) -> Order:
    if not reader.fields:
        return Order(by=first, descending=True)
    kind = reader.choice("type", ("alphabetical", "measure"), "alphabetical")
    order = reader.choice("order", ("asc", "desc"), "asc" if kind == "alphabetical" else "desc")
    if kind == "alphabetical":
        # As the real API: a sort that names an aggregation must say that it is by measure.
        for key in ("aggregation", "metric"):
            if reader.has(key):
                raise invalid(key, "Unrecognized parameter")
        return Order(by=None, descending=order == "desc")
    aggregation = reader.choice("aggregation", AGGREGATIONS, first.aggregation)
    metric = reader.text("metric", first.metric if aggregation == first.aggregation else "")
    if aggregation != "count" and not metric:
        raise invalid(reader.at("metric"), f"{aggregation} needs a metric, such as @duration")
    return Order(by=Compute(aggregation, metric, None), descending=order == "desc")


def _label(reader: Reader, key: str, if_true: str) -> Label | None:
    value = reader.fields.get(key)
    if value is None or value is False:
        return None
    if value is True and if_true:
        return if_true
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    raise invalid(reader.at(key), "a text or a number is expected")


def _histogram(reader: Reader) -> Histogram:
    interval, least, most = (reader.number(key) for key in ("interval", "min", "max"))
    if not interval > 0 or not most > least:
        raise invalid(reader.at("interval"), "it must be above 0, and max above min")
    if (most - least) / interval > _MOST_IN_HISTOGRAM:
        raise invalid(reader.at("interval"), f"more than {_MOST_IN_HISTOGRAM} buckets")
    return Histogram(interval, least, most)
