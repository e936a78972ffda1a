"""How well two paths hear: holes, silence, and what is said of them. Pure.

Instants are monotonic seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.live.lacking import Lacking


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.events.live.merge import Key

NAME_EVERY = 10.0
"""Seconds between two notices of one path's holes."""
RECONNECT_EVERY = 60.0
"""Seconds between two reconnects of a path for its silence."""


class Watchers:
    """What each path lacks of what the other brought.

    Args:
        paths: Their names, one or two.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._lacking = {name: Lacking() for name in paths}
        self._other = dict(zip(paths, reversed(paths), strict=True))
        self._listening: set[str] = set()
        self._holes = dict.fromkeys(paths, 0)
        self._unnamed: dict[str, list[Key]] = {name: [] for name in paths}
        self._named_at: dict[str, float] = {}
        self._reconnected_at: dict[str, float] = {}

    def holes_of(self, path: str) -> int:
        """Events that *path* lacked for longer than a moment."""
        return self._holes[path]

    def accepted(self, path: str, now: float) -> None:
        """*path* listens."""
        self._listening.add(path)
        self._lacking[path].accepted(now)

    def ended(self, path: str) -> bool:
        """*path* listens no more; whether it did until now."""
        self._lacking[path].ended()
        was_listening = path in self._listening
        self._listening.discard(path)
        return was_listening

    def brought(self, path: str, keys: Sequence[Key]) -> None:
        """*path* brought these, first or not."""
        self._lacking[path].brought(keys)

    def other_brought(
        self, path: str, keys: Sequence[Key], now: float, forgotten: set[Key]
    ) -> None:
        """*path* was first to bring these: the other has yet to; *forgotten* is remembered no more."""
        self._lacking[self._other[path]].other_brought(keys, now)
        if forgotten:
            for lacking in self._lacking.values():
                lacking.forget(forgotten)

    def has_forgotten(self, path: str) -> bool:
        """Whether *path* lacks what is remembered no more: it could come and seem new."""
        return self._lacking[path].forgotten

    def notices(self, now: float) -> Iterator[str]:
        """The holes that have come to be known, at most every ten seconds for a path."""
        for path, lacking in self._lacking.items():
            found = lacking.holes(now)
            self._holes[path] += len(found)
            self._unnamed[path] += found
            named_at = self._named_at.get(path)
            if self._unnamed[path] and (named_at is None or now - named_at >= NAME_EVERY):
                self._named_at[path] = now
                yield self._notice(path, self._unnamed[path])
                self._unnamed[path] = []

    def _notice(self, path: str, keys: Sequence[Key]) -> str:
        other = self._other[path]
        first = keys[0] if isinstance(keys[0], str) else "no event"
        if len(keys) == 1:
            return f"{path} lacks an event that {other} brought: {first}"
        return f"{path} lacks {len(keys):,} events that {other} brought, {first} the first of them"

    def silent(self, path: str, now: float) -> str:
        """What is to be said of *path* if it is silent; empty if it is not."""
        count = self._lacking[path].silent(now)
        return f"silent while {self._other[path]} brought {count:,} events" if count else ""

    def may_reconnect(self, path: str, now: float) -> bool:
        """Whether *path* has not reconnected for its silence in the last minute; it does so now."""
        before = self._reconnected_at.get(path)
        if before is not None and now - before < RECONNECT_EVERY:
            return False
        self._reconnected_at[path] = now
        return True
