from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from grantex_tui.network.response import EndingResponse


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@asynccontextmanager
async def answering(*parts: bytes, more: asyncio.Event | None = None, times: int = 1):
    """A server that answers so; what follows the first part waits for *more*."""

    async def serve(reader, writer):
        for _ in range(times):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(parts[0])
            for part in parts[1:]:
                if more is not None:
                    await more.wait()
                writer.write(part)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, aiohttp.ClientSession(response_class=EndingResponse) as session:
        yield session, f"http://{host}:{port}/"


@pytest.mark.parametrize("broken", [b"zz\r\n", b"5\r\nabcde!!", b"-1\r\n"])
async def test_a_body_whose_framing_breaks_off_later_ends(broken):
    more = asyncio.Event()
    async with (
        answering(CHUNKED + b"3\r\none\r\n", broken, more=more) as (session, url),
        session.get(url) as response,
    ):
        assert await response.content.readany() == b"one"
        more.set()
        async with asyncio.timeout(20):
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.content.read()


async def test_a_connection_that_is_used_again_keeps_no_response():
    async with answering(WHOLE, times=3) as (session, url):
        closed = set()
        for _ in range(3):
            async with session.get(url) as response:
                assert response.connection is None or response.connection.protocol is not None
                protocol = response._protocol
                assert await response.read() == b"ok"
                closed.add(protocol)
        (only,) = closed
        assert not only.closed._callbacks
