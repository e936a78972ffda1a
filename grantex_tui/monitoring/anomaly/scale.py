"""The scale on which a Poisson count has a standard deviation of about 1, and the way back.

``x = 2*sqrt(y + 3/8)`` (Anscombe, Biometrika 35, 1948). The mean of *x* is not *x* of the mean;
above a mean of 8 the difference is a constant in counts (Makitalo and Foi, IEEE TIP 20, 2011),
below it comes from exact sums.
"""

from __future__ import annotations

from math import exp, sqrt


_TOP_MEAN = 8.0
_CELLS = 256
_STEPS_PER_EVENT = 16


def stabilise(count: float) -> float:
    """The count on the variance-stabilised scale."""
    return 2.0 * sqrt(count + 0.375)


def _moments(mean: float) -> tuple[float, float]:
    """Mean and standard deviation of ``stabilise(Y)`` for a Poisson *Y*, summed exactly."""
    weight, first, second = exp(-mean), 0.0, 0.0
    for count in range(int(mean + 12 * sqrt(mean)) + 12):
        first += weight * stabilise(count)
        second += weight * (4.0 * count + 1.5)
        weight *= mean / (count + 1)
    return first, sqrt(max(second - first * first, 0.0))


def _tables() -> tuple[float, float, list[float], list[float]]:
    """Mean count and deviation on an even grid of *x*: lowest x, cells a unit, the two columns."""
    means = [step / _STEPS_PER_EVENT for step in range(int(_TOP_MEAN * _STEPS_PER_EVENT) + 1)]
    moments = [_moments(mean) for mean in means]
    low, high = moments[0][0], moments[-1][0]
    means_at, deviations_at, left = [], [], 0
    for cell in range(_CELLS + 1):
        x = low + (high - low) * cell / _CELLS
        while left < len(means) - 2 and moments[left + 1][0] < x:
            left += 1
        (x0, sd0), (x1, sd1) = moments[left], moments[left + 1]
        part = (x - x0) / (x1 - x0)
        means_at.append(means[left] + part / _STEPS_PER_EVENT)
        deviations_at.append(sd0 + part * (sd1 - sd0))
    return low, _CELLS / (high - low), means_at, deviations_at


LOWEST, _PER_UNIT, _MEANS, _DEVIATIONS = _tables()
_HIGHEST = LOWEST + _CELLS / _PER_UNIT


def expected_x(mean: float) -> float:
    """The expected *x* of a Poisson count: what :func:`mean_and_deviation` inverts."""
    if mean >= _TOP_MEAN:
        return 2.0 * sqrt(mean + 0.125)
    return _moments(max(mean, 0.0))[0]


def mean_and_deviation(x: float) -> tuple[float, float]:
    """The Poisson mean whose expected *x* this is, and the standard deviation of *x* there."""
    if x >= _HIGHEST:
        return 0.25 * x * x - 0.125, 1.0
    if x <= LOWEST:
        return 0.0, 0.0
    place = (x - LOWEST) * _PER_UNIT
    cell = min(int(place), _CELLS - 1)
    part = place - cell
    return (
        _MEANS[cell] + part * (_MEANS[cell + 1] - _MEANS[cell]),
        _DEVIATIONS[cell] + part * (_DEVIATIONS[cell + 1] - _DEVIATIONS[cell]),
    )
