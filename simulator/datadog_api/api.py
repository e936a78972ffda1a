"""The mock Datadog put together: everything it answers but the intake itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_tui.datadog.pipeline import compile_pipelines
from grantex_tui.datadog.search import compile_query
from grantex_tui.monitoring.event_logs import bundled_pipelines
from simulator.datadog_api.keys import Keys
from simulator.datadog_api.logs import Logs
from simulator.datadog_api.replies import RefusedError, reply
from simulator.datadog_api.routes import Router
from simulator.datadog_api.store import LogStore


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_tui.clock import Clock
    from grantex_tui.datadog.log import Log
    from simulator.datadog_api.routes import Handler
    from simulator.wire import Request, Response

INTAKE: Final = "/api/v2/logs"
_PREFIX: Final = "/api/"


class DatadogApi:
    """Answers what is asked of Datadog.

    Args:
        api_key: Gives the API key that is valid at the moment.
        app_key: The application key.
        clock: Where it takes the time from.
    """

    def __init__(self, *, api_key: Callable[[], str | None], app_key: str, clock: Clock) -> None:
        self._keys = Keys(api_key=api_key, app_key=app_key)
        self.store = LogStore(compile_pipelines(bundled_pipelines()))
        self._router = Router(self._routes(), Logs(self.store, clock).routes())

    def _routes(self) -> Mapping[str, Handler]:
        return {"GET /api/v1/validate": lambda _request: reply({"valid": True})}

    def take(self, request: Request, count: int, at: float) -> None:
        """The intake has accepted *request* with *count* entries at *at* (epoch seconds)."""
        self.store.take(request, count, at)

    def logs(self, query: str = "*") -> list[Log]:
        """The logs that *query* finds, whatever their date, the oldest first.

        Raises:
            SearchError: It is no search.
        """
        matches = compile_query(query)
        return [stored.log for stored in self.store.logs() if matches(stored.log)]

    def answer(self, request: Request) -> bytes | None:
        """The whole answer to *request*; None if it is not for this part."""
        if not request.path.startswith(_PREFIX) or _is_intake(request):
            return None
        return self._respond(request).encode()

    def _respond(self, request: Request) -> Response:
        try:
            answer = self._router.find(request)
            if request.path.rstrip("/") == "/api/v1/validate":
                self._keys.check_api_key(request)
            else:
                self._keys.check(request)
            return answer()
        except RefusedError as error:
            return error.response


def _is_intake(request: Request) -> bool:
    return request.path == INTAKE and request.method == "POST"
