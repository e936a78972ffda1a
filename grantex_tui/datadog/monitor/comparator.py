"""How a value is compared with a threshold: ``>``, ``>=``, ``<``, ``<=``, ``==``, ``!=``.

The only module that knows what each of them means; whoever compares asks one of its members.
Datadog: api/v1/monitors, "query"; monitors/guide/recovery-thresholds.
"""

from __future__ import annotations

import operator
from enum import StrEnum
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_CROSSES: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


class Comparator(StrEnum):
    """A comparator, equal to its text and written as it.

    What each evaluation asks is an attribute: looking one up by member would cost a hash.
    """

    crosses: Callable[[float, float], bool]
    """``crosses(value, threshold)``: whether the value is on the alerting side of it."""
    worst: Callable[[Iterable[float]], float]
    """The most alarming of some values, at least one."""
    is_high: bool
    """Whether it alerts on much."""
    is_low: bool
    """Whether it alerts on little."""
    is_strict: bool
    """Whether a value on the threshold does not cross it, but one beside it does."""

    ABOVE = ">"
    ABOVE_OR_ON = ">="
    BELOW = "<"
    BELOW_OR_ON = "<="
    EQUAL = "=="
    UNEQUAL = "!="

    def __init__(self, text: str) -> None:
        self.crosses = _CROSSES[text]
        self.is_high = text.startswith(">")
        self.is_low = text.startswith("<")
        self.is_strict = len(text) == 1
        self.worst = min if self.is_low else max

    @property
    def has_side(self) -> bool:
        """Whether it alerts on one side of its threshold; ``==`` and ``!=`` have none."""
        return self.is_high or self.is_low

    @property
    def edge(self) -> Comparator | None:
        """The one that differs only on the threshold itself; None for ``==`` and ``!=``."""
        return _EDGES.get(self)

    def severity(self, value: float) -> float:
        """A number that grows with how alarming *value* is, for sorting."""
        return -value if self.is_low else value

    def is_healthier(self, value: float, limit: float) -> bool:
        """Whether *value* is on the quiet side of *limit*, and not on it."""
        if not self.has_side:
            return False
        return value > limit if self.is_low else value < limit

    def distance(self, value: float, limit: float) -> float:
        """How far *value* is from *limit* on the quiet side; less than 0 beyond it."""
        return value - limit if self.is_low else limit - value

    def just_crossed_by(self, value: float) -> float | None:
        """The threshold nearest to usual ones that *value* crosses; None without a sensible one.

        For a whole number and a strict comparator the next whole number; else the value itself,
        which a strict comparator needs to pass by any amount.
        """
        limit = value
        if self.is_strict and value == int(value):
            limit = value + 1 if self.is_low else value - 1
        return None if self.is_high and (value <= 0 or limit < 0) else limit


_EDGES = {
    Comparator.ABOVE: Comparator.ABOVE_OR_ON,
    Comparator.ABOVE_OR_ON: Comparator.ABOVE,
    Comparator.BELOW: Comparator.BELOW_OR_ON,
    Comparator.BELOW_OR_ON: Comparator.BELOW,
}
