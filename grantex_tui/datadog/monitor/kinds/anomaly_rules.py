"""What Datadog asks of an anomaly monitor beyond its grammar.

Datadog: monitors/types/anomaly, "API" and "advanced options".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.scanner import number_text
from grantex_tui.datadog.monitor.spans import last_seconds, span_text
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Band, Query


_RULE = "Datadog: monitors/types/anomaly"
_WINDOWS = "options.threshold_windows"
_CLASH = (
    "alert and alert recovery criteria are such that the monitor can be simultaneously "
    "in alert and alert recovery states"
)


def check_anomaly(options: Mapping[str, object], query: Query, band: Band) -> Iterator[Problem]:
    """Errors and advice for an anomaly query and the options beside it."""
    yield from _query(query, band)
    thresholds = options.get("thresholds")
    for key, value in (thresholds if isinstance(thresholds, Mapping) else {}).items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and not 0 <= float(value) <= 1:
            message = (
                f"{key} is {value}, but thresholds of an anomaly monitor are fractions, 0 to 1"
            )
            yield _error(
                "not-a-fraction", message, f"options.thresholds.{key}", "write 1 for 100 %"
            )
    windows = options.get("threshold_windows")
    if isinstance(windows, Mapping):
        yield from _windows(windows, query)


def _query(query: Query, band: Band) -> Iterator[Problem]:
    if not 0 < query.threshold <= 1:
        message = (
            f"the threshold {number_text(query.threshold)} is no fraction of points, 0 < t <= 1"
        )
        yield _error("not-a-fraction", message, "query", "end the query with >= 1")
    if not query.comparator.is_high:
        message = f"{str(query.comparator)!r} alerts when few points are anomalous"
        yield _advice("anomaly-comparator", message, "query", "end the query with >= 1")
    if band.alert_window > band.query_window:
        yield _error(
            "alert-window-too-long",
            f"alert_window ({_span(band.alert_window)}) is longer than the query's window "
            f"({_span(band.query_window)})",
            "query",
            f"begin with avg(last_{_span(5 * band.alert_window)}): about five alert windows",
        )
    if band.metric.rollup is None and band.interval > band.alert_window / 5:
        yield _error(
            "interval-too-long",
            f"interval ({band.interval} s) is more than a fifth of alert_window "
            f"({_span(band.alert_window)})",
            "query",
            f"write interval={band.alert_window // 5} or less",
        )
    if band.algorithm == "basic" and band.seasonality:
        message = "'basic' knows no season; seasonality has no effect"
        yield _advice("seasonality-of-basic", message, "query", "leave seasonality out")


def _windows(windows: Mapping[str, object], query: Query) -> Iterator[Problem]:
    lengths: dict[str, int] = {}
    for key in ("trigger_window", "recovery_window"):
        value = windows.get(key)
        length = last_seconds(value) if isinstance(value, str) else None
        if value is None:
            message = f"threshold_windows needs both windows; {key} is missing"
            yield _error("window-missing", message, f"{_WINDOWS}.{key}", f"add {key!r}")
        elif length is None:
            message = f"{key} is {value!r}, not of the form 'last_15m'"
            yield _error("invalid-window", message, f"{_WINDOWS}.{key}", "write last_15m")
        else:
            lengths[key] = length
    if len(lengths) == 2:
        yield from _lengths(lengths["trigger_window"], lengths["recovery_window"], query)


def _lengths(trigger: int, recovery: int, query: Query) -> Iterator[Problem]:
    if trigger != query.window:
        wanted = f"last_{_span(query.window)}"
        message = f"trigger_window is not the query's alert_window ({wanted})"
        yield _error("trigger-window", message, f"{_WINDOWS}.trigger_window", f"write {wanted}")
    if not 0 < query.threshold <= 1:
        return
    shortest = trigger * (1 - query.threshold) + 60
    if not shortest <= recovery <= trigger:
        least = math.ceil(shortest / 60)
        fix = f"choose a recovery_window between {least} minutes and {_span(trigger)}"
        yield _error("recovery-inside-alert", _CLASH, f"{_WINDOWS}.recovery_window", fix)


def _span(length: int) -> str:
    return span_text(length, "mhd")


def _error(code: str, message: str, where: str, fix: str) -> Problem:
    return Problem("error", code, message, where, _RULE, fix)


def _advice(code: str, message: str, where: str, fix: str) -> Problem:
    return Problem("advice", code, message, where, _RULE, fix)
