"""One client's stream as the script spoils it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from grantex_sim.events.hearing import NOBODY, Hearing, Way
from grantex_sim.faults.kinds.kind import Then, copies_of
from grantex_sim.faults.kinds.registry import ending
from grantex_sim.faults.matching import matches_subscriber
from grantex_sim.faults.merging import merge
from grantex_sim.faults.model import Opening
from grantex_sim.faults.outlet import Outlet


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.events.emission import Emission
    from grantex_sim.events.hearing import Cause
    from grantex_sim.faults.frames import Wire
    from grantex_sim.faults.model import End, Passing
    from grantex_sim.faults.script import Hits
    from grantex_sim.http.channel import Channel

_AS_IT_IS: Final = Opening()
_ROOM: Final = 256 * 1024
"""Bytes held back from which on the stream counts as busy."""


class SpoiledStream:
    """Writes events to one channel, as one connection's and each event's faults say.

    Args:
        channel: The client.
        head: The response's head; it goes out with the first bytes of the body.
        opening: What hits the connection, if anything does.
        client: The stream's number.
        path: Where it was opened.
        wire: How the stream looks on the wire.
        wanted: Whether the client's filter lets an event pass.
        now: Monotonic seconds.
    """

    def __init__(
        self,
        channel: Channel,
        head: bytes,
        opening: Opening | None,
        *,
        client: int,
        path: str,
        wire: Wire,
        wanted: Callable[[Emission], bool],
        now: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._opening = opening or _AS_IT_IS
        self._channel = channel
        self._head = head
        self._wanted = wanted
        self._wire = wire
        self._sent = 0
        self._begun = not head
        self._held: list[bytes] = []
        self._held_event: Hearing | None = None
        self._now = now
        self._way = Way(now)
        self._held_up_by = self._opening.by
        self._kept_by = NOBODY
        """Why no event arrives, once that is so."""
        if self._opening.is_unreadable and not wire.eager:
            self._kept_by = self._opening.by
        self._mute = False
        self._dead = False
        self._timer: asyncio.TimerHandle | None = None
        self._outlet = Outlet(
            channel,
            delay=self._opening.delay,
            dribble=self._opening.dribble,
            limit=self._opening.after_bytes,
            on_limit=self._strike_as_told,
        )
        self._outlet.on_passed = self._way.passed
        self.client = client
        self._path = path

    @property
    def sent(self) -> int:
        """Events written whole; one that a fault cuts or keeps away is none."""
        return self._sent

    @property
    def mute(self) -> bool:
        """Whether nothing more will be written."""
        return self._mute

    @property
    def _takes_event(self) -> bool:
        """Whether its end comes in an event's place."""
        end = self._opening.end
        return end is not None and ending(end).takes_event

    @property
    def dead(self) -> bool:
        """Whether no event will be written any more."""
        return self._mute or self._dead

    @property
    def waiting(self) -> int:
        """Bytes that wait for the client, here and in its channel."""
        return self._outlet.waiting + self._channel.waiting

    @property
    def writable(self) -> bool:
        """Whether it can take more; a stream that has fallen silent can't."""
        return not self._mute and self._channel.writable and self._outlet.waiting < _ROOM

    def begin(self, on_room: Callable[[], None]) -> None:
        """The stream is open; *on_room* is called when it can take more."""
        self._outlet.on_empty = on_room
        do = self._opening
        if do.at_once:
            self._strike_as_told()
        if self._wire.eager and not self._mute:
            self._write([])
        if do.at_once:
            return
        if do.after_events == 0 and not self._takes_event:
            self._write([])
            self._strike_as_told()
        elif do.after_time is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(do.after_time, self._strike_as_told)

    def over(self) -> None:
        """The client has gone."""
        self._outlet.stop()
        if self._timer is not None:
            self._timer.cancel()

    def keepalive(self) -> None:
        """Write a keepalive, and what waited for another event to pass it."""
        if not self._mute:
            self._write([*self._held, *self._wire.keepalive()])
            self._release()

    def send(self, data: bytes) -> None:
        """Write *data*, framed already."""
        if not self._mute:
            self._write([data])

    def publish(
        self, events: Sequence[Emission], hits: Sequence[Hits] | None, hearings: Sequence[Hearing]
    ) -> None:
        """Write *events*; *hits* are the faults of each, *hearings* are told what comes of it."""
        for index, event in enumerate(events):
            if not self._wanted(event):
                continue
            if self.dead:
                hearings[index].withhold(self._kept_by, self.client)
            else:
                own = self._own(hits[index]) if hits is not None else None
                self._pass(event, own, hearings[index])

    def _own(self, hits: Hits) -> Passing | None:
        mine = (do for match, do in hits if matches_subscriber(match, self.client, self._path))
        return merge([*mine])

    def _pass(self, event: Emission, passing: Passing | None, hearing: Hearing) -> None:
        acts = passing.acts if passing is not None else ()
        skips = any(act.kind.skips for act in acts)
        if passing is not None and (skips or passing.end is not None):
            hearing.withhold(passing.by, self.client)
            if passing.end is not None:
                self._end(passing.end, passing.by, event)
            return
        end = self._opening.end
        if end is not None and self._sent == self._opening.after_events and self._takes_event:
            hearing.withhold(self._opening.by, self.client)
            self._end(end, self._opening.by, event)
            return
        parts = self._wire.event(event, passing)
        copies = 1 + copies_of(acts)
        self._sent += 1
        waits = any(act.kind.waits for act in acts)
        if passing is not None and waits and not self._held:
            hearing.withhold(passing.by, self.client)
            self._held, self._held_event = parts * copies, hearing
            return
        self._write(parts)
        self._tell(hearing, passing)
        self._write([*(parts * (copies - 1)), *self._held])
        self._release()
        if self._sent == self._opening.after_events and not self._takes_event:
            self._strike_as_told()

    def _release(self) -> None:
        """What was held back for another event has been written."""
        if self._held_event is not None:
            self._tell(self._held_event, None)
        self._held, self._held_event = [], None

    def _tell(self, hearing: Hearing, passing: Passing | None) -> None:
        """The event has been written: whether, and when, the client has it whole."""
        kinds = [act.kind for act in passing.acts] if passing is not None else []
        breaks = self._wire.eager and any(kind.breaks_socket for kind in kinds)  # RFC 6455 8.1
        if passing is not None and (breaks or any(kind.breaks_event for kind in kinds)):
            hearing.withhold(passing.by, self.client)
            if breaks:
                self._kept_by = passing.by
        elif self._kept_by is not NOBODY:
            hearing.withhold(self._kept_by, self.client)
        elif self._outlet.passed == self._outlet.given:
            hearing.hear(self._now())
        else:
            hearing.withhold(self._held_up_by, self.client)
            self._way.put(self._outlet.given, hearing)

    def _write(self, parts: list[bytes]) -> None:
        if not self._begun:
            self._begun = True
            parts = [self._head, *self._wire.first(), *parts]
        for part in parts:
            self._outlet.write(part)

    def _strike_as_told(self) -> None:
        self.strike(self._opening)

    def strike(self, do: Opening) -> None:
        """End the stream, or hold it up, as *do* says."""
        if do.freeze is not None and not self._mute:
            self._held_up_by = do.by
            self._outlet.hold(do.freeze)
        if do.end is not None:
            self._end(do.end, do.by)

    def _end(self, end: End, by: Cause, event: Emission | None = None) -> None:
        """End the stream; *event* is the one that is under way."""
        if self._mute:
            return
        if self._kept_by is NOBODY:
            self._kept_by = by
        found = ending(end)
        if found.then is Then.KEEPALIVES:
            self._dead = True
            return
        if found.writes is not None:
            self._write(found.writes(self._wire, event))
        self._mute = True
        self._outlet.finish(self._closing(found.then))

    def _closing(self, then: Then) -> Callable[[], None]:
        if then is Then.RESET:
            return self._channel.reset_when_sent
        if then is Then.CUT:
            return self._channel.cut
        return self._channel.close if then is Then.CLOSE else lambda: None
