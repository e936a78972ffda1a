"""How long deliveries took: exact count and maximum, quantiles within 5 %, in constant memory."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

import msgspec


_STEPS: Final = 1 / math.log2(1.05)
_LEAST: Final = 0.001
"""Seconds; what is quicker is counted as this."""


class DelayReport(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from an event's emission to the answer that delivered it; 0 when there is none."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


class Delays:
    """A histogram of delays whose buckets are 5 % wide."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._max = 0.0

    def add(self, seconds: float, count: int = 1) -> None:
        """*count* deliveries took *seconds*."""
        self._max = max(self._max, seconds)
        self._counts[math.ceil(math.log2(max(seconds, _LEAST)) * _STEPS)] += count

    def report(self) -> DelayReport:
        """The quantiles so far: the smallest bucket with at least that share up to it."""
        return DelayReport(
            p50=self._quantile(0.5), p99=self._quantile(0.99), max=round(self._max, 6)
        )

    def _quantile(self, share: float) -> float:
        wanted = math.ceil(share * self._counts.total())
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= wanted:
                return min(round(2 ** (bucket / _STEPS), 6), round(self._max, 6))
        return 0.0
