"""From a forecast and its spread to a band in counts."""

from __future__ import annotations

from math import erfc, inf, log, sqrt


class Width:
    """A band's width in deviations: how far from the mean its two ends lie.

    The ends follow the Cornish-Fisher expansion for a count whose variance is *dispersion* times
    its mean (1 is Poisson). The third moment shifts both ends upwards. The next term, and half a
    count because counts are whole, move them outwards: without that a Poisson count of mean 5 or
    20 is outside a fifth more often than the deviations promise.
    """

    __slots__ = ("_certainty", "_deviations", "_peaked", "_skewed")

    def __init__(self, deviations: float) -> None:
        tail = 0.5 * erfc(deviations / sqrt(2.0))
        self._deviations = deviations
        self._skewed = (deviations * deviations - 1.0) / 6.0
        self._peaked = (deviations**3 - deviations) / 72.0
        self._certainty = -log(tail) if tail > 0.0 else inf

    def upper(self, mean: float, dispersion: float) -> float:
        """The highest count that is still normal; never under the mean."""
        if mean <= 0.0:
            return max(0.0, (2.0 * dispersion - 1.0) * self._skewed)
        shift = (2.0 * dispersion - 1.0) * self._skewed
        end = mean + self._deviations * sqrt(dispersion * mean) + shift
        whole = 0.5 - self._peaked / sqrt(mean)
        if whole > 0.0:
            end += whole
        return max(mean, end)

    def lower(self, mean: float, dispersion: float) -> float:
        """The lowest count that is still normal; 0 where seeing nothing at all may be chance."""
        if mean < self._certainty * dispersion:
            return 0.0
        shift = (2.0 * dispersion - 1.0) * self._skewed
        end = mean - self._deviations * sqrt(dispersion * mean) + shift
        whole = 0.5 - self._peaked / sqrt(mean)
        if whole > 0.0:
            end -= whole
        return 0.0 if end < 0.0 else min(end, mean)
