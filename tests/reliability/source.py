"""A Grantex with both doors, SSE and WebSocket, that can be spoiled path by path while it runs.

It emits numbered events at a steady rate to every subscriber and remembers when it emitted which.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from tests.reliability.wire import Exchange, frame, next_exchange, read_frame, upgrade


SSE, WEBSOCKET = "sse", "websocket"
Answer = Callable[[Exchange], Awaitable[None]]
"""What a path says to a connection instead of serving it."""
TYPES = ("token.issued", "grant.created", "grant.revoked", "budget.threshold")
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nDate: %s\r\n\r\n"
)


@dataclass(eq=False)
class Subscriber:
    """One open stream."""

    exchange: Exchange
    types: frozenset[str] | None = None
    """None: everything."""
    deaf: bool = False
    """Its subscriber inside the service has died: keepalives go on."""
    frozen: bool = False
    """Nothing leaves, keepalives included; what comes meanwhile waits."""
    held: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        if self.frozen:
            self.held.append(data)
        elif not self.exchange.writer.is_closing():
            self.exchange.writer.write(data)

    def thaw(self) -> None:
        self.frozen = False
        for data in self.held:
            self.write(data)
        self.held.clear()


class Path:
    """One door: who is connected, and what is wrong with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.subscribers: set[Subscriber] = set()
        self.connects: list[float] = []
        """When each request for the stream came (monotonic)."""
        self.answer: Answer | None = None
        """Set: every new connection gets this instead of a stream."""
        self.deaf = False
        """New subscribers hear nothing but keepalives."""

    def cut(self, how: str = "fin") -> None:
        """End every open stream: ``fin`` or ``rst``."""
        for each in list(self.subscribers):
            each.exchange.reset() if how == "rst" else each.exchange.close()
        self.subscribers.clear()

    async def refuse_for(self, seconds: float, answer: Answer) -> None:
        """Cut, and answer so for a while."""
        self.answer = answer
        self.cut()
        await asyncio.sleep(seconds)
        self.answer = None


class Source:
    """Events at *rate* a second until *count*; ``async with`` starts and ends it.

    Args:
        rate: events a second, to every subscriber of either path.
        count: how many at most.
        me: the body of ``GET /v1/me``; None: 404.
        keepalive: seconds between keepalives (the service: 30).
    """

    def __init__(
        self,
        rate: float = 100.0,
        count: int = 10**9,
        me: dict[str, object] | None = None,
        keepalive: float = 30.0,
        types: tuple[str, ...] = TYPES,
    ) -> None:
        self.sse, self.websocket = Path(SSE), Path(WEBSOCKET)
        self.emitted: dict[str, float] = {}
        """Ids, and when each was emitted (epoch seconds)."""
        self.me = me
        self._rate, self._count, self._keepalive, self._types = rate, count, keepalive, types
        self._tasks: set[asyncio.Task[None]] = set()
        self.emitting = asyncio.Event()
        """Set: events flow. A test sets it when its program is connected."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._tasks = {asyncio.create_task(self._emit()), asyncio.create_task(self._keep_alive())}
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        self.sse.cut()
        self.websocket.cut()
        self._server.close()

    def path(self, name: str) -> Path:
        return self.sse if name == SSE else self.websocket

    async def connected(self, *names: str) -> None:
        """Wait until each of these paths has a subscriber."""
        while not all(self.path(name).subscribers for name in names):
            await asyncio.sleep(0.02)

    def emit(self, payload: bytes, kind: str = "") -> None:
        """Publish one payload to whoever listens."""
        chunk = b"data: " + payload + b"\n\n"
        wires = {
            SSE: b"%x\r\n%s\r\n" % (len(chunk), chunk),
            WEBSOCKET: frame(payload),
        }
        for path in (self.sse, self.websocket):
            for each in path.subscribers:
                if not each.deaf and (each.types is None or kind in each.types):
                    each.write(wires[path.name])

    async def _emit(self) -> None:
        start, number = 0.0, 0
        while number < self._count:
            if not self.emitting.is_set():
                await self.emitting.wait()
                start = time.monotonic() - number / self._rate
            due = int((time.monotonic() - start) * self._rate) + 1
            for _ in range(min(due, self._count) - number):
                number += 1
                self._emit_one(number)
            await asyncio.sleep(1 / max(self._rate, 50))

    def _emit_one(self, number: int) -> None:
        now = time.time()
        text = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
        kind, event_id = self._types[number % len(self._types)], f"evt_01K0000000{number:016d}"
        event = {
            "id": event_id,
            "type": kind,
            "createdAt": text.replace("+00:00", "Z"),
            "data": {"grantId": f"grnt_{number % 97}", "agentId": "ag_1", "principalId": "user_1"},
        }
        self.emitted[event_id] = now
        self.emit(json.dumps(event, separators=(",", ":")).encode(), kind)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._keepalive)
            self.keep_alive()

    def keep_alive(self) -> None:
        """A keepalive on every open stream."""
        for each in self.sse.subscribers:
            each.write(b"d\r\n: keepalive\n\n\r\n")
        for each in self.websocket.subscribers:
            each.write(frame(b"", 9))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while exchange := await next_exchange(reader, writer):
                await self._answer(exchange)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        where = exchange.target.partition("?")[0]
        path = {"/v1/events/stream": self.sse, "/v1/events/ws": self.websocket}.get(where)
        if path is not None:
            path.connects.append(time.monotonic())
            if path.answer is not None:
                await path.answer(exchange)
            else:
                await self.subscribe(path, exchange)
        elif where == "/v1/me" and self.me is not None:
            await exchange.reply(200, json.dumps(self.me).encode())
        else:
            await exchange.reply(404, b'{"message":"Route not found","error":"Not Found"}')

    async def subscribe(self, path: Path, exchange: Exchange) -> None:
        subscriber = Subscriber(exchange, deaf=path.deaf)
        if path.name == WEBSOCKET:
            await exchange.send(upgrade(exchange))
        else:
            date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").encode()
            await exchange.send(_HEAD % date)
            types = exchange.target.partition("types=")[2].partition("&")[0]
            subscriber.types = frozenset(types.replace("%2C", ",").split(",")) if types else None
        path.subscribers.add(subscriber)
        try:
            await self._listen(path, subscriber)
        finally:
            path.subscribers.discard(subscriber)

    async def _listen(self, path: Path, subscriber: Subscriber) -> None:
        reader = subscriber.exchange.reader
        if path.name == SSE:
            while await reader.read(65_536):
                pass
            return
        while True:
            opcode, data = await read_frame(reader)
            if opcode == 8:
                return
            if opcode == 9:
                subscriber.write(frame(data, 10))
            elif opcode == 1:
                types = json.loads(data).get("types")
                subscriber.types = None if types is None else frozenset(types)
