"""``avg(last_4h):anomalies(…) >= 1``: read and printed.

Datadog: monitors/types/anomaly, "API"; metrics/advanced-filtering for the query inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.anomaly_rules import check_anomaly
from grantex_tui.datadog.monitor.kinds.kind import Kind
from grantex_tui.datadog.monitor.model import Band, Finds, LogQuery, MetricQuery
from grantex_tui.datadog.monitor.scanner import Scanner, number_text
from grantex_tui.datadog.monitor.spans import last_seconds, span_text


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grantex_tui.datadog.problem import Problem


ALGORITHMS = ("basic", "agile", "robust")
DIRECTIONS = ("above", "below", "both")
SEASONS = ("hourly", "daily", "weekly")
_AGGREGATORS = ("avg", "sum", "min", "max", "change", "pct_change", "median", "stddev")
SPACE_AGGREGATORS = ("avg", "sum", "min", "max", "count")
_OPTIONS = (
    "direction", "alert_window", "interval", "count_default_zero", "seasonality", "timezone",
)  # fmt: skip
_FUNCTION = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*\(")
_METRIC = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_SCOPE = re.compile(r"[^{}]*")
_FACETS = re.compile(r"[^{}]*")
_METHODS = ("as_count", "rollup")
_ROLLUPS = ("sum", "avg", "min", "max", "count")
_UNITS = "mhdw"


@dataclass(frozen=True, slots=True)
class AnomalyQuery:
    """``avg(last_4h):anomalies(…) >= 1``: the share of the last points that are outside a band."""

    band: Band
    comparator: Comparator
    threshold: float
    formula: ClassVar[str] = ""
    finds: ClassVar[Finds] = Finds.FRACTIONS
    is_zero_filled: ClassVar[bool] = False
    only_grows: ClassVar[bool] = True

    @property
    def window(self) -> int:
        """The alert window."""
        return self.band.alert_window

    @property
    def group_by(self) -> tuple[str, ...]:
        """The tags of a multi alert."""
        return self.band.metric.group_by

    @property
    def recovery_comparator(self) -> Comparator:
        """A state stays while *more* points are outside than the recovery fraction."""
        return Comparator.ABOVE

    @property
    def log_queries(self) -> Mapping[str, LogQuery]:
        """None: it asks a metric."""
        return {}

    @property
    def asked(self) -> str:
        """The metric."""
        return f"{self.band.metric}"

    @property
    def numbers(self) -> Mapping[str, str]:
        """Threshold, deviations, windows and interval."""
        band = self.band
        return {
            "threshold": number_text(self.threshold),
            "deviations": number_text(band.deviations),
            "alert_window": span_text(band.alert_window, "mhd"),
            "query_window": span_text(band.query_window, "mhd"),
            "interval": str(band.interval),
        }

    @property
    def details(self) -> Mapping[str, str]:
        """How the band is made."""
        shown = ("algorithm", "deviations", "direction", "interval", "seasonality")
        return {name: str(getattr(self.band, name)) for name in shown}

    def text(self) -> str:
        """As Datadog writes it."""
        return f"{band_text(self.band)} {self.comparator} {number_text(self.threshold)}"

    def check(self, options: Mapping[str, object]) -> Iterator[Problem]:
        """Fractions, and the lengths of windows and intervals."""
        return check_anomaly(options, self, self.band)

    def with_comparator(self, comparator: Comparator) -> Self:
        """The same with another comparator."""
        return replace(self, comparator=comparator)

    def with_values(self, *, threshold: float, window: int, deviations: float | None) -> Self:
        """The same with other values; the query's window and the interval follow the window."""
        band = self.band
        changed = replace(
            band,
            alert_window=window,
            query_window=max(band.query_window, window),
            interval=min(band.interval, max(60, window // 5)),
            deviations=band.deviations if deviations is None else deviations,
        )
        return replace(self, band=changed, threshold=threshold)

    def without_last_facet(self) -> None:
        """None: another metric would have to be made for it."""


def read_anomaly(scanner: Scanner, variables: Sequence[Mapping[str, object]]) -> AnomalyQuery:  # noqa: ARG001
    """The whole query, from ``avg(last_4h):`` to the threshold.

    What Datadog lets out is filled in: direction ``both``, ``alert_window`` the query's window,
    ``interval`` 60 s or a fifth of the alert window, ``count_default_zero`` true.
    """
    window = _read_window(scanner)
    metric = read_metric(scanner)
    if any(scanner.sees(sign) for sign in "+-*/"):
        scanner.not_evaluated("a computation over several metrics")
    scanner.expect(",", "after the metric query")
    algorithm = _choice(scanner, "the algorithm", ALGORITHMS)
    scanner.expect(",", "after the algorithm")
    at = scanner.position
    deviations = scanner.number("the deviations (a number)")
    if deviations <= 0:
        scanner.fail("the deviations must be a positive number", at=at)
    options = _read_options(scanner)
    scanner.expect(")")
    comparator, threshold = scanner.comparison()
    alert_window = last_seconds(options.get("alert_window", "")) or window
    band = Band(
        query_window=window,
        metric=metric,
        algorithm=cast("Literal['basic', 'agile', 'robust']", algorithm),
        deviations=deviations,
        direction=cast("Literal['above', 'below', 'both']", options.get("direction", "both")),
        alert_window=alert_window,
        interval=int(options.get("interval", "0")) or min(60, max(1, alert_window // 5)),
        count_default_zero=options.get("count_default_zero", "true") == "true",
        seasonality=cast(
            "Literal['', 'hourly', 'daily', 'weekly']", options.get("seasonality", "")
        ),
        timezone=options.get("timezone", ""),
    )
    return AnomalyQuery(band, comparator, threshold)


def _read_window(scanner: Scanner) -> int:
    start = scanner.position
    aggregator = scanner.name("aggregator of an anomaly query", _AGGREGATORS)
    if aggregator != "avg":
        scanner.not_evaluated(f"{aggregator}() of an anomaly query", at=start)
    scanner.expect("(")
    start = scanner.position
    text = scanner.name("a window such as last_4h")
    if text.startswith(("current_", "next_")):
        scanner.not_evaluated(f"the window {text}", at=start)
    window = last_seconds(text)
    if not window:
        scanner.fail("the window is not of the form last_4h", at=start)
    scanner.expect(")")
    scanner.expect(":")
    if not scanner.takes("anomalies"):
        scanner.not_evaluated("a computation with anomalies()")
    scanner.expect("(")
    return window


def _read_options(scanner: Scanner) -> dict[str, str]:
    options: dict[str, str] = {}
    while scanner.takes(","):
        start = scanner.position
        name = scanner.name("option of anomalies()", _OPTIONS)
        if name in options:
            scanner.fail(f"{name!r} is given twice", at=start)
        scanner.expect("=")
        options[name] = _read_option(scanner, name)
    return options


def _read_option(scanner: Scanner, name: str) -> str:
    match name:
        case "direction":
            return _choice(scanner, "direction", DIRECTIONS)
        case "seasonality":
            return _choice(scanner, "seasonality", SEASONS)
        case "count_default_zero":
            return _choice(scanner, "count_default_zero", ("true", "false"))
        case "interval":
            number = int(
                scanner.matching(re.compile(r"'?(\d{1,7})'?"), "the interval in seconds")[1]
            )
            return str(number) if number else scanner.fail("the interval must not be 0")
        case "alert_window":
            start = scanner.position
            text = scanner.string("alert_window", "'\"")
            if not last_seconds(text):
                scanner.fail(f"alert_window {text!r} is not of the form 'last_15m'", at=start)
            return text
        case _:
            return scanner.string(name, "'\"")


def _choice(scanner: Scanner, what: str, among: tuple[str, ...]) -> str:
    start = scanner.position
    text = scanner.string(what, "'\"")
    if text not in among:
        scanner.fail(f"{what} {text!r} is not one of {', '.join(among)}", at=start)
    return text


def read_metric(scanner: Scanner) -> MetricQuery:
    """``sum:grantex.events{event_type:token.issued} by {agent}.as_count().rollup(sum, 60)``."""
    start = scanner.position
    if function := _FUNCTION.match(scanner.text, start):
        scanner.not_evaluated(f"the function {function['name']}()", at=function.start("name"))
    aggregator = scanner.name("space aggregator of the metric query", SPACE_AGGREGATORS)
    scanner.expect(":")
    metric = scanner.matching(_METRIC, "a metric's name")[0]
    if scanner.takes(":"):
        scanner.fail(
            "this is a log search, not a metric query: anomalies() takes metrics only",
            at=scanner.position - 1,
            hint="count the logs with a log-based metric and ask for that: "
            "sum:grantex.events{event_type:token.issued}.as_count()",
        )
    scanner.expect("{", "and a scope such as {*} after the metric's name")
    scope = scanner.matching(_SCOPE, "a scope")[0].strip()
    scanner.expect("}")
    group_by: tuple[str, ...] = ()
    if scanner.takes("by"):
        scanner.expect("{")
        facets = scanner.matching(_FACETS, "tags to group by")[0]
        scanner.expect("}")
        group_by = tuple(part.strip() for part in facets.split(",") if part.strip())
    as_count, method, rollup = _read_methods(scanner)
    return MetricQuery(
        aggregator=aggregator,
        metric=metric,
        scope=scope or "*",
        group_by=group_by,
        as_count=as_count,
        rollup=rollup,
        rollup_method=method,
    )


def _read_methods(scanner: Scanner) -> tuple[bool, str, int | None]:
    as_count, method, rollup = False, "", None
    while scanner.takes("."):
        start = scanner.position
        name = scanner.name("function of a metric query")
        if name not in _METHODS:
            hint = f"evaluated are {', '.join(_METHODS)}"
            scanner.not_evaluated(f"the function {name}()", at=start, hint=hint)
        scanner.expect("(")
        if name == "as_count":
            as_count = True
        else:
            method = scanner.name("method of rollup", _ROLLUPS)
            scanner.expect(",", "and the seconds of the rollup")
            rollup = int(scanner.matching(re.compile(r"\d{1,7}"), "seconds")[0])
        scanner.expect(")")
    return as_count, method, rollup


def band_text(band: Band) -> str:
    """``avg(last_4h):anomalies(…)`` as Datadog writes it."""
    options = {
        "direction": f"'{band.direction}'",
        "alert_window": f"'last_{span_text(band.alert_window, _UNITS)}'",
        "interval": str(band.interval),
        "count_default_zero": f"'{str(band.count_default_zero).lower()}'",
        "seasonality": f"'{band.seasonality}'" if band.seasonality else "",
        "timezone": f"'{band.timezone}'" if band.timezone else "",
    }
    arguments = [
        metric_text(band.metric),
        f"'{band.algorithm}'",
        number_text(band.deviations),
        *(f"{name}={value}" for name, value in options.items() if value),
    ]
    window = span_text(band.query_window, _UNITS)
    return f"avg(last_{window}):anomalies({', '.join(arguments)})"


def metric_text(query: MetricQuery) -> str:
    """A metric query as Datadog writes it."""
    by = f" by {{{','.join(query.group_by)}}}" if query.group_by else ""
    count = ".as_count()" if query.as_count else ""
    rollup = f".rollup({query.rollup_method}, {query.rollup})" if query.rollup is not None else ""
    return f"{query.aggregator}:{query.metric}{{{query.scope}}}{by}{count}{rollup}"


KIND = Kind(
    "query alert", "anomalies", "an anomaly query over a metric", read_anomaly, begins=False
)
