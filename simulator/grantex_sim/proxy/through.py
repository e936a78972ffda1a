"""What the proxy passes through as it is, to a host that somebody has allowed by name."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from grantex_sim.http.reply import problem
from grantex_sim.http.target import path_of, query_of
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Request

_PATIENCE: Final = 10.0
"""Seconds for the connection."""
_READ: Final = 64 * 1024
_MOST_WAITING: Final = 256 * 1024
_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade",
     "transfer-encoding", "content-length"}
)  # fmt: skip
"""Headers that are between two neighbours; the body's length is told anew."""


async def pass_tunnel(there: tuple[str, int], channel: Channel, established: bytes) -> None:
    """Connect *channel* with *there*, and carry what both say until one of them ends."""
    found = await _open(there, channel)
    if found is None:
        return
    reader, writer = found
    channel.write(established)
    channel.upgrade(_Uplink(writer, channel).send)
    await _carry_back(reader, writer, channel)


async def pass_request(request: Request, there: tuple[str, int], channel: Channel) -> None:
    """Send *request* on to *there*, and its answer back."""
    found = await _open(there, channel)
    if found is None:
        return
    reader, writer = found
    writer.write(_as_sent_on(request))
    await _carry_back(reader, writer, channel)


async def _open(
    there: tuple[str, int], channel: Channel
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    host, port = there
    try:
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        name = printable(host, limit=253)
        what = f"{name}:{port} can't be reached: {str(error) or 'no answer'}"
        channel.write(problem(502, what, "It is passed through, so it has to be there."))
        return None


async def _carry_back(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, channel: Channel
) -> None:
    room = asyncio.Event()
    channel.on_writable = room.set
    back = asyncio.create_task(_pump(reader, channel, room))
    gone = asyncio.create_task(channel.gone.wait())
    try:
        await asyncio.wait({back, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (back, gone):
            task.cancel()
        await asyncio.gather(back, gone, return_exceptions=True)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        channel.close()


async def _pump(reader: asyncio.StreamReader, channel: Channel, room: asyncio.Event) -> None:
    with contextlib.suppress(OSError):  # the other side's end is the end
        while data := await reader.read(_READ):
            channel.write(data)
            if not channel.writable:
                room.clear()
                await room.wait()


class _Uplink:
    """What the client says, on its way; it is read no faster than it is taken."""

    def __init__(self, writer: asyncio.StreamWriter, channel: Channel) -> None:
        self._writer = writer
        self._channel = channel
        self._draining: asyncio.Task[None] | None = None

    def send(self, data: bytes) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self._draining is None and self._waiting > _MOST_WAITING:
            self._channel.pause()
            self._draining = asyncio.create_task(self._drain())

    @property
    def _waiting(self) -> int:
        return self._writer.transport.get_write_buffer_size()

    async def _drain(self) -> None:
        with contextlib.suppress(OSError):
            await self._writer.drain()
        self._draining = None
        self._channel.go_on()


def _as_sent_on(request: Request) -> bytes:
    """*request* as its server is to see it."""
    query = query_of(request.target)
    target = path_of(request.target) + (f"?{query}" if query else "")
    kept = [(name, value) for name, value in request.headers if name not in _BY_HOP]
    headers = [*kept, ("content-length", str(len(request.body))), ("connection", "close")]
    lines = [
        f"{request.method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + request.body
