"""A session's time: the machine's, until it is stopped, moved, or let jump.

Whoever waits for a time here is woken when the clock is moved past it. While the clock runs, a
wait is one timer of the event loop, as ``asyncio.sleep`` is.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from grantex_tui.clock import Clock

_DUST: Final = 1e-6
"""Seconds that sums of floats may be off: thirty seconds' sleep ends in a jump of thirty."""
_TURNS: Final = 100_000
"""Of the event loop, that those who are behind get to catch up at one stop."""
_STEPS: Final = 10_000
"""Stops on the way of one jump at most: those who wait for nearly the same time share one."""


class _Sleeper:
    """Somebody who waits for *due* (monotonic seconds)."""

    def __init__(self, due: float) -> None:
        self.due = due
        self.woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        if not self.woken.done():
            self.woken.set_result(None)

    def disarm(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class SessionClock:
    """A `Clock` that can be taken in hand.

    Args:
        base: What it follows while it runs.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = 0.0
        self._shift = 0.0
        self._stopped: tuple[float, float] | None = None
        self._sleepers: dict[_Sleeper, None] = {}
        self._moving = asyncio.Lock()

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return self._now() + self._ahead + self._shift

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never go back."""
        return self._monotonic() + self._ahead

    def _now(self) -> float:
        return self._base.now() if self._stopped is None else self._stopped[0]

    def _monotonic(self) -> float:
        return self._base.monotonic() if self._stopped is None else self._stopped[1]

    @property
    def virtual(self) -> bool:
        """Whether it stands still until it is moved."""
        return self._stopped is not None

    def stop(self, start: float | None = None) -> None:
        """Stand still from now on.

        Args:
            start: Epoch seconds that it shows then, whatever it showed before; no time passes.
        """
        if self._stopped is None:
            self._stopped = self._base.now(), self._base.monotonic()
            for sleeper in self._sleepers:
                sleeper.disarm()
        if start is not None:
            self._shift += start - self.now()

    def run(self) -> None:
        """Go on from where it stands, at the pace of real time."""
        if self._stopped is None:
            return
        now, monotonic = self.now(), self.monotonic()
        self._stopped = None
        self._ahead = monotonic - self._base.monotonic()
        self._shift = now - self._base.now() - self._ahead
        for sleeper in self._sleepers:
            self._arm(sleeper)

    async def advance(self, seconds: float, settle: Callable[[], Awaitable[None]]) -> None:
        """Let *seconds* (not negative) pass in an instant, in order.

        It stops at each time for which somebody waits, wakes them, and awaits *settle* before it
        goes on, so that what happens later finds what happened before.
        """
        async with self._moving:
            target = self.monotonic() + seconds
            while (due := self._next_due(target)) is not None:
                self._move(min(target, max(due, self.monotonic() + seconds / _STEPS)))
                await self._woken()
                await settle()
            self._move(target)
            await self._woken()
            await settle()

    async def _woken(self) -> None:
        """Let those who have been woken do their work, until each waits for what is still ahead."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
            if not any(sleeper.woken.done() for sleeper in self._sleepers):
                return

    async def sleep_until(self, due: float) -> None:
        """Wait until *due* (monotonic seconds of this clock)."""
        if self._is_past(due, self.monotonic()):
            await asyncio.sleep(0)
            return
        sleeper = self._begin(due)
        try:
            await sleeper.woken
        finally:
            self._end(sleeper)

    async def wait(self, event: asyncio.Event, due: float) -> bool:
        """Wait for *event*; False when *due* (monotonic seconds of this clock) came first."""
        sleeper = self._begin(due)
        happened = asyncio.create_task(event.wait())
        either: tuple[asyncio.Future[None] | asyncio.Task[Literal[True]], ...]
        either = (sleeper.woken, happened)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            happened.cancel()
            self._end(sleeper)
        return event.is_set()

    def _begin(self, due: float) -> _Sleeper:
        sleeper = _Sleeper(due)
        self._sleepers[sleeper] = None
        if self._is_past(due, self.monotonic()):
            sleeper.wake()
        elif self._stopped is None:
            self._arm(sleeper)
        return sleeper

    def _arm(self, sleeper: _Sleeper) -> None:
        wait = max(0.0, sleeper.due - self.monotonic())
        sleeper.timer = asyncio.get_running_loop().call_later(wait, sleeper.wake)

    def _end(self, sleeper: _Sleeper) -> None:
        sleeper.disarm()
        self._sleepers.pop(sleeper, None)

    def _next_due(self, target: float) -> float | None:
        waiting = (sleeper.due for sleeper in self._sleepers if not sleeper.woken.done())
        due = min(waiting, default=None)
        return due if due is not None and self._is_past(due, target) else None

    @staticmethod
    def _is_past(due: float, instant: float) -> bool:
        return due <= instant + _DUST

    def _move(self, instant: float) -> None:
        """Show *instant*, if that is ahead, and wake all for whom it is time, in its order."""
        self._ahead += max(0.0, instant - self.monotonic())
        now = max(instant, self.monotonic())
        for sleeper in sorted(self._sleepers, key=lambda sleeper: sleeper.due):
            sleeper.disarm()
            if self._is_past(sleeper.due, now):
                sleeper.wake()
            elif self._stopped is None:
                self._arm(sleeper)
