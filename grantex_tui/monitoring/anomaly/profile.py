"""The shape of a season: how far each time of the hour, day or week lies from its mean."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


_SEASONS = 6
_EDGE = 2.0


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

    __slots__ = ("_bins", "_closed", "_kept", "_recent", "_sum", "_typical", "season", "width")

    def __init__(self, season: int, width: int) -> None:
        self.season = season
        self.width = width
        self._bins = season // width
        self._closed = 0
        self._recent: deque[tuple[int, float]] = deque()
        self._sum = 0.0
        self._kept: list[deque[float]] = [deque(maxlen=_SEASONS) for _ in range(self._bins)]
        self._typical = [0.0] * self._bins

    @property
    def seasons(self) -> float:
        """How many seasons have been seen, in full bins."""
        return self._closed / self._bins

    def place(self, start: float) -> int:
        """The bin of an instant (epoch seconds, UTC)."""
        return int(start // self.width) % self._bins

    def close(self, place: int, mean: float) -> None:
        """A bin is over; *mean* is its mean on the stabilised scale."""
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
        before = self._typical[place - 1]
        here = self._typical[place]
        after = self._typical[(place + 1) % self._bins]
        rise, fall = here - before, after - here
        edge = _EDGE * scale
        left, right = abs(rise) > edge, abs(fall) > edge
        if not left and not right:
            value = 0.5 * here + 0.25 * (before + after)
            return Course(value, value, value)
        between = rise * fall > 0.0  # the edge runs through the bin: its mean is on neither side
        low = high = here
        if left and (first or between):
            low, high = min(low, before), max(high, before)
        if right and (last or between):
            low, high = min(low, after), max(high, after)
        return Course(here, low, high, edge=True)
