"""The live stream: one connection after another, as reads, gaps and states.

What the real service does decides every rule here: response headers come with the first event or
keepalive, up to 30 s late; nothing is replayed; a connection that is dropped within its first
moments leaks one of the five slots for good; a stream can be dead with its socket open.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field, replace
from math import floor
from typing import TYPE_CHECKING, Protocol

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_sse import aconnect_sse

from grantex_tui.errors import GrantexRefusedError
from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.buffer import Buffer
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.events.live.reconnect import (
    EVENT_STREAM,
    HEALTHY_AFTER,
    Cut,
    Ending,
    GiveUp,
    Refusal,
    decide,
    read_refusal,
)
from grantex_tui.events.live.sse import DEFAULT_MAX_EVENT_SIZE, Message, Oversized, SSEDecoder
from grantex_tui.network.failures import told
from grantex_tui.network.response import EndingResponse


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from grantex_tui.clock import Clock

_MAX_REDIRECTS = 5
_FOLLOWED = (301, 302, 303, 307, 308)
_MAX_ERROR_BODY = 64 * 1024
_READ_BUFFER = 256 * 1024


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Where to listen, as whom, and how patiently. Durations in seconds."""

    url: str
    """The stream's whole address, query included."""
    api_key: str = field(repr=False)
    types: tuple[str, ...] = ()
    """Names or ``prefix.*`` wildcards to keep; the service itself knows no wildcards."""
    silence: float = 75.0
    """Watchdog: no byte for so long, headers included, and the stream counts as dead."""
    connect_timeout: float = 10.0
    coalesce: float = 0.02
    """How long to let bytes gather after a read: wake-ups cost more than events."""
    settle: float = 1.0
    """Least age of a connection before it may be closed."""
    max_event_size: int = DEFAULT_MAX_EVENT_SIZE


class Listener(Protocol):
    """Who is told. Called on the event loop, in order; must not block."""

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """What one read of the socket completed."""
        ...

    def on_oversized(self, event: Oversized, received_at: float) -> None:
        """An event over the size limit went by."""
        ...

    def on_gap(self, gap: Gap) -> None:
        """A span without a stream has ended: what happened in it can't be had again."""
        ...

    def on_connection(self, view: ConnectionView) -> None:
        """The connection's state changed."""
        ...


