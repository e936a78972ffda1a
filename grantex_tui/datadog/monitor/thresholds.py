"""The rules of ``options.thresholds``, in Datadog's wording where it is known.

Datadog: monitors/guide/recovery-thresholds; monitors/types/log; api/v1/monitors.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Finds, Query
from grantex_tui.datadog.monitor.scanner import number_text
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grantex_tui.datadog.monitor.comparator import Comparator


_WHERE = "options.thresholds"
_CONFIGURATION = "Datadog: monitors/configuration, alert thresholds"
_RECOVERY = "Datadog: monitors/guide/recovery-thresholds"
STATUSES = ("critical", "warning", "critical_recovery", "warning_recovery")
_OF_CHECKS = ("ok", "unknown")


def check_thresholds(thresholds: Mapping[str, object], query: Query) -> Iterator[Problem]:
    """Everything wrong with the thresholds of a monitor whose query can be read."""
    yield from _statuses(thresholds)
    numbers = {key: _number(thresholds.get(key)) for key in STATUSES}
    critical, warning = numbers["critical"], numbers["warning"]
    if thresholds.get("critical") is None and any(v is not None for v in numbers.values()):
        yield _error(
            "critical-required",
            "Alert status is required.",
            "critical",
            fix=f'add "critical": {number_text(query.threshold)}',
        )
    if critical is not None and critical != query.threshold:
        yield _mismatch(critical, query.threshold)
    yield from _order(query.comparator, query.threshold if critical is None else critical, warning)
    for status, limit in (("critical", critical), ("warning", warning)):
        recovery = numbers[f"{status}_recovery"]
        if recovery is not None and limit is not None:
            yield from _recovery(query, status, limit, recovery)
        elif recovery is not None and status == "warning":
            message = "warning_recovery without a warning threshold"
            yield _error("recovery-without-threshold", message, "warning_recovery", fix="remove it")


def _statuses(thresholds: Mapping[str, object]) -> Iterator[Problem]:
    for key, value in thresholds.items():
        if key in _OF_CHECKS:
            if value is not None:
                message = f"{key} is a threshold of service checks, and has no effect here"
                where = f"{_WHERE}.{key}"
                yield Problem(
                    "advice", "threshold-unused", message, where, _CONFIGURATION, "remove it"
                )
        elif key not in STATUSES:
            message = f"Invalid threshold statuses found: {key}."
            fix = f"remove it; known are {', '.join(STATUSES)}"
            yield _error("invalid-threshold-status", message, key, fix=fix)
        elif value is not None and _number(value) is None:
            fix = f"write a number, not {value!r}"
            yield _error("non-numeric-threshold", "Non-numeric threshold value.", key, fix=fix)


def _mismatch(critical: float, in_query: float) -> Problem:
    return _error(
        "threshold-mismatch",
        f"Alert threshold ({critical}) does not match that used in the query ({in_query}).",
        "critical",
        fix=f"write {number_text(in_query)} here, or {number_text(critical)} in the query",
    )


def _order(comparator: Comparator, critical: float, warning: float | None) -> Iterator[Problem]:
    if warning is None or not comparator.has_side or comparator.is_healthier(warning, critical):
        return
    side = "below" if comparator.is_high else "above"
    yield _error(
        "warning-after-critical",
        f"the warning threshold ({number_text(warning)}) must be reached before the alert "
        f"threshold ({number_text(critical)})",
        "warning",
        fix=f"with {str(comparator)!r} choose a warning {side} {number_text(critical)}",
    )


def _recovery(query: Query, status: str, limit: float, recovery: float) -> Iterator[Problem]:
    """Datadog wants the recovery on the healthy side; on the limit it changes nothing."""
    comparator = query.comparator
    if not comparator.has_side:
        return
    healthy, side = (
        comparator.is_healthier(recovery, limit),
        "below" if comparator.is_high else "above",
    )
    where = f"{status}_recovery"
    if not healthy and (recovery != limit or query.finds is Finds.FRACTIONS):
        name = "alert" if status == "critical" else "warning"
        yield _error(
            "recovery-inside-alert",
            f"{name} and {name} recovery criteria are such that the monitor can be "
            f"simultaneously in {name} and {name} recovery states",
            where,
            rule=_RECOVERY,
            fix=f"choose a value {side} {number_text(limit)}",
        )
    elif not healthy:
        yield Problem(
            "advice",
            "recovery-without-effect",
            f"{where} equals the {status} threshold, so it holds nothing back",
            f"{_WHERE}.{where}",
            _RECOVERY,
            f"choose a value {side} {number_text(limit)}, or remove it",
        )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _error(code: str, message: str, key: str, *, fix: str, rule: str = _CONFIGURATION) -> Problem:
    return Problem("error", code, message, f"{_WHERE}.{key}", rule, fix)
