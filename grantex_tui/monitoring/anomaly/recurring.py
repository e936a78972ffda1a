"""What happens at the same minute of every hour: jobs started by a clock."""

from __future__ import annotations

from collections import deque
from math import sqrt


_HOUR = 3600
_KEPT = 24
_LEAST = 3
_CLEAR = 4.0 * 1.2533  # four standard errors of a median


class Recurring:
    """The median residual by place in the hour, where it is too large and steady for chance."""

    __slots__ = ("_effects", "_interval", "_kept")

    def __init__(self, interval: int) -> None:
        places = _HOUR // interval if interval < _HOUR and _HOUR % interval == 0 else 0
        self._interval = interval
        self._kept: list[deque[float]] = [deque(maxlen=_KEPT) for _ in range(places)]
        self._effects = [0.0] * places

    def effect(self, start: float) -> float:
        """What to add to the forecast of the interval that begins at *start*."""
        if not self._effects:
            return 0.0
        return self._effects[int(start) % _HOUR // self._interval]

    def learn(self, start: float, residual: float, scale: float) -> None:
        """Take in the residual of a forecast without this effect."""
        if not self._effects:
            return
        place = int(start) % _HOUR // self._interval
        kept = self._kept[place]
        kept.append(residual)
        count = len(kept)
        if count >= _LEAST:
            ordered = sorted(kept)
            median = min(ordered[(count - 1) // 2], ordered[count // 2], key=abs)
            clear = abs(median) * sqrt(count) > _CLEAR * scale
            self._effects[place] = median if clear else 0.0