class EventStream:
    """Keeps one connection to the stream alive until told to stop."""

    def __init__(
        self,
        settings: StreamSettings,
        client: httpx.AsyncClient,
        listener: Listener,
        *,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        gap_from: float | None = None,
    ) -> None:
        self._settings = settings
        self._client = client
        self._listener = listener
        self._clock = clock
        self._jitter = jitter
        self._sleep = sleep
        self._stopping = asyncio.Event()
        self._view = ConnectionView(since=clock.now())
        self._gap_from = gap_from
        self._gap_reason = "grantex-tui was not running"
        self._was_live = False
        self._live_since: float | None = None
        self._keep = type_filter(settings.types)

    @property
    def view(self) -> ConnectionView:
        """How the connection stands right now."""
        return self._view

    @property
    def open_gap(self) -> Gap | None:
        """The gap that lasts while there is no stream; None when there is one, or never was."""
        if self._gap_from is None:
            return None
        return Gap(self._gap_from, None, self._gap_reason)

    def stop(self) -> None:
        """Ask `run` to return, as soon as the connection may be closed."""
        self._stopping.set()

    async def run(self) -> None:
        """Read until `stop`.

        Raises:
            GrantexRefusedError: Grantex won't serve the stream and asking again won't help.
        """
        attempt = 0
        while not self._stopping.is_set():
            began = self._clock.monotonic()
            ending, live_for = await self._connection(attempt)
            if ending is None:
                break
            attempt = 1 if live_for >= HEALTHY_AFTER else attempt + 1
            decision = decide(ending, attempt=attempt, was_live=self._was_live, jitter=self._jitter)
            if isinstance(decision, GiveUp):
                self._open_gap(decision.reason)
                self._show(ConnectionState.REFUSED, detail=decision.reason)
                raise GrantexRefusedError(
                    f"Grantex refused the stream at {self._settings.url}: {decision.reason}",
                    hint=decision.hint,
                )
            # A connection that was refused at once leaves its slot alone only if we leave it a moment.
            least = self._settings.settle - (self._clock.monotonic() - began)
            await self._wait(max(decision.delay, least), decision.state, decision.reason, attempt)
        self._show(ConnectionState.ENDED)

    async def _connection(self, attempt: int) -> tuple[Ending | None, float]:
        """One connection to its end: how it ended (None: we were told to stop), and live time."""
        self._show(ConnectionState.CONNECTING, attempt=attempt, connects=self._view.connects + 1)
        opened = self._clock.monotonic()
        self._live_since = None
        reading = asyncio.create_task(self._read())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                age = self._clock.monotonic() - opened
                await asyncio.wait({reading}, timeout=max(0.0, self._settings.settle - age))
        finally:
            stopping.cancel()
            if not reading.done():
                reading.cancel()
            await asyncio.wait({reading})
        if reading.cancelled() or self._stopping.is_set():
            return None, 0.0
        return reading.result(), self._live_for()

    def _live_for(self) -> float:
        return 0.0 if self._live_since is None else self._clock.monotonic() - self._live_since

    async def _read(self) -> Ending:
        """Connect and read until the connection ends by itself."""
        try:
            return await self._follow(self._settings.url)
        except httpx.TimeoutException as error:
            if self._live_since is None and isinstance(error, httpx.ConnectTimeout):
                return Cut(f"no connection: {told(error)}")
            return Cut(f"silent for {self._settings.silence:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError) as error:
            return Cut(f"{'no connection' if self._live_since is None else 'cut'}: {told(error)}")

    async def _follow(self, url: str) -> Ending:
        origin = httpx.URL(url)
        for _ in range(_MAX_REDIRECTS):
            ending = await self._request(url)
            if not isinstance(ending, Refusal) or ending.status not in _FOLLOWED:
                return ending
            if not ending.location:  # else the same address would be asked again
                return ending
            target = httpx.URL(url).join(ending.location)
            if (target.scheme, target.host, target.port) != (
                origin.scheme,
                origin.host,
                origin.port,
            ):
                return ending
            url = str(target)
        return Cut(f"more than {_MAX_REDIRECTS} redirects")

    async def _request(self, url: str) -> Ending:
        settings = self._settings
        timeout = httpx.Timeout(settings.silence, connect=settings.connect_timeout)
        async with aconnect_sse(
            self._client,
            "GET",
            url,
            # Compressed by a proxy on the way, an event would wait in there for others.
            headers={
                "Authorization": f"Bearer {settings.api_key}",
                "Accept-Encoding": "identity",
            },
            timeout=timeout,
        ) as source:
            response = source.response
            if not _is_stream(response):
                body = b"" if response.status_code == 200 else await _start_of_body(response)
                return read_refusal(
                    response.status_code, response.headers, body, now=self._clock.now()
                )
            self._live()
            return await self._pump(response)

    async def _pump(self, response: httpx.Response) -> Ending:
        """Read the body: one task fills a buffer, this one empties it every few milliseconds."""
        decoder = SSEDecoder(self._settings.max_event_size)
        buffer = Buffer()
        filling = asyncio.create_task(buffer.fill(response.aiter_raw()))
        try:
            while await buffer.wait():
                await asyncio.sleep(self._settings.coalesce)
                self._decode(decoder, buffer.take())
            await filling
        except httpx.TimeoutException:
            raise
        except httpx.HTTPError as error:
            return Cut(_within("cut: " + told(error), decoder))
        finally:
            filling.cancel()
            await asyncio.wait({filling})
            self._decode(decoder, buffer.take())
        return Cut(_within("the server ended the stream", decoder))

    def _decode(self, decoder: SSEDecoder, data: bytes) -> None:
        if not data:
            return
        # Whole milliseconds, as the journal has them: a rehearsal of it then sees the same instants.
        now = floor(self._clock.now() * 1000) / 1000
        self._view = replace(self._view, last_byte_at=now)
        keep = self._keep
        items: list[Event | Malformed] = []
        for item in decoder.feed(data):
            if isinstance(item, Message):
                event = decode_event(item.data)
                if keep is None or isinstance(event, Malformed) or keep(event.type):
                    items.append(event)
            elif isinstance(item, Oversized):
                self._listener.on_oversized(item, now)
        if items:
            self._listener.on_read(items, now)

    def _live(self) -> None:
        self._live_since = self._clock.monotonic()
        self._was_live = True
        now = self._clock.now()
        if self._gap_from is not None:
            self._listener.on_gap(Gap(self._gap_from, now, self._gap_reason))
            self._gap_from = None
        self._show(ConnectionState.LIVE, last_byte_at=now)

    async def _wait(self, delay: float, state: ConnectionState, reason: str, attempt: int) -> None:
        self._open_gap(reason)
        self._show(state, detail=reason, attempt=attempt, retry_at=self._clock.now() + delay)
        sleeping = asyncio.ensure_future(self._sleep(delay))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sleeping, stopping):
            task.cancel()

    def _open_gap(self, reason: str) -> None:
        if self._gap_from is None and self._was_live:
            self._gap_from = self._view.last_byte_at
            self._gap_reason = reason

    def _show(
        self,
        state: ConnectionState,
        *,
        detail: str = "",
        attempt: int = 0,
        retry_at: float | None = None,
        connects: int | None = None,
        last_byte_at: float | None = None,
    ) -> None:
        before = self._view
        self._view = ConnectionView(
            state=state,
            since=before.since if state is before.state else self._clock.now(),
            detail=detail,
            attempt=attempt,
            retry_at=retry_at,
            connects=before.connects if connects is None else connects,
            last_byte_at=last_byte_at or before.last_byte_at,
        )
        self._listener.on_connection(self._view)


