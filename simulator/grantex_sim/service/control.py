"""The simulator's own API, under ``/_sim``: for the tests that use it, not for what they test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from grantex_sim.account.ledger import LISTED_MISSING
from grantex_sim.account.routes import ROUTES as ACCOUNT_ROUTES
from grantex_sim.account.routes import AccountRoutes
from grantex_sim.account.verdicts import SETTLE
from grantex_sim.datadog_api.monitors.notified import ROUTES as NOTIFIED_ROUTES
from grantex_sim.faults.routes import ROUTES as FAULT_ROUTES
from grantex_sim.http.reply import json_reply, problem
from grantex_sim.proxy.forward import ROUTES as PROXY_ROUTES
from grantex_sim.service.clock_routes import ROUTES as CLOCK_ROUTES
from grantex_sim.service.entrances import ROUTES as ENTRANCE_ROUTES
from grantex_sim.service.injected import InjectedError, Injector, split
from grantex_sim.service.scenario_routes import ROUTES as SCENARIO_ROUTES
from grantex_sim.service.wish import Wish


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from grantex_sim.account.ledger import Ledger
    from grantex_sim.account.report import Report
    from grantex_sim.faults import FaultRoutes
    from grantex_sim.grantex.broadcast import Broadcast
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Request
    from grantex_sim.service.clock_routes import ClockRoutes
    from grantex_sim.service.emitter import Emitter
    from grantex_sim.service.scenario_routes import ScenarioRoutes
    from grantex_tui.clock import Clock

_AT_ONCE: Final = 4_096
"""Posted events that are looked at before others are served."""
ROOT: Final = "/_sim"
PREFIX: Final = "/_sim/"
ROUTES: Final = {
    "GET /_sim": "this list",
    **ACCOUNT_ROUTES,
    "GET /_sim/wait?delivered=N&emitted=N&requests=N&notifications=N&missing=N&clients=N"
    "&timeout=D": "answers once all those given are reached (missing: at most, clients: exactly), "
    "or the duration D (10s) passed",
    "POST /_sim/emit": "put events on the stream: one a line, a JSON array, or {type, data}",
    "POST /_sim/reset": "a new account, and the faults from their start",
    **NOTIFIED_ROUTES,
    "DELETE /s/NAME/_sim": "end the session NAME; each name has an account of its own",
    "GET /_sim/sessions": "the sessions there are",
    **FAULT_ROUTES,
    **CLOCK_ROUTES,
    **SCENARIO_ROUTES,
    **PROXY_ROUTES,
    **ENTRANCE_ROUTES,
}


class Control:
    """Answers ``/_sim`` requests."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        broadcast: Broadcast,
        emitter: Emitter,
        clock: Clock,
        on_reset: Callable[[], None],
        is_emitting: Callable[[], bool],
        notified: Callable[[], int],
        connections_hit: Callable[[], int],
        faults: FaultRoutes,
        time: ClockRoutes,
        scenarios: ScenarioRoutes,
    ) -> None:
        self._time = time
        self._scenarios = scenarios
        self._ledger = ledger
        self._broadcast = broadcast
        self._emitter = emitter
        self._clock = clock
        self._on_reset = on_reset
        self._is_emitting = is_emitting
        self._notified = notified
        self._connections_hit = connections_hit
        self._account = AccountRoutes(ledger, self.report)
        self._faults = faults
        self._injector = Injector()

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request."""
        route = f"{request.method} {request.path.rstrip('/')}"
        answer = (
            self._account.answer(request)
            or self._faults.answer(request)
            or self._scenarios.answer(request)
            or await self._time.answer(request)
        )
        if answer is not None:
            channel.write(answer)
        elif route == "GET /_sim/wait":
            if (waited := await self._wait(request, channel)) is not None:
                channel.write(waited)
        elif route == "POST /_sim/emit":
            channel.write(await self._emit(request.body))
        elif route == "POST /_sim/reset":
            self.reset()
            channel.write(json_reply(200, {}))
        elif route == "GET /_sim":
            channel.write(json_reply(200, {"routes": ROUTES}))
        else:
            channel.write(_no_such(request.method, request.path.rstrip("/")))

    def report(self, most_missing: int | None = None, settle: float = SETTLE) -> Report:
        """The ledger, with at most so many missing ids; and who listens and was cut."""
        listening = self._broadcast
        return self._ledger.report(
            clients=len(listening),
            clients_cut=listening.cut,
            streams=listening.streams.report(),
            emitting=self._is_emitting(),
            most_missing=most_missing,
            settle=settle,
            streams_opened=listening.streams.opened,
            connections_hit=self._connections_hit(),
        )

    def reset(self) -> None:
        """A new account, and the intake script from its start; emission goes on."""
        self._ledger.reset()
        self._broadcast.streams.forget_ended()
        self._on_reset()

    async def _emit(self, body: bytes) -> bytes:
        now, payloads = self._clock.now(), list[bytes]()
        try:
            async for items in _in_turns(split(body)):
                payloads += self._injector.completed(items, now)
        except InjectedError as error:
            return problem(400, error.message, error.hint)
        ids: list[str] = []
        async for some in _in_turns(payloads):
            ids += self._emitter.emit(some)
        return json_reply(200, {"emitted": len(payloads), "ids": ids})

    async def _wait(self, request: Request, channel: Channel) -> bytes | None:
        """The answer, once there is one; None if the client has left by then."""
        try:
            wish = Wish.of(request.query)
        except ValueError as error:
            return problem(400, str(error), "GET /_sim/wait?delivered=100&timeout=30")
        reached = await _unless_left(
            channel,
            self._ledger.changes.until(
                lambda: wish.granted(
                    self._ledger,
                    clients=len(self._broadcast),
                    notifications=self._notified(),
                ),
                wish.timeout,
            ),
        )
        if reached is None:
            return None
        report = self.report(LISTED_MISSING)
        return json_reply(200, {"reached": reached, **msgspec.to_builtins(report)})


async def _in_turns(items: Sequence[bytes]) -> AsyncIterator[Sequence[bytes]]:
    """*items* in portions, between which others are served: half a million take two seconds."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
        await asyncio.sleep(0)


async def _unless_left(channel: Channel, waiting: Coroutine[None, None, bool]) -> bool | None:
    """What *waiting* comes to; None if the client has left before."""
    waited, left = asyncio.create_task(waiting), asyncio.create_task(channel.leaving.wait())
    try:
        await asyncio.wait((waited, left), return_when=asyncio.FIRST_COMPLETED)
        return waited.result() if waited.done() else None
    finally:
        waited.cancel()
        left.cancel()


def _no_such(method: str, path: str) -> bytes:
    """The answer when there is no route, or none of that method."""
    ways = [
        way for way, _, rest in (route.partition(" ") for route in ROUTES) if _path(rest) == path
    ]
    if not ways:
        return problem(404, f"no route {method} {path}", "One of these:", routes=[*ROUTES])
    if path == "/_sim/sessions":
        hint = "Outside of a session: a session knows nothing of others."
        return problem(404, f"no route {method} {path} in a session", hint)
    allowed = ", ".join(ways)
    return json_reply(
        405,
        {
            "error": f"{path} takes no {method}",
            "hint": f"{allowed}; GET /_sim says what each takes.",
        },
        ("allow", allowed),
    )


def _path(target: str) -> str:
    return target.partition("?")[0]
