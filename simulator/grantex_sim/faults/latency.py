"""A delay that is not always the same: evenly spread, or by two of its percentiles. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from grantex_sim.faults.values import LONGEST, duration, wrong


if TYPE_CHECKING:
    from collections.abc import Callable

_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d+)?):(.+)")
_WANTED: Final = "a delay such as 200ms, 50ms..300ms or p50:80ms,p99:2s"
_EDGE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Latency:
    """Where its seconds are drawn from.

    Log-normal through two percentiles, which is what delays over networks look like; or, with no
    spread given by them, evenly between two bounds.
    """

    text: str
    """As it is written in a script."""
    low: float = 0.0
    high: float = 0.0
    """Bounds of an even spread."""
    mu: float = 0.0
    sigma: float = 0.0
    """Of the logarithm; a sigma of 0: evenly spread."""

    def __str__(self) -> str:
        return self.text

    def seconds(self, draw: Callable[[], float]) -> float:
        """One delay; *draw* gives a number in [0, 1)."""
        chance = draw()
        if not self.sigma:
            return self.low + chance * (self.high - self.low)
        deviation = NormalDist().inv_cdf(min(max(chance, _EDGE), 1 - _EDGE))
        return min(math.exp(self.mu + self.sigma * deviation), LONGEST)


def delay(value: object, where: str) -> float | Latency:
    """A duration, or what delays are drawn from.

    Raises:
        FaultError: It is neither.
    """
    if isinstance(value, str) and ".." in value:
        low, _, high = value.partition("..")
        lowest, highest = duration(low, where), duration(high, where)
        if lowest >= highest:
            wrong(where, "a delay whose upper bound is above the lower", value)
        return Latency(value.replace(" ", ""), low=lowest, high=highest)
    if isinstance(value, str) and value.lstrip().startswith("p"):
        return _log_normal(value.replace(" ", ""), where)
    return duration(value, where)


def _log_normal(text: str, where: str) -> Latency:
    found = [_PERCENTILE.fullmatch(part) for part in text.split(",")]
    points = [(float(each[1]) / 100, duration(each[2], where)) for each in found if each]
    if len(found) != 2 or len(points) != 2:
        wrong(where, _WANTED, text)
    (share, seconds), (other_share, more) = sorted(points)
    if not (0 < share < other_share < 1 and 0 < seconds < more):
        wrong(where, "two percentiles of which the higher takes longer", text)
    one, other = NormalDist().inv_cdf(share), NormalDist().inv_cdf(other_share)
    sigma = (math.log(more) - math.log(seconds)) / (other - one)
    return Latency(text, mu=math.log(seconds) - sigma * one, sigma=sigma)
