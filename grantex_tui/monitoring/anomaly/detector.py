"""The anomaly detector for one series of counts: the way in for evaluators."""

from __future__ import annotations

from math import inf, isfinite
from typing import Literal, Protocol

from grantex_tui.monitoring.anomaly.adaptive import AGILE, ROBUST, Adaptive, Band
from grantex_tui.monitoring.anomaly.bounds import Width
from grantex_tui.monitoring.anomaly.point import Outside, Point
from grantex_tui.monitoring.anomaly.rolling import Rolling


APPROXIMATE = (
    "approximate: Datadog does not publish the formulas of its anomaly algorithms; "
    "this band is grantex-tui's own approximation"
)
"""Goes with every result that is shown."""

Algorithm = Literal["basic", "agile", "robust"]
Seasonality = Literal["", "hourly", "daily", "weekly"]

_LONG_GAP = 10
_HIGHEST_COUNT = 1e15


class _Engine(Protocol):
    def band(self, start: float) -> Band | None: ...
    def learn(self, start: float, count: float, outside: Outside) -> None: ...
    def restart(self) -> None: ...
    def status(self) -> str: ...


class Detector:
    """Judges a series of counts, one interval at a time, by what came before.

    An approximation (see :data:`APPROXIMATE`) of ``anomalies(query, algorithm, deviations)``
    of Datadog: monitors/types/anomaly.

    Args:
        interval: seconds that one count covers (the rollup).
        deviations: the band's width; Datadog advises 2 or 3.
        algorithm: ``agile`` follows a new level after half an hour; ``robust`` only after two
            days, and moves slowly; ``basic`` knows a lagging window and no season.
        seasonality: restricts the patterns looked for; empty looks for daily and weekly ones.
        count_default_zero: whether a missing count is 0; otherwise it says nothing.

    Raises:
        ValueError: *interval* or *deviations* isn't positive, or a word isn't known.
    """

    def __init__(
        self,
        *,
        interval: int,
        deviations: float,
        algorithm: Algorithm = "agile",
        seasonality: Seasonality = "",
        count_default_zero: bool = True,
    ) -> None:
        if interval < 1 or not (isfinite(deviations) and deviations > 0.0):
            raise ValueError("interval and deviations must be positive numbers")
        if seasonality not in {"", "hourly", "daily", "weekly"}:
            raise ValueError(f"seasonality is hourly, daily or weekly, not {seasonality!r}")
        self._interval = interval
        self._default_zero = count_default_zero
        self._last: float | None = None
        self._band: Band | None = None
        self._engine = _engine(algorithm, interval, Width(deviations), seasonality)

    def update(self, start: float, count: float | None) -> Point:
        """Judge the count of one interval, then learn from it.

        Args:
            start: the interval's beginning, epoch seconds. A jump means that intervals are
                missing: up to ten count as 0 (with *count_default_zero*), more are a gap after
                which the band is wide again. An instant not after the last one is judged by
                the latest band and teaches nothing.
            count: the count, or None if there is none.
        """
        value = self._value(count)
        last = self._last
        if last is not None:
            if start <= last:
                return _point(self._band, value)
            if start > last + 1.5 * self._interval:
                self._fill(last, start)
        self._band = self._engine.band(start)
        point = _point(self._band, value)
        if value is not None:
            self._last = start
            self._engine.learn(start, value, point.outside)
        return point

    def status(self) -> str:
        """What the band rests on: ``learning 3/20 intervals``, ``daily pattern``, ..."""
        return self._engine.status()

    def _value(self, count: float | None) -> float | None:
        """A count that can be judged; what is no count (NaN) is missing."""
        if count is None or not isfinite(count):
            return 0.0 if self._default_zero else None
        return min(max(float(count), 0.0), _HIGHEST_COUNT)

    def _fill(self, last: float, start: float) -> None:
        """Account for the intervals missing between two that were reported."""
        missing = round((start - last) / self._interval) - 1
        if missing > _LONG_GAP:
            self._engine.restart()
        elif self._default_zero:
            for step in range(1, missing + 1):
                at = last + step * self._interval
                point = _point(self._engine.band(at), 0.0)
                self._engine.learn(at, 0.0, point.outside)


def _point(band: Band | None, count: float | None) -> Point:
    if band is None:
        return Point(lower=0.0, upper=inf, expected=0.0, outside="", learning=True)
    lower, upper, expected = band
    outside: Outside = ""
    if count is not None:
        if count > upper:
            outside = "above"
        elif count < lower:
            outside = "below"
    return Point(lower, upper, expected, outside, False)  # noqa: FBT003 - fields have an order


def _engine(algorithm: str, interval: int, width: Width, seasonality: str) -> _Engine:
    if algorithm == "basic":
        return Rolling(width)
    if algorithm == "agile":
        return Adaptive(interval, width, AGILE, seasonality)
    if algorithm == "robust":
        return Adaptive(interval, width, ROBUST, seasonality)
    raise ValueError(f"the algorithm is basic, agile or robust, not {algorithm!r}")
