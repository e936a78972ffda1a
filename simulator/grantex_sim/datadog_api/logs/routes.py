"""The logs endpoints over HTTP: search by POST and GET, aggregate (Datadog: api/v2/logs)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from itertools import count
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from grantex_sim.datadog_api.bodies import Reader, read_object
from grantex_sim.datadog_api.logs.aggregate import buckets
from grantex_sim.datadog_api.logs.aggregate_request import read_aggregation
from grantex_sim.datadog_api.logs.search import fields_of_query, find, read_search
from grantex_sim.datadog_api.replies import Later, reply


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.datadog_api.logs.search import Page
    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.datadog_api.store import LogStore
    from grantex_sim.http.wire import Request, Response
    from grantex_tui.clock import Clock


class Logs:
    """Answers for the logs in *store*."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asked = count(1)  # asked by several threads

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        return {
            "POST /api/v2/logs/events/search": self._post,
            "GET /api/v2/logs/events": self._get,
            "POST /api/v2/logs/analytics/aggregate": self._aggregate,
        }

    def _post(self, request: Request) -> Later:
        return self._search(request, read_object(request.body))

    def _get(self, request: Request) -> Later:
        return self._search(request, fields_of_query(request))

    def _search(self, request: Request, fields: dict[str, object]) -> Later:
        began = self._clock.monotonic()
        search = read_search(Reader(fields), self._now())
        logs = self._store.snapshot()

        def found() -> Response:
            page = find(logs, search)
            answer: dict[str, object] = {"data": page.data, "meta": self._meta(began, page.cursor)}
            if page.cursor is not None:
                answer["links"] = {"next": _link(request, fields, page)}
            return reply(answer)

        return Later(found)

    def _aggregate(self, request: Request) -> Later:
        began = self._clock.monotonic()
        asked = read_aggregation(Reader(read_object(request.body)), self._now())
        logs = self._store.snapshot()

        def found() -> Response:
            answer = {"data": {"buckets": buckets(logs, asked)}, "meta": self._meta(began, None)}
            return reply(answer)

        return Later(found)

    def _now(self) -> int:
        return int(self._clock.now() * 1000)

    def _meta(self, began: float, cursor: str | None) -> dict[str, object]:
        number = urlsafe_b64encode(next(self._asked).to_bytes(12, "big")).decode()
        status: Literal["done", "timeout"] = "done"
        return {
            "elapsed": int((self._clock.monotonic() - began) * 1000),
            "request_id": f"pddv1{number}",
            "status": status,
            **({"page": {"after": cursor}} if cursor is not None else {}),
        }


def _link(request: Request, fields: Mapping[str, object], page: Page) -> str:
    """The GET that continues; below a session's path if the request came that way."""
    reader = Reader(fields)
    chosen, paging = reader.child("filter").fields, reader.child("page").fields
    parameters = [(f"filter[{key}]", _text(value)) for key, value in chosen.items()]
    if "sort" in fields:
        parameters.append(("sort", str(fields["sort"])))
    if "limit" in paging:
        parameters.append(("page[limit]", str(paging["limit"])))
    parameters.append(("page[cursor]", page.cursor or ""))
    base = f"http://{request.header('host')}{request.header('x-forwarded-prefix')}"
    return f"{base}/api/v2/logs/events?{urlencode(parameters)}"


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