def stream_client() -> httpx.AsyncClient:
    """An HTTP client fit for the stream: httpx's API over aiohttp's transport.

    The service sends one HTTP chunk an event; on that framing httpx's own transport costs 14 µs
    an event, aiohttp's 2 (measured). Its read buffer is enlarged, since reads are left to gather.
    """

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=httpx.create_ssl_context(), limit=4),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_READ_BUFFER,
            auto_decompress=False,
            response_class=EndingResponse,
        )

    return httpx.AsyncClient(transport=AiohttpTransport(client=session), follow_redirects=False)


def _is_stream(response: httpx.Response) -> bool:
    """Whether the answer is the stream, and readable as it comes."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    is_plain = coding in ("", "identity")
    return response.status_code == 200 and kind == EVENT_STREAM and is_plain


async def _start_of_body(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= _MAX_ERROR_BODY:
            break
    return body


def _within(reason: str, decoder: SSEDecoder) -> str:
    """*reason*, telling of the event that a cut left unfinished."""
    lost = decoder.pending
    return f"{reason}, within an event ({lost} bytes of it lost)" if lost else reason


def stream_url(base: str, types: Sequence[str]) -> str:
    """The stream's address under *base*, filtered by the service where it can.

    The service takes plain names, comma-joined without blanks; a wildcard would silence it, so
    any wildcard leaves the filtering to us.
    """
    url = base.rstrip("/")
    if not url.endswith("/v1/events/stream"):
        url += "/v1/events/stream"
    plain = types and not any("*" in name for name in types)
    return f"{url}?types={','.join(types)}" if plain else url


def type_filter(types: Sequence[str]) -> Callable[[str], bool] | None:
    """Whether an event type is wanted; None when all are. ``*`` stands for any text."""
    if not types:
        return None
    pattern = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in types))
    return lambda name: pattern.fullmatch(name) is not None
