"""Two paths into one: which events nobody has brought yet. Pure.

Ids are remembered in two generations, so that forgetting is dropping a set. Everything works on
whole reads: one decode for the ids of all their payloads, and set operations.
Instants are monotonic seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grantex_tui.events.event import Event, decode_event


if TYPE_CHECKING:
    from collections.abc import Sequence

SPAN = 60.0
"""Seconds for which ids are remembered, unless there are too many."""
LIMIT = 200_000
"""Ids that are remembered at most."""

Key = str | bytes


class _Identified(msgspec.Struct, gc=False):
    id: str


_decode_ids = msgspec.json.Decoder(list[_Identified]).decode


def keys_of(payloads: Sequence[bytes]) -> list[Key]:
    """What tells each payload from others: its event's id, or itself if it is no event."""
    try:
        ids = [found.id for found in _decode_ids(b"[" + b",".join(payloads) + b"]")]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        ids = []
    if len(ids) == len(payloads) and all(ids):
        return list(ids)
    events = (decode_event(payload) for payload in payloads)
    return [event.id if isinstance(event, Event) else event.raw for event in events]


class Seen:
    """The ids of the last while, in two generations."""

    def __init__(self, *, span: float = SPAN, limit: int = LIMIT) -> None:
        self._span = span
        self._limit = limit // 2
        self._new: set[Key] = set()
        self._old: set[Key] = set()
        self._begun: float | None = None
        self._newest = self._newest_old = 0.0
        self.horizon = 0.0
        """When the newest event was created that is remembered no more (epoch seconds)."""

    def fresh(self, keys: Sequence[Key]) -> Sequence[int]:
        """The positions of those that have not been seen; of equal ones only the first."""
        new, old = self._new, self._old
        if new.issuperset(keys):
            return ()
        if new.isdisjoint(keys) and old.isdisjoint(keys) and len(set(keys)) == len(keys):
            return range(len(keys))
        found: dict[Key, int] = {}
        for position, key in enumerate(keys):
            if key not in new and key not in old:
                found.setdefault(key, position)
        return list(found.values())

    def add(self, keys: Sequence[Key], created: float, now: float) -> set[Key]:
        """Remember *keys*, of which the newest was created then; gives what is forgotten for it."""
        forgotten: set[Key] = set()
        if self._begun is None:
            self._begun = now
        if len(self._new) >= self._limit or now - self._begun >= self._span:
            forgotten, self.horizon = self._old, self._newest_old or self.horizon
            self._old, self._newest_old = self._new, self._newest
            self._new, self._newest, self._begun = set(), 0.0, now
        self._new.update(keys)
        self._newest = max(self._newest, created)
        return forgotten
