"""Who listens to the stream, and the bytes each of them gets.

Each event is framed once and shared by all. A client that does not read never delays another:
its bytes wait for it up to a limit, and then its connection is cut, which it can see, instead of
events being skipped, which it could not.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from simulator.faults.stream import SpoiledStream
from simulator.sse import KEEPALIVE, frame
from simulator.wire import chunk


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.emission import Emission
    from simulator.faults.model import End, Opening
    from simulator.faults.script import Hits
    from simulator.server import Channel

MAX_WAITING: Final = 32 * 1024 * 1024
"""Bytes that may wait for one client."""


class Subscriber:
    """One open stream."""

    def __init__(
        self, channel: Channel, head: bytes, *, types: frozenset[str] | None, chunked: bool
    ) -> None:
        self.channel = channel
        self.types = types
        """None: everything."""
        self.chunked = chunked
        self.client = 0
        """Its number among the streams that are open, from 1 on."""
        self.spoiled: SpoiledStream | None = None
        """Writes in its stead once a fault has hit it."""
        self._head = head

    def send(self, data: bytes) -> None:
        """Write framed *data*.

        The response's head goes out with the first of it, as on the real service, which writes
        its headers without flushing them.
        """
        if self._head:
            data, self._head = self._head + data, b""
        self.channel.write(data)

    def keepalive(self) -> None:
        """Write a keepalive."""
        if self.spoiled is not None:
            self.spoiled.keepalive()
            return
        self.send(chunk(KEEPALIVE) if self.chunked else KEEPALIVE)

    def wants(self, event: Emission) -> bool:
        """Whether the filter lets *event* pass; what has no type passes every filter."""
        return self.types is None or not event.type or event.type in self.types

    def spoil(self, opening: Opening | None = None) -> SpoiledStream:
        """The writer for a stream that a fault has hit, from now on."""
        if self.spoiled is None:
            self.spoiled = SpoiledStream(
                self.channel,
                self._head,
                opening,
                client=self.client,
                chunked=self.chunked,
                wanted=self.wants,
            )
        return self.spoiled

    def strike(self, end: End) -> None:
        """End the stream now."""
        self.spoil().strike(end)

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

    def __init__(self, *, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._subscribers: set[Subscriber] = set()
        self._changed = asyncio.Event()
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
        subscriber.channel.on_writable = self._changed.set
        self._changed.set()
        self.on_clients()

    def remove(self, subscriber: Subscriber) -> None:
        """*subscriber* has gone."""
        self._subscribers.discard(subscriber)
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
            subscriber.spoil(opening).begin(self._changed.set)
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
        """Wait until some client can take more: the fastest sets the pace."""
        while not any(subscriber.writable for subscriber in self._subscribers):
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()  # whoever waits already is woken by the next change all the same
        await self._changed.wait()

    def publish(self, events: Sequence[Emission]) -> None:
        """Write *events* to all, one chunk an event, joined in one write for each client."""
        hits = self.faults(events) if self._subscribers else None
        frames = [frame(event.payload) for event in events]
        chunks = [chunk(data) for data in frames]
        everything = b"".join(chunks)
        for subscriber in tuple(self._subscribers):
            if hits is not None or subscriber.spoiled is not None:
                self.spoil(subscriber).publish(events, hits)
                self._cut_if_stuck(subscriber)
                continue
            if subscriber.types is None and subscriber.chunked:
                data = everything
            else:
                pieces = chunks if subscriber.chunked else frames
                data = b"".join(
                    piece
                    for event, piece in zip(events, pieces, strict=True)
                    if subscriber.wants(event)
                )
            if data:
                subscriber.send(data)
                self._cut_if_stuck(subscriber)

    def _cut_if_stuck(self, subscriber: Subscriber) -> None:
        if subscriber.waiting > self._max_waiting:
            self.cut += 1
            self.remove(subscriber)
            subscriber.channel.reset()
