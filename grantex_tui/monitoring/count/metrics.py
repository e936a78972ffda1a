"""Log-based metrics: how the metric in an anomaly monitor comes from logs.

Datadog: logs/log_configuration/logs_to_metrics; the object of ``/api/v2/logs/config/metrics``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import LogQuery
from grantex_tui.errors import ExitCode, GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import MetricQuery


_TOKEN = re.compile(r"\s*(?P<word>AND|OR|NOT|\(|\)|,|!)|\s*(?P<key>[\w.\-/]+)(?P<rest>:[^\s,()]+)")
_IN = re.compile(r"([\w.\-/]+)\s+(NOT\s+)?IN\s*\(([^()]*)\)", re.IGNORECASE)


class MetricError(GrantexTuiError):
    """A monitor's metric can't be computed from logs."""

    exit_code = ExitCode.INVALID_FILE


@dataclass(frozen=True, slots=True)
class LogMetric:
    """A metric that Datadog computes from the logs that *search* finds.

    *tags* maps each of the metric's tags to the facet that it comes from. *measure* is the
    ``path`` of a distribution, empty for a count.
    """

    name: str
    search: str
    tags: Mapping[str, str]
    measure: str = ""


def read_log_metric(obj: Mapping[str, object]) -> LogMetric:
    """The metric of an API object; missing parts are empty, as `check` reports."""
    data = _mapping(obj.get("data"))
    attributes = _mapping(data.get("attributes"))
    compute = _mapping(attributes.get("compute"))
    entries = attributes.get("group_by")
    tags = {}
    for entry in map(_mapping, entries if isinstance(entries, list) else []):
        path = str(entry.get("path", ""))
        tags[str(entry.get("tag_name") or path.lstrip("@"))] = path
    is_count = compute.get("aggregation_type") == "count"
    return LogMetric(
        name=str(data.get("id", "")),
        search=str(_mapping(attributes.get("filter")).get("query", "*")),
        tags=tags,
        measure="" if is_count else str(compute.get("path", "")),
    )


def log_query_of(query: MetricQuery, metrics: Sequence[LogMetric]) -> LogQuery:
    """The log query that gives the same numbers as a metric query.

    Raises:
        MetricError: No such metric is known, or it has no such tag.
    """
    metric = next((metric for metric in metrics if metric.name == query.metric), None)
    if metric is None:
        known = ", ".join(metric.name for metric in metrics) or "none"
        raise MetricError(
            f"the log-based metric {query.metric} is not defined (known: {known})",
            hint="give its definition, the JSON of /api/v2/logs/config/metrics",
        )
    scope = _scope(query.scope, metric)
    search = f"({metric.search}) {scope}" if scope else metric.search
    groups = tuple(_facet(tag, metric) for tag in query.group_by)
    if not metric.measure:
        return LogQuery(search=search, group_by=groups)
    return LogQuery(search=search, method=query.aggregator, measure=metric.measure, group_by=groups)


def _scope(scope: str, metric: LogMetric) -> str:
    """``{a:x,!b:y}`` in the words of a log search; tags become facets."""
    if scope.strip() in ("", "*"):
        return ""
    text = _IN.sub(_alternatives, scope)
    parts = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise MetricError(
                f"can't read the scope {{{scope}}} of {metric.name} at {text[position:].strip()!r}",
                hint="write tag:value, joined by commas or AND, OR, NOT",
            )
        position = match.end()
        word = match["word"]
        if word is None:
            parts.append(_facet(match["key"], metric) + match["rest"])
        else:
            parts.append({",": "AND", "!": "NOT"}.get(word, word))
    return f"({' '.join(parts)})"


def _alternatives(match: re.Match[str]) -> str:
    key, negated, values = match.groups()
    joined = " OR ".join(f"{key}:{value.strip()}" for value in values.split(","))
    return f"{'NOT ' if negated else ''}({joined})"


def _facet(tag: str, metric: LogMetric) -> str:
    facet = metric.tags.get(tag)
    if facet is None:
        known = ", ".join(metric.tags) or "none"
        raise MetricError(
            f"the log-based metric {metric.name} has no tag {tag} (it has: {known})",
            hint="add the tag to the metric's group_by; metrics carry no other tags",
        )
    return facet


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
