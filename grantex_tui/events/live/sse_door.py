"""One SSE connection: the request, its answer, its bytes as payloads.

The service's response headers come with the first event or keepalive, up to 30 s late.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
import httpx
from httpx_sse import aconnect_sse

from grantex_tui.events.live.reconnect import Cut, Ending
from grantex_tui.events.live.refusal import EVENT_STREAM, MAX_BODY, Refusal, read_refusal
from grantex_tui.events.live.sse import Oversized, SSEDecoder
from grantex_tui.network.failures import told
from grantex_tui.network.gathering import Gathering
from grantex_tui.network.stream import BODY, StreamBody


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.clock import Clock
    from grantex_tui.events.live.door import Reports, StreamSettings

_MAX_REDIRECTS = 5
_FOLLOWED = (301, 302, 303, 307, 308)


class SSEDoor:
    """The stream at ``/v1/events/stream``."""

    name = "SSE"

    def __init__(self, settings: StreamSettings, client: httpx.AsyncClient, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._last_event_id = ""

    async def read(self, reports: Reports) -> Ending:
        """Connect and read until the connection ends by itself."""
        try:
            return await self._follow(self._settings.url, reports)
        except httpx.ConnectTimeout as error:
            return Cut(f"no connection: {told(error)}")
        except httpx.TimeoutException:
            return Cut(f"silent for {self._settings.silence:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError) as error:
            return Cut(f"no connection: {told(error)}")

    async def _follow(self, url: str, reports: Reports) -> Ending:
        origin = httpx.URL(url)
        for _ in range(_MAX_REDIRECTS):
            ending = await self._request(url, reports)
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

    async def _request(self, url: str, reports: Reports) -> Ending:
        settings = self._settings
        timeout = httpx.Timeout(settings.silence, connect=settings.connect_timeout)
        async with aconnect_sse(
            self._client, "GET", url, headers=self._headers(), auth=_uncached, timeout=timeout
        ) as source:
            response = source.response
            stream = response.extensions.get(BODY)
            if not isinstance(stream, StreamBody) or not _is_stream(response):
                body = b"" if response.status_code == 200 else await _start_of_body(response)
                return read_refusal(
                    response.status_code, response.headers, body, now=self._clock.now()
                )
            reports.accepted(_date(response.headers))
            return await self._pump(stream, reports)

    def _headers(self) -> dict[str, str]:
        headers = {
            "Authorization": self._settings.api_key.authorization,
            # Compressed by a proxy on the way, an event would wait in there for others.
            "Accept-Encoding": "identity",
        }
        if self._last_event_id.isascii() and self._last_event_id.isprintable():
            headers |= {"Last-Event-ID": self._last_event_id} if self._last_event_id else {}
        return headers

    async def _pump(self, body: StreamBody, reports: Reports) -> Ending:
        """Read the body: what has gathered in the socket, and then let more gather."""
        decoder = SSEDecoder(self._settings.max_event_size)
        gathering = Gathering(body.transport, reports.rest)
        try:
            async for block in body:
                gathering.rest()
                self._decode(decoder, block, reports)
        except httpx.TimeoutException:
            return Cut(f"silent for {self._settings.silence:g} s")
        except httpx.HTTPError as error:
            said = told(error)
            # Ended without a reset, it was so when all that was sent before had been read.
            in_order = "ended" in said and "reset" not in said
            return Cut(_within("cut: " + said, decoder), in_order=in_order)
        finally:
            await gathering.over()
            self._decode(decoder, body.take(), reports)
        return Cut(_within("the server ended the stream", decoder), in_order=True)

    def _decode(self, decoder: SSEDecoder, data: bytes, reports: Reports) -> None:
        if not data:
            return
        reports.alive()
        found = decoder.feed_data(data)
        payloads = [item for item in found if isinstance(item, bytes)]
        for item in found if len(payloads) < len(found) else ():
            if isinstance(item, Oversized):
                reports.oversized(item)
        self._last_event_id = decoder.last_event_id or self._last_event_id
        if decoder.retry is not None:
            reports.wait_named(decoder.retry / 1000)
        if payloads:
            reports.brought(payloads)


def _uncached(request: httpx.Request) -> httpx.Request:
    """Ask past every cache: httpx-sse says ``no-store``, by which one may answer with what it has.

    It is applied as httpx's authentication, the last that touches a request.
    """
    request.headers["Cache-Control"] = "no-cache"
    return request


def _is_stream(response: httpx.Response) -> bool:
    """Whether the answer is the stream, and readable as it comes."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    is_plain = coding in ("", "identity")
    return response.status_code == 200 and kind == EVENT_STREAM and is_plain


def _date(headers: Mapping[str, str]) -> float | None:
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None


async def _start_of_body(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= MAX_BODY:
            break
    return body


def _within(reason: str, decoder: SSEDecoder) -> str:
    """*reason*, telling of the event that a cut left unfinished."""
    lost = decoder.pending
    return f"{reason}, within an event ({lost} bytes of it lost)" if lost else reason
