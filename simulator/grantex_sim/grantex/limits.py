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
LEAK_EXPIRES: Final = 300.0
"""Seconds without an attempt or a keepalive after which leaked slots are free again."""


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
    """Streams open at once, by key, as the real service counts them in Redis.

    A slot that is never given back (the service was killed, or a client left within the first
    milliseconds) stays taken until `LEAK_EXPIRES` seconds have passed without an attempt and
    without a keepalive: each refused attempt prolongs the lock-out.
    """

    def __init__(self, limit: int = STREAM_LIMIT) -> None:
        self.limit = limit
        self._open: Counter[str] = Counter()
        self._leaked: Counter[str] = Counter()
        self._zombies: Counter[str] = Counter()
        self._touched: dict[str, float] = {}

    def take(self, key: str, now: float) -> bool:
        """Occupy a slot at *now* (seconds, any origin); False when all are taken."""
        self._expire(key, now)
        self._touched[key] = now
        if self._taken(key) >= self.limit:
            return False
        self._open[key] += 1
        return True

    def free(self, key: str) -> None:
        """Give a slot back."""
        self._open[key] -= 1

    def refresh(self, key: str, now: float) -> None:
        """A stream of *key* is alive."""
        self._touched[key] = now

    def leak(self, key: str, *, zombie: bool = False) -> None:
        """A stream has ended and its slot stays taken; *zombie*: whatever happens."""
        self.free(key)
        (self._zombies if zombie else self._leaked)[key] += 1

    def leak_all(self, key: str, now: float) -> None:
        """Every slot that is free leaks at *now*."""
        self._touched[key] = now
        self._leaked[key] += max(0, self.limit - self._taken(key))

    def forget_leaks(self) -> None:
        """As after a restart of the service's store."""
        self._leaked.clear()
        self._zombies.clear()

    def _taken(self, key: str) -> int:
        return self._open[key] + self._leaked[key] + self._zombies[key]

    def _expire(self, key: str, now: float) -> None:
        """Forget leaked slots, if nothing has kept the count alive: no stream, no zombie's timer."""
        idle = now - self._touched.get(key, now)
        if idle >= LEAK_EXPIRES and not self._open[key] and not self._zombies[key]:
            self._leaked[key] = 0
