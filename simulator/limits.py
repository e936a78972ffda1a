"""The Grantex service's counters: requests a minute, and open streams a key."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final


MINUTE: Final = 60.0
IP_LIMIT: Final = 5_000
"""Unauthenticated requests a minute and address."""
PLAN_LIMIT: Final = 2_000
"""Requests a minute of the enterprise plan; pro has 500, free 100. A stream costs one."""
STREAM_LIMIT: Final = 5


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a budget, as the ``x-ratelimit-*`` headers show it."""

    limit: int
    remaining: int
    reset: int
    """Seconds until the window ends."""
    exceeded: bool

    def headers(self) -> tuple[tuple[str, str], ...]:
        """The three headers."""
        return (
            ("x-ratelimit-limit", str(self.limit)),
            ("x-ratelimit-remaining", str(self.remaining)),
            ("x-ratelimit-reset", str(self.reset)),
        )


class Budget:
    """Requests in a fixed window of a minute that begins with the first of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._ends = -math.inf
        self._used = 0

    def take(self, now: float) -> Allowance:
        """Count one request at *now* (seconds, any origin)."""
        if now >= self._ends:
            self._ends = now + MINUTE
            self._used = 0
        self._used += 1
        left = max(0, self._limit - self._used)
        reset = min(int(MINUTE), math.ceil(self._ends - now))  # a float's dust is no second
        return Allowance(self._limit, left, reset, self._used > self._limit)


class Slots:
    """Streams open at once, by key."""

    def __init__(self, limit: int = STREAM_LIMIT) -> None:
        self.limit = limit
        self._open: Counter[str] = Counter()

    def take(self, key: str) -> bool:
        """Occupy a slot; False when all are taken."""
        if self._open[key] >= self.limit:
            return False
        self._open[key] += 1
        return True

    def free(self, key: str) -> None:
        """Give a slot back."""
        self._open[key] -= 1
