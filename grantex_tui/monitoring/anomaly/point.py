"""What a detector says of one interval."""

from __future__ import annotations

from typing import Literal, NamedTuple


Outside = Literal["", "above", "below"]
"""The side of the band on which a count lies; empty inside."""


class Point(NamedTuple):
    """The band of one interval, in counts, and where its count lies.

    ``lower <= expected <= upper`` always holds. While *learning* there is no band: *lower* is 0,
    *upper* infinite, and *outside* empty.
    """

    lower: float
    upper: float
    expected: float
    outside: Outside
    learning: bool
