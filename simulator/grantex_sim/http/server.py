"""The listening socket, and the connections that there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from grantex_sim.http.channel import Channel


if TYPE_CHECKING:
    from grantex_sim.http.channel import Handler, HeadHandler
    from grantex_sim.http.patience import Patience
    from grantex_sim.http.tls_transport import Greeter

_BACKLOG: Final = 128


class Server:
    """Listens, and keeps the connections so that they can be ended."""

    def __init__(
        self,
        handler: Handler,
        *,
        on_head: HeadHandler | None = None,
        patience: Patience | None = None,
        greeter: Greeter | None = None,
    ) -> None:
        self._handler = handler
        self._patience = patience
        self._greeter = greeter
        self._on_head = on_head
        self._channels: set[Channel] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Accept connections; gives the port (of interest when *port* is 0).

        Raises:
            OSError: The address can't be had.
        """
        self._server = await self._listen(host, port)
        if len(ports := _ports(self._server)) > 1:  # a name with several addresses, each its own
            self._server.close()
            self._server = await self._listen(host, ports[0])
        return _ports(self._server)[0]

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: Channel(
                self._handler, self._channels, self._on_head, self._patience, self._greeter
            ),
            host,
            port,
            backlog=_BACKLOG,
        )

    async def stop(self) -> None:
        """Stop listening and drop every client at once, streams included."""
        if self._server is None:
            return
        self._server.close()
        for channel in tuple(self._channels):
            await channel.stop()
        await asyncio.sleep(0)  # the transports close their sockets in the loop's next turn
        await self._server.wait_closed()


def _ports(server: asyncio.Server) -> list[int]:
    """The different ports that it listens on."""
    return [*dict.fromkeys(int(each.getsockname()[1]) for each in server.sockets)]
