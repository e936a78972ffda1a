"""When ordinary events happen: a phase's rate as moments, a stretch of time after another.

Only sums, products and table look-ups: they come out the same on every machine, which `exp` and
`log` of the platform's own library need not.
"""

from __future__ import annotations

from math import ceil, log
from typing import TYPE_CHECKING, Final

from grantex_sim.scenario.model import Constant, Curve, Ramp


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_sim.scenario.model import Rate

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_LONGEST: Final = 300_000
_SHORTEST: Final = 100
_SHORTEST_STEP: Final = 1_000
_RAMP_STEPS: Final = 3_600
"""A ramp goes up in so many steps: in steps of a second two weeks of one would take a million."""
_EVENTS: Final = 1_000
"""About so many in a stretch: none takes long to make, so that others get their turn."""
_STEPS: Final = 4096
_GAPS: Final = tuple(
    round(-log((step + 0.5) / _STEPS) * 1_000_000) / 1_000_000 for step in range(_STEPS)
)
"""Quantiles of the unit exponential. Rounded, because the last digit of `log` is the platform's."""
_MONDAY: Final = 3
"""The epoch's first day was a Thursday."""

Stretch = tuple[int, int, list[int]]
"""Beginning, end, and the moments in between."""


def rate_at(rate: Rate, epoch_ms: int, part: float) -> float:
    """Events a second at an instant that lies at *part* (0 to 1) of the phase."""
    match rate:
        case Constant(per_second):
            return per_second
        case Ramp(start, end):
            return start + (end - start) * part
        case Curve(mean, daily, weekly):
            return mean * _of_day(daily, epoch_ms) * _of_week(weekly, epoch_ms)


def _of_day(daily: tuple[float, ...], epoch_ms: int) -> float:
    count = len(daily)
    at = epoch_ms % _DAY * count / _DAY
    hour = int(at)
    here, there = daily[hour], daily[(hour + 1) % count]
    return (here + (there - here) * (at - hour)) * count / sum(daily)


def _of_week(weekly: tuple[float, ...], epoch_ms: int) -> float:
    count = len(weekly)
    return weekly[(epoch_ms // _DAY + _MONDAY) % count] * count / sum(weekly)


def stretches(
    rate: Rate, begin: int, end: int, *, until: int, random: Callable[[], float] | None
) -> Iterator[Stretch]:
    """The moments of a phase from *begin* to *end* (epoch ms), of which those before *until*.

    With *random* they are a Poisson process; without, evenly spaced, the first one at once.
    """
    at, units = begin, 0.0
    following = 0.0 if random is None else _GAPS[int(random() * _STEPS)]
    stop = min(end, until)
    while at < stop:
        length = _length(rate, at, begin, end)
        last = min(at + length, end)
        middle = (at + last) // 2
        per_second = rate_at(rate, middle, (middle - begin) / (end - begin))
        reached = units + per_second * (last - at) / 1000
        moments: list[int] = []
        if per_second:
            scale = 1000 / per_second
            if random is None:
                first = ceil(units)
                moments = _even(at, units, range(first, ceil(reached)), per_second)
            else:
                append = moments.append
                while following < reached:
                    append(at + int((following - units) * scale))
                    following += _GAPS[int(random() * _STEPS)]
        if last > stop:
            moments = [moment for moment in moments if moment < stop]
        yield at, min(last, stop), moments
        at, units = last, reached


def _even(at: int, units: float, numbers: range, per_second: float) -> list[int]:
    # A product before the quotient: 57 events at 100 a second are 570 ms exactly.
    return [at + int((number - units) * 1000 / per_second) for number in numbers]


def _length(rate: Rate, at: int, begin: int, end: int) -> int:
    """How long a stretch may be for its rate to be one number, and its events few."""
    per_second = rate_at(rate, at, (at - begin) / (end - begin))
    few = _LONGEST if per_second <= 0 else int(_EVENTS * 1000 / per_second)
    steps = max(_SHORTEST_STEP, (end - begin) // _RAMP_STEPS)
    longest = min(steps, _LONGEST) if isinstance(rate, Ramp) else _LONGEST
    return max(_SHORTEST, min(longest, few))


def expected(rate: Rate, begin: int, end: int, *, until: int) -> float:
    """How many events a phase has on average; ``begin`` and the rest as for `stretches`."""
    total, at, stop = 0.0, begin, min(end, until)
    while at < stop:
        last = min(at + _LONGEST, stop)
        middle = (at + last) // 2
        total += rate_at(rate, middle, (middle - begin) / (end - begin)) * (last - at) / 1000
        at = last
    return total
