"""Who listens to the stream, and the bytes each of them gets.

Each event is framed once and shared by all. A client that does not read never delays another:
its bytes wait for it up to a limit, and then its connection is cut, which it can see, instead of
events being skipped, which it could not.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from grantex_sim.account.streams import StreamAccount, Streams
from grantex_sim.events.hearing import Hearing
from grantex_sim.faults.frames import SocketWire, SseWire
from grantex_sim.faults.model import Opening
from grantex_sim.faults.stream import SpoiledStream
from grantex_sim.http.address import PATHS
from grantex_sim.http.sse import KEEPALIVE, frame
from grantex_sim.http.websocket_frames import Opcode, frame_bytes
from grantex_sim.http.wire import chunk


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_sim.events.emission import Emission
    from grantex_sim.faults.frames import Wire
    from grantex_sim.faults.script import Hits
    from grantex_sim.http.channel import Channel

Kind = Literal["sse", "websocket"]
MAX_WAITING: Final = 32 * 1024 * 1024
"""Bytes that may wait for one client."""


class Frames:
    """Events framed once for all, with and without chunks, as far as anybody wants them."""

    def __init__(self, events: Sequence[Emission]) -> None:
        self.payloads = [event.payload for event in events]

    @cached_property
    def _plain(self) -> list[bytes]:
        return [frame(payload) for payload in self.payloads]

    @cached_property
    def _chunks(self) -> list[bytes]:
        return [chunk(data) for data in self._plain]

    @cached_property
    def _texts(self) -> list[bytes]:
        return [frame_bytes(Opcode.TEXT, payload) for payload in self.payloads]

    def texts(self, wanted: Iterable[int]) -> bytes:
        """The *wanted* of them as WebSocket frames."""
        return b"".join([self._texts[index] for index in wanted])

    @cached_property
    def _all_chunks(self) -> bytes:
        return b"".join(self._chunks)

    def everything(self, *, chunked: bool) -> bytes:
        """All events in one piece, one chunk an event."""
        return self._all_chunks if chunked else b"".join(self._plain)

    def some(self, wanted: Iterable[int], *, chunked: bool) -> bytes:
        """The *wanted* of them."""
        pieces = self._chunks if chunked else self._plain
        return b"".join([pieces[index] for index in wanted])


class Subscriber:
    """One open stream, over SSE or a WebSocket."""

    def __init__(
        self,
        channel: Channel,
        head: bytes,
        *,
        types: frozenset[str] | None = None,
        chunked: bool = False,
        kind: Kind = "sse",
    ) -> None:
        self.kind = kind
        self.channel = channel
        self.types = types
        """None: everything."""
        self.chunked = chunked
        self.client = 0
        """Its number among the streams that are open, from 1 on."""
        self.spoiled: SpoiledStream | None = None
        """Writes in its stead once a fault has hit it."""
        self._head = head
        self._sent = 0
        self.account = StreamAccount(kind, lambda: self.sent)

    @property
    def sent(self) -> int:
        """Events written whole."""
        return self._sent + (self.spoiled.sent if self.spoiled is not None else 0)

    def publish(self, events: Sequence[Emission], frames: Frames) -> None:
        """Write *events*, of which *frames* are the bytes."""
        if self.kind == "websocket":
            data = self._texts(events, frames)
        elif self.types is None:
            self._sent += len(events)
            data = frames.everything(chunked=self.chunked)
        else:
            wanted = [index for index, event in enumerate(events) if self.wants(event)]
            self._sent += len(wanted)
            data = frames.some(wanted, chunked=self.chunked)
        if data:
            self.send(data)

    def _texts(self, events: Sequence[Emission], frames: Frames) -> bytes:
        wanted = [index for index, event in enumerate(events) if self.wants(event)]
        self._sent += len(wanted)
        return frames.texts(wanted)

    def send(self, data: bytes) -> None:
        """Write framed *data*.

        The response's head goes out with the first of it, as on the real service, which writes
        its headers without flushing them.
        """
        if self.spoiled is not None:
            self.spoiled.send(data)
            return
        if self._head:
            data, self._head = self._head + data, b""
        self.channel.write(data)

    def keepalive(self) -> None:
        """Write a keepalive; on a WebSocket a ping."""
        if self.spoiled is not None:
            self.spoiled.keepalive()
        elif self.kind == "websocket":
            self.send(frame_bytes(Opcode.PING, b""))
        else:
            self.send(chunk(KEEPALIVE) if self.chunked else KEEPALIVE)

    def wants(self, event: Emission) -> bool:
        """Whether the filter lets *event* pass; what has no type passes every filter."""
        return self.types is None or not event.type or event.type in self.types

    def spoil(
        self, opening: Opening | None = None, now: Callable[[], float] = lambda: 0.0
    ) -> SpoiledStream:
        """The writer for a stream that a fault has hit, from now on."""
        if self.spoiled is None:
            told = opening or Opening()
            wire: Wire = SseWire(told, chunked=self.chunked)
            if self.kind == "websocket":
                wire = SocketWire(told)
            self.spoiled = SpoiledStream(
                self.channel,
                self._head,
                told,
                client=self.client,
                path=PATHS[self.kind],
                wire=wire,
                wanted=self.wants,
                now=now,
            )
            self._head = b""
        return self.spoiled

    def strike(self, do: Opening) -> None:
        """End the stream now, or hold it up."""
        self.spoil().strike(do)

    @property
    def mute(self) -> bool:
        """Whether a fault has ended it, or let it fall silent."""
        return self.spoiled is not None and self.spoiled.mute

    @property
    def dead(self) -> bool:
        """Whether a fault keeps every further event away."""
        return self.spoiled is not None and self.spoiled.dead

    @property
    def waiting(self) -> int:
        """Bytes that wait for the client."""
        return self.channel.waiting if self.spoiled is None else self.spoiled.waiting

    @property
    def writable(self) -> bool:
        """Whether the client can take more."""
        return self.channel.writable if self.spoiled is None else self.spoiled.writable


class Broadcast:
    """Gives every event to every subscriber from its subscription on."""

    def __init__(
        self, *, max_waiting: int = MAX_WAITING, now: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._max_waiting = max_waiting
        self._now = now
        self._subscribers: set[Subscriber] = set()
        self._changed = asyncio.Event()
        self.streams = Streams()
        """What each client was sent."""
        self.faults: Callable[[Sequence[Emission]], Sequence[Hits] | None] = lambda _: None
        """Says what hits each of the events that are about to be written."""
        self.on_clients: Callable[[], None] = lambda: None
        """Called when a client has come or gone."""
        self.cut = 0
        """Clients cut because they did not read."""

    def __len__(self) -> int:
        return len(self._subscribers)

    def add(self, subscriber: Subscriber) -> None:
        """From now on *subscriber* gets every event."""
        subscriber.client = self.free_client()
        self._subscribers.add(subscriber)
        self.streams.begin(subscriber.account)
        subscriber.channel.on_writable = self._changed.set
        self._changed.set()
        self.on_clients()

    def remove(self, subscriber: Subscriber) -> None:
        """*subscriber* has gone."""
        self._subscribers.discard(subscriber)
        self.streams.end(subscriber.account)
        if subscriber.spoiled is not None:
            subscriber.spoiled.over()
        self._changed.set()
        self.on_clients()

    def free_client(self) -> int:
        """The lowest number that no open stream has."""
        taken = {subscriber.client for subscriber in self._subscribers}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def spoil(self, subscriber: Subscriber, opening: Opening | None = None) -> SpoiledStream:
        """Have *subscriber* written to as a fault wants it, from now on."""
        if subscriber.spoiled is None:
            subscriber.spoil(opening, self._now).begin(self._changed.set)
        return subscriber.spoil()

    def close(self) -> None:
        """End every stream, as a server that goes down does."""
        for subscriber in self._subscribers:
            subscriber.channel.close()

    async def until(self, enough: Callable[[int], bool]) -> None:
        """Wait until the number of listening clients is *enough*."""
        while not enough(len(self._subscribers)):
            await self._change()

    async def room(self) -> None:
        """Wait until some client can take more: the fastest that is sent anything sets the pace."""
        while not any(subscriber.writable for subscriber in self._served()):
            await self._change()

    def _served(self) -> Iterable[Subscriber]:
        """Those that are sent events; where a fault keeps them from all, everybody."""
        return [each for each in self._subscribers if not each.dead] or self._subscribers

    async def _change(self) -> None:
        self._changed.clear()  # whoever waits already is woken by the next change all the same
        await self._changed.wait()

    def publish(self, events: Sequence[Emission]) -> Sequence[Hearing]:
        """Write *events* to all, one chunk an event, joined in one write for each client.

        Gives what comes of each: at first, and as it changes.
        """
        hits = self.faults(events) if self._subscribers else None
        alike = hits is None and all(
            each.spoiled is None and each.types is None for each in self._subscribers
        )
        hearings = [Hearing()] * len(events) if alike else [Hearing() for _ in events]
        frames = Frames(events)
        for subscriber in tuple(self._subscribers):
            subscriber.account.count(events, subscriber.types)
            if hits is not None or subscriber.spoiled is not None:
                self.spoil(subscriber).publish(events, hits, hearings)
            else:
                subscriber.publish(events, frames)
                self._heard(subscriber, events, hearings)
            self._cut_if_stuck(subscriber)
        return hearings

    def _heard(
        self, subscriber: Subscriber, events: Sequence[Emission], hearings: Sequence[Hearing]
    ) -> None:
        now = self._now()
        if subscriber.types is None:
            for hearing in {*hearings}:
                hearing.hear(now)
            return
        for event, hearing in zip(events, hearings, strict=True):
            if subscriber.wants(event):
                hearing.hear(now)

    def filter(self) -> frozenset[str] | None:
        """The types that some client wants; None: every one."""
        found: set[str] = set()
        for subscriber in self._subscribers:
            if subscriber.types is None:
                return None
            found |= subscriber.types
        return frozenset(found) if self._subscribers else None

    def _cut_if_stuck(self, subscriber: Subscriber) -> None:
        if subscriber.waiting > self._max_waiting:
            self.cut += 1
            subscriber.account.cut = True
            self.remove(subscriber)
            subscriber.channel.reset()
