"""Which monitors have no answer here, for an option or for what the pipelines leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline import Doubts
from grantex_tui.datadog.search import Field, fields, parse
from grantex_tui.monitoring.count.metrics import MetricError, log_query_of


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import LogQuery, Monitor
    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.monitoring.count.metrics import LogMetric


_DATE = Field("reserved", "timestamp")


def unevaluated(
    monitors: Sequence[Monitor],
    pipelines: Sequence[Pipeline],
    metrics: Sequence[LogMetric] = (),
) -> dict[int, str]:
    """The position of each monitor that depends on what is not evaluated here -> on what, and why.

    Args:
        monitors: all of them.
        pipelines: Datadog's, in their order; after a run, what ran out of time is known, too.
        metrics: the log-based metrics that anomaly monitors name.
    """
    doubts = Doubts(pipelines)
    return {
        position: reason
        for position, monitor in enumerate(monitors)
        if (reason := _reason(doubts, monitor, metrics))
    }


def unevaluated_text(monitor: Monitor, why: str) -> str:
    """What people are told of one of them."""
    return f"monitor {monitor.name!r} is not evaluated: {why}"


def _reason(doubts: Doubts, monitor: Monitor, metrics: Sequence[LogMetric]) -> str:
    if options := monitor.options.unmodelled:
        return f"options.{', options.'.join(options)} {_is(options)} not modelled here"
    if not doubts:
        return ""
    for looked_at in (_DATE, *_looked_at(monitor, metrics)):
        if why := doubts.of(looked_at):
            return f"{looked_at} depends on it: {why}"
    return ""


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _looked_at(monitor: Monitor, metrics: Sequence[LogMetric]) -> Iterator[Field]:
    for query in _log_queries(monitor, metrics):
        yield from sorted(fields(parse(query.search)), key=str)
        measured = [query.measure] if query.method != "count" and query.measure else []
        yield from map(Field.of, (*query.group_by, *measured))


def _log_queries(monitor: Monitor, metrics: Sequence[LogMetric]) -> list[LogQuery]:
    band = monitor.query.band
    if band is None:
        return list(monitor.query.log_queries.values())
    try:
        return [log_query_of(band.metric, metrics)]
    except MetricError:  # said where the monitor is evaluated
        return []
