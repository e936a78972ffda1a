"""When nobody listened: the spans in which every path was away. Pure; instants are epoch seconds.

A gap begins with the last event that was kept, not with the last byte: keepalives go on when a
subscriber inside the service has died. It ends when a connection is accepted, which may be told of
up to 30 s later. A path can turn out to have been deaf for a while before its end; if the other was
away in that time, that is a gap, too.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.events.gap import CLOCKS_DISAGREE, Gap


if TYPE_CHECKING:
    from collections.abc import Sequence

_ABSENCES_KEPT = 200
_REASONS = 4


@dataclass(slots=True)
class _Absence:
    start: float
    reason: str
    end: float | None = None


@dataclass(slots=True)
class _Open:
    start: float
    reasons: list[str]

    def add(self, reason: str) -> None:
        """The first reason stays, and the newest few."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        if len(self.reasons) > _REASONS:
            del self.reasons[1]

    def closed(self, end: float | None) -> Gap:
        return Gap(self.start, end, "; ".join(self.reasons))


class Coverage:
    """Which path listened when.

    Args:
        paths: Their names, one or two; all are away at first.
        since: Where the first gap begins; None if nobody asks for the time before the first stream.
        reason: The first gap's.
    """

    def __init__(
        self, paths: Sequence[str], *, since: float | None = None, reason: str = ""
    ) -> None:
        self._paths = tuple(paths)
        start = 0.0 if since is None else since
        self._away = {name: _Absence(start, reason) for name in paths}
        self._past: dict[str, deque[_Absence]] = {
            name: deque(maxlen=_ABSENCES_KEPT) for name in paths
        }
        self._open = None if since is None else _Open(start, [reason])
        self._last = start

    @property
    def open_gap(self) -> Gap | None:
        """The gap that lasts while there is no path."""
        return None if self._open is None else self._open.closed(None)

    def kept(self, instant: float) -> None:
        """An event was kept that was created then."""
        self._last = max(self._last, instant)

    def accepted(self, path: str, instant: float) -> Sequence[Gap]:
        """*path* listens since *instant*; the gap that this ends, if it is one."""
        if (absence := self._away.pop(path, None)) is not None:
            absence.end = max(instant, absence.start)
            self._past[path].append(absence)
        if self._open is None:
            self._last = self._last or instant
            return ()
        gap, self._open = self._open.closed(max(instant, self._open.start)), None
        assert gap.end is not None
        self._last = max(self._last, gap.end)
        return [gap] if gap.end > gap.start else ()

    def lost(self, path: str, *, heard_until: float, now: float, reason: str) -> Sequence[Gap]:
        """*path* listens no more; it is certain to have done so until *heard_until*.

        Gives the gaps that come to be known by this: times at which the other path was away.
        """
        if path in self._away:
            return ()
        self._away[path] = _Absence(min(heard_until, now), reason)
        gaps = [
            Gap(max(past.start, heard_until), min(past.end, now), self._both(path, reason, past))
            for other in self._paths
            if other != path
            for past in self._past[other]
            if past.end is not None and min(past.end, now) > max(past.start, heard_until)
        ]
        if len(self._away) == len(self._paths):
            self._open = _Open(self._last, [self._named(*item) for item in self._away.items()])
        return gaps

    def refused(self, path: str, reason: str) -> None:
        """*path* could not be had again: a further cause of the gap that is open."""
        if self._open is not None:
            self._open.add(self._named(path, _Absence(0.0, reason)))

    def _named(self, path: str, absence: _Absence) -> str:
        return f"{path}: {absence.reason}" if len(self._paths) > 1 else absence.reason

    def _both(self, path: str, reason: str, past: _Absence) -> str:
        other = next(name for name in self._paths if name != path)
        return f"{path}: {reason}; {other}: {past.reason}"


def accepted_instant(date: float | None, *, asked_at: float, received_at: float) -> float:
    """When a connection was accepted: by the response's ``Date``, which knows whole seconds.

    Args:
        date: It, in epoch seconds.
        asked_at: When the request was sent.
        received_at: When the response's headers came, up to 30 s after the acceptance.
    """
    if date is None or date + 1.0 < asked_at - CLOCKS_DISAGREE:
        return received_at
    return min(date + 1.0, received_at)
