"""A filter over the event stream: words to find, fields to match, and what to leave out.

``type:grant.* agent:ag_1 !calendar "two words"``: all terms must hold; ``!`` excludes; a field
(type, grant, agent, principal) is matched whole, with ``*`` and ``?``; anything else is looked
for in the whole event. Case doesn't matter.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from fnmatch import translate
from operator import attrgetter
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.watch.frame import EventRow

    Predicate = Callable[[EventRow], bool]

_FIELDS = {
    "type": attrgetter("type"),
    "grant": attrgetter("grant_id"),
    "agent": attrgetter("agent_id"),
    "principal": attrgetter("principal_id"),
}
_TERM = re.compile(r'(?P<no>!?)(?:(?P<field>\w+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))')
_sequence = attrgetter("sequence")


def parse_filter(text: str) -> Predicate | None:
    """The predicate that *text* stands for; None if it lets everything through."""
    terms = [term for match in _TERM.finditer(text) if (term := _term(match)) is not None]
    if not terms:
        return None
    return lambda row: all(term(row) for term in terms)


def _term(match: re.Match[str]) -> Predicate | None:
    field, wanted = match["field"], match["phrase"]
    if wanted is None:
        wanted = match["word"]
    if field is not None and field not in _FIELDS:
        wanted, field = f"{field}:{wanted}", None
    if not wanted or wanted == "!":
        return None  # half typed
    test = _contains(wanted) if field is None else _matches(field, wanted)
    return (lambda row: not test(row)) if match["no"] else test


def _contains(wanted: str) -> Predicate:
    # Matched on the bytes as received, so that nothing is decoded for it; re ignores ASCII case.
    find = re.compile(re.escape(wanted.encode("utf-8", "replace")), re.IGNORECASE).search
    return lambda row: find(row.raw) is not None


def _matches(field: str, pattern: str) -> Predicate:
    get, match = _FIELDS[field], re.compile(translate(pattern), re.IGNORECASE).match
    return lambda row: match(get(row)) is not None


class FilteredRows:
    """The rows that a predicate lets through; each row is tested once."""

    def __init__(self, predicate: Predicate) -> None:
        self._predicate = predicate
        self._kept: list[EventRow] = []
        self._seen = 0

    def update(self, recent: Sequence[EventRow]) -> Sequence[EventRow]:
        """Those of *recent*, which has gained rows at its end and lost some at its start."""
        if not recent:
            self._kept = []
            return self._kept
        gone = bisect_left(self._kept, recent[0].sequence, key=_sequence)
        fresh = recent[bisect_right(recent, self._seen, key=_sequence) :]
        self._kept = [*self._kept[gone:], *filter(self._predicate, fresh)]
        self._seen = recent[-1].sequence
        return self._kept
