"""The mock Datadog put together: everything it answers but the intake itself."""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.dashboards import Dashboards
from grantex_sim.datadog_api.fakeintake import PREFIX as FAKEINTAKE
from grantex_sim.datadog_api.fakeintake import Fakeintake
from grantex_sim.datadog_api.keys import Keys
from grantex_sim.datadog_api.logs.routes import Logs
from grantex_sim.datadog_api.logs.routes_v1 import OldLogs
from grantex_sim.datadog_api.metrics import Metrics
from grantex_sim.datadog_api.monitors.alerting import Alerting
from grantex_sim.datadog_api.monitors.notified import notified_page
from grantex_sim.datadog_api.monitors.routes import Monitors
from grantex_sim.datadog_api.pipelines import Pipelines
from grantex_sim.datadog_api.replies import Later, RefusedError, reply
from grantex_sim.datadog_api.routes import Router
from grantex_sim.datadog_api.store import LogStore
from grantex_sim.http.address import INTAKE
from grantex_tui.monitoring.count.event_logs import bundled_pipelines


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_sim.datadog_api.monitors.alerting import Notified
    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.faults.script import FaultScript
    from grantex_sim.http.wire import Request, Response
    from grantex_tui.clock import Clock

NOTIFICATIONS: Final = "/_sim/notifications"
_PREFIX: Final = "/api/"
_VALIDATE: Final = "/api/v1/validate"
_VALIDATE_2: Final = "/api/v2/validate"
"""The routes that ask for no application key."""
_ABOUT_LOGS: Final = ("/api/v2/logs", "/api/v1/logs")
_MONITORS: Final = "/api/v1/monitor"
_KEY_ID: Final = "00000000-0000-0000-0000-00000000051e"
_VALID_KEY: Final = {
    "id": _KEY_ID,
    "type": "validate_v2",
    "attributes": {"api_key_id": _KEY_ID, "api_key_scopes": [], "valid": True},
}
_LONGEST_SLEEP: Final = 60.0


