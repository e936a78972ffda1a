"""When each event goes out: at its time, or as fast as clients read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from grantex_sim.events.clock import SessionClock
from grantex_sim.events.emission import emission
from grantex_tui.clock import WallClock


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_sim.account.ledger import Ledger
    from grantex_sim.events.emission import Emission, Timed
    from grantex_sim.grantex.broadcast import Broadcast

_BLOCK: Final = 256
_BLOCK_BYTES: Final = 128 * 1024


class Emitter:
    """Puts events into the ledger and on the stream.

    Both in one turn of the loop, so that no delivery can be quicker than the account of it.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        ledger: Ledger,
        *,
        on_emit: Callable[[Sequence[Emission]], None] = lambda _: None,
        rewrite: Callable[[list[Emission]], list[Emission]] = lambda events: events,
        clock: SessionClock | None = None,
    ) -> None:
        self._clock = clock or SessionClock(WallClock())
        self.behind = False
        """Whether events whose time has come are still to be put out."""
        self._broadcast = broadcast
        self._ledger = ledger
        self._on_emit = on_emit
        self._rewrite = rewrite

    def emit(self, payloads: Sequence[bytes]) -> list[str]:
        """Emit *payloads* now; gives their ids."""
        events = self._rewrite([emission(payload) for payload in payloads])
        listening = self._broadcast
        count, types = len(listening), listening.filter()
        hearings = listening.publish(events)
        self._ledger.emit(events, listening=count, types=types, hearings=hearings)
        self._on_emit(events)
        return [event.id for event in events]

    async def run(self, events: Iterator[Timed], speed: float) -> None:
        """Emit *events*; *speed* 1 is real time, 10 ten times faster, 0 as clients read.

        At a speed, time goes on whether or not anybody listens. At 0 nothing is emitted while
        nobody listens or all are busy.
        """
        if speed:
            try:
                await self._run_timed(events, speed)
            finally:
                self.behind = False
        else:
            await self._run_freely(events)

    async def _run_freely(self, events: Iterator[Timed]) -> None:
        for block in _blocks(events):
            await self._broadcast.room()
            self.emit(block)
            await asyncio.sleep(0)

    async def _run_timed(self, events: Iterator[Timed], speed: float) -> None:
        start = self._clock.monotonic()
        due: list[bytes] = []
        for event in events:
            at = start + event.at / speed
            wait = at - self._clock.monotonic()
            if wait > 0 or len(due) >= _BLOCK:
                self.emit(due)
                due = []
                self.behind = wait <= 0
                await self._clock.sleep_until(at)
            due.append(event.payload)
        self.emit(due)


def _blocks(events: Iterator[Timed]) -> Iterator[list[bytes]]:
    """Payloads in blocks of limited count and size, so that a block fits into a client's room."""
    block: list[bytes] = []
    size = 0
    for event in events:
        block.append(event.payload)
        size += len(event.payload)
        if len(block) == _BLOCK or size >= _BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block
