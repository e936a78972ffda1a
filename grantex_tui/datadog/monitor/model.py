"""The monitor object as plain data: what the API holds, and what its query says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.problem import Problem


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
    unmodelled: tuple[str, ...] = ()
    """What it says beyond that (`unmodelled`), for which it is not evaluated here."""


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

    @property
    def every_index(self) -> bool:
        """Whether it counts the logs of every index, as an evaluation here always does."""
        return "*" in self.indexes


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
class Band:
    """``avg(last_4h):anomalies(…)``: a metric, and where its points are expected.

    Windows and intervals in seconds.
    """

    query_window: int
    metric: MetricQuery
    algorithm: Literal["basic", "agile", "robust"]
    deviations: float
    direction: Literal["above", "below", "both"]
    alert_window: int
    interval: int
    count_default_zero: bool
    seasonality: Literal["", "hourly", "daily", "weekly"]
    timezone: str = ""
    """The zone that days and weeks begin in; empty for UTC."""

    @property
    def point(self) -> int:
        """Seconds a point: the metric's own rollup, else the interval."""
        return self.metric.rollup or self.interval

    @property
    def sides(self) -> tuple[str, ...]:
        """On which a point counts as outside."""
        return ("above", "below") if self.direction == "both" else (self.direction,)

    @property
    def points(self) -> int:
        """How many points an evaluation looks at."""
        return max(1, self.alert_window // self.point)


class Finds(Enum):
    """What values a query can find."""

    WHOLE = "whole numbers from 0 on"
    NUMBERS = "any numbers"
    FRACTIONS = "fractions of points, 0 to 1"


class Query(Protocol):
    """A monitor's query of any kind: all that is known of it outside its own module in `kinds`."""

    @property
    def comparator(self) -> Comparator:
        """Compares what is found with the thresholds."""
        ...

    @property
    def threshold(self) -> float:
        """The number at the end of the query."""
        ...

    @property
    def window(self) -> int:
        """Seconds of the window that an evaluation looks at; it decides how often there is one."""
        ...

    @property
    def group_by(self) -> tuple[str, ...]:
        """The facets of a multi alert; empty for a simple alert."""
        ...

    @property
    def recovery_comparator(self) -> Comparator:
        """What keeps a state at its recovery threshold."""
        ...

    @property
    def log_queries(self) -> Mapping[str, LogQuery]:
        """The log queries by name, a single one as ``""``; none for a query over a metric."""
        ...

    @property
    def formula(self) -> str:
        """What is computed of the log queries, by their names; empty: the single one's value."""
        ...

    @property
    def band(self) -> Band | None:
        """Where points are expected, for a query that compares the share of those outside."""
        ...

    @property
    def finds(self) -> Finds:
        """What values it can find."""
        ...

    @property
    def is_zero_filled(self) -> bool:
        """Whether no logs at all count as 0, where nothing else is said of missing data."""
        ...

    @property
    def only_grows(self) -> bool:
        """Whether logs that aren't known could not undo an alert.

        An anomaly detector knows by itself when it has too little.
        """
        ...

    @property
    def asked(self) -> str:
        """What is asked, in words, without what has a name of its own."""
        ...

    @property
    def numbers(self) -> Mapping[str, str]:
        """The numbers and windows in the query's text that a sweep changes, by name."""
        ...

    @property
    def details(self) -> Mapping[str, str]:
        """What else a reader compares between two versions, by name."""
        ...

    def text(self) -> str:
        """The query as Datadog writes it; `parse_query` reads the same values from it."""
        ...

    def check(self, options: Mapping[str, object]) -> Iterator[Problem]:
        """What Datadog asks of this kind beyond its grammar, in it and in ``options``."""
        ...

    def with_comparator(self, comparator: Comparator) -> Query:
        """The same with another comparator."""
        ...

    def with_values(self, *, threshold: float, window: int, deviations: float | None) -> Query:
        """The same with other values.

        Args:
            threshold: the number at the end.
            window: seconds.
            deviations: of an anomaly query; other kinds have none.
        """
        ...

    def without_last_facet(self) -> Query | None:
        """The same, grouped by one facet less; None if it has none, or not of its own."""
        ...


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
