"""What happens at the same minute of every hour: jobs started by a clock.

A job adds its own events to whatever else happens, so its effect is kept in counts: on the
stabilised scale it would look smaller by day than by night.
"""

from __future__ import annotations

from collections import deque
from math import sqrt


_HOUR = 3600
_KEPT = 24
_LEAST = 3
_CLEAR = 4.0 * 1.2533  # four standard errors of a median


class Recurring:
    """The typical residual by place in the hour, where it is too large and steady for chance.

    Typical is the mean of the middle third: as deaf to outliers as the median, and finer where
    counts are few.
    """

    __slots__ = ("_effects", "_interval", "_kept")

    def __init__(self, interval: int) -> None:
        places = _HOUR // interval if interval < _HOUR and _HOUR % interval == 0 else 0
        self._interval = interval
        self._kept: list[deque[float]] = [deque(maxlen=_KEPT) for _ in range(places)]
        self._effects = [0.0] * places

    def effect(self, start: float) -> float:
        """The events to add to the forecast of the interval that begins at *start*."""
        if not self._effects:
            return 0.0
        return self._effects[int(start) % _HOUR // self._interval]

    def learn(self, start: float, residual: float, scale: float) -> None:
        """Take in a count less its forecast without this effect; *scale* is one deviation."""
        if not self._effects:
            return
        place = int(start) % _HOUR // self._interval
        kept = self._kept[place]
        kept.append(residual)
        count = len(kept)
        if count < _LEAST:
            return
        # An ordinary count can't make an effect where there was none: not worth sorting for.
        if self._effects[place] or abs(residual) > scale:
            cut = count // 3
            middle = sorted(kept)[cut : count - cut]
            typical = sum(middle) / len(middle)
            clear = abs(typical) * sqrt(count) > _CLEAR * scale
            self._effects[place] = typical if clear else 0.0
