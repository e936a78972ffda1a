"""One path: connection after connection through its door, until told to stop.

A connection that is dropped within its first moments leaks one of the five slots for good, so that
none is closed within its first second.
"""

from __future__ import annotations

import asyncio
from math import floor
from typing import TYPE_CHECKING, Protocol

from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.events.live.gaps import accepted_instant
from grantex_tui.events.live.reconnect import (
    Circumstances,
    Cut,
    Ending,
    GiveUp,
    History,
    Retry,
    decide,
)


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from grantex_tui.clock import Clock
    from grantex_tui.events.live.door import Door
    from grantex_tui.events.live.sse import Oversized


class Hub(Protocol):
    """Who has the paths, and hears of all that happens on them."""

    def on_accepted(self, path: Path, instant: float) -> None:
        """It listens since *instant*."""
        ...

    def on_payloads(self, path: Path, payloads: Sequence[bytes], received_at: float) -> None:
        """One read brought these."""
        ...

    def on_oversized(self, path: Path, event: Oversized, received_at: float) -> None:
        """An event over the size limit went by."""
        ...

    def on_ended(self, path: Path, ending: Ending) -> None:
        """Its connection ended, or did not come about."""
        ...

    def on_view(self, view: ConnectionView) -> None:
        """It stands differently."""
        ...

    def rest_of(self, path: Path) -> float:
        """For how many seconds its bytes are to gather before it is read again."""
        ...

    def was_live(self) -> bool:
        """Whether any path was in this run."""
        ...

    def other_is_live(self, path: Path) -> bool:
        """Whether another path listens."""
        ...

    def may_give_up(self, path: Path, decision: GiveUp) -> bool:
        """Whether no other path goes on: the run ends with it then."""
        ...


