"""What was received, in virtual time, and when Datadog gets it: parts of a recording, in order.

A part is either a block of sketched events or a list of decoded ones. Both know when each of their
events was received, and how to be counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import islice, pairwise
from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from grantex_tui.clock import rfc3339
from grantex_tui.errors import RecordingError
from grantex_tui.events.event import Event
from grantex_tui.events.gap import Gap
from grantex_tui.events.recorded.sketch import Sketches
from grantex_tui.rehearsal.engine.delivery import Batches
from grantex_tui.rehearsal.engine.timing import Time


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.events.recorded.sketch import Sketcher
    from grantex_tui.rehearsal.engine.model import DeliveryModel

_LONGEST_SILENCE = 366 * 86400.0
"""Between two events of one rehearsal; more is a wrong date, and would take hours to evaluate."""
_AT_ONCE = 512


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


@runtime_checkable
class Overlapping(Protocol):
    """Events of several sources, of which each is taken once."""

    @property
    def repeated(self) -> int:
        """How many were left out since another source had given them."""
        ...


@runtime_checkable
class Sketchable(Protocol):
    """Events that can be had in sketches, many at once."""

    def sketched(self, sketcher: Sketcher) -> Iterable[Sketches | Sequence[Arrival | Gap]]:
        """All of them, in order."""
        ...


class Part(NamedTuple):
    """Events that were received one after the other."""

    events: Sketches | Sequence[Event]
    instants: list[float]
    """When each of them was received, never going back. What lies beyond them is left out."""


class Delivered(NamedTuple):
    """Some of a part's events on their arrival at Datadog."""

    events: Sketches | Sequence[Event]
    first: int
    arrivals: list[float]
    """Of the events from number *first* on, never going back."""


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
        self._time = Time()
        self._now = -inf if start is None else start
        self._first: float | None = None
        self._early: list[Event] = []
        self._ended = False
        self.events = 0
        self.gaps: list[Gap] = []

    def parts(self, sketcher: Sketcher | None) -> Iterator[Part]:
        """The events, in parts; sketched where that can be.

        Raises:
            RecordingError: Between two events lies more than a year.
        """
        for some in self._some(sketcher):
            part = self._sketched(some) if isinstance(some, Sketches) else self._placed(some)
            if part.instants and self._early:
                yield Part(self._early, [part.instants[0]] * len(self._early))
                self._early = []
            if part.instants:
                self.events += len(part.instants)
                yield part
            if self._ended:
                break

    def _some(self, sketcher: Sketcher | None) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        if sketcher is not None and isinstance(self._items, Sketchable):
            yield from self._items.sketched(sketcher)
            return
        items = iter(self._items)
        while some := list(islice(items, _AT_ONCE)):
            yield some

    def _sketched(self, sketches: Sketches) -> Part:
        instants = self._time.never_back(sketches.instants)
        if self._end is not None and instants[-1] > self._end:
            self._ended = True
            instants = instants[: bisect_right(instants, self._end)]
        if instants:
            self._time.now = instants[-1]
            self._first = instants[0] if self._first is None else self._first
            self._move(instants)
        return Part(sketches, instants)

    def _placed(self, items: Sequence[Arrival | Gap]) -> Part:
        events: list[Event] = []
        instants: list[float] = []
        moments: list[float] = []
        for item in items:
            if self._ended:
                self._keep_if_begun(item)
                continue
            at = self._time.at(item)
            if at is not None and self._end is not None and at > self._end:
                self._ended = True
                self._keep_if_begun(item)
                continue
            if at is not None:
                moments.append(at)
            if isinstance(item, Gap):
                self._note_gap(item)
                continue
            self._first = at if self._first is None else self._first
            if not isinstance(item.event, Event):
                continue
            if at is None:
                self._early.append(item.event)
                self.events += 1
            else:
                events.append(item.event)
                instants.append(at)
        self._move(moments)
        return Part(events, instants)

    def _note_gap(self, gap: Gap) -> None:
        """A gap is written down when it begins and, with its end, when that is known: it is one."""
        before = self.gaps[-1] if self.gaps else None
        if before is not None and before.end is None and before.start == gap.start:
            self.gaps[-1] = gap
        else:
            self.gaps.append(gap)

    def _keep_if_begun(self, item: Arrival | Gap) -> None:
        """A gap is written down when it is over: of one that began before the end it is known."""
        if isinstance(item, Gap) and self._end is not None and item.start < self._end:
            self._note_gap(item)

    def _move(self, moments: Sequence[float]) -> None:
        """Let time come to the last of *moments*, and look that none is out of the question."""
        if not moments:
            return
        known = self._now if self._now > -inf else moments[0]
        if moments[-1] - known > _LONGEST_SILENCE:
            for since, at in pairwise([known, *moments]):
                if at - since > _LONGEST_SILENCE:
                    raise RecordingError(
                        f"an event of {rfc3339(at)} follows one of {rfc3339(since)},"
                        " more than a year later",
                        path=self._source,
                        hint="If its date is wrong, end the rehearsal before it.",
                    )
        self._now = max(self._now, moments[-1])

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

    @property
    def repeated(self) -> int:
        """How many events more than one recording held."""
        return self._items.repeated if isinstance(self._items, Overlapping) else 0

    def problems(self) -> tuple[str, ...]:
        """What could not be read, and how much more."""
        if not isinstance(self._items, Sourced):
            return ()
        named = tuple(self._items.problems)
        more = self._items.bad_lines - len(named)
        return (*named, f"and {more:,} more lines that can't be read") if more > 0 else named


def arrivals(heard: Heard, model: DeliveryModel, sketcher: Sketcher | None) -> Iterator[Delivered]:
    """The events in the order and at the instants at which Datadog gets them, until the end."""
    batches = Batches(model)
    parts: deque[tuple[Part, int]] = deque()
    known: list[float] = []
    for part in heard.parts(sketcher):
        parts.append((part, 0))
        known += batches.add(part.instants)
        if known and known[0] <= heard.until:
            ready = bisect_right(known, heard.until)
            yield from _taken(parts, known[:ready])
            del known[:ready]
    known += batches.rest()
    yield from _taken(parts, known[: bisect_right(known, heard.until)])


def _taken(parts: deque[tuple[Part, int]], ready: list[float]) -> Iterator[Delivered]:
    """As many events of the oldest parts as there are arrivals."""
    at = 0
    while at < len(ready):
        part, first = parts.popleft()
        count = min(len(part.instants) - first, len(ready) - at)
        if first + count < len(part.instants):
            parts.appendleft((part, first + count))
        yield Delivered(part.events, first, ready[at : at + count])
        at += count
