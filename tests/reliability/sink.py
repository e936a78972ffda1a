"""A logs intake that counts events by id and answers as a case wants, request by request."""

import asyncio
import gzip
import json
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Self

import zstandard

from tests.reliability.wire import Exchange, next_exchange


Behaviour = Callable[["Sink", Exchange, int], Awaitable[None]]
"""What becomes of a request: the sink, the exchange, its number from 1."""
_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "": lambda body: body,
    "identity": lambda body: body,
}


async def accept(sink: "Sink", exchange: Exchange, number: int) -> None:
    """202, and the entries count as delivered."""
    sink.take(await exchange.body(), exchange)
    await exchange.reply(202, b"{}")


class Sink:
    """``async with Sink() as sink``: listens on `url`; *behaviour* can be changed while it runs."""

    def __init__(self, behaviour: Behaviour = accept) -> None:
        self.behaviour = behaviour
        self.delivered: Counter[str] = Counter()
        """How often each event id was accepted."""
        self.entries: list[dict[str, object]] = []
        """What was accepted, as it came."""
        self.requests: list[float] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def decode(self, body: bytes, exchange: Exchange) -> list[dict[str, object]]:
        """The entries of a request."""
        coding = exchange.headers.get("content-encoding", "")
        entries: list[dict[str, object]] = json.loads(_DECODERS[coding](body))
        return entries

    def take(self, body: bytes, exchange: Exchange) -> None:
        """Accept a request's entries."""
        for entry in self.decode(body, exchange):
            self.entries.append(entry)
            self.delivered[json.loads(str(entry["message"]))["id"]] += 1

    @property
    def duplicates(self) -> int:
        return sum(times - 1 for times in self.delivered.values())

    async def has(self, count: int) -> None:
        """Wait until so many different events are here."""
        while len(self.delivered) < count:
            await asyncio.sleep(0.02)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while exchange := await next_exchange(reader, writer):
                self.requests.append(time.monotonic())
                await self.behaviour(self, exchange, len(self.requests))
                if writer.is_closing():
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
