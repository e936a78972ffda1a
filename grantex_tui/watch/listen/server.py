"""Answers on the sockets: `/status`, `/metrics`, `/livez`, `/readyz`, `/version`. Reads nothing else."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.watch.listen.health import hindrances
from grantex_tui.watch.listen.room import room_of
from grantex_tui.watch.listen.status import status_of


if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Sequence

    from aiohttp import web

    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.listen.blind import Blindness

_FIRST_THINGS_FIRST = 1.0
"""Seconds for which loading the server waits, so that connecting doesn't."""
_PLAIN = "text/plain; charset=utf-8"
_NOT_FOUND, _NOT_ALLOWED, _NOT_READY = 404, 405, 503


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    content_type: str
    body: bytes


class Pages:
    """What there is to ask for.

    Args:
        frame: gives everything as it is now.
        blindness: the gaps by cause.
        journal_limit: bytes that the journal may take.
        version: of the program.
        process: its number.
    """

    def __init__(
        self,
        frame: Callable[[], Frame],
        blindness: Blindness,
        *,
        journal_limit: int,
        version: Callable[[], str],
        process: int,
    ) -> None:
        self._frame = frame
        self._blindness = blindness
        self._journal_limit = journal_limit
        self._version = version
        self._process = process
        self._pages: dict[str, Callable[[], Page]] = {
            "/status": self._status,
            "/metrics": self._metrics,
            "/livez": lambda: _text(200, "live"),
            "/readyz": self._ready,
            "/version": lambda: _text(200, self._version()),
        }

    def answer(self, method: str, path: str) -> Page:
        """The answer to a request."""
        page = self._pages.get(path)
        if page is None:
            return _text(_NOT_FOUND, f"there is no such page; there are {', '.join(self._pages)}")
        if method not in ("GET", "HEAD"):
            return _text(_NOT_ALLOWED, "only GET and HEAD: nothing can be changed from here")
        return page()

    def _status(self) -> Page:
        frame = self._frame()
        status = status_of(
            frame,
            version=self._version(),
            process=self._process,
            room=room_of(frame.journal, self._journal_limit),
        )
        return Page(200, "application/json", json.dumps(status).encode() + b"\n")

    def _metrics(self) -> Page:
        # Loaded by the first scrape: most runs are never scraped.
        from grantex_tui.watch.listen.metrics import CONTENT_TYPE, openmetrics

        frame = self._frame()
        room = room_of(frame.journal, self._journal_limit)
        body = openmetrics(frame, self._blindness, version=self._version(), room=room)
        return Page(200, CONTENT_TYPE, body)

    def _ready(self) -> Page:
        reasons = list(hindrances(self._frame()))
        return _text(_NOT_READY, "\n".join(reasons)) if reasons else _text(200, "ready")


def _text(status: int, text: str) -> Page:
    return Page(status, _PLAIN, text.encode("utf-8", "replace") + b"\n")


@asynccontextmanager
async def answering(
    sockets: Sequence[socket.socket], pages: Pages, *, after: float = _FIRST_THINGS_FIRST
) -> AsyncIterator[None]:
    """Answer on *sockets*, which listen already, from *after* seconds on; closes them at the end."""
    serving = asyncio.create_task(_serve(sockets, pages, after)) if sockets else None
    try:
        yield
    finally:
        if serving is not None:
            serving.cancel()
            await asyncio.wait({serving})
        for each in sockets:
            each.close()


async def _serve(sockets: Sequence[socket.socket], pages: Pages, after: float) -> None:
    await asyncio.sleep(after)
    from aiohttp import web

    async def answer(request: web.BaseRequest) -> web.Response:
        page = pages.answer(request.method, request.path)
        headers = {
            "Content-Type": page.content_type,
            "Cache-Control": "no-store",
            "Server": "grantex-tui",
        }
        return web.Response(status=page.status, body=page.body, headers=headers)

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    try:
        for each in sockets:
            await web.SockSite(runner, each).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
