"""aiohttp's response, which ends when its connection does, whatever became of the parser.

aiohttp 3.14 gives up a connection whose chunked framing is broken, and tells nobody who reads the
body: the read waits for ever, its timeout dropped with the connection (measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp


if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

    from aiohttp.connector import Connection


class EndingResponse(aiohttp.ClientResponse):
    """For ``aiohttp.ClientSession(response_class=…)``."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the head, and from then on listen for the connection's end."""
        started = await super().start(connection)
        protocol = connection.protocol
        closed = None if protocol is None else protocol.closed
        if closed is not None:
            closed.remove_done_callback(_retrieve)
            closed.add_done_callback(_retrieve)
            closed.add_done_callback(self._connection_closed)
            # A connection outlives its responses, and must not keep them all.
            self.content.on_eof(lambda: _forget(closed, self._connection_closed))
        return started

    def _connection_closed(self, closed: Future[None]) -> None:
        del closed
        if not self.content.is_eof() and self.content.exception() is None:
            self.content.set_exception(aiohttp.ClientPayloadError("the framing is broken"))


def _forget(closed: Future[None], callback: Callable[[Future[None]], None]) -> None:
    closed.remove_done_callback(callback)


def _retrieve(closed: Future[None]) -> None:
    """Take note of how the connection ended: whoever reads is told in their own way."""
    if not closed.cancelled():
        closed.exception()
