"""What Datadog would refuse in a monitor, and what it would take but nothing here evaluates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from grantex_tui.datadog.message.errors import MessageError
from grantex_tui.datadog.message.parse import parse_template
from grantex_tui.datadog.monitor.guide import explain_guide_query
from grantex_tui.datadog.monitor.query import parse_query
from grantex_tui.datadog.monitor.scanner import NotEvaluatedError, QueryError
from grantex_tui.datadog.monitor.searches import check_search, searches
from grantex_tui.datadog.monitor.shapes import API, ON_MISSING_DATA, check_shape
from grantex_tui.datadog.monitor.spans import seconds
from grantex_tui.datadog.monitor.thresholds import check_thresholds
from grantex_tui.datadog.monitor.unmodelled import unmodelled
from grantex_tui.datadog.monitor.variables import check_variables
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Query


_RENOTIFY = "Datadog: monitors/notify, renotify"
_RETENTION = "Datadog: monitors/configuration, group retention time"
_MISSING = "Datadog: monitors/guide/on_missing_data"
_SHORTEST_RETENTION = 3600
_LONGEST_RETENTION = 72 * 3600


def validate_monitor(obj: Mapping[str, object]) -> list[Problem]:
    """The errors for which Datadog's API would refuse the object, and what is left out here.

    Never raises: what can't be read is an error in the list. A rule whose reach Datadog does not
    document is advice, not an error.
    """
    problems = list(check_shape(obj))
    wrong = {problem.where for problem in problems if problem.severity == "error"}
    options = obj.get("options")
    options = options if isinstance(options, Mapping) else {}
    sound = {key: value for key, value in options.items() if f"options.{key}" not in wrong}
    query: Query | None = None
    if not {"query", "type"} & wrong:
        query, found = _read_query(obj, sound)
        problems += found
    return [*problems, *_options(sound, query), *_templates(obj, sound)]


def _templates(obj: Mapping[str, object], options: Mapping[str, object]) -> Iterator[Problem]:
    """A template that can't be read: what Datadog would send is not documented."""
    texts = {
        "name": obj.get("name"),
        "message": obj.get("message"),
        "options.escalation_message": options.get("escalation_message"),
    }
    for where, text in texts.items():
        try:
            parse_template(text if isinstance(text, str) else "")
        except MessageError as error:
            rule = "Datadog: monitors/notify/variables: blocks have an opening and closing pair"
            fix = error.hint or "correct the template"
            yield Problem("error", "message-syntax", error.message, where, rule, fix)


def _read_query(
    obj: Mapping[str, object], options: Mapping[str, object]
) -> tuple[Query | None, list[Problem]]:
    text, kind = str(obj["query"]), str(obj["type"])
    variables = options.get("variables") or []
    listed = variables if isinstance(variables, list) else []
    broken = list(check_variables(listed)) if kind == "log alert" else []
    try:
        return parse_query(text, type=kind, variables=listed), broken
    except NotEvaluatedError as error:
        if guide := explain_guide_query(text, "query"):
            return None, [*broken, guide]
        rule = "this project: evaluated are log alerts, and anomalies() over a log-based metric"
        return None, [
            *broken,
            Problem("advice", "not-evaluated-locally", error.message, "query", rule, error.hint),
        ]
    except QueryError as error:
        guide = explain_guide_query(text, "query")
        rule = f"{API}, create a monitor"
        refused = Problem("error", "invalid-query", error.message, "query", rule, error.hint)
        return None, [*broken, guide or refused]


def _options(options: Mapping[str, object], query: Query | None) -> Iterator[Problem]:
    thresholds = options.get("thresholds")
    if query is not None:
        for placed in searches(query, options.get("variables")):
            yield from check_search(placed.query.search, placed.where)
        yield from check_thresholds(thresholds if isinstance(thresholds, Mapping) else {}, query)
        yield from query.check(options)
    yield from _missing_data(options, query)
    yield from _renotify(options)
    yield from _retention(options)
    yield from _notify_by(options, query)
    yield from _unused(options, query)


def _missing_data(options: Mapping[str, object], query: Query | None) -> Iterator[Problem]:
    value = options.get("on_missing_data")
    where = "options.on_missing_data"
    if value is None:
        return
    if value not in ON_MISSING_DATA:
        valid = ", ".join(ON_MISSING_DATA)
        message = f"Invalid on_missing_data value: {value}; valid values are: {valid}"
        yield Problem("error", "invalid-on-missing-data", message, where, _MISSING, f"use {valid}")
    elif value != "default" and query is not None and not query.log_queries:
        message = "Invalid monitor option: on_missing_data"
        fix = "remove it; a metric monitor has notify_no_data and no_data_timeframe"
        yield Problem("error", "invalid-on-missing-data", message, where, _MISSING, fix)


def _renotify(options: Mapping[str, object]) -> Iterator[Problem]:
    if options.get("renotify_interval"):
        return
    if options.get("renotify_occurrences"):
        yield Problem(
            "error",
            "renotify-without-interval",
            "The renotify_occurrences option can only be used if renotify_interval is set",
            "options.renotify_occurrences",
            _RENOTIFY,
            'add "renotify_interval": minutes',
        )
    for key in ("renotify_statuses", "escalation_message"):
        if options.get(key):
            message = f"{key} has no effect without renotify_interval"
            fix = 'add "renotify_interval": minutes, or remove it'
            yield Problem("advice", "renotify-unused", message, f"options.{key}", _RENOTIFY, fix)


def _retention(options: Mapping[str, object]) -> Iterator[Problem]:
    value = options.get("group_retention_duration")
    if value is None:
        return
    length = seconds(value) if isinstance(value, str) else None
    if length is None or not _SHORTEST_RETENTION <= length <= _LONGEST_RETENTION:
        message = f"group_retention_duration is {value!r}, not between 60m and 72h"
        where = "options.group_retention_duration"
        yield Problem("error", "invalid-value", message, where, _RETENTION, "write 60m to 72h")


def _notify_by(options: Mapping[str, object], query: Query | None) -> Iterator[Problem]:
    notify_by = options.get("notify_by")
    if not isinstance(notify_by, list) or not notify_by or notify_by == ["*"] or query is None:
        return
    groups = set(query.group_by)
    if set(notify_by) < groups:
        return
    listed = ", ".join(query.group_by) or "nothing"
    yield Problem(
        "error",
        "invalid-notify-by",
        f"notify_by must be a proper subset of the query's groups ({listed}), or ['*']",
        "options.notify_by",
        "Datadog: monitors/configuration, notification aggregation",
        "name fewer groups, or leave notify_by out for one notification a group",
    )


def _unused(options: Mapping[str, object], query: Query | None) -> Iterator[Problem]:
    if options.get("variables") and query is not None and not query.formula:
        message = "options.variables has no effect: the query has no formula()"
        fix = 'query them: formula("a / b * 100").last("15m") > 20'
        yield Problem("advice", "variables-unused", message, "options.variables", API, fix)
    if options.get("threshold_windows") and query and query.band is None:
        message = "threshold_windows is for anomaly monitors"
        where = "options.threshold_windows"
        yield Problem("advice", "threshold-windows-unused", message, where, API, "remove it")
    if query is None:
        return
    for key in unmodelled(options):
        message = f"{key} is not modelled here, so the monitor is not evaluated"
        fix = "expect nothing of it in watch and rehearse, or leave it out there"
        yield Problem("advice", "not-evaluated-locally", message, f"options.{key}", API, fix)
