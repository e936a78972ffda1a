"""Several recordings as one, many events at a time: by when they were received, then by recording.

Each recording is read in parts, blocks of sketched events for the most. A round takes of every
recording what comes before the first of their present parts ends, so recordings that follow each
other pass through in whole blocks, and those of the same days are interleaved by one sort a round.
An event that several of them hold happened once, and is taken once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.events.event import Event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.sketch import Sketches, joined
from grantex_tui.rehearsal.engine.timing import Time


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.events.gap import Gap


_APART = 900.0
"""Seconds by which the receipts of one event in two recordings may differ."""

Name = tuple[str, str]
"""An event's id and when it was created; the id is empty for what is no event."""

Items = Sketches | list["Arrival | Gap"]


class _Piece(NamedTuple):
    """Some items of a part that follow each other."""

    items: Items
    instants: list[float]
    first: int
    last: int
    source: int
    """The number of its recording."""

    def __bool__(self) -> bool:
        return self.first < self.last

    @property
    def is_whole(self) -> bool:
        return self.first == 0 and self.last == len(self.instants)


class _Source:
    """A recording: its present part, as far as that hasn't been taken, and those to come."""

    def __init__(self, number: int, parts: Iterable[Sketches | Sequence[Arrival | Gap]]) -> None:
        self._number = number
        self._timed = _timed_parts(parts)
        self._items: Items = []
        self._instants: list[float] = []
        self._at = 0

    def has_more(self) -> bool:
        """Whether there is anything left; goes on to the next part if there must be one."""
        while self._at == len(self._instants):
            following = next(self._timed, None)
            if following is None:
                return False
            self._items, self._instants = following
            self._at = 0
        return True

    @property
    def goes_on_at(self) -> float:
        """The instant of what comes next."""
        return self._instants[self._at]

    @property
    def ends_at(self) -> float:
        """The last instant of the present part."""
        return self._instants[-1]

    def take_before(self, instant: float) -> _Piece:
        """What of the present part was received before *instant*."""
        return self._take(bisect_left(self._instants, instant, self._at))

    def take_until(self, instant: float) -> _Piece:
        """The same, and at it."""
        return self._take(bisect_right(self._instants, instant, self._at))

    def _take(self, last: int) -> _Piece:
        piece = _Piece(self._items, self._instants, self._at, last, self._number)
        self._at = last
        return piece


def _timed_parts(
    parts: Iterable[Sketches | Sequence[Arrival | Gap]],
) -> Iterator[tuple[Items, list[float]]]:
    """Parts with the instants at which their items were received, which never go back.

    What stands in a recording before any instant was received with what comes next.
    """
    time = Time()
    waiting: list[Arrival | Gap] = []
    for part in parts:
        if isinstance(part, Sketches):
            if waiting:
                yield waiting, [part.instants[0]] * len(waiting)
                waiting = []
            instants = time.never_back(part.instants)
            time.now = instants[-1]
            yield part, instants
            continue
        items: list[Arrival | Gap] = []
        moments: list[float] = []
        for item in part:
            now = time.at(item)
            if now is None:
                waiting.append(item)
                continue
            items += (*waiting, item)
            moments += [now] * (len(waiting) + 1)
            waiting = []
        yield items, moments


class Known:
    """Which recording an event was first found in, for as long as others may hold it, too."""

    def __init__(self) -> None:
        self.repeated = 0
        """Events that had been found in another recording."""
        self._older: dict[Name, int] = {}
        self._newer: dict[Name, int] = {}
        self._since = -inf

    def is_new(self, item: Name, source: int, at: float) -> bool:
        """Whether an event, received at *at*, is none that another recording has given already."""
        if at > self._since + _APART:
            # What is older than twice that long is forgotten: memory for half an hour's ids.
            self._older = self._newer if at <= self._since + 2 * _APART else {}
            self._newer, self._since = {}, at
        found = self._newer.get(item)
        if found is None:
            found = self._older.get(item)
        if found is None:
            self._newer[item] = source
            return True
        self.repeated += found != source
        return found == source


def merged(
    recordings: Iterable[Iterable[Sketches | Sequence[Arrival | Gap]]], known: Known | None = None
) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
    """The parts of several recordings as those of one.

    Items of one instant come in the order of their recordings, and in their own.

    Args:
        recordings: each as its parts.
        known: for events that several of them hold; None: none is taken for the same.
    """
    sources = [_Source(number, parts) for number, parts in enumerate(recordings)]
    shared = -inf
    while sources := [source for source in sources if source.has_more()]:
        # The first of those that end first: it may go on at that instant, before all that follow.
        ending = min(sources, key=lambda source: source.ends_at)
        end, number = ending.ends_at, sources.index(ending)
        if any(each.goes_on_at <= end + _APART for each in sources if each is not ending):
            shared = end + _APART
        known_here = known if ending.goes_on_at <= shared else None
        pieces = [source.take_until(end) for source in sources[: number + 1]]
        pieces += [source.take_before(end) for source in sources[number + 1 :]]
        yield _interleaved([piece for piece in pieces if piece], known_here)


def _interleaved(
    pieces: Sequence[_Piece], known: Known | None
) -> Sketches | Sequence[Arrival | Gap]:
    first = pieces[0]
    if known is None and len(pieces) == 1 and first.is_whole:
        if isinstance(first.items, Sketches):
            first.items.instants = first.instants
        return first.items
    instants = [at for piece in pieces for at in piece.instants[piece.first : piece.last]]
    order = sorted(range(len(instants)), key=instants.__getitem__)
    if known is not None:
        named = [(name, piece.source) for piece in pieces for name in _names(piece)]
        order = [
            number for number in order
            if not (one := named[number])[0][0] or known.is_new(*one, instants[number])
        ]  # fmt: skip
    sketched = [
        (piece.items, piece.first, piece.last)
        for piece in pieces
        if isinstance(piece.items, Sketches)
    ]
    kinds = {(sketches.sender, bool(sketches.held)) for sketches, _, _ in sketched}
    if len(sketched) == len(pieces) and len(kinds) == 1 and order:
        return joined(sketched, order, [instants[number] for number in order])
    items = [item for piece in pieces for item in _items(piece)]
    return [items[number] for number in order]


def _names(piece: _Piece) -> list[Name]:
    items, _, first, last, _ = piece
    if isinstance(items, Sketches):
        return items.names(first, last)
    return [name_of(item) for item in items[first:last]]


def name_of(item: Arrival | Gap) -> Name:
    """What tells an event from others."""
    event = item.event if isinstance(item, Arrival) else None
    return (event.id, event.created_at) if isinstance(event, Event) else ("", "")


def _items(piece: _Piece) -> Sequence[Arrival | Gap]:
    items, instants, first, last, _ = piece
    if not isinstance(items, Sketches):
        return items[first:last]
    return [Arrival(instants[number], items.event(number)) for number in range(first, last)]
