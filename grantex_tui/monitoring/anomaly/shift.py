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

    *levels* are (value, gain) by expert, *spread* what :meth:`Spread.save` gave. *moved* is how
    far the level went when the new one was adopted, *until* (epoch seconds) how long a return
    is believed. *fits* counts the latest points in a row that fit the old level.
    """

    levels: list[tuple[float, float]]
    spread: tuple[float, float]
    moved: float = 0.0
    until: float = 0.0
    fits: int = 0


class Run:
    """Counts flagged points of one side, less the points inside the band between them.

    Args:
        needed: the net number of flagged points that make a new level.
    """

    __slots__ = ("_needed", "_net", "_side", "_values")

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self._net = 0
        self._side: Outside = ""
        self._values: deque[float] = deque(maxlen=needed)

    @property
    def running(self) -> bool:
        """Whether flagged points outweigh the others."""
        return self._net > 0

    def starts(self, outside: Outside) -> bool:
        """Whether a point on this side would be the first of a run."""
        return outside != "" and (self._net == 0 or outside != self._side)

    def add(self, outside: Outside, value: float) -> float | None:
        """Take in one point's level (its seasonal part removed).

        Returns:
            The new level, the median of the flagged ones, once there are enough; else None.
        """
        if not outside:
            self._net -= self._net > 0
            return None
        if self.starts(outside):
            self._side, self._net = outside, 0
            self._values.clear()
        self._net += 1
        self._values.append(value)
        if self._net < self._needed:
            return None
        self._net = 0
        return median(self._values)

    def clear(self) -> None:
        """The run is over: the old level is back."""
        self._net = 0
        self._values.clear()
