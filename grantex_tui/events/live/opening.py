"""The doors that a run uses, opened with the network around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

from grantex_tui.events.live.sse_door import SSEDoor
from grantex_tui.events.live.websocket_door import WebSocketDoor


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import aiohttp
    from aiohttp import ClientMiddlewareType

    from grantex_tui.clock import Clock
    from grantex_tui.events.live.door import Door, StreamSettings
    from grantex_tui.network.route import Network

Paths = Literal["both", "sse", "websocket"]
_READ_BUFFER = 256 * 1024
"""Enlarged, since reads are left to gather."""


@asynccontextmanager
async def open_doors(
    paths: Paths, settings: StreamSettings, network: Network, clock: Clock
) -> AsyncIterator[list[Door]]:
    """The doors of *paths*, SSE first."""

    def session(url: str, middlewares: Sequence[ClientMiddlewareType]) -> aiohttp.ClientSession:
        return network.session(url, read_buffer=_READ_BUFFER, middlewares=middlewares)

    async with network.stream_client(settings.url) as client:
        doors: list[Door] = []
        if paths != "websocket":
            doors.append(SSEDoor(settings, client, clock))
        if paths != "sse":
            doors.append(WebSocketDoor(settings, session, clock))
        yield doors