class DatadogApi:
    """Answers what is asked of Datadog.

    Args:
        api_key: Gives the API key that is valid at the moment.
        app_key: The application key.
        clock: Where it takes the time from.
        faults: The intake's, to which overrides are added.
    """

    def __init__(
        self,
        *,
        api_key: Callable[[], str | None],
        app_key: str,
        clock: Clock,
        faults: FaultScript,
    ) -> None:
        self._clock = clock
        self._keys = Keys(api_key=api_key, app_key=app_key)
        self.store = LogStore(bundled_pipelines())
        metrics = Metrics(clock)
        self.alerting = Alerting(self.store, metrics.counting)
        self._posted = asyncio.Event()
        self._monitors = Monitors(self.alerting, clock)
        self._fakeintake = Fakeintake(self.store, faults)
        self._control = Router(
            self._fakeintake.routes(), {f"GET {NOTIFICATIONS}": self._notifications}
        )
        metrics.on_change = self._monitors.metric_changed
        self._router = Router(
            self._routes(),
            Logs(self.store, clock).routes(),
            OldLogs(self.store, clock).routes(),
            self._monitors.routes(),
            Pipelines(self.store).routes(),
            metrics.routes(),
            Dashboards(clock).routes(),
        )

    def _routes(self) -> Mapping[str, Handler]:
        return {
            f"GET {_VALIDATE}": lambda _request: reply({"valid": True}),
            f"GET {_VALIDATE_2}": lambda _request: reply({"data": _VALID_KEY}),
            "GET /api/v2/validate_keys": lambda _request: reply({"status": "ok"}),
        }

    @property
    def routes(self) -> list[str]:
        """What it answers, ``{}`` for a name; besides, whatever fakeintake's overrides name."""
        return [*self._router, *self._control]

    def take(self, request: Request, count: int, at: float) -> None:
        """The intake has accepted *request* with *count* entries at *at* (epoch seconds)."""
        self.store.take(request, count, at)

    def reset(self) -> None:
        """Forget logs and notifications; monitors start anew, and what else was posted stays."""
        self.store.clear()
        self.alerting.clear()
        self._fakeintake.clear()
        self._monitors.restart()

    def advance(self, now: float) -> None:
        """Evaluate every monitor that is due at *now* (epoch seconds)."""
        self.alerting.advance(now)

    def notifications(self) -> list[Notified]:
        """What Datadog would have sent until now, the oldest first."""
        self.advance(self._clock.now())
        return self.alerting.notifications

    async def run(self) -> None:
        """Evaluate as time goes by, for whoever waits for a notification; never ends."""
        while True:
            self._posted.clear()
            if self.alerting.next_tick == inf:
                await self._posted.wait()
            wait = self.alerting.next_tick - self._clock.now()
            await asyncio.sleep(min(max(wait, 0.0), _LONGEST_SLEEP))
            await self._show()
            self.advance(self._clock.now())

    async def prepare(self, request: Request) -> None:
        """Do what *request* may be about, while others are served; then `answer` is quick."""
        if self.store.unseen and _is_about_monitors(request):
            await self._show()
        if self.store.pending and _is_about_logs(request):
            await self._index()

    async def _show(self) -> None:
        """Have the monitors count what is there now."""
        for _ in range(self.store.unseen):
            self.store.show_next()
            await asyncio.sleep(0)

    async def _index(self) -> None:
        """Index what is there now; at 25 µs a log, a full store takes seconds."""
        for _ in range(self.store.pending):
            self.store.index_next()
            await asyncio.sleep(0)

    async def answer_beside(self, request: Request) -> bytes | None:
        """The whole answer to *request*, while others are served; None if not for this part."""
        await self.prepare(request)
        found = self._answer(request)
        if isinstance(found, Later):
            return (await asyncio.to_thread(_worked, found)).encode()
        return found

    def answer(self, request: Request) -> bytes | None:
        """The whole answer to *request* at once; None if it is not for this part."""
        found = self._answer(request)
        return _worked(found).encode() if isinstance(found, Later) else found

    def _answer(self, request: Request) -> bytes | Later | None:
        if (override := self._fakeintake.overridden(request)) is not None:
            return override.encode()
        if request.path.startswith(FAKEINTAKE):
            return self._fakeintake.signed(_worked(self._respond(request, self._open))).encode()
        if request.path.rstrip("/") == NOTIFICATIONS:
            return _worked(self._respond(request, self._open)).encode()
        if not request.path.startswith(_PREFIX) or _is_intake(request):
            return None
        found = self._respond(request, self._checked)
        return found if isinstance(found, Later) else found.encode()

    def _notifications(self, request: Request) -> Response:
        self.advance(self._clock.now())
        return notified_page(request, self.alerting)

    def _respond(
        self, request: Request, answer: Callable[[Request], Response | Later]
    ) -> Response | Later:
        try:
            return answer(request)
        except RefusedError as error:
            return error.response

    def _open(self, request: Request) -> Response | Later:
        """What is for tests takes no key."""
        return self._control.find(request)()

    def _checked(self, request: Request) -> Response | Later:
        answer = self._router.find(request)
        if request.path.rstrip("/") in (_VALIDATE, _VALIDATE_2):
            self._keys.check_api_key(request)
        else:
            self._keys.check(request)
        found = answer()
        self._posted.set()  # there may be a monitor to evaluate now
        return found


def _worked(found: Response | Later) -> Response:
    if not isinstance(found, Later):
        return found
    try:
        return found.work()
    except RefusedError as error:
        return error.response


def _is_about_logs(request: Request) -> bool:
    if request.path.startswith(_ABOUT_LOGS):
        return not _is_intake(request)
    # A new monitor, or one with other conditions, counts what is there.
    return request.path.startswith(_MONITORS) and request.method in ("POST", "PUT")


def _is_about_monitors(request: Request) -> bool:
    return request.path.startswith(_MONITORS) or request.path.rstrip("/") == NOTIFICATIONS


def _is_intake(request: Request) -> bool:
    return request.path == INTAKE
