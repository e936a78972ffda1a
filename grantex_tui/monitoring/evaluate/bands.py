"""Anomaly monitors: the fraction of recent points outside a detector's band.

Datadog: monitors/types/anomaly. Intervals are aligned to the epoch and closed on the right, like
windows. A closed interval is judged once: Datadog looks at the whole band anew each time, so a log
that comes later than its interval's end (plus ``evaluation_delay``) counts there and not here.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.readings import Reading


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.datadog.monitor.model import Band
    from grantex_tui.monitoring.count.counters import AnyWindow
    from grantex_tui.monitoring.count.question import GroupKey
    from grantex_tui.monitoring.evaluate.detector import DetectorFactory, SeriesDetector, Verdict


_LONGEST_HISTORY = 6 * 7 * 86400
"""Six weeks, all that Datadog's algorithms use."""


class Series:
    """One series: its detector, and which of its last points were outside."""

    def __init__(self, band: Band, detector: SeriesDetector, points: int) -> None:
        self.detector = detector
        self.verdict: Verdict | None = None
        self._default_zero = band.count_default_zero
        self._counted = band.sides
        self._points: deque[bool | None] = deque([None] * points, maxlen=points)
        self._outside = self._judged = 0
        """How many of all points are outside, and how many there are."""

    def update(self, start: float, count: float | None) -> None:
        """Judge a closed interval. Without a count there is no point, unless that means 0."""
        verdict = self.detector.update(start, count)
        is_point = count is not None or self._default_zero
        self._count(self._points[0], -1)
        point = verdict.outside in self._counted if is_point else None
        self._count(point, 1)
        self._points.append(point)
        self.verdict = verdict

    def _count(self, point: bool | None, times: int) -> None:  # noqa: FBT001 - a point, no switch
        if point is not None:
            self._judged += times
            self._outside += times * point

    def fraction(self, points: int) -> float | None:
        """The share of the last *points* intervals' points outside; None without a band."""
        if self.verdict is None or self.verdict.learning:
            return None
        if points == len(self._points):  # nearly always, and 1 µs less
            return self._outside / self._judged if self._judged else None
        recent = [point for point in list(self._points)[-points:] if point is not None]
        return sum(recent) / len(recent) if recent else None


class AnomalySource:
    """``anomalies(…)`` over a log-based metric, which is a question like any other.

    A series begins with its first log. Logs dated before the first evaluation are its history.
    """

    def __init__(
        self,
        band: Band,
        window: AnyWindow,
        delay: int,
        detectors: DetectorFactory,
        recovery_window: int | None,
    ) -> None:
        self._band = band
        self._window = window
        self._delay = delay
        self._detectors = detectors
        self._interval = band.point
        self._alert_points = band.points
        self._recovery_points = max(1, (recovery_window or band.alert_window) // self._interval)
        self._closed: int | None = None
        self.series: dict[GroupKey, Series] = {}

    def finds_the_same(self, at: int) -> bool:  # noqa: ARG002 - one answer for all
        """Never for certain: an interval has closed."""
        return False

    def read(self, at: int) -> Reading:
        """Judge the intervals that have closed, then the fractions of every series."""
        seen: set[GroupKey] = set()
        last = (at - self._delay) // self._interval
        for number in range(self._first(last), last + 1):
            self._window.move(number)
            counts = self._window.values()
            seen.update(counts)
            self._judge((number - 1) * self._interval, counts)
            self._closed = number
        values = {group: s.fraction(self._alert_points) for group, s in self.series.items()}
        return Reading(values, None, self._recovery(), seen)

    def _recovery(self) -> dict[GroupKey, float] | None:
        if self._recovery_points == self._alert_points:
            return None
        return {
            group: fraction
            for group, s in self.series.items()
            if (fraction := s.fraction(self._recovery_points)) is not None
        }

    def _first(self, last: int) -> int:
        """The interval after the closed ones; at first the oldest that has logs."""
        if self._closed is not None:
            return self._closed + 1
        oldest = self._window.oldest()
        return (
            last + 1 if oldest is None else max(oldest, last - _LONGEST_HISTORY // self._interval)
        )

    def _judge(self, start: float, counts: Mapping[GroupKey, float]) -> None:
        for group in counts:
            if group not in self.series:
                points = max(self._alert_points, self._recovery_points)
                self.series[group] = Series(self._band, self._detectors(self._band), points)
        for group, series in self.series.items():
            series.update(start, counts.get(group))

    def forget(self, group: GroupKey) -> None:
        """Forget a series and all that was learned of it."""
        self.series.pop(group, None)

    def status(self, group: GroupKey) -> str:
        """What the band rests on."""
        series = self.series.get(group)
        return series.detector.status() if series else "no points yet"
