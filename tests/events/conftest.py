from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest


Script = Callable[["Peer"], Awaitable[None]]


class Peer:
    """One accepted connection, as its script sees it."""

    def __init__(self, request: bytes, reader, writer) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def answer(self, status: str, headers: dict[str, str], body: bytes = b"") -> None:
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Close so that the other side sees ECONNRESET."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def gone(self) -> None:
        """Until the client has closed the connection."""
        while await self._reader.read(4096):
            pass


class Origin:
    """A server whose every connection follows the next of its scripts; then it stays silent."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.requests: list[bytes] = []
        self.url = ""
        self.errors: list[BaseException] = []

    async def serve(self, reader, writer) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            number = len(self.requests)
            self.requests.append(request)
            peer = Peer(request, reader, writer)
            if number < len(self.scripts):
                await self.scripts[number](peer)
            else:
                await peer.gone()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except Exception as error:  # a script's own mistake must fail the test
            self.errors.append(error)
            raise
        finally:
            writer.close()


@pytest.fixture
async def origin():
    origin = Origin()
    server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
    origin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield origin
    server.close()
    assert not origin.errors
