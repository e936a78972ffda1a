"""What is kept of the values in a window so that its aggregate is known when values come and go.

Every method is exact: nothing drifts, whatever has passed through the window. Datadog answers
percentiles from a sketch (about 1 % off); ours are the values' own, interpolated between ranks.
"""

from __future__ import annotations

from bisect import bisect_left
from math import inf
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Mapping


Value = float | str
"""A measured number, or for ``cardinality`` a facet's text."""

PERCENTILES = {"min": 0, "median": 50, "pc75": 75, "pc90": 90, "pc95": 95, "pc98": 98, "pc99": 99,
               "max": 100}  # fmt: skip
_UNIT = 1 << 1074
"""Every double is a whole number of 2 ** -1074: sums of such numbers are exact."""


class Aggregate(Protocol):
    """The values of one group in one window. Values leave as they entered."""

    def enter(self, values: Mapping[Value, int]) -> None:
        """Take in values, each so many times."""
        ...

    def leave(self, values: Mapping[Value, int]) -> None:
        """Let go of values that entered before."""
        ...

    def value(self) -> float | None:
        """The aggregate; None without values."""
        ...


def aggregate(method: str) -> Aggregate:
    """An empty aggregate for one of Datadog's methods other than ``count``."""
    if method == "cardinality":
        return Distinct()
    if method in ("sum", "avg"):
        return Total(mean=method == "avg")
    return Ordered(PERCENTILES[method])


class Distinct:
    """How many different values there are."""

    def __init__(self) -> None:
        self._times: dict[Value, int] = {}

    def enter(self, values: Mapping[Value, int]) -> None:
        """Take in values."""
        times = self._times
        for value, n in values.items():
            times[value] = times.get(value, 0) + n

    def leave(self, values: Mapping[Value, int]) -> None:
        """Let go of values; one that is left no times is no longer counted."""
        times = self._times
        for value, n in values.items():
            left = times[value] - n
            if left:
                times[value] = left
            else:
                del times[value]

    def value(self) -> float | None:
        """The number of different values."""
        return len(self._times) or None


class Total:
    """The sum or the mean, correctly rounded."""

    def __init__(self, *, mean: bool) -> None:
        self._mean = mean
        self._n = 0
        self._units = 0

    def enter(self, values: Mapping[Value, int]) -> None:
        """Take in numbers."""
        self._move(values, 1)

    def leave(self, values: Mapping[Value, int]) -> None:
        """Let go of numbers."""
        self._move(values, -1)

    def _move(self, values: Mapping[Value, int], sign: int) -> None:
        for value, n in values.items():
            numerator, denominator = float(value).as_integer_ratio()
            self._units += sign * n * numerator * (_UNIT // denominator)
            self._n += sign * n

    def value(self) -> float | None:
        """The sum or mean; a sum beyond what a double holds is infinite."""
        if not self._n:
            return None
        try:
            return self._units / (_UNIT * self._n if self._mean else _UNIT)
        except OverflowError:
            return inf if self._units > 0 else -inf


class Ordered:
    """A percentile, the least (0) and the greatest (100) value among them.

    Between two ranks the value lies on the line between theirs, as in NumPy and spreadsheets.
    """

    def __init__(self, percent: int) -> None:
        self._percent = percent
        self._values: list[float] = []

    def enter(self, values: Mapping[Value, int]) -> None:
        """Take in numbers. Sorting two runs is a merge, and in C."""
        for value, n in values.items():
            self._values.extend([float(value)] * n)
        self._values.sort()

    def leave(self, values: Mapping[Value, int]) -> None:
        """Let go of numbers."""
        ordered = self._values
        for value, n in values.items():
            at = bisect_left(ordered, float(value))
            del ordered[at : at + n]

    def value(self) -> float | None:
        """The percentile."""
        ordered = self._values
        if not ordered:
            return None
        rank, part = divmod(self._percent * (len(ordered) - 1), 100)
        if not part:
            return ordered[rank]
        return (ordered[rank] * (100 - part) + ordered[rank + 1] * part) / 100
