"""No second request behind our back: each is one attempt, told of as it went.

aiohttp sends a GET again, unasked, when a connection is lost before the answer. On a stream that is a
second slot taken at once, and a wait that nobody sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp


if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse


async def once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """A client middleware under which a lost connection is an error at once.

    Raises:
        aiohttp.ClientConnectionError: The connection was lost before there was an answer.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(f"{error}") from error
