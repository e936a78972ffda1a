"""One request to the logs intake, one verdict."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from grantex_tui import __version__
from grantex_tui.datadog.sites import INTAKE_PATH
from grantex_tui.delivery.answer import read_answer
from grantex_tui.delivery.compression import compress
from grantex_tui.delivery.verdict import Verdict, VerdictKind, judge
from grantex_tui.errors import GrantexTuiError
from grantex_tui.network.failures import told
from grantex_tui.words.secrets import Secrets


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.clock import Clock
    from grantex_tui.delivery.compression import Compression

TIMEOUT = 60.0
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None)
"""But the one around all of it."""
_COMPRESS_ASIDE = 64 * 1024
"""Bytes from which compressing takes longer than handing it to a thread (0.1 ms)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The verdict on a request, and what it took on the wire."""

    verdict: Verdict
    wire_bytes: int


class Intake:
    """Posts entries. Holds the API key, which goes into one header and nowhere else."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        key: str,
        *,
        clock: Clock,
        compression: Compression = "gzip",
        timeout: float = TIMEOUT,
        secrets: Secrets | None = None,
        reread: Callable[[], str] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            session: The way there; of aiohttp, since a second layer on it costs 0.3 ms a request.
            url: The intake's address.
            key: Datadog's API key.
            clock: The time.
            compression: Of requests.
            timeout: Seconds that an answer may take.
            secrets: What is masked in answers.
            reread: Reads the key anew from its file, where it came from one.
        """
        self.url = url
        self._session = session
        self._key = key
        self._clock = clock
        self._compression: Compression = compression
        self._timeout = timeout
        self._secrets = secrets or Secrets()
        self._secrets.add(key)
        self._reread = reread

    def renew_key(self) -> None:
        """Read the key again; while its file is missing or being written, the old one stands."""
        if self._reread is None:
            return
        try:
            self.change_key(self._reread() or self._key)
        except GrantexTuiError:
            return

    def change_key(self, key: str) -> None:
        """Use *key* from the next request on."""
        self._key = key
        self._secrets.add(key)

    async def post(self, entries: Sequence[bytes]) -> Reply:
        """Send *entries* in one request. Whatever happens is a verdict, never an exception."""
        body = b"[" + b",".join(entries) + b"]"
        if self._compression != "none" and len(body) >= _COMPRESS_ASIDE:
            body = await asyncio.to_thread(compress, body, self._compression)
        else:
            body = compress(body, self._compression)
        try:
            async with asyncio.timeout(self._timeout):
                verdict = await self._exchange(body)
        except (aiohttp.ClientError, OSError) as error:
            verdict = Verdict(VerdictKind.RETRY, None, self._told(error))
        if verdict.status in (401, 403):
            self.renew_key()
        return Reply(verdict, len(body))

    async def _exchange(self, body: bytes) -> Verdict:
        async with self._session.post(
            self.url, data=body, headers=self._headers(), allow_redirects=False, timeout=_NO_TIMEOUT
        ) as response:
            answer = await read_answer(response)
        masked = {
            name: self._secrets.masked(text) for name, text in answer.headers.items()
        }  # a server may repeat a key anywhere
        body = self._secrets.masked_bytes(answer.body)
        return judge(replace(answer, headers=masked, body=body), now=self._clock.now())

    def _headers(self) -> dict[str, str]:
        headers = {
            "DD-API-KEY": self._key,
            "Content-Type": "application/json",
            "User-Agent": f"grantex-tui/{__version__}",
            "Accept-Encoding": "identity",
        }
        if self._compression != "none":
            headers["Content-Encoding"] = self._compression
        return headers

    def _told(self, error: Exception) -> str:
        if isinstance(error, TimeoutError) and not str(error):
            return f"no answer within {self._timeout:g} s"
        return self._secrets.masked(told(error))


def intake_address(url: str) -> str:
    """The address to post to: *url* itself, or the intake's path under a bare host."""
    parts = urlsplit(url)
    return url if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}{INTAKE_PATH}"
