"""A new level, and the way back to the old one: when flagged points stop being an anomaly."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.monitoring.anomaly.point import Outside


@dataclass(slots=True)
class Before:
    """What held before the first flagged point of a run: where to go back to.

    *levels* are (value, gain) by expert, *spread* what :meth:`Spread.save` gave. *until* (epoch
    seconds) is how long a return is believed. *fits* counts the latest points in a row that fit
    the old level.
    """

    levels: list[tuple[float, float]]
    spread: tuple[float, float]
    until: float = 0.0
    fits: int = 0


class Run:
    """Counts flagged points of one side, less the points inside the band between them.

    Args:
        needed: the net number of flagged points that make a new level.

    Attributes:
        net: flagged points of one side by now, less the others; 0 without a run.
    """

    __slots__ = ("_needed", "_side", "_values", "net")

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self.net = 0
        self._side: Outside = ""
        self._values: deque[float] = deque(maxlen=needed)

    def starts(self, outside: Outside) -> bool:
        """Whether a point on this side would be the first of a run."""
        return outside != "" and (self.net == 0 or outside != self._side)

    def add(self, outside: Outside, value: float) -> float | None:
        """Take in one point's level (its seasonal part removed).

        Returns:
            The new level, the median of the flagged ones, once there are enough; else None.
        """
        if not outside:
            self.net -= self.net > 0
            return None
        if self.starts(outside):
            self._side, self.net = outside, 0
            self._values.clear()
        self.net += 1
        self._values.append(value)
        if self.net < self._needed:
            return None
        self.net = 0
        return median(self._values)

    def clear(self) -> None:
        """The run is over: the old level is back."""
        self.net = 0
        self._values.clear()
