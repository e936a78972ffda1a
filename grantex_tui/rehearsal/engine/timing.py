"""When items of a recording were received, told by item after item."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.event import Event
from grantex_tui.events.gap import Gap


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_tui.events.recorded.line import Arrival


def timed(items: Iterable[Arrival | Gap]) -> Iterator[tuple[float, Arrival | Gap]]:
    """*items*, each with the instant at which it was received; time never goes back.

    Where a recording doesn't tell when an event was received, that is when it was created; if that
    is no instant either, with the one before it, or after it for the first. What stands in a
    recording without any instant is left out.
    """
    time = Time()
    waiting: list[Arrival | Gap] = []
    for item in items:
        now = time.at(item)
        if now is None:
            waiting.append(item)
            continue
        if waiting:
            yield from ((now, early) for early in waiting)
            waiting.clear()
        yield now, item


class Time:
    """The time that has come, told by item after item; it never goes back."""

    def __init__(self) -> None:
        self.now: float | None = None
        self._text = ""
        self._instant: float | None = None

    def at(self, item: Arrival | Gap) -> float | None:
        """The time when *item* was received; None if none was told yet."""
        told = self._told_by(item)
        if told is not None and (self.now is None or told > self.now):
            self.now = told
        return self.now

    def never_back(self, instants: list[float]) -> list[float]:
        """*instants* that follow `now`, each at least as late as what came before it."""
        begin = instants[0] if self.now is None else max(self.now, instants[0])
        if begin == instants[0] and instants == sorted(instants):
            return instants
        return list(accumulate(instants[1:], max, initial=begin))

    def _told_by(self, item: Arrival | Gap) -> float | None:
        if isinstance(item, Gap):
            return item.start if item.end is None else item.end
        if item.received_at is not None:
            return item.received_at
        return self._created(item.event.created_at) if isinstance(item.event, Event) else None

    def _created(self, text: str) -> float | None:
        if text != self._text:  # neighbours often share it
            self._text = text
            try:
                self._instant = parse_rfc3339(text)
            except (ValueError, OverflowError):
                self._instant = None
        return self._instant
