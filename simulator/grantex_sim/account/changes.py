"""Waiting for something to have become so, without polling."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable


class Changes:
    """Wakes those who wait for a condition when what it is about has changed.

    Whoever changes it calls `notify`, which costs nothing while nobody waits.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[bool]]] = []
        self._ended = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def notify(self) -> None:
        """Something has changed."""
        for condition, waiter in self._waiting:
            if not waiter.done() and condition():
                waiter.set_result(True)

    def end(self) -> None:
        """Nothing will change any more: nobody waits any longer."""
        self._ended = True
        for _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(False)

    async def until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until *condition* holds; False when *timeout_s* seconds passed, or all ended, first."""
        if condition() or self._ended:
            return condition()
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        entry = (condition, waiter)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(timeout_s):
                return await waiter
        except TimeoutError:
            return False
        finally:
            self._waiting.remove(entry)
