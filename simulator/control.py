"""The simulator's own API, under ``/_sim``: for the tests that use it, not for what they test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

from simulator.wire import head_bytes


if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.broadcast import Broadcast
    from simulator.emitter import Emitter
    from simulator.ledger import Ledger, Report
    from simulator.server import Channel
    from simulator.wire import Request

PREFIX: Final = "/_sim/"
MAX_WAIT: Final = 600.0
"""Seconds that ``/_sim/wait`` waits at most."""


class Control:
    """Answers ``/_sim`` requests."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        broadcast: Broadcast,
        emitter: Emitter,
        on_reset: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._broadcast = broadcast
        self._emitter = emitter
        self._on_reset = on_reset

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request."""
        route = f"{request.method} {request.path}"
        if route == "GET /_sim/ledger":
            channel.write(_json(200, self.report()))
        elif route == "GET /_sim/wait":
            await self._wait(request, channel)
        elif route == "POST /_sim/emit":
            lines = [line for line in request.body.splitlines() if line.strip()]
            ids = self._emitter.emit(lines)
            channel.write(_json(200, {"emitted": len(lines), "ids": ids}))
        elif route == "POST /_sim/reset":
            self.reset()
            channel.write(_json(200, {}))
        else:
            channel.write(_json(404, {"error": f"no route {route}", "routes": _ROUTES}))

    def report(self) -> Report:
        """The ledger, and how many clients listen and were cut."""
        return self._ledger.report(clients=len(self._broadcast), clients_cut=self._broadcast.cut)

    def reset(self) -> None:
        """A new account, and the intake script from its start; emission goes on."""
        self._ledger.reset()
        self._on_reset()

    async def _wait(self, request: Request, channel: Channel) -> None:
        try:
            delivered = int(request.parameter("delivered"))
            timeout = float(request.parameter("timeout", "10"))
        except ValueError:
            timeout = math.nan
        if not 0 <= timeout <= MAX_WAIT:
            said = f"delivered=N is a whole number, timeout=S is 0 to {MAX_WAIT:g} seconds"
            channel.write(_json(400, {"error": said}))
            return
        reached = await self._ledger.wait(delivered, timeout)
        channel.write(_json(200, {"reached": reached, **msgspec.to_builtins(self.report())}))


_ROUTES: Final = (
    "GET /_sim/ledger",
    "GET /_sim/wait?delivered=N&timeout=S",
    "POST /_sim/emit",
    "POST /_sim/reset",
)


def _json(status: int, value: object) -> bytes:
    body = msgspec.json.encode(value)
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    return head_bytes(status, headers) + body
