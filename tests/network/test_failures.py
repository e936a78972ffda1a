"""Failures as the client library really raises them, against a raw socket."""

from __future__ import annotations

import asyncio
import socket
import struct

import aiohttp
import httpx
import pytest

from grantex_tui.network.failures import told
from grantex_tui.network.route import Network


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
HALF = HEAD + b"5\r\nhello\r\n"
ENDED = "the connection ended before the answer did"
CASES = [
    (HALF, False, ENDED),
    (HALF, True, f"{ENDED} (reset by the other side)"),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nxx", False, ENDED),
    (HEAD + b"zz\r\nhello\r\n", False, "no proper HTTP (Invalid character in chunk size)"),
    (b"\x16\x03\x01\x02\x00" * 20 + b"\r\n\r\n", False, "no proper HTTP (Bad status line"),
    (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 99_999, False, "no proper HTTP (Got more than 8190 bytes)"),
]


@pytest.mark.parametrize(("answer", "is_reset", "said"), CASES)
async def test_a_broken_answer_is_told_without_its_bytes(answer, is_reset, said):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if is_reset:
            await started.wait()
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        writer.close()

    started = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    async def read(client):
        async with client.stream("GET", url) as response:
            async for _ in response.aiter_raw():
                started.set()

    async with server, Network().client(url) as client, asyncio.timeout(20):
        with pytest.raises((httpx.HTTPError, aiohttp.ClientError)) as caught:
            await read(client)
    assert said in told(caught.value)
    assert "400" not in told(caught.value)


def test_any_other_is_told_in_its_own_words_made_safe():
    assert told(httpx.ReadError("no\x1b[31m luck")) == told(OSError("no\x1b[31m luck"))
    assert "\x1b" not in told(httpx.ReadError("no\x1b[31m luck"))
    assert told(httpx.ReadError("")) == "ReadError"
    assert len(told(httpx.ReadError("x" * 5_000))) < 300
