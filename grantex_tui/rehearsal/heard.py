"""What was received, in virtual time: from a recording's items to events with an instant."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from grantex_tui.clock import rfc3339
from grantex_tui.errors import RecordingError
from grantex_tui.events.connection import Gap
from grantex_tui.events.event import Event
from grantex_tui.rehearsal.delivery import deliveries
from grantex_tui.rehearsal.input import timed


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_tui.events.recorded import Arrival
    from grantex_tui.rehearsal.model import DeliveryModel

_LONGEST_SILENCE = 366 * 86400.0
"""Between two events of one rehearsal; more is a wrong date, and would take hours to evaluate."""


@runtime_checkable
class Sourced(Protocol):
    """Events that know what of their source could not be read."""

    @property
    def problems(self) -> list[str]:
        """The first of it."""
        ...

    @property
    def bad_lines(self) -> int:
        """How many lines it was."""
        ...


class Heard:
    """Reads items once; knows the time that has come, the gaps, and how many events there were.

    Args:
        items: what was recorded.
        source: what it is, for errors.
        start: what the caller says about the beginning, epoch seconds.
        end: items received after it are left out.
    """

    def __init__(
        self,
        items: Iterable[Arrival | Gap],
        source: str,
        *,
        start: float | None,
        end: float | None,
    ) -> None:
        self._items = items
        self._source = source
        self._start = start
        self._end = end
        self._first: float | None = None
        self._now = -inf
        self.events = 0
        self.gaps: list[Gap] = []

    def received(self) -> Iterator[tuple[float, Event]]:
        """The events, each with its instant.

        Raises:
            RecordingError: Between two events lies more than a year.
        """
        for at, item in timed(self._items):
            if self._end is not None and at > self._end:
                break
            self._move(at)
            if isinstance(item, Gap):
                self.gaps.append(item)
                continue
            if self._first is None:
                self._first = at
            if isinstance(item.event, Event):
                self.events += 1
                yield at, item.event

    def _move(self, at: float) -> None:
        since = self._now if self._start is None else max(self._now, self._start)
        if since > -inf and at - since > _LONGEST_SILENCE:
            raise RecordingError(
                f"an event of {rfc3339(at)} follows one of {rfc3339(since)}, more than a year later",
                path=self._source,
                hint="If its date is wrong, end the rehearsal before it.",
            )
        self._now = at

    @property
    def until(self) -> float:
        """The instant that has come; what arrives at Datadog later is not to be judged yet."""
        return self._now if self._end is None else self._end

    def began(self) -> tuple[float, float]:
        """When evaluations begin, and since when events are known.

        Raises:
            RecordingError: There was no event, and nobody said when to begin.
        """
        start, first = self._start, self._first
        if first is None and start is None:
            raise RecordingError(
                "there is no event in it",
                path=self._source,
                hint="A rehearsal without events needs a start and an end.",
            )
        earliest = min(instant for instant in (start, first) if instant is not None)
        return earliest if start is None else start, earliest

    def problems(self) -> tuple[str, ...]:
        """What could not be read, and how much more."""
        if not isinstance(self._items, Sourced):
            return ()
        named = tuple(self._items.problems)
        more = self._items.bad_lines - len(named)
        return (*named, f"and {more:,} more lines that can't be read") if more > 0 else named


def arrivals(heard: Heard, model: DeliveryModel) -> Iterator[tuple[float, list[Event]]]:
    """The batches that Datadog gets until the end, with their arrivals."""
    waiting: deque[tuple[float, list[Event]]] = deque()
    for batch in deliveries(heard.received(), model):
        waiting.append(batch)
        while waiting and waiting[0][0] <= heard.until:
            yield waiting.popleft()
    while waiting and waiting[0][0] <= heard.until:
        yield waiting.popleft()
