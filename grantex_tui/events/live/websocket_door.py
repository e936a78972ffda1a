"""One WebSocket connection: the upgrade, its answer, its text frames as payloads.

It opens at once and pings every 30 s. One connection too many is upgraded first and then closed
with 1013, so that an open one counts only after its first frame, or a second. It filters only when
asked to: whatever comes before is filtered by who merges.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, cast

import aiohttp
from aiohttp import ClientWSTimeout, WSMsgType

from grantex_tui.events.live.filters import plain_types, websocket_url
from grantex_tui.events.live.reconnect import Absent, Cut, Ending
from grantex_tui.events.live.refusal import MAX_BODY, Refusal, read_refusal
from grantex_tui.events.live.sse import Oversized
from grantex_tui.network.failures import told
from grantex_tui.network.gathering import Gathering
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse

    from grantex_tui.clock import Clock
    from grantex_tui.events.live.door import Reports, StreamSettings

    Socket = aiohttp.ClientWebSocketResponse[bool]
    MakeSession = Callable[[str, Sequence[ClientMiddlewareType]], aiohttp.ClientSession]

_OPEN_WITHIN = 5.0
_SURE_AFTER = 1.0
"""Seconds after which an open connection is none of those that are closed with 1013."""
_CLOSE_WITHIN = 1.0
_WAITING = 4 * 1024 * 1024
"""Bytes at which reading pauses, so that TCP slows the sender instead of our memory."""
_NOT_THERE = (404, 405, 426, 501)
_NORMAL, _GOING, _TOO_BIG, _TOO_MANY = 1000, 1001, 1009, 1013


class _RefusedError(Exception):
    """The answer to the upgrade is none."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


class WebSocketDoor:
    """The stream at ``/v1/events/ws``.

    Args:
        settings: Where, as whom, how patiently.
        session: Makes a session for an address, with middlewares.
        clock: For the time to wait that a refusal names.
    """

    name = "WebSocket"

    def __init__(self, settings: StreamSettings, session: MakeSession, clock: Clock) -> None:
        self._settings = settings
        self._url = websocket_url(settings.url)
        self._make_session = session
        self._clock = clock
        self._transport: asyncio.BaseTransport | None = None

    async def read(self, reports: Reports) -> Ending:
        """Connect and read until the connection ends by itself."""
        async with self._make_session(self._url, (self._refusing,)) as session:
            try:
                async with asyncio.timeout(_OPEN_WITHIN):
                    socket = await self._open(session)
                transport = self._transport
                assert transport is not None, "an upgrade has one"
            except TimeoutError:
                return Cut(f"no connection: no answer for {_OPEN_WITHIN:g} s")
            except _RefusedError as error:
                absent = error.refusal.status in _NOT_THERE
                return Absent(error.refusal) if absent else error.refusal
            except aiohttp.ClientError as error:
                return Cut(f"no connection: {told(error)}")
            try:
                reading = _Reading(
                    socket,
                    reports,
                    self._settings,
                    Gathering(transport, reports.rest),
                    opened_at=self._clock.now(),
                )
                return await reading.run()
            finally:
                await socket.close()

    async def _refusing(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Read an answer that is no upgrade while it can be, before a redirect is followed."""
        response = await handler(request)
        if response.status == 101:
            self._transport = response.connection.transport if response.connection else None
            return response
        body = b""
        with contextlib.suppress(aiohttp.ClientError):
            body = await response.content.read(MAX_BODY)
        refusal = read_refusal(response.status, response.headers, body, now=self._clock.now())
        response.close()
        raise _RefusedError(refusal)

    async def _open(self, session: aiohttp.ClientSession) -> Socket:
        socket = await session.ws_connect(
            self._url,
            headers={"Authorization": self._settings.api_key.authorization},
            max_msg_size=self._settings.max_event_size,
            decode_text=False,
            autoping=False,
            timeout=ClientWSTimeout(ws_close=_CLOSE_WITHIN),
        )
        if types := plain_types(self._settings.types):
            await socket.send_str(json.dumps({"types": list(types)}))
        return cast("Socket", socket)


class _Reading:
    """An open socket, read to its end: one task fills a buffer, another empties it now and then."""

    def __init__(
        self,
        socket: Socket,
        reports: Reports,
        settings: StreamSettings,
        gathering: Gathering,
        *,
        opened_at: float,
    ) -> None:
        self._socket = socket
        self._gathering = gathering
        self._opened_at = opened_at
        self._reports = reports
        self._settings = settings
        self._payloads: list[bytes] = []
        self._size = 0
        self._is_sure = False
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()

    async def run(self) -> Ending:
        """Until it ends."""
        filling = asyncio.create_task(self._fill())
        sure = asyncio.get_running_loop().call_later(_SURE_AFTER, self._be_sure)
        try:
            while not filling.done():
                await self._next(filling)
            return filling.result()
        except TimeoutError:
            return Cut(f"silent for {self._settings.silence:g} s")
        finally:
            sure.cancel()
            await self._gathering.over()
            filling.cancel()
            await asyncio.wait({filling})
            self._empty()

    async def _next(self, filling: asyncio.Task[Ending]) -> None:
        """Pass on what has gathered, and let more gather."""
        async with asyncio.timeout(self._settings.silence):
            await self._filled.wait()
        self._filled.clear()
        if not filling.done():
            self._gathering.rest()
        self._empty()

    def _be_sure(self) -> None:
        if not self._is_sure:
            self._is_sure = True
            self._reports.accepted(opened_at=self._opened_at)

    def _empty(self) -> None:
        payloads, self._payloads, self._size = self._payloads, [], 0
        self._emptied.set()
        if payloads:
            self._be_sure()
            self._reports.alive()
            self._reports.brought(payloads)

    async def _fill(self) -> Ending:
        try:
            while True:
                message = await self._socket.receive()
                if message.type is WSMsgType.TEXT:
                    self._payloads.append(message.data)
                    self._size += len(message.data)
                    if self._size >= _WAITING:
                        self._emptied.clear()
                        self._filled.set()
                        await self._emptied.wait()
                elif message.type is WSMsgType.PING:
                    self._be_sure()
                    self._reports.alive()
                    await self._socket.pong(message.data)
                elif message.type is not WSMsgType.PONG and message.type is not WSMsgType.BINARY:
                    return self._ending(message.type, message.data, message.extra)
                self._filled.set()
        except aiohttp.ClientError as error:
            return Cut(f"cut: {told(error)}")
        finally:
            self._filled.set()

    def _ending(self, kind: WSMsgType, data: object, extra: str | None) -> Ending:
        """What the last message, a close or an error, tells."""
        code = data if kind is WSMsgType.CLOSE else self._socket.close_code
        said = printable(extra or "", limit=200)
        if kind is WSMsgType.CLOSE and code == _TOO_MANY:
            return Refusal(101, "TOO_MANY_CONNECTIONS", said or "Too many connections")
        if kind is WSMsgType.ERROR and code == _TOO_BIG:
            self._reports.oversized(Oversized(self._settings.max_event_size + 1, b""))
            return Cut("cut: an event is over the size limit")
        if kind is WSMsgType.ERROR:
            return Cut(f"cut: {printable(str(data), limit=200)}")
        if kind is WSMsgType.CLOSE:
            words = f"the server closed it ({code} {said})".replace(" )", ")")
            return Cut(words, in_order=code in (_NORMAL, _GOING))
        return Cut("cut: the connection ended")
