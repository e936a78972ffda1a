"""``POST /api/v1/logs-queries/list``: the search that old clients know (Datadog: api/v1/logs).

The same logs and the same search as v2's; its own words for the order, the page and what is wrong.
A page begins at the log whose id is ``startAt``; ``nextLogId`` is that of the next.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.bodies import Reader, read_object
from grantex_sim.datadog_api.logs.search import MOST, Search, find, read_filter
from grantex_sim.datadog_api.logs.shown import read_id
from grantex_sim.datadog_api.replies import Later, RefusedError, invalid, refused_config, reply


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.datadog_api.logs.shown import LogObject, Position
    from grantex_sim.datadog_api.routes import Handler
    from grantex_sim.datadog_api.store import LogStore
    from grantex_sim.http.wire import Request, Response
    from grantex_tui.clock import Clock

_PAGE: Final = 10
_CONTENT: Final = ("timestamp", "host", "service", "message", "tags", "attributes")


class OldLogs:
    """Answers for the logs in *store* in the old form."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._numbers = count(1)

    def routes(self) -> Mapping[str, Handler]:
        """What it answers."""
        return {"POST /api/v1/logs-queries/list": self._list}

    def _list(self, request: Request) -> Later:
        body = Reader(read_object(request.body))
        try:
            search = _read(body, int(self._clock.now() * 1000))
        except RefusedError as error:
            raise refused_config(error.message) from None
        one_more = replace(search, limit=search.limit + 1)
        kept, identity = self._store.snapshot(), f"pddv1{next(self._numbers)}"

        def listed() -> Response:
            found = find(kept, one_more).data
            after = found[search.limit]["id"] if len(found) > search.limit else None
            logs = [_log(each) for each in found[: search.limit]]
            return reply(
                {"logs": logs, "nextLogId": after, "requestId": identity, "status": "done"}
            )

        return Later(listed)


def _read(body: Reader, now: int) -> Search:
    """The search of a body.

    Raises:
        RefusedError: It can't be read.
    """
    time = body.child("time")
    for key in ("from", "to"):
        if not time.has(key):
            raise invalid(time.at(key), "it is required")
    newest_first = body.choice("sort", ("asc", "desc"), "desc") == "desc"
    body.text("index", "*")
    asked = Reader({**time.fields, "query": body.text("query", "*")}, "time")
    return Search(
        filter=read_filter(asked, now),
        newest_first=newest_first,
        limit=body.whole("limit", 1, MOST, _PAGE),
        after=_before(body, newest_first=newest_first),
    )


def _before(body: Reader, *, newest_first: bool) -> Position | None:
    """The place just before the log at which the page begins."""
    text = body.text("startAt", "")
    if not text:
        return None
    try:
        timestamp, sequence = read_id(text)
    except ValueError as error:
        raise invalid(body.at("startAt"), str(error)) from None
    return timestamp, sequence + 1 if newest_first else sequence - 1


def _log(found: LogObject) -> dict[str, object]:
    attributes = found["attributes"]
    content = {key: attributes[key] for key in _CONTENT if key in attributes}
    return {"id": found["id"], "content": content}
