"""Several recordings as one, many events at a time: by when they were received, then by recording.

Each recording is read in parts, blocks of sketched events for the most. A round takes of every
recording what comes before the first of their present parts ends, so recordings that follow each
other pass through in whole blocks, and those of the same days are interleaved by one sort a round.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded import Arrival
from grantex_tui.events.sketch import Sketches, joined
from grantex_tui.rehearsal.timing import Time


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.events.connection import Gap


Items = Sketches | list["Arrival | Gap"]


class _Piece(NamedTuple):
    """Some items of a part that follow each other."""

    items: Items
    instants: list[float]
    first: int
    last: int

    def __bool__(self) -> bool:
        return self.first < self.last

    @property
    def is_whole(self) -> bool:
        return self.first == 0 and self.last == len(self.instants)


class _Source:
    """A recording: its present part, as far as that hasn't been taken, and those to come."""

    def __init__(self, parts: Iterable[Sketches | Sequence[Arrival | Gap]]) -> None:
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
        piece = _Piece(self._items, self._instants, self._at, last)
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
            instants = part.instants
            if waiting:
                yield waiting, [instants[0]] * len(waiting)
                waiting = []
            begin = instants[0] if time.now is None else max(time.now, instants[0])
            if begin != instants[0] or instants != sorted(instants):
                instants = list(accumulate(instants[1:], max, initial=begin))
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


def merged(
    recordings: Iterable[Iterable[Sketches | Sequence[Arrival | Gap]]],
) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
    """The parts of several recordings as those of one.

    Items of one instant come in the order of their recordings, and in their own.
    """
    sources = [_Source(parts) for parts in recordings]
    while sources := [source for source in sources if source.has_more()]:
        # The first of those that end first: it may go on at that instant, before all that follow.
        ending = min(sources, key=lambda source: source.ends_at)
        end, number = ending.ends_at, sources.index(ending)
        pieces = [source.take_until(end) for source in sources[: number + 1]]
        pieces += [source.take_before(end) for source in sources[number + 1 :]]
        yield _interleaved([piece for piece in pieces if piece])


def _interleaved(pieces: Sequence[_Piece]) -> Sketches | Sequence[Arrival | Gap]:
    first = pieces[0]
    if len(pieces) == 1 and first.is_whole:
        if isinstance(first.items, Sketches):
            first.items.instants = first.instants
        return first.items
    instants = [at for piece in pieces for at in piece.instants[piece.first : piece.last]]
    order = sorted(range(len(instants)), key=instants.__getitem__)
    sketched = [
        (piece.items, piece.first, piece.last)
        for piece in pieces
        if isinstance(piece.items, Sketches)
    ]
    if len(sketched) == len(pieces):
        return joined(sketched, order, [instants[number] for number in order])
    items = [item for piece in pieces for item in _items(piece)]
    return [items[number] for number in order]


def _items(piece: _Piece) -> Sequence[Arrival | Gap]:
    items, instants, first, last = piece
    if not isinstance(items, Sketches):
        return items[first:last]
    return [
        Arrival(instants[number], decode_event(items.payload(number)))
        for number in range(first, last)
    ]
