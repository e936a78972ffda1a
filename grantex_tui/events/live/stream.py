"""The live stream: one path or two, merged by event id, as reads, gaps and states.

SSE and WebSocket carry the same events under the same ids, with separate limits and separate
subscribers inside the service. What one lacks the other has; only when both are away is it a gap.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from grantex_tui.errors import GrantexRefusedError
from grantex_tui.events.arrived import Arrived, no_envelopes
from grantex_tui.events.event import Malformed
from grantex_tui.events.live.connection import ConnectionState, ConnectionView, PathView, best_of
from grantex_tui.events.live.filters import type_filter
from grantex_tui.events.live.gaps import Coverage
from grantex_tui.events.live.health import Watchers
from grantex_tui.events.live.merge import Seen, keys_of
from grantex_tui.events.live.path import Path
from grantex_tui.events.live.reconnect import Absent, Cut
from grantex_tui.events.live.refusal import Refusal, describe


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from grantex_tui.clock import Clock
    from grantex_tui.events.arrived import Opens
    from grantex_tui.events.event import Event
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.door import Door, StreamSettings
    from grantex_tui.events.live.reconnect import Ending, GiveUp
    from grantex_tui.events.live.sse import Oversized

NOT_CONNECTED = "not connected yet"
SECOND_AFTER = 2.0
"""Seconds after which the second path is opened if the first has no answer yet: on a quiet stream
its headers take up to 30 s."""
FOLLOWS = 10
"""So many times longer than of the first path the bytes of the other gather."""
LEADS_FOR = 0.5
"""Seconds for which a path that was first stays so, though the other brings something before it."""
LOOK_EVERY = 0.5
"""Seconds between two looks at what the paths lack."""


class Listener(Protocol):
    """Who is told. Called on the event loop, in order; must not block."""

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """What one read brought that no path had brought before."""
        ...

    def on_oversized(self, event: Oversized, received_at: float) -> None:
        """An event over the size limit went by."""
        ...

    def on_gap(self, gap: Gap) -> None:
        """A span without a stream has ended: what happened in it can't be had again."""
        ...

    def on_gap_opened(self, gap: Gap) -> None:
        """The run begins with a gap: to be kept, in case the run is ended before it is."""
        ...

    def on_connection(self, view: ConnectionView) -> None:
        """A path's state changed."""
        ...

    def on_notice(self, text: str) -> None:
        """Something about the paths that a person should know."""
        ...


