"""Who listens to the stream, and the bytes each of them gets.

Each event is framed once and shared by all. A client that does not read never delays another:
its bytes wait for it up to a limit, and then its connection is cut, which it can see, instead of
events being skipped, which it could not.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from simulator.wire import chunk


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.emission import Emission
    from simulator.server import Channel

MAX_WAITING: Final = 32 * 1024 * 1024
"""Bytes that may wait for one client."""
KEEPALIVE: Final = b": keepalive\n\n"


def frame(payload: bytes) -> bytes:
    """An event as the service writes it; a payload of several lines takes several data lines."""
    if b"\n" in payload:
        payload = payload.replace(b"\n", b"\ndata: ")
    return b"data: " + payload + b"\n\n"


class Subscriber:
    """One open stream."""

    def __init__(
        self, channel: Channel, head: bytes, *, types: frozenset[str] | None, chunked: bool
    ) -> None:
        self.channel = channel
        self.types = types
        """None: everything."""
        self.chunked = chunked
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
        self.send(chunk(KEEPALIVE) if self.chunked else KEEPALIVE)

    def wants(self, event: Emission) -> bool:
        """Whether the filter lets *event* pass; what has no type passes every filter."""
        return self.types is None or not event.type or event.type in self.types


class Broadcast:
    """Gives every event to every subscriber from its subscription on."""

    def __init__(self, *, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._subscribers: set[Subscriber] = set()
        self._changed = asyncio.Event()
        self.cut = 0
        """Clients cut because they did not read."""

    def __len__(self) -> int:
        return len(self._subscribers)

    def add(self, subscriber: Subscriber) -> None:
        """From now on *subscriber* gets every event."""
        self._subscribers.add(subscriber)
        subscriber.channel.on_writable = self._changed.set
        self._changed.set()

    def remove(self, subscriber: Subscriber) -> None:
        """*subscriber* has gone."""
        self._subscribers.discard(subscriber)
        self._changed.set()

    async def until(self, enough: Callable[[int], bool]) -> None:
        """Wait until the number of listening clients is *enough*."""
        while not enough(len(self._subscribers)):
            await self._change()

    async def room(self) -> None:
        """Wait until some client can take more: the fastest sets the pace."""
        while not any(subscriber.channel.writable for subscriber in self._subscribers):
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()  # whoever waits already is woken by the next change all the same
        await self._changed.wait()

    def publish(self, events: Sequence[Emission]) -> None:
        """Write *events* to all, one chunk an event, joined in one write for each client."""
        frames = [frame(event.payload) for event in events]
        chunks = [chunk(data) for data in frames]
        everything = b"".join(chunks)
        for subscriber in tuple(self._subscribers):
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
        if subscriber.channel.waiting > self._max_waiting:
            self.cut += 1
            self.remove(subscriber)
            subscriber.channel.reset()
