"""Which conditions of a search no log can fulfil: a tag that none carries, a facet that none has.

A monitor whose query asks for ``env:prod`` never fires over logs without a tag, and a rehearsal of
it would pass. So what the logs carry is noted: tags, service, host and source as a whole, since few
differ, and the paths of attributes as far as a search asks for them. A value of a facet that doesn't
occur is no such case: a day without a budget event is a day.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import split_path, values_reader
from grantex_tui.datadog.search import (
    And,
    Node,
    Or,
    Term,
    compile_node,
    fields,
    parse,
    to_text,
)
from grantex_tui.events.entry import type_tag
from grantex_tui.events.event import Event
from grantex_tui.events.logged import Logged
from grantex_tui.events.samples import sample_events
from grantex_tui.monitoring.count.held import own_names
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.events.recorded.held_sketch import HeldSketch
    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.event_logs import EventLogs

_FIXED = frozenset({"host", "service", "source"})
_MOST = 10_000
"""Combinations of tags, service, host and source that are kept; then nothing is reported."""


_TYPED = tuple(Log(tags=(type_tag(event.type),)) for event in sample_events())
"""A type that Grantex sends may not have come today: that is a value which doesn't occur."""


class Presence:
    """Notes what logs carry, and tells which conditions of *searches* none of them could fulfil.

    Args:
        searches: those of the monitors, or of a person.
        logs: makes logs of events.
    """

    def __init__(self, searches: Iterable[str], logs: EventLogs) -> None:
        self._nodes = {search: parse(search) for search in searches}
        self._logs = logs
        self._senders: dict[object, set[str]] = {}
        self._held: set[object] = set()
        own = own_names(field for node in self._nodes.values() for field in fields(node))
        self._own_of: Callable[[HeldSketch], object] = attrgetter(*own) if own else _nothing_of
        self._carried: set[tuple[str, str, str, tuple[str, ...]]] = set()
        asked = {
            field.name
            for node in self._nodes.values()
            for field in fields(node)
            if field.kind == "attribute"
        }
        self._unseen = {path: _Path(path) for path in asked}
        for event in sample_events():
            self._look(logs.log(event, 0.0))

    def see_log(self, log: Log) -> None:
        """A log that Datadog has held."""
        self._carry(log)
        if self._unseen:
            self._look(log)

    def see_sketches(self, sketches: Sketches, first: int, last: int) -> None:
        """Events of one sender, of a block those from number *first* to before *last*."""
        if sketches.held:
            self._see_held(sketches, first, last)
            return
        known = self._senders.setdefault(sketches.sender, set())
        types = [event.type for event in sketches.events[first:last]]
        for name in set(types) - known:
            event = sketches.event(first + types.index(name))
            if isinstance(event, Event):
                self.see_events([event])
        if self._unseen:
            self.see_bytes(sketches.lines(first, last))

    def _see_held(self, sketches: Sketches, first: int, last: int) -> None:
        """Archived logs: one each of those that differ in their own fields or their tags."""
        logs = sketches.held[first:last]
        for own in set(map(self._own_of, logs)) - self._held:
            if len(self._held) < _MOST:
                self._held.add(own)
            logged = sketches.event(first + list(map(self._own_of, logs)).index(own))
            assert isinstance(logged, Logged)
            assert logged.log is not None
            self.see_log(logged.log)
        if self._unseen:
            self.see_bytes(sketches.lines(first, last))

    def see_events(self, events: Sequence[Event]) -> None:
        """Events of any sender; what differs between those of a type is looked for in the payload."""
        for event in events:
            if isinstance(event, Logged):
                assert event.log is not None
                self.see_log(event.log if event.is_processed else self._logs.log(event, 0.0))
                continue
            known = self._senders.setdefault(event.sender, set())
            if event.type not in known:
                known.add(event.type)
                log = self._logs.log(event, 0.0)
                self._carry(log)
                self._look(log)
        if self._unseen:
            self.see_bytes(event.raw for event in events)

    def see_bytes(self, lines: Iterable[bytes]) -> None:
        """Look for the keys of attributes that nobody had yet, in payloads as they are."""
        for line in lines:
            if not self._unseen:
                return
            for path in [path for path, each in self._unseen.items() if each.may_be_in(line)]:
                del self._unseen[path]

    def _carry(self, log: Log) -> None:
        if len(self._carried) < _MOST:
            self._carried.add((log.source, log.service, log.host, log.tags))

    def _look(self, log: Log) -> None:
        for path in [path for path, each in self._unseen.items() if each.is_in(log)]:
            del self._unseen[path]

    def unmatched(self) -> list[tuple[str, str]]:
        """Searches, each with a condition that no log fulfils."""
        if len(self._carried) >= _MOST:
            return []
        return [
            (search, to_text(term))
            for search, node in self._nodes.items()
            for term in self._missing(node)
        ]

    def _missing(self, node: Node) -> list[Term]:
        match node:
            case Term():
                return [] if self._is_there(node) else [node]
            case And(children):
                return [term for child in children for term in self._missing(child)]
            case Or(children):
                parts = [self._missing(child) for child in children]
                return [term for part in parts for term in part] if all(parts) else []
            case _:
                return []

    def _is_there(self, term: Term) -> bool:
        kind, name = term.field.kind, term.field.name
        if kind == "attribute":
            return name not in self._unseen
        if kind not in ("tag", "tags") and name not in _FIXED:
            return True
        matches = compile_node(term)
        if not self._carried or any(
            matches(Log(source=source, service=service, host=host, tags=tags))
            for source, service, host, tags in self._carried
        ):
            return True
        return self._has_types() and any(map(matches, _TYPED))

    def _has_types(self) -> bool:
        """Whether logs here name their event's type in a tag, as a forwarder's do."""
        return any(tag.startswith("type:") for _, _, _, tags in self._carried for tag in tags)


def _nothing_of(_log: HeldSketch) -> object:
    """What the logs are told apart by if no search looks at a field of their own."""
    return None


class _Path:
    """An attribute that is asked for."""

    def __init__(self, path: str) -> None:
        self._read = values_reader(path)
        last = split_path(path)[-1]
        self._key = re.compile(rb'"' + re.escape(last.encode()) + rb'\\?"\s*:')

    def is_in(self, log: Log) -> bool:
        """Whether *log* has it."""
        return bool(self._read(log.attributes))

    def may_be_in(self, line: bytes) -> bool:
        """Whether its last key stands in a payload; more than it says, never less."""
        return self._key.search(line) is not None


def unknown_conditions(search: str, logs: EventLogs) -> list[str]:
    """The conditions about facets that no event of Grantex's has; for who has no logs at hand."""
    return [condition for _, condition in Presence([search], logs).unmatched()]


def foreseen(searches: Iterable[str], logs: EventLogs) -> list[tuple[str, str]]:
    """Searches, each with a condition that no event of Grantex's fulfils once *logs* made it a log."""
    presence = Presence(searches, logs)
    presence.see_events(sample_events())
    return presence.unmatched()


def unmatched_text(search: str, condition: str) -> str:
    """``no log has env:prod, which `env:prod service:x` asks for``."""
    query, term = printable(search, limit=200), printable(condition, limit=120)
    asks = "" if query == term else f", which the query `{query}` asks for"
    return f"no log has {term}{asks}"
