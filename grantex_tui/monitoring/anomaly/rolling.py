"""The engine of ``basic``: quantiles of a lagging window, without season or trend."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import TYPE_CHECKING

from grantex_tui.monitoring.anomaly.adaptive import LEARNING, Band


if TYPE_CHECKING:
    from grantex_tui.monitoring.anomaly.bounds import Width
    from grantex_tui.monitoring.anomaly.point import Outside


_WINDOW = 240
_ONE_DEVIATION = 0.1587  # the share of a normal distribution below -1 standard deviation


class Rolling:
    """The median of the last 240 counts, and their central 68 % as two standard deviations."""

    def __init__(self, width: Width) -> None:
        self._width = width
        self._recent: deque[float] = deque()
        self._ordered: list[float] = []

    def band(self, start: float) -> Band | None:
        """The band of the next interval; None while there is too little."""
        del start  # no season, so no time
        ordered = self._ordered
        count = len(ordered)
        if count < LEARNING:
            return None
        middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2.0
        cut = int(count * _ONE_DEVIATION)
        spread = (ordered[count - 1 - cut] - ordered[cut]) / 2.0
        mean = max(middle, sum(ordered) / count) if middle < 1.0 else middle
        dispersion = max(1.0, spread * spread / mean) if mean > 0.0 else 1.0
        width = self._width
        return Band(width.lower(mean, dispersion), width.upper(mean, dispersion), mean)

    def learn(self, start: float, count: float, outside: Outside) -> None:
        """Every count enters the window, flagged or not: a long anomaly becomes the new normal."""
        del start, outside
        self._recent.append(count)
        insort(self._ordered, count)
        if len(self._recent) > _WINDOW:
            del self._ordered[bisect_left(self._ordered, self._recent.popleft())]

    def restart(self) -> None:
        """After a gap: start the window anew."""
        self._recent.clear()
        self._ordered.clear()

    def status(self) -> str:
        """What the band rests on, for people."""
        if len(self._recent) < LEARNING:
            return f"learning {len(self._recent)}/{LEARNING} intervals"
        return f"recent quantiles ({len(self._recent)} intervals)"
