"""The shape of a season: how far each time of the hour, day or week lies from its mean."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


_BIN = 300
_SEASONS = 6
_EDGE = 2.0
_SMOOTHED = 1800  # seconds to either side
_FINE = 900  # in wider bins a daily curve is all steps: smoothing would flatten it


class Course(NamedTuple):
    """A profile's value at one time, and the range that counts as normal there."""

    value: float
    low: float
    high: float
    edge: bool = False


FLAT = Course(0.0, 0.0, 0.0)


def typical(deviations: deque[float]) -> float:
    """The median; of two the one nearer 0, since one of them may have been an anomaly."""
    count = len(deviations)
    if count == 2:
        return min(deviations, key=abs)
    ordered = sorted(deviations)
    middle = count // 2
    return ordered[middle] if count % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


class Profile:
    """Deviations from the season's mean by bin, the median of the last six seasons.

    Args:
        season: the season's length in seconds.
        width: a bin's length in seconds; it must divide the season.
    """

    __slots__ = (
        "_bins",
        "_closed",
        "_kept",
        "_reach",
        "_recent",
        "_sum",
        "_suspect",
        "_typical",
        "season",
        "width",
    )

    def __init__(self, season: int, width: int) -> None:
        self.season = season
        self.width = width
        self._bins = season // width
        self._reach = _SMOOTHED // width if width <= _FINE else 0
        self._closed = 0
        self._recent: deque[tuple[int, float]] = deque()
        self._sum = 0.0
        self._kept: list[deque[float]] = [deque(maxlen=_SEASONS) for _ in range(self._bins)]
        self._typical = [0.0] * self._bins
        self._suspect = [0.0] * self._bins

    @property
    def seasons(self) -> float:
        """How many seasons have been seen, in full bins."""
        return self._closed / self._bins

    def place(self, start: float) -> int:
        """The bin of an instant (epoch seconds, UTC)."""
        return int(start // self.width) % self._bins

    def close(self, place: int, mean: float, anomaly: float) -> None:
        """A bin is over.

        Args:
            place: the bin.
            mean: its mean on the stabilised scale, with forecasts in place of flagged points.
            anomaly: how far the flagged points moved the true mean from that. An anomaly that
                was there a season ago as well, to the same side, is a habit and is kept.
        """
        if anomaly * self._suspect[place] > 0.0:
            mean += anomaly
        self._suspect[place] = anomaly
        self._closed += 1
        self._recent.append((place, mean))
        self._sum += mean
        if self._closed < self._bins:
            return
        if self._closed == self._bins:  # now the first season has a mean to deviate from
            for earlier, value in self._recent:
                self._keep(earlier, value - self._sum / self._bins)
            return
        self._sum -= self._recent.popleft()[1]
        self._keep(place, mean - self._sum / self._bins)

    def _keep(self, place: int, deviation: float) -> None:
        self._kept[place].append(deviation)
        self._typical[place] = typical(self._kept[place])

    def course(self, place: int, scale: float, *, first: bool, last: bool) -> Course:
        """The value at a bin, lightly smoothed, and next to a sharp edge the range across it.

        Args:
            place: the bin.
            scale: one standard deviation of a single count.
            first: the interval touches the bin's beginning.
            last: the interval touches the bin's end.
        """
        here = self._typical[place]
        edge = _EDGE * scale
        total, weight = here * (self._reach + 1), self._reach + 1.0
        total, weight, before = self._smooth(place, -1, edge, total, weight)
        total, weight, after = self._smooth(place, 1, edge, total, weight)
        value = total / weight
        if before is None and after is None:
            return Course(value, value, value)
        low = high = value
        # An edge that runs through the bin leaves its mean on neither side.
        between = before is not None and after is not None and (here - before) * (after - here) > 0
        if before is not None and (first or between):
            low, high = min(low, before), max(high, before)
        if after is not None and (last or between):
            low, high = min(low, after), max(high, after)
        return Course(value, low, high, edge=True)

    def _smooth(
        self, place: int, side: int, edge: float, total: float, weight: float
    ) -> tuple[float, float, float | None]:
        """Add one side's neighbours up to an edge, with falling weights.

        Returns:
            The sums of values and weights, and the neighbour beyond an edge at the bin itself.
        """
        previous = self._typical[place]
        for distance in range(1, self._reach + 1):
            value = self._typical[(place + side * distance) % self._bins]
            if abs(value - previous) > edge:
                return total, weight, value if distance == 1 else None
            part = self._reach + 1 - distance
            total += part * value
            weight += part
            previous = value
        return total, weight, None


def fine_width(interval: int) -> int:
    """The bins' width: five minutes, or the interval where that is longer."""
    return max(_BIN, interval)


def profiles_of(seasonality: str, interval: int) -> list[tuple[str, Profile]]:
    """The profiles that compete, by name: daily and weekly ones unless *seasonality* names one.

    An interval that doesn't divide a season leaves that season out.
    """
    known = {
        "hourly": (3600, max(60, interval)),
        "daily": (86_400, fine_width(interval)),
        "weekly": (604_800, fine_width(interval)),
    }
    names = [seasonality] if seasonality else ["daily", "weekly"]
    return [
        (name, Profile(season, width))
        for name in names
        for season, width in [known[name]]
        if season % width == 0 and season > width
    ]
