"""Adds up the time without a stream, by cause: an observer, since a frame keeps the last gaps only."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.events.event import Event, Malformed
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import ConnectionView
    from grantex_tui.monitoring.evaluate.states import Notification

OTHER = "other"
_MOST = 20
"""Causes told apart. A cause may quote a server, and each is a time series for years."""
_CLIPPED = 60
_NUMBER = re.compile(r"\d+")


class Blindness:
    """Counts gaps and their seconds by cause."""

    def __init__(self) -> None:
        self._gaps: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def by_cause(self) -> Iterator[tuple[str, int, float]]:
        """Each cause with how many gaps, and how many seconds, it has made."""
        for cause, gaps in self._gaps.items():
            yield cause, gaps, self._seconds[cause]

    def on_gap(self, gap: Gap) -> None:
        """Count a gap that has ended."""
        cause = _cause_of(gap.reason)
        if cause not in self._gaps and len(self._gaps) >= _MOST:
            cause = OTHER
        self._gaps[cause] += 1
        if gap.end is not None:
            self._seconds[cause] += max(0.0, gap.end - gap.start)

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Nothing to count."""

    def on_connection(self, view: ConnectionView) -> None:
        """Nothing to count."""

    def on_warning(self, text: str) -> None:
        """Nothing to count."""

    def on_notification(self, told: Notification) -> None:
        """Nothing to count."""


def _cause_of(reason: str) -> str:
    """The part of a gap's reason that is the same each time: durations, ports and ids are not."""
    return _NUMBER.sub("N", reason)[:_CLIPPED]
