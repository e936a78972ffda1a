"""How much wider than Poisson a series scatters around its forecast."""

from __future__ import annotations

from math import sqrt


_EXPECTED_OUTSIDE = 0.0455
_DAY = 86_400
_STEP = (0.01, 0.05)
_EARLY_STEP = 0.1
_TAIL_MEMORY = (0.0005, 0.02)
_TAIL_CLIP = 6.0
_MANY = 5.0
_RUN = 5


class Spread:
    """The scale of residuals in Poisson standard deviations, never below 1.

    It moves until 4.55 % of the points lie outside the band of two deviations, which a few
    outliers can't hurry. Where counts aren't few the root mean square of the residuals guards
    the tail. A run of more than five flagged points is one anomaly and doesn't widen it.
    """

    __slots__ = ("_memory", "_points", "_run", "_square", "_step", "quantile")

    def __init__(self, interval: int, value: float = 1.0) -> None:
        # Coarse intervals have few points a day, and must not take months to learn their scale.
        days = interval / _DAY
        self._step = min(max(_STEP[0], days), _STEP[1])
        self._memory = min(max(_TAIL_MEMORY[0], days / 2.0), _TAIL_MEMORY[1])
        self.quantile = max(1.0, value)
        self._square = self.quantile * self.quantile
        self._points = 0
        self._run = 0

    def value(self, mean: float) -> float:
        """The scale to use at a mean count."""
        tail = self._square
        if mean < _MANY or tail <= self.quantile * self.quantile:
            return self.quantile
        return sqrt(tail)

    def learn(self, residual: float, *, outside_two: bool, flagged: bool) -> None:
        """Take in a residual (in Poisson deviations) and whether it left the two-deviation band."""
        self._run = self._run + 1 if flagged else 0
        if self._run > _RUN:
            return
        self._points += 1
        step = self._step + _EARLY_STEP / self._points
        quantile = self.quantile * (1.0 + step * (outside_two - _EXPECTED_OUTSIDE))
        self.quantile = max(1.0, quantile)
        highest = _TAIL_CLIP * self.quantile
        square = residual * residual
        square = min(square, highest * highest)
        self._square += self._memory * (square - self._square)

    def save(self) -> tuple[float, float]:
        """What :meth:`restore` takes."""
        return self.quantile, self._square

    def restore(self, saved: tuple[float, float]) -> None:
        """Go back to a scale that held before."""
        self.quantile, self._square = saved
        self._run = 0

    def rescale(self, factor: float) -> None:
        """Another expert forecasts from here on, whose errors are *factor* times as large."""
        self.quantile = max(1.0, self.quantile * factor)
        self._square = max(1.0, self._square * factor * factor)
