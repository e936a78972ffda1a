"""How long a client may take over a request, and an alarm that is cheap to put off.

A client that opens connections and sends a byte a minute, or nothing, would keep every one of them
for good; so do clients that have crashed behind a proxy.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


if TYPE_CHECKING:
    from collections.abc import Callable

Phase = Literal["idle", "head", "body"]
"""Between requests, and what of one is awaited."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for each phase."""

    idle: float = 300.0
    """Without a byte between requests; longer than clients keep a connection, so that it is they
    who end it."""
    head: float = 30.0
    """From a request's first byte to its head's last."""
    body: float = 60.0
    """Without a further byte of its body."""

    def of(self, phase: Phase) -> float:
        """Seconds for *phase*."""
        return {"idle": self.idle, "head": self.head, "body": self.body}[phase]


class Alarm:
    """Calls *ring* once a while has passed; set for later again and again, it costs one timer."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Ring so many *seconds* from now, and not when it was to ring before."""
        self._due = due = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > due:
            self.stop()
            self._due = due
            self._timer = self._loop.call_at(due, self._check)

    def put_off(self) -> None:
        """Don't ring until it is set again."""
        self._due = None

    def stop(self) -> None:
        """Don't ring, and hold no timer."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._check)
            return
        self._due = None
        self._ring()
