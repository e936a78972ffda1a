"""From a valid API object to a `Monitor`: Datadog's defaults filled in, the query parsed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Literal, cast

from grantex_tui.datadog.monitor.model import (
    Monitor,
    OnMissingData,
    Options,
    Query,
    Thresholds,
)
from grantex_tui.datadog.monitor.query import parse_query
from grantex_tui.datadog.monitor.spans import last_seconds, seconds
from grantex_tui.datadog.monitor.unmodelled import unmodelled


def read_monitor(obj: Mapping[str, object]) -> Monitor:
    """A monitor that `validate_monitor` finds no error in.

    Raises:
        QueryError: Only for an object that was not validated.
    """
    options = _mapping(obj.get("options"))
    kind = cast("Literal['log alert', 'query alert']", obj.get("type"))
    text = str(obj.get("query", ""))
    query = parse_query(text, type=kind, variables=_mappings(options.get("variables")))
    return Monitor(
        name=str(obj.get("name", "")),
        type=kind,
        query_text=text,
        query=query,
        message=str(obj.get("message") or ""),
        tags=_texts(obj.get("tags")),
        priority=_whole(obj.get("priority")),
        id=_whole(obj.get("id")),
        options=_read_options(options, query),
        source=copy.deepcopy(dict(obj)),
    )


def _read_options(options: Mapping[str, object], query: Query) -> Options:
    windows = _mapping(options.get("threshold_windows"))
    retention = seconds(str(options.get("group_retention_duration") or "24h")) or 86_400
    statuses = _texts(options.get("renotify_statuses")) or ("alert", "no data")
    new_group_delay = _whole(options.get("new_group_delay"))
    return Options(
        thresholds=_read_thresholds(_mapping(options.get("thresholds")), query),
        trigger_window=_trigger_window(windows, query),
        recovery_window=last_seconds(str(windows.get("recovery_window", ""))),
        on_missing_data=cast("OnMissingData", options.get("on_missing_data") or "default"),
        notify_no_data=options.get("notify_no_data") is True,
        no_data_timeframe=_whole(options.get("no_data_timeframe")),
        evaluation_delay=_whole(options.get("evaluation_delay")) or 0,
        unmodelled=tuple(unmodelled(options)),
        new_group_delay=60 if new_group_delay is None else new_group_delay,
        group_retention_hours=retention / 3600,
        renotify_interval=_whole(options.get("renotify_interval")) or None,
        renotify_statuses=statuses,
        renotify_occurrences=_whole(options.get("renotify_occurrences")) or None,
        escalation_message=str(options.get("escalation_message") or ""),
        timeout_h=_whole(options.get("timeout_h")) or 0,
        notify_by=_texts(options.get("notify_by")),
        include_tags=options.get("include_tags") is not False,
        enable_logs_sample=options.get("enable_logs_sample") is True,
        groupby_simple_monitor=options.get("groupby_simple_monitor") is True,
    )


def _read_thresholds(thresholds: Mapping[str, object], query: Query) -> Thresholds:
    """Without ``critical``, and no warning either, Datadog takes the query's number."""
    critical = _number(thresholds.get("critical"))
    return Thresholds(
        critical=query.threshold if critical is None else critical,
        warning=_number(thresholds.get("warning")),
        critical_recovery=_number(thresholds.get("critical_recovery")),
        warning_recovery=_number(thresholds.get("warning_recovery")),
    )


def _trigger_window(windows: Mapping[str, object], query: Query) -> int | None:
    given = last_seconds(str(windows.get("trigger_window", "")))
    return given or (None if query.band is None else query.window)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