class EventStream:
    """Keeps every path to the stream alive until told to stop.

    Args:
        doors: One for each path, the first to be opened first.
        settings: Of all of them.
        listener: Who is told.
        clock: The time.
        jitter: A number in [0, 1), drawn anew at each call.
        sleep: Waits between two attempts.
        gap_from: When the first gap began (epoch seconds); None if nobody asks for the time before
            the first stream.
        opens: Decodes many payloads at once, for those who count.
    """

    def __init__(
        self,
        doors: Sequence[Door],
        settings: StreamSettings,
        listener: Listener,
        *,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        gap_from: float | None = None,
        opens: Opens = no_envelopes,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._clock = clock
        self._paths = [
            Path(door, self, clock=clock, jitter=jitter, sleep=sleep, settle=settings.settle)
            for door in doors
        ]
        names = [door.name for door in doors]
        self._coverage = Coverage(names, since=gap_from, reason=NOT_CONNECTED)
        self._seen = Seen()
        self._watchers = Watchers(names)
        self._brought = dict.fromkeys(names, 0)
        self._first = dict.fromkeys(names, 0)
        self._heard_at = dict.fromkeys(names, 0.0)
        self._lost_at: dict[str, float] = dict.fromkeys(names, clock.now())
        self._deaf: set[str] = set()
        self._given_up: dict[str, GiveUp] = {}
        self._next_may_open = asyncio.Event()
        self._stopping = asyncio.Event()
        self._was_live = False
        self._is_double = len(names) > 1
        self._leading: Path | None = None
        """The path that is usually first to bring what is new."""
        self._led_at = 0.0
        self._opens = opens
        self._keep = type_filter(settings.types)

    # --- what others see --------------------------------------------------------------------

    @property
    def view(self) -> ConnectionView:
        """How the stream stands as a whole."""
        return best_of(tuple(path.view for path in self._paths))

    @property
    def paths(self) -> tuple[PathView, ...]:
        """How each path stands, and what it has brought."""
        return tuple(map(self._path_view, self._paths))

    def _path_view(self, path: Path) -> PathView:
        name = path.name
        return PathView(
            name,
            replace(path.view, last_byte_at=path.last_byte_at),
            away_since=None if path.is_live else self._lost_at[name],
            reconnects=max(0, path.times_accepted - 1),
            brought=self._brought[name],
            first=self._first[name],
            holes=self._watchers.holes_of(name),
        )

    @property
    def open_gap(self) -> Gap | None:
        """The gap that lasts while there is no stream; None when there is one, or never was."""
        return self._coverage.open_gap

    # --- the run ----------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask `run` to return, as soon as the connections may be closed."""
        self._stopping.set()
        for path in self._paths:
            path.stop()

    async def run(self) -> None:
        """Read until `stop`.

        Raises:
            GrantexRefusedError: Grantex won't serve the stream and asking again won't help.
        """
        if (gap := self.open_gap) is not None:
            self._listener.on_gap_opened(gap)
        looking = asyncio.create_task(self._look())
        tasks = {asyncio.create_task(self._run(*item)) for item in enumerate(self._paths)}
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in (looking, *tasks):
                task.cancel()
            await asyncio.wait({looking, *tasks})
        if not looking.cancelled():
            looking.result()
        self._raise_refusal()

    async def _run(self, number: int, path: Path) -> None:
        """One path, the second after the first."""
        if number:
            opening = asyncio.create_task(self._next_may_open.wait())
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait(
                {opening, stopping}, timeout=SECOND_AFTER, return_when=asyncio.FIRST_COMPLETED
            )
            opening.cancel()
            stopping.cancel()
        if not self._stopping.is_set():
            await path.run()

    def _raise_refusal(self) -> None:
        if not self._given_up or len(self._given_up) < self._opened():
            return
        given_up = next(iter(self._given_up.values()))
        raise GrantexRefusedError(
            f"Grantex refused the stream at {self._settings.url}: {given_up.reason}",
            hint=given_up.hint,
        )

    def _opened(self) -> int:
        return sum(path.view.connects > 0 for path in self._paths)

    async def _look(self) -> None:
        """Now and then see what a path lacks."""
        while self._is_double:
            await asyncio.sleep(LOOK_EVERY)
            self._look_once()

    def _look_once(self) -> None:
        now = self._clock.monotonic()
        for notice in self._watchers.notices(now):
            self._listener.on_notice(notice)
        for path in self._paths:
            said = self._watchers.silent(path.name, now)
            if said and path.is_live and self._other(path).is_live:
                self._on_silent(path, said, now)

    def _on_silent(self, path: Path, said: str, now: float) -> None:
        """Reconnect it; as long as that must not be, it does not count as listening."""
        name = path.name
        if self._watchers.may_reconnect(name, now):
            path.reconnect(said)
        elif name not in self._deaf:
            self._deaf.add(name)
            self._listener.on_notice(f"{name} is {said}")
            heard, now_at = self._heard_at[name], self._clock.now()
            self._tell(self._coverage.lost(name, heard_until=heard, now=now_at, reason=said))

    def _other(self, path: Path) -> Path:
        return self._paths[1 - self._paths.index(path)]

    # --- what the paths report --------------------------------------------------------------

    def on_accepted(self, path: Path, instant: float) -> None:
        """*path* listens."""
        self._was_live = True
        self._given_up.pop(path.name, None)
        self._deaf.discard(path.name)
        self._watchers.accepted(path.name, self._clock.monotonic())
        self._heard_at[path.name] = instant
        self._tell(self._coverage.accepted(path.name, instant))
        self._next_may_open.set()

    def on_payloads(self, path: Path, payloads: Sequence[bytes], received_at: float) -> None:
        """One read of *path*."""
        if self._is_double:
            self._merge(path, payloads, received_at)
        else:
            self._brought[path.name] += len(payloads)
            self._pass_on(path, self._wanted(self._open(payloads)), received_at)

    def _open(self, payloads: Sequence[bytes]) -> Arrived:
        return Arrived(payloads, self._opens(payloads))

    def _wanted(self, arrived: Arrived) -> Arrived:
        """What passes the filter of types."""
        keep = self._keep
        if keep is None:
            return arrived
        envelopes = arrived.envelopes or arrived.items
        return arrived.at(
            [
                at
                for at, item in enumerate(envelopes)
                if isinstance(item, Malformed) or keep(item.type)
            ]
        )

    def _merge(self, path: Path, payloads: Sequence[bytes], received_at: float) -> None:
        # Whoever was first last time will be so again, and its events are asked for more than ids.
        leads = path is self._leading
        arrived = self._open(payloads) if leads else None
        keys = arrived.keys() if arrived is not None else keys_of(payloads)
        fresh = self._seen.fresh(keys)
        if fresh and self._watchers.has_forgotten(path.name):
            created = Arrived(payloads[fresh[0] : fresh[0] + 1], None).newest_at(received_at)
            if created <= self._seen.horizon:
                path.reconnect("it brought events older than what is remembered", unread=True)
                self._heard_at[path.name] = min(self._heard_at[path.name], created)
                return
        self._heard(path, len(payloads), received_at)
        now = self._clock.monotonic()
        self._watchers.brought(path.name, keys)
        if not fresh:
            return
        self._lead(path, now)
        if arrived is None:
            arrived = self._open([payloads[at] for at in fresh])
        else:
            arrived = arrived.at(fresh)
        items = self._wanted(arrived)
        if not items:
            return
        new_keys = items.keys()
        forgotten = self._seen.add(new_keys, items.newest_at(received_at), now)
        self._watchers.other_brought(path.name, new_keys, now, forgotten)
        self._pass_on(path, items, received_at)

    def _lead(self, path: Path, now: float) -> None:
        """*path* brought what was new; it leads, unless the one that does only rests."""
        leading = self._leading
        rests = leading is not None and leading.is_live and now - self._led_at < LEADS_FOR
        if leading is path or not rests:
            self._leading, self._led_at = path, now

    def _heard(self, path: Path, count: int, received_at: float) -> None:
        name = path.name
        self._brought[name] += count
        self._heard_at[name] = max(self._heard_at[name], received_at - 1.0)
        if name in self._deaf:
            self._deaf.discard(name)
            self._tell(self._coverage.accepted(name, received_at))

    def _pass_on(self, path: Path, items: Arrived, received_at: float) -> None:
        if not items:
            return
        self._first[path.name] += len(items)
        instant = items.newest_at(received_at)
        self._heard_at[path.name] = max(self._heard_at[path.name], instant)
        self._listener.on_read(items, received_at)
        self._coverage.kept(instant)

    def on_oversized(self, path: Path, event: Oversized, received_at: float) -> None:
        """An event over the size limit: counted by the first path only."""
        if path is self._paths[0]:
            self._listener.on_oversized(event, received_at)

    def on_ended(self, path: Path, ending: Ending) -> None:
        """*path*'s connection ended, or did not come about."""
        self._next_may_open.set()
        reason = ending.reason if isinstance(ending, Cut) else describe(_refusal(ending))
        if isinstance(ending, Refusal) and ending.is_of_the_key:
            self._settings.api_key.renew()
        now = self._clock.now()
        if self._watchers.ended(path.name):
            self._lost_at[path.name] = now
            heard = self._heard_until(path, ending, now)
            self._tell(self._coverage.lost(path.name, heard_until=heard, now=now, reason=reason))
        else:
            self._coverage.refused(path.name, reason)

    def _heard_until(self, path: Path, ending: Ending, now: float) -> float:
        """Up to when *path* certainly brought what there was.

        That is its last byte, or its end if the server ended it. A path that we ended for what it
        lacked may have been deaf since its last event.
        """
        heard_at = self._heard_at[path.name]
        if isinstance(ending, Cut) and ending.deaf:
            return heard_at
        in_order = isinstance(ending, Cut) and ending.in_order
        return now if in_order else max(heard_at, path.last_byte_at or now)

    def _tell(self, gaps: Sequence[Gap]) -> None:
        for gap in gaps:
            self._listener.on_gap(gap)

    def on_view(self, view: ConnectionView) -> None:
        """A path stands differently."""
        if view.state is ConnectionState.ENDED:
            self._lost_at[view.path] = view.since
        self._listener.on_connection(view)

    def rest_of(self, path: Path) -> float:
        """For how many seconds its bytes are to gather before it is read again.

        A path that only repeats what the other has brought need not hurry; if the other goes, what
        has gathered until then is late by so much, once.
        """
        coalesce = self._settings.coalesce
        follows = self._leading not in (None, path) and self.other_is_live(path)
        return coalesce * FOLLOWS if follows else coalesce

    def was_live(self) -> bool:
        """Whether any path was in this run."""
        return self._was_live

    def other_is_live(self, path: Path) -> bool:
        """Whether another path listens."""
        return any(other.is_live for other in self._paths if other is not path)

    def may_give_up(self, path: Path, decision: GiveUp) -> bool:
        """Whether no other path goes on: the run ends with it then."""
        self._given_up[path.name] = decision
        others = [each for each in self._paths if each is not path and each.view.connects]
        if any(other.name not in self._given_up for other in others):
            return False
        self.stop()
        return True


def _refusal(ending: Refusal | Absent) -> Refusal:
    return ending.refusal if isinstance(ending, Absent) else ending
