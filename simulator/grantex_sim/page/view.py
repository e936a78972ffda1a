"""What the page shows, chosen out of what is recent: rows that a search matches; no HTML."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from grantex_sim.events.emission import emission
from grantex_tui.clock import rfc3339
from grantex_tui.datadog.log import Log
from grantex_tui.datadog.search import SearchError, compile_query
from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_sim.account.verdicts import EventVerdict
    from grantex_sim.events.hearing import Cause
    from grantex_sim.page.recent import Received, Recent

    Matches = Callable[[bytes, float], bool]
    VerdictOf = Callable[[str], tuple[EventVerdict, Cause | None]]

_EVERYTHING: Final = ("", "*")
SHOWN: Final = 100
"""Rows of a table at most."""
SEARCHED: Final = 2_000
"""Of the entries kept, so many of the newest are searched: a search must not hold up the server."""


class EventRow(NamedTuple):
    """An event of the stream; what is no event has no verdict."""

    at: str
    type: str
    id: str
    payload: str
    verdict: EventVerdict | None
    cause: Cause | None = None


class EntryRow(NamedTuple):
    """An entry that the intake accepted, and the request that brought it."""

    at: str
    type: str
    id: str
    message: str
    request: int


class RefusedRow(NamedTuple):
    """A request that was not accepted."""

    at: str
    request: int
    status: int
    reason: str
    entries: int


class SessionRow(NamedTuple):
    """A session that has a name, and its account."""

    name: str
    emitted: int
    delivered: int
    missing: int
    clients: int


class Tables(NamedTuple):
    """The three tables, newest first; *problem* says why a search could not be read."""

    emitted: Sequence[EventRow] = ()
    accepted: Sequence[EntryRow] = ()
    refused: Sequence[RefusedRow] = ()
    problem: str = ""
    emptiness: str = "nothing yet"
    """Why a table is empty, if it is."""


class LogSearch:
    """Finds payloads by a Datadog log search, as the logs that they become."""

    def __init__(self) -> None:
        self._logs = EventLogs(bundled_pipelines())

    def matcher(self, query: str) -> Matches:
        """Tells whether the log of a payload that came at an instant matches *query*.

        Raises:
            SearchError: *query* can't be read.
        """
        if query.strip() in _EVERYTHING:
            return lambda _payload, _at: True
        matches = compile_query(query)

        def found(payload: bytes, at: float) -> bool:
            event = decode_event(payload)
            if isinstance(event, Event):
                return matches(self._logs.log(event, at))
            text = payload.decode("utf-8", "replace")
            return matches(Log(message=text, timestamp=int(at * 1000)))

        return found


def tables(recent: Recent, query: str, search: LogSearch, *, verdict: VerdictOf) -> Tables:
    """The part of *recent* that *query* matches.

    Args:
        recent: Everything that is kept.
        query: A Datadog log search; empty matches all.
        search: Makes the logs.
        verdict: What has become of the event of an id, and the fault to blame.
    """
    try:
        matches = search.matcher(query)
    except SearchError as error:
        said = f"{error.message}. {error.hint}" if error.hint else error.message
        return Tables(problem=said, emptiness="the search can't be read")
    return Tables(
        list(islice(_emitted(recent, matches, verdict), SHOWN)),
        list(islice(_accepted(recent.accepted, matches), SHOWN)),
        list(islice(_refused(recent.refused, matches), SHOWN)),
        emptiness="nothing matches" if query.strip() not in _EVERYTHING else "nothing yet",
    )


def _emitted(recent: Recent, matches: Matches, verdict: VerdictOf) -> Iterator[EventRow]:
    for at, event in reversed(recent.emitted):
        if matches(event.payload, at):
            text = event.payload.decode("utf-8", "replace")
            judged = verdict(event.id) if event.id else (None, None)
            yield EventRow(rfc3339(at), event.type, event.id, text, *judged)


def _accepted(received: Sequence[Received], matches: Matches) -> Iterator[EntryRow]:
    for request, messages in _newest(received):
        at = rfc3339(request.at)
        for message in reversed(messages):
            payload = message.encode("utf-8", "replace")
            if matches(payload, request.at):
                event = emission(payload)
                yield EntryRow(at, event.type, event.id, message, request.number)


def _refused(received: Sequence[Received], matches: Matches) -> Iterator[RefusedRow]:
    """A request is refused as a whole: it is shown if one of its entries, or none, was asked for."""
    for request, messages in _newest(received):
        said = request.exchange
        texts = (message.encode("utf-8", "replace") for message in messages)
        if not messages or any(matches(text, request.at) for text in texts):
            yield RefusedRow(
                rfc3339(request.at), request.number, said.status, said.reason, said.entries
            )


def _newest(received: Sequence[Received]) -> Iterator[tuple[Received, Sequence[str]]]:
    """The requests, newest first, with their entries as long as these are to be searched."""
    left = SEARCHED
    for request in reversed(received):
        messages = request.messages[-left:]
        yield request, messages
        left -= len(messages)
        if left <= 0:
            return
