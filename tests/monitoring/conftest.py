from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grantex_tui.datadog.monitor.model import LogAlertQuery, LogQuery, Monitor, Options, Thresholds
from grantex_tui.monitoring.evaluator import Evaluator


if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def log_alert() -> Callable[..., Monitor]:
    """A log alert, by default ``count of * over 5 minutes > 10``."""

    def make(
        comparator=">",
        critical=10.0,
        *,
        window=300,
        method="count",
        by=(),
        limits=(),
        search="*",
        warning=None,
        critical_recovery=None,
        warning_recovery=None,
        name="monitor",
        message="",
        **options,
    ) -> Monitor:
        query = LogQuery(
            search=search,
            method=method,
            measure="" if method == "count" else "@n",
            group_by=by,
            group_limits=limits,
        )
        thresholds = Thresholds(critical, warning, critical_recovery, warning_recovery)
        return Monitor(
            name=name,
            type="log alert",
            query_text="",
            query=LogAlertQuery(query, window, comparator, critical),
            message=message,
            options=Options(thresholds=thresholds, **options),
        )

    return make


@pytest.fixture(scope="session")
def replay() -> Callable[..., list]:
    """Transitions of one monitor over logs ``(second[, group[, value[, n]]])``, up to *until*."""

    def run(monitor, logs, until, *, start=0, **options):
        evaluator = Evaluator([monitor], start=start, **options)
        transitions = []
        for second, *rest in sorted(logs, key=lambda log: log[0]):
            transitions += evaluator.advance_before(second)
            evaluator.counters.add(0, second, *rest)
        return transitions + evaluator.advance(until)

    return run
