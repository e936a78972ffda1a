"""What Datadog's API refuses in a log-based metric (Datadog: api/v2/logs-metrics)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from grantex_tui.datadog.problem import Problem
from grantex_tui.datadog.search import SearchError, compile_query


METRIC_TYPE: Final = "logs_metrics"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,199}")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.]")
_RULE: Final = "Datadog: api/v2/logs-metrics, create a log-based metric"
_AT: Final = "data.attributes"

Fields = Mapping[str, object]


def as_kept(name: str) -> str:
    """*name* as metrics have it: what a name can't hold becomes ``_`` (Datadog: metrics/custom)."""
    return _NOT_IN_NAMES.sub("_", name)


def is_name(name: str) -> bool:
    """Whether a metric can have it as its name."""
    return _NAME.fullmatch(as_kept(name)) is not None


def check_log_metric(metric: Fields) -> Iterator[Problem]:
    """Everything that is wrong in an API object, ``{"data": {…}}``."""
    data = _fields(metric, "data")
    if data.get("type") != METRIC_TYPE:
        yield _error("data.type", f"it must be {METRIC_TYPE}", f"write {METRIC_TYPE}")
    name = data.get("id")
    if not isinstance(name, str) or not is_name(name):
        yield _error(
            "data.id", f"{name!r} is no name of a metric", "name it, such as grantex.events"
        )
    yield from check_attributes(_fields(data, "attributes"))


def check_attributes(attributes: Fields) -> Iterator[Problem]:
    """Everything that is wrong in ``data.attributes``."""
    yield from _compute(_fields(attributes, "compute"))
    query = _fields(attributes, "filter").get("query", "*")
    if not isinstance(query, str):
        yield _error(f"{_AT}.filter.query", "it is no text", "write a log search")
    else:
        yield from _search(query)
    groups = attributes.get("group_by", [])
    if not isinstance(groups, list):
        yield _error(f"{_AT}.group_by", "it is no list", "write a list of paths")
        return
    for position, group in enumerate(groups):
        path = group.get("path") if isinstance(group, Mapping) else None
        if not isinstance(path, str) or not path:
            where = f"{_AT}.group_by[{position}].path"
            yield _error(where, "it is required", "name a facet, such as @grantex.agent_id")


def _compute(compute: Fields) -> Iterator[Problem]:
    kind, path = compute.get("aggregation_type"), compute.get("path")
    if kind not in ("count", "distribution"):
        where = f"{_AT}.compute.aggregation_type"
        yield _error(where, "it must be count or distribution", "write one of the two")
    elif kind == "count" and path:
        yield _error(f"{_AT}.compute.path", "a count has none", "leave it out")
    elif kind == "distribution" and not (isinstance(path, str) and path):
        why = "a distribution needs one, such as @duration"
        yield _error(f"{_AT}.compute.path", why, "name the attribute whose values count")


def _search(query: str) -> Iterator[Problem]:
    try:
        compile_query(query)
    except SearchError as error:
        fix = error.hint or "correct the search"
        yield _error(f"{_AT}.filter.query", error.problem, fix)


def _error(where: str, message: str, fix: str) -> Problem:
    return Problem("error", "invalid-metric", message, where, _RULE, fix)


def _fields(outer: Fields, key: str) -> Fields:
    value = outer.get(key)
    return value if isinstance(value, Mapping) else {}
