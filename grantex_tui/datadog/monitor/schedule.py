"""When evaluations run. Datadog: monitors/configuration, "evaluation frequency"."""

from __future__ import annotations


MINUTE = 60
_HOUR = 3600
_EVERY = ((24 * _HOUR, MINUTE), (48 * _HOUR, 10 * MINUTE))
_LONGEST = 30 * MINUTE


def period_of(window: int) -> int:
    """Seconds between evaluations of a *window*: 1 min under 24 h, 10 under 48 h, else 30."""
    return next((period for under, period in _EVERY if window < under), _LONGEST)


def first_tick(after: float, period: int, phase: int) -> int:
    """The first instant after *after* on the grid ``phase + k * period``, epoch seconds."""
    return int((after - phase) // period + 1) * period + phase
