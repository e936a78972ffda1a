"""The monitor object as plain data: what the API holds, and what its query says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.comparator import Comparator


Group = tuple[tuple[str, str], ...]
"""(facet, value) pairs in the order of the query's group by; empty for a simple alert."""
OnMissingData = Literal["default", "show_no_data", "show_and_notify_no_data", "resolve"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``options.thresholds``; for an anomaly monitor fractions of points, 0 to 1."""

    critical: float | None = None
    warning: float | None = None
    critical_recovery: float | None = None
    warning_recovery: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """``options``: only what changes an evaluation or a notification, with Datadog's defaults.

    Seconds, minutes (``renotify_interval``, ``no_data_timeframe``) and hours (``timeout_h``,
    ``group_retention_hours``) are Datadog's own units.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    trigger_window: int | None = None
    """``threshold_windows.trigger_window`` in seconds (anomaly monitors)."""
    recovery_window: int | None = None
    on_missing_data: OnMissingData = "default"
    notify_no_data: bool = False
    no_data_timeframe: int | None = None
    evaluation_delay: int = 0
    new_group_delay: int = 60
    group_retention_hours: float = 24.0
    renotify_interval: int | None = None
    renotify_statuses: tuple[str, ...] = ("alert", "no data")
    renotify_occurrences: int | None = None
    escalation_message: str = ""
    timeout_h: int = 0
    notify_by: tuple[str, ...] = ()
    include_tags: bool = True
    enable_logs_sample: bool = False
    groupby_simple_monitor: bool = False
    scheduled: bool = False
    """Whether it has ``scheduling_options``, which are not evaluated here."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """One ``logs("…")`` question, or one entry of ``options.variables``.

    ``method`` is ``count``, ``cardinality``, ``sum``, ``avg``, ``min``, ``max``, ``median``,
    ``pc75``, ``pc90``, ``pc95``, ``pc98`` or ``pc99``; all but ``count`` need a ``measure``
    (``@path``, as written).
    """

    search: str
    method: str = "count"
    measure: str = ""
    group_by: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ("*",)
    group_limits: tuple[int | None, ...] = ()
    """Per ``group_by`` facet the top-N limit as asked for, None = Datadog's default."""


@dataclass(frozen=True, slots=True)
class LogAlertQuery:
    """``logs(…).last("5m") > 50``; *window* in seconds."""

    query: LogQuery
    window: int
    comparator: Comparator
    threshold: float

    @property
    def group_by(self) -> tuple[str, ...]:
        """The facets of a multi alert; empty for a simple alert."""
        return self.query.group_by


@dataclass(frozen=True, slots=True)
class FormulaQuery:
    """``formula("a / b * 100").last("15m") > 20`` over named log queries; *window* in seconds."""

    formula: str
    variables: dict[str, LogQuery]
    window: int
    comparator: Comparator
    threshold: float

    @property
    def group_by(self) -> tuple[str, ...]:
        """The facets of a multi alert, the same in every query that has any."""
        return next((v.group_by for v in self.variables.values() if v.group_by), ())


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """``sum:grantex.events{event_type:token.issued}.as_count()`` inside ``anomalies()``."""

    aggregator: str
    metric: str
    scope: str
    group_by: tuple[str, ...] = ()
    as_count: bool = True
    rollup: int | None = None
    """``.rollup(sum, N)`` in seconds, which overrides the anomaly's interval."""
    rollup_method: str = ""


@dataclass(frozen=True, slots=True)
class AnomalyQuery:
    """``avg(last_4h):anomalies(…) >= 1``; windows and interval in seconds."""

    query_window: int
    metric: MetricQuery
    algorithm: Literal["basic", "agile", "robust"]
    deviations: float
    direction: Literal["above", "below", "both"]
    alert_window: int
    interval: int
    count_default_zero: bool
    seasonality: Literal["", "hourly", "daily", "weekly"]
    comparator: Comparator
    threshold: float
    timezone: str = ""
    """The zone that days and weeks begin in; empty for UTC."""

    @property
    def group_by(self) -> tuple[str, ...]:
        """The tags of a multi alert; empty for a simple alert."""
        return self.metric.group_by


Query = LogAlertQuery | FormulaQuery | AnomalyQuery


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor: the API object's fields, with its query parsed.

    ``source`` is the object as it was read, every key kept, for a lossless round trip.
    """

    name: str
    type: Literal["log alert", "query alert"]
    query_text: str
    query: Query
    message: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    id: int | None = None
    options: Options = field(default_factory=Options)
    source: dict[str, object] = field(default_factory=dict)

    @property
    def group_by(self) -> tuple[str, ...]:
        """The facets of a multi alert; empty for a simple alert."""
        return self.query.group_by
