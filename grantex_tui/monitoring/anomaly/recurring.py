"""What happens at the same minute of every hour: jobs started by a clock.

Some jobs add as many events at night as by day (a backup); others do more where more is going on
(a renewal of every grant in use). On a daily curve neither describes the other: taken for the
first, a burst of four times the current rate was 51 false episodes a week, taken for the second it
was none. So each place in the hour learns both, and uses the one that has predicted better.
Both are kept in counts: on the stabilised scale either would look smaller by day than by night.
"""

from __future__ import annotations

from collections import deque
from math import sqrt


_HOUR = 3600
_KEPT = 24
_LEAST = 3
_CLEAR = 4.0 * 1.2533  # four standard errors of a median
_MEMORY = 1.0 / _KEPT
_HEAD_START = 0.97  # of what is added: where both predict as well, it is the steadier one
_LEAST_MEAN = 0.01


class Recurring:
    """The typical excess by place in the hour, where it is too large and steady for chance."""

    __slots__ = ("_interval", "_places")

    def __init__(self, interval: int) -> None:
        places = _HOUR // interval if interval < _HOUR and _HOUR % interval == 0 else 0
        self._interval = interval
        self._places = [_Place() for _ in range(places)]

    def effect(self, start: float, mean: float) -> float:
        """The events to add to *mean*, the forecast of the interval that begins at *start*."""
        if not self._places:
            return 0.0
        return self._places[int(start) % _HOUR // self._interval].effect(mean)

    def learn(self, start: float, count: float, mean: float, scale: float) -> None:
        """Take in a count, its forecast *mean* without this effect, and one deviation, *scale*."""
        if self._places:
            place = self._places[int(start) % _HOUR // self._interval]
            place.learn(count - mean, max(mean, _LEAST_MEAN), scale)


class _Place:
    """One place in the hour.

    Typical is the mean of the middle third: as deaf to outliers as the median, and finer where
    counts are few.
    """

    __slots__ = ("_added", "_added_error", "_clear", "_kept", "_times", "_times_error")

    def __init__(self) -> None:
        self._kept: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._added = self._times = 0.0
        self._added_error = self._times_error = 0.0
        self._clear = False

    def effect(self, mean: float) -> float:
        if not self._clear:
            return 0.0
        return self._times * mean if self._scales else self._added

    @property
    def _scales(self) -> bool:
        return self._times_error < _HEAD_START * self._added_error

    def learn(self, excess: float, mean: float, scale: float) -> None:
        """Take in how far a count lay over its forecast *mean*."""
        kept = self._kept
        if self._clear:
            self._compare(excess, mean, scale)
        kept.append((excess, mean))
        count = len(kept)
        # An ordinary count can't make an effect where there was none: not worth sorting for.
        if count < _LEAST or not (self._clear or abs(excess) > scale):
            return
        cut = count // 3
        middle = sorted(each for each, _ in kept)[cut : count - cut]
        self._added = sum(middle) / len(middle)
        # By their sums, not the mean of ratios: where the forecast is near 0 a ratio is all chance.
        near = sorted(kept, key=lambda each: each[0] / each[1])[cut : count - cut]
        self._times = sum(each for each, _ in near) / sum(mean for _, mean in near)
        typical = self._times * mean if self._scales else self._added
        self._clear = abs(typical) * sqrt(count) > _CLEAR * scale

    def _compare(self, excess: float, mean: float, scale: float) -> None:
        """How wrong either was about this one, before it is learnt from."""
        added = abs(excess - self._added) / scale
        times = abs(excess - self._times * mean) / scale
        self._added_error += _MEMORY * (added - self._added_error)
        self._times_error += _MEMORY * (times - self._times_error)
