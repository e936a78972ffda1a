"""Where a series is now: exponential smoothing with a gain that finds its own speed."""

from __future__ import annotations


GAIN_LOW = 0.02  # 0.03 flags a tenth more at 1 a minute; 0.01 hardly less, and lags
GAIN_HIGH = 0.5
_CLIP = 2.0
_LEARNING_RATE = 0.004
_INERTIA = 0.05  # without it the gain wanders up on pure noise


class Level:
    """A smoothed level on the stabilised scale.

    Residuals are clipped at two widths. The gain grows while successive residuals have the same
    sign (the level lags behind) and shrinks while they alternate (it runs after noise).
    """

    __slots__ = ("_highest", "_previous", "gain", "value")

    def __init__(self, value: float, highest_gain: float = GAIN_HIGH) -> None:
        self.value = value
        self.gain = GAIN_LOW
        self._highest = highest_gain
        self._previous = 0.0

    def follow(self, residual: float, width: float, part: float, least: float) -> None:
        """Move by *part* of the gain towards a residual; *least* is the gain's floor for now."""
        step = residual / width
        if step > _CLIP:
            step = _CLIP
        elif step < -_CLIP:
            step = -_CLIP
        gain = self.gain * (1.0 + _LEARNING_RATE * (step * self._previous - _INERTIA))
        if gain < GAIN_LOW:
            gain = GAIN_LOW
        elif gain > self._highest:
            gain = self._highest
        self.gain = gain
        self._previous = step
        self.value += (max(least, gain)) * part * step * width

    def restore(self, value: float, gain: float) -> None:
        """Go back to a level and gain that held before."""
        self.value = value
        self.gain = gain
        self._previous = 0.0
