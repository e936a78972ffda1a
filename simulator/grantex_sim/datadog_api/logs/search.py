"""``/api/v2/logs/events``: which logs match, a page at a time (Datadog: api/v2/logs)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.datadog_api.instants import parse_instant
from grantex_sim.datadog_api.logs.shown import cursor_after, log_object, read_cursor
from grantex_sim.datadog_api.replies import invalid
from grantex_sim.http.numbers import whole_number
from grantex_tui.datadog.search import SearchError, compile_query


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_sim.datadog_api.bodies import Reader
    from grantex_sim.datadog_api.logs.shown import LogObject, Position
    from grantex_sim.datadog_api.store import Stored
    from grantex_sim.http.wire import Request
    from grantex_tui.datadog.log import Log

MOST: Final = 1_000
_SORTS: Final = ("timestamp", "-timestamp")
_TIERS: Final = ("indexes", "online-archives", "flex")


@dataclass(frozen=True, slots=True)
class Filter:
    """``filter``: which logs, from when to when; both ends are inside."""

    query: str
    matches: Callable[[Log], bool]
    start: int
    end: int

    def span(self, logs: Sequence[Stored]) -> range:
        """Where in *logs*, ordered by date, those of the time lie."""
        return range(bisect_left(logs, (self.start,)), bisect_left(logs, (self.end + 1,)))

    def select(self, logs: Sequence[Stored], where: Iterable[int]) -> Iterable[Stored]:
        """Those of *logs* at *where* that match, in its order."""
        matches = self.matches
        return (stored for index in where if matches((stored := logs[index]).log))


@dataclass(frozen=True, slots=True)
class Search:
    """One request for a page."""

    filter: Filter
    newest_first: bool
    limit: int
    after: Position | None


@dataclass(frozen=True, slots=True)
class Page:
    """The answer, and where it goes on, if it does."""

    data: list[LogObject]
    cursor: str | None


def read_filter(reader: Reader, now: int) -> Filter:
    """The filter of a search or an aggregation; *now* in milliseconds.

    Every index is the one that there is, whatever its name.

    Raises:
        RefusedError: It can't be read.
    """
    reader.texts("indexes")
    reader.choice("storage_tier", _TIERS, "indexes")
    query = reader.text("query", "*")
    try:
        matches = compile_query(query)
    except SearchError as error:
        what = f"{error.problem} at character {error.position + 1} of {query!r}"
        raise invalid(reader.at("query"), what) from None
    start = _instant(reader, "from", "now-15m", now)
    end = _instant(reader, "to", "now", now)
    if start > end:
        raise invalid(reader.at("from"), "it lies after 'to'")
    return Filter(query, matches, start, end)


def _instant(reader: Reader, key: str, default: str, now: int) -> int:
    value = reader.fields.get(key)
    try:
        return parse_instant(default if value is None else value, now)
    except ValueError as error:
        raise invalid(reader.at(key), str(error)) from None


def read_search(reader: Reader, now: int) -> Search:
    """The search of a body.

    Raises:
        RefusedError: It can't be read.
    """
    page = reader.child("page")
    cursor = page.text("cursor", "")
    try:
        after = read_cursor(cursor) if cursor else None
    except ValueError as error:
        raise invalid(page.at("cursor"), str(error)) from None
    return Search(
        filter=read_filter(reader.child("filter"), now),
        newest_first=reader.choice("sort", _SORTS, "-timestamp") == "-timestamp",
        limit=page.whole("limit", 1, MOST, 10),
        after=after,
    )


def fields_of_query(request: Request) -> dict[str, object]:
    """The body that the parameters of a GET stand for."""
    names = ("query", "from", "to", "storage_tier")
    chosen = {
        name: value
        for name in names
        if (value := request.parameter(f"filter[{name}]", "\0")) != "\0"
    }
    page: dict[str, object] = {}
    if cursor := request.parameter("page[cursor]"):
        page["cursor"] = cursor
    if limit := request.parameter("page[limit]"):
        number = whole_number(limit)
        page["limit"] = limit if number is None else number
    fields: dict[str, object] = {"filter": chosen, "page": page}
    if sort := request.parameter("sort"):
        fields["sort"] = sort
    return fields


def find(logs: Sequence[Stored], search: Search) -> Page:
    """One page of those of *logs*, ordered by date, that match."""
    matching = search.filter.select(logs, _left(logs, search))
    found: list[Stored] = []
    for stored in matching:
        if len(found) == search.limit:
            return Page([log_object(one) for one in found], cursor_after(found[-1]))
        found.append(stored)
    return Page([log_object(one) for one in found], None)


def _left(logs: Sequence[Stored], search: Search) -> range:
    """Where those lie that no page before has passed, in the order that is asked for."""
    span, after = search.filter.span(logs), search.after
    start, stop = span.start, span.stop
    if search.newest_first:
        stop = stop if after is None else min(stop, bisect_left(logs, after))
        return range(start, stop)[::-1]
    if after is not None:
        timestamp, sequence = after
        start = max(start, bisect_left(logs, (timestamp, sequence + 1)))
    return range(start, stop)
