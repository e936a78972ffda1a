"""The one place that opens HTTP sessions: through which proxy, trusting whom, as whom.

>>> network = Network(Certificates(ca_file="/etc/ssl/corporate.pem"), os.environ)
>>> async with network.session("wss://api.grantex.dev/v1/events/ws") as session:
...     await session.ws_connect("wss://api.grantex.dev/v1/events/ws")
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from grantex_tui.network.once import once
from grantex_tui.network.proxies import Proxy, proxy_for
from grantex_tui.network.response import EndingResponse
from grantex_tui.network.stream import StreamConnector, StreamTransport
from grantex_tui.network.tls import Certificates, tls_context


if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    from aiohttp import ClientMiddlewareType

_READ_BUFFER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Route:
    """How one server is reached."""

    proxy: Proxy | None
    ssl: ssl.SSLContext | None
    """None where no TLS is spoken."""


class Network:
    """Routes to servers, by the environment's rules and the user's certificates."""

    def __init__(
        self, certificates: Certificates | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """Check what the user named; the environment's files only once they are needed.

        Raises:
            InvalidFileError: A certificate's file is missing, or holds none.
        """
        self._certificates = certificates or Certificates()
        self._environment = {} if environment is None else environment
        if self._certificates:
            self._context  # noqa: B018 - made here, for its errors

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return tls_context(self._certificates, self._environment)

    def route(self, url: str, *, to_datadog: bool = False) -> Route:
        """The way to *url* (http, https, ws or wss).

        Raises:
            UsageError: The environment names a proxy that is none.
            InvalidFileError: ``SSL_CERT_FILE`` is missing, or holds no certificate.
        """
        proxy = proxy_for(url, self._environment, to_datadog=to_datadog)
        secure = urlsplit(url).scheme in ("https", "wss")
        secure = secure or (proxy is not None and proxy.url.startswith("https:"))
        return Route(proxy, self._context if secure else None)

    def session(
        self,
        url: str,
        *,
        to_datadog: bool = False,
        connections: int = 4,
        read_buffer: int = _READ_BUFFER,
        middlewares: Sequence[ClientMiddlewareType] = (),
        connector: type[aiohttp.TCPConnector] = aiohttp.TCPConnector,
    ) -> aiohttp.ClientSession:
        """A session for *url*'s server and no other; to be made within a running loop.

        It keeps up to *connections*, no cookies, and reads ahead *read_buffer* bytes. Its requests
        pass through *middlewares*, the first of them outermost.
        """
        route = self.route(url, to_datadog=to_datadog)
        proxy = route.proxy
        return aiohttp.ClientSession(
            connector=connector(ssl=route.ssl or True, limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            read_bufsize=read_buffer,
            response_class=EndingResponse,
            proxy=None if proxy is None else proxy.url,
            proxy_auth=_credentials(proxy),
            middlewares=(*middlewares, once),
        )

    def client(
        self,
        url: str,
        *,
        to_datadog: bool = False,
        connections: int = 4,
    ) -> httpx.AsyncClient:
        """The same behind httpx's API; follows no redirect."""
        route = self.route(url, to_datadog=to_datadog)  # its errors are due at the start

        def session() -> aiohttp.ClientSession:
            return self.session(url, to_datadog=to_datadog, connections=connections)

        # Without *verify* the transport would make a context of its own, from the environment's files.
        transport = AiohttpTransport(client=session, verify=route.ssl or False)
        return httpx.AsyncClient(transport=transport, follow_redirects=False)

    def stream_client(self, url: str) -> httpx.AsyncClient:
        """A client for responses without an end in sight; a good one has its body under `BODY`.

        Each request has a connection of its own: one that was left open may be dead, and to find
        out costs a request.
        """
        self.route(url)  # its errors are due at the start
        transport = StreamTransport(lambda: self.session(url, connector=StreamConnector))
        return httpx.AsyncClient(transport=transport, follow_redirects=False)


def _credentials(proxy: Proxy | None) -> aiohttp.BasicAuth | None:
    if proxy is None or not proxy.user:
        return None
    return aiohttp.BasicAuth(proxy.user, proxy.password, encoding="utf-8")