class Path:
    """Keeps one connection alive.

    Args:
        door: Where it leads.
        hub: Who hears of it.
        clock: For instants and ages.
        jitter: A number in [0, 1), drawn anew at each call.
        sleep: Waits between attempts.
        settle: Seconds for which a connection is not closed.
    """

    def __init__(
        self,
        door: Door,
        hub: Hub,
        *,
        clock: Clock,
        jitter: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        settle: float,
    ) -> None:
        self._door = door
        self._hub = hub
        self._clock = clock
        self._jitter = jitter
        self._sleep = sleep
        self._settle = settle
        self._stopping = asyncio.Event()
        self._interrupted = asyncio.Event()
        self._interruption = ""
        self._unread = False
        self._opened = self._opened_at = 0.0
        self._accepted: float | None = None
        self._served = False
        self._retry: float | None = None
        self.name = door.name
        self.view = ConnectionView(since=clock.now(), path=door.name)
        self.times_accepted = 0
        self.last_byte_at: float | None = None
        """Epoch seconds."""

    @property
    def is_live(self) -> bool:
        """Whether its connection is a stream."""
        return self._accepted is not None

    def stop(self) -> None:
        """Ask `run` to return, as soon as the connection may be closed."""
        self._stopping.set()

    def reconnect(self, reason: str, *, unread: bool = False) -> None:
        """End the connection and have another; *unread*: what it still brings is not to be had."""
        self._interruption = reason
        self._unread = unread
        self._interrupted.set()

    async def run(self) -> None:
        """Connect again and again until `stop`, or until no path goes on."""
        history = History()
        while not self._stopping.is_set():
            ending = await self._connection(history.failures)
            if ending is None:
                break
            around = self._circumstances()
            self._accepted = None
            self._hub.on_ended(self, ending)
            decision, history = decide(ending, history, around, jitter=self._jitter)
            if isinstance(decision, GiveUp):
                if self._hub.may_give_up(self, decision):
                    self._show(ConnectionState.REFUSED, detail=decision.reason)
                    return
                decision = decision.meanwhile
            await self._wait(decision, history.failures)
        self._accepted = None
        self._show(ConnectionState.ENDED)

    def _circumstances(self) -> Circumstances:
        now = self._clock.monotonic()
        return Circumstances(
            now=now,
            was_live=self._hub.was_live(),
            was_here=self.times_accepted > 0,
            other_is_live=self._hub.other_is_live(self),
            served=self._served,
            lived=0.0 if self._accepted is None else now - self._accepted,
            retry=self._retry,
        )

    async def _connection(self, attempt: int) -> Ending | None:
        """One connection to its end: how it ended, or None if we were told to stop."""
        self._opened, self._opened_at = self._clock.monotonic(), self._clock.now()
        self._served, self._unread, self._accepted = False, False, None
        self._interrupted.clear()
        connects = self.view.connects + 1
        self._show(ConnectionState.CONNECTING, attempt=attempt, connects=connects)
        reading = asyncio.create_task(self._door.read(self))
        waits = {asyncio.create_task(e.wait()) for e in (self._stopping, self._interrupted)}
        try:
            await asyncio.wait({reading, *waits}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await asyncio.wait({reading}, timeout=self._young_for())
        finally:
            for task in (*waits, *(() if reading.done() else (reading,))):
                task.cancel()
            await asyncio.wait({reading, *waits})
        if self._stopping.is_set():
            return None
        if self._interrupted.is_set():
            return Cut(self._interruption, deaf=True)
        return None if reading.cancelled() else reading.result()

    def _young_for(self) -> float:
        """Seconds for which the connection must not be closed yet."""
        return max(0.0, self._settle - (self._clock.monotonic() - self._opened))

    # --- what a connection reports ----------------------------------------------------------

    def accepted(self, date: float | None = None, *, opened_at: float | None = None) -> None:
        """The connection is a stream."""
        now = self._clock.now()
        self._accepted = self._clock.monotonic()
        self.times_accepted += 1
        self.last_byte_at = now
        received_at = now if opened_at is None else opened_at
        instant = accepted_instant(date, asked_at=self._opened_at, received_at=received_at)
        self._hub.on_accepted(self, instant)
        self._show(ConnectionState.LIVE, last_byte_at=now)

    def alive(self) -> None:
        """Bytes came."""
        self._served = True
        self.last_byte_at = self._clock.now()

    def brought(self, payloads: Sequence[bytes]) -> None:
        """One read brought these."""
        if not self._unread:
            # Whole milliseconds, as the journal has them: a rehearsal then sees the same instants.
            self._hub.on_payloads(self, payloads, floor(self._clock.now() * 1000) / 1000)

    def oversized(self, event: Oversized) -> None:
        """An event over the size limit went by."""
        self._hub.on_oversized(self, event, self._clock.now())

    def rest(self) -> float:
        """For how many seconds bytes are to gather before the next read."""
        return self._hub.rest_of(self)

    def wait_named(self, seconds: float) -> None:
        """The server named the time to wait before a reconnect."""
        self._retry = seconds

    # --- between connections ----------------------------------------------------------------

    async def _wait(self, decision: Retry, attempt: int) -> None:
        # A connection that was refused at once leaves its slot alone only if we leave it a moment.
        delay = max(decision.delay, self._young_for())
        retry_at = self._clock.now() + delay
        self._show(decision.state, detail=decision.reason, attempt=attempt, retry_at=retry_at)
        sleeping = asyncio.ensure_future(self._sleep(delay))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sleeping, stopping):
            task.cancel()

    def _show(
        self,
        state: ConnectionState,
        *,
        detail: str = "",
        attempt: int = 0,
        retry_at: float | None = None,
        connects: int | None = None,
        last_byte_at: float | None = None,
    ) -> None:
        before = self.view
        self.view = ConnectionView(
            state=state,
            since=before.since if state is before.state else self._clock.now(),
            detail=detail,
            attempt=attempt,
            retry_at=retry_at,
            connects=before.connects if connects is None else connects,
            last_byte_at=last_byte_at or before.last_byte_at,
            path=self.name,
        )
        self._hub.on_view(self.view)
