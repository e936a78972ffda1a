"""A response whose body has no end in sight, under httpx's API: handed on as the socket brings it.

aiohttp makes the connection (proxy, TLS, head) and steps aside behind the head: its parser wakes the
reader for every chunk, and there is one for every event. What a read of the socket brought is
unframed at once and handed on as one block.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from httpx_aiohttp.transport import AiohttpResponseStream, map_aiohttp_exceptions

from grantex_tui.network.failures import told
from grantex_tui.network.framing import framing_of


if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from grantex_tui.network.framing import Framing

_HEAD_ENDS = b"\r\n\r\n"
_INFORMATIONAL = b"HTTP/1.1 1"
BODY = "stream_body"
"""The response's extension that holds its `StreamBody`; absent if it has none."""
_EARLY_END = "the connection ended before the answer did"


class StreamConnector(aiohttp.TCPConnector):
    """Makes connections whose response body can be taken over."""

    def __init__(self, *, ssl: ssl.SSLContext | bool, limit: int) -> None:
        super().__init__(ssl=ssl, limit=limit, force_close=True)
        handler = partial(StreamHandler, loop=self._loop)
        self._factory = cast("partial[ResponseHandler]", handler)


class StreamHandler(ResponseHandler):
    """aiohttp's side of a connection, which holds back what is behind the response's head.

    Whoever gets the response decides: `take_over` the body, or `go_on` as aiohttp does.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._seen = b""
        self._held: bytes | None = None
        self._body: StreamBody | None = None
        self._steps_aside = True

    def data_received(self, data: bytes) -> None:
        """Bytes have come, or (none) aiohttp goes on."""
        if self._body is not None:
            self._body.received(data)
        elif self._held is not None:
            self._held += data
        elif self._steps_aside and data:
            self._in_head(data)
        else:
            super().data_received(data)

    def _in_head(self, data: bytes) -> None:
        self._seen += data
        end = self._seen.find(_HEAD_ENDS)
        if end < 0:
            super().data_received(data)
            return
        behind = len(self._seen) - end - len(_HEAD_ENDS)
        rest = data[len(data) - behind :]
        is_final = not self._seen.startswith(_INFORMATIONAL)
        self._seen = b""
        if is_final:
            self._held = rest
        super().data_received(data[: len(data) - behind])
        if not is_final and rest:
            self._in_head(rest)

    def take_over(self, body: StreamBody) -> None:
        """From now on *body* gets what comes."""
        self._drop_timeout()
        held, self._held, self._body = self._held or b"", None, body
        if held:
            body.received(held)

    def go_on(self) -> None:
        """Leave the body to aiohttp."""
        held, self._held, self._steps_aside = self._held, None, False
        if held:
            super().data_received(held)

    def connection_lost(self, exc: BaseException | None) -> None:
        """It has ended."""
        if self._body is not None:
            self._body.ended(exc)
        else:
            self.go_on()
        super().connection_lost(exc)


class StreamBody(httpx.AsyncByteStream):
    """A response's body: blocks of bytes, each what one read or several have brought."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        transport: asyncio.BaseTransport,
        framing: Framing,
        read_timeout: float | None,
    ) -> None:
        self.transport = transport
        self._response = response
        self._framing = framing
        self._timeout = read_timeout
        self._blocks: list[bytes] = []
        self._error: httpx.HTTPError | None = None
        self._is_over = False
        self._changed = asyncio.Event()

    def received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._is_over:
            return
        framing = self._framing
        if block := framing.feed(data):
            self._blocks.append(block)
            self._changed.set()
        if framing.broken:
            self._end(httpx.RemoteProtocolError(f"the framing is broken: {framing.broken}"))
        elif framing.is_over:
            self._end(None)

    def ended(self, error: BaseException | None) -> None:
        """The connection is gone."""
        if self._is_over:
            return
        if error is None and self._framing.is_whole:
            self._end(None)
        elif error is None:
            self._end(httpx.ReadError(_EARLY_END))
        elif isinstance(error, ConnectionResetError):
            self._end(httpx.ReadError(f"{_EARLY_END} (reset by the other side)"))
        else:
            self._end(httpx.ReadError(f"the connection was lost: {told(error)}"))

    def _end(self, error: httpx.HTTPError | None) -> None:
        self._error, self._is_over = error, True
        self._changed.set()

    def take(self) -> bytes:
        """What has come and was not handed on yet."""
        blocks, self._blocks = self._blocks, []
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Each block as it comes.

        Raises:
            httpx.ReadTimeout: Nothing came for too long.
            httpx.HTTPError: The connection ended before the body did.
        """
        while self._blocks or not self._is_over:
            if block := self.take():
                yield block
                continue
            self._changed.clear()
            try:
                async with asyncio.timeout(self._timeout):
                    await self._changed.wait()
            except TimeoutError as error:
                raise httpx.ReadTimeout("nothing came for too long") from error
        if self._error is not None:
            raise self._error

    async def aclose(self) -> None:
        """Close the connection."""
        self._response.close()


class StreamTransport(httpx.AsyncBaseTransport):
    """Requests whose responses are `StreamBody` where they can be.

    Args:
        make_session: with a `StreamConnector`; called once there is a loop.
    """

    def __init__(self, make_session: Callable[[], aiohttp.ClientSession]) -> None:
        self._make_session = make_session
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body, and have the response's head.

        Raises:
            httpx.HTTPError: It can't be had.
        """
        self._session = self._session or self._make_session()
        timeout = request.extensions.get("timeout", {})
        read_timeout = timeout.get("read")
        with map_aiohttp_exceptions():
            response = await self._session.request(
                request.method,
                str(request.url),
                headers=request.headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    sock_connect=timeout.get("connect"), sock_read=read_timeout
                ),
            )
        body = _taken_over(response, read_timeout)
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=body or AiohttpResponseStream(response),
            request=request,
            extensions={"http_version": b"HTTP/1.1", **({BODY: body} if body else {})},
        )

    async def aclose(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()


def _taken_over(response: aiohttp.ClientResponse, read_timeout: float | None) -> StreamBody | None:
    """The body of a good answer; any other is read as usual."""
    connection = response.connection
    if connection is None or not isinstance(connection.protocol, StreamHandler):
        return None
    framing = framing_of(response.headers) if response.status == 200 else None
    if framing is None or connection.transport is None:
        connection.protocol.go_on()
        return None
    body = StreamBody(response, connection.transport, framing, read_timeout)
    connection.protocol.take_over(body)
    return body
