"""What was wrong in this run, and when: the memory behind the chart's marks and the history."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.events.gap import Gap
    from grantex_tui.watch.troubles.trouble import Trouble

_KEPT = 500


@dataclass(frozen=True, slots=True)
class Incident:
    """One trouble from its beginning to its end."""

    word: str
    what: str
    start: float
    end: float | None
    """None while it lasts."""
    is_bad: bool
    is_gap: bool = False


class Incidents:
    """Notes when troubles begin, change their words, and end."""

    def __init__(self) -> None:
        self._open: dict[tuple[object, ...], Incident] = {}
        self._over: deque[Incident] = deque(maxlen=_KEPT)

    def look(
        self, troubles: Iterable[Trouble], now: float
    ) -> tuple[list[Incident], list[Incident]]:
        """Take what is wrong at *now* (epoch seconds); returns what has begun and what has ended."""
        present = {trouble.key: trouble for trouble in troubles}
        ended = [
            replace(self._open.pop(key), end=now) for key in list(self._open) if key not in present
        ]
        self._over.extend(ended)
        began = []
        for key, trouble in present.items():
            before = self._open.get(key)
            start = before.start if before else min(now, trouble.since or now)
            self._open[key] = Incident(trouble.word, trouble.what, start, None, trouble.is_bad)
            if before is None:
                began.append(self._open[key])
        return began, ended

    def all(self) -> list[Incident]:
        """All that are known, by their beginning."""
        return sorted([*self._over, *self._open.values()], key=lambda one: one.start)


def with_gaps(incidents: Iterable[Incident], gaps: Sequence[Gap]) -> tuple[Incident, ...]:
    """*incidents* and *gaps* by their beginning."""
    told = [
        Incident("gap", f"gap: {gap.reason}", gap.start, gap.end, gap.end is None, is_gap=True)
        for gap in gaps
    ]
    return tuple(sorted([*incidents, *told], key=lambda one: one.start))
