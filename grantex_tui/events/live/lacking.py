"""What one path has yet to bring of what the other has brought. Pure; instants are monotonic seconds."""

from __future__ import annotations

from collections import deque
from itertools import repeat
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.live.merge import Key

OVERDUE = 2.0
"""Seconds after which what one path brought and the other did not is a hole of the other."""
GRACE = 1.0
"""Seconds after its acceptance from which a path is held to bring what the other does."""
SILENT_FOR, SILENT_EVENTS = 5.0, 3
"""A path is silent when for so long it brought nothing, while the other brought so many."""


class Lacking:
    """What one path has yet to bring of what the other has brought."""

    def __init__(self) -> None:
        self._expected_from: float | None = None
        self._fresh: dict[Key, float] = {}
        self._overdue: dict[Key, None] = {}
        self._unanswered_since: float | None = None
        self._unanswered = 0
        self.forgotten = False
        """Some of it is remembered no more: if it comes now, it is not known to have come already."""

    def accepted(self, now: float) -> None:
        """The path listens from now on."""
        self.ended()
        self._expected_from = now + GRACE

    def ended(self) -> None:
        """The path is away: nothing is expected of it."""
        self._expected_from = None
        self._fresh, self._overdue = {}, {}
        self._unanswered_since, self._unanswered = None, 0
        self.forgotten = False

    def other_brought(self, keys: Sequence[Key], now: float) -> None:
        """The other path was first to bring these."""
        if self._expected_from is None or now < self._expected_from:
            return
        self._fresh.update(zip(keys, repeat(now)))
        if self._unanswered_since is None:
            self._unanswered_since = now
        self._unanswered += len(keys)

    def brought(self, keys: Sequence[Key]) -> None:
        """The path brought these, first or not."""
        self._unanswered_since, self._unanswered = None, 0
        for lacking in (self._fresh, self._overdue):
            if lacking:
                deque(map(lacking.pop, keys, repeat(None)), maxlen=0)

    def holes(self, now: float) -> list[Key]:
        """What has just become overdue."""
        found = []
        for key, since in self._fresh.items():
            if now - since < OVERDUE:
                break
            found.append(key)
        for key in found:
            del self._fresh[key]
        self._overdue.update(dict.fromkeys(found))
        return found

    def silent(self, now: float) -> int:
        """How many events the other brought while this path was silent; 0 if it is not."""
        since = self._unanswered_since
        is_silent = since is not None and now - since >= SILENT_FOR
        return self._unanswered if is_silent and self._unanswered >= SILENT_EVENTS else 0

    def forget(self, keys: set[Key]) -> None:
        """These are remembered no more."""
        if gone := [key for key in self._overdue if key in keys]:
            self.forgotten = True
            for key in gone:
                del self._overdue[key]
