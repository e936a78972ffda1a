"""The way out to one client: late, a byte at a time, or only so far."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.http.channel import Channel


class Outlet:
    """Writes to a channel.

    Args:
        channel: The client.
        delay: Seconds that everything is held back from now on.
        dribble: Seconds between two bytes; None: all at once.
        limit: Bytes after which nothing more goes out, and *on_limit* is called.
        on_limit: What happens then.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        delay: float = 0.0,
        dribble: float | None = None,
        limit: int | None = None,
        on_limit: Callable[[], None] = lambda: None,
    ) -> None:
        self._channel = channel
        self._dribble = dribble
        self._left = limit
        self._on_limit = on_limit
        self._queue = bytearray()
        self._at_end: Callable[[], None] | None = None
        self._closed = False
        self.ended = asyncio.Event()
        """Set when nothing more will be written."""
        self.given = 0
        """Bytes taken so far."""
        self.passed = 0
        """Of them, those that have gone out."""
        self.on_passed: Callable[[int], None] = lambda _: None
        """Called with `passed` when it has grown."""
        self.on_empty: Callable[[], None] = lambda: None
        """Called when all that was written has gone out."""
        self._timer: asyncio.TimerHandle | None = None
        if delay:
            self._timer = asyncio.get_running_loop().call_later(delay, self._pump)

    @property
    def waiting(self) -> int:
        """Bytes that are held back."""
        return len(self._queue)

    def write(self, data: bytes) -> None:
        """Let *data* go out when its time comes."""
        if self._closed:
            return
        self._queue += data
        self.given += len(data)
        if self._timer is None:
            self._pump()

    def hold(self, seconds: float) -> None:
        """Let nothing out for so many *seconds* from now on, and then all of it."""
        if self.ended.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._pump)

    def finish(self, then: Callable[[], None]) -> None:
        """Take no more; call *then* when what was written before has gone out."""
        if self.ended.is_set():
            then()
            return
        self._closed = True
        self._at_end = then
        if self._timer is None:
            self._pump()

    def stop(self) -> None:
        """Take no more, and forget what has not gone out."""
        self._closed = True
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.ended.set()

    def _pump(self) -> None:
        self._timer = None
        if self._queue:
            self._write_some()
        if self.ended.is_set() or self._timer is not None:
            return
        self.on_empty()
        if self._at_end is not None:
            self.stop()
            self._at_end()

    def _write_some(self) -> None:
        count = len(self._queue) if self._dribble is None else 1
        if self._left is not None:
            count = min(count, self._left)
            self._left -= count
        self._channel.write(bytes(self._queue[:count]))
        del self._queue[:count]
        self.passed += count
        self.on_passed(self.passed)
        if self._left == 0:
            self.stop()
            self._on_limit()
        elif self._queue and self._dribble is not None:
            self._timer = asyncio.get_running_loop().call_later(self._dribble, self._pump)
