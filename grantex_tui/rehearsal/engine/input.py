"""Events for a rehearsal: recordings, several at once by time, and simulated ones."""

from __future__ import annotations

import glob
import os.path
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from grantex_tui.errors import RecordingError
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.rehearsal.engine.merging import Known, merged, name_of
from grantex_tui.rehearsal.engine.ordering import Trusted, in_order
from grantex_tui.rehearsal.engine.timing import timed


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.sketch import Sketcher, Sketches

__all__ = ["Recordings", "Simulation", "open_recordings", "simulated", "timed"]
_AT_ONCE = 512


class Recordings:
    """Several recordings as one, their events merged by when they were received.

    Each is in its own order, and by its events' dates where it doesn't tell when they were received.
    What several of them hold happened once, and is taken once; what one holds twice was received
    twice. `problems`, `bad_lines` and `repeated` are of all, known after iterating.
    """

    def __init__(self, parts: Sequence[Recording]) -> None:
        self.parts = tuple(parts)
        self._known = Known()

    @property
    def name(self) -> str:
        """What they are, for people."""
        names = [part.name for part in self.parts]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")

    @property
    def problems(self) -> list[str]:
        """What could not be read, the first of it for each."""
        return [problem for part in self.parts for problem in part.problems]

    @property
    def bad_lines(self) -> int:
        """How many lines could not be read."""
        return sum(part.bad_lines for part in self.parts)

    def __iter__(self) -> Iterator[Arrival | Gap]:
        """All arrivals and gaps by time.

        Raises:
            RecordingError: One of them is not there, or nothing in it could be read.
        """
        if len(self.parts) == 1:
            return iter(in_order(self.parts[0]))
        return self._merged()

    def _merged(self) -> Iterator[Arrival | Gap]:
        self._known = Known()
        placed = (_placed(number, part) for number, part in enumerate(self.parts))
        for at, source, item in merge(*placed, key=itemgetter(0)):
            name = name_of(item)
            if not name[0] or self._known.is_new(name, source, at):
                yield item

    def trusted(self) -> Trusted | None:
        """The one recording, if whether it is in order is only to be found out by reading it."""
        (first, *others) = self.parts
        is_told = others or not first.is_kept or first.is_journal()
        return None if is_told else Trusted(first)

    @property
    def repeated(self) -> int:
        """How many events a recording had that another one had given already."""
        return self._known.repeated

    def sketched(self, sketcher: Sketcher) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        """The same in parts, those of the usual form as *sketcher* sees them.

        Raises:
            RecordingError: One of them is not there, or nothing in it could be read.
        """
        if len(self.parts) == 1:
            yield from in_order(self.parts[0]).sketched(sketcher)
            return
        self._known = Known()
        yield from merged((in_order(part).sketched(sketcher) for part in self.parts), self._known)


def _placed(number: int, part: Recording) -> Iterator[tuple[float, int, Arrival | Gap]]:
    return ((at, number, item) for at, item in timed(in_order(part)))


def open_recordings(sources: Sequence[str]) -> Recordings:
    """The recordings that *sources* name: files, folders, ``-`` for standard input, patterns.

    What is named twice, by patterns that overlap for one, is read once. A pattern (``*``, ``?``, ``[…]``, ``**``) that is no file's name stands for the files that it
    matches, by name.

    Raises:
        RecordingError: A pattern matches nothing.
    """
    names = dict.fromkeys(name for source in sources for name in _expanded(source))
    return Recordings([Recording(name) for name in names])


def _expanded(source: str) -> list[str]:
    if source == "-" or not glob.has_magic(source) or os.path.lexists(source):
        return [source]
    names = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - Path has none for patterns from the root
    if not names:
        raise RecordingError(
            "no file matches the pattern", path=source, hint="Quote it if the shell shall not."
        )
    return names


def simulated(events: Iterable[tuple[float, bytes]], start: float) -> Simulation:
    """Arrivals of generated events, once.

    Args:
        events: seconds since *start* and payload, as the simulator's sources give them.
        start: epoch seconds.
    """
    return Simulation(events, start)


class Simulation:
    """Generated events; an event arrives when it happens."""

    def __init__(self, events: Iterable[tuple[float, bytes]], start: float) -> None:
        self._events = events
        self._start = start

    def __iter__(self) -> Iterator[Arrival]:
        start = self._start
        return (Arrival(start + at, decode_event(payload)) for at, payload in self._events)

    def sketched(self, sketcher: Sketcher) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        """The same in parts, those of the usual form as *sketcher* sees them."""
        events = iter(self._events)
        while some := list(islice(events, _AT_ONCE)):
            sketches = sketcher.read_payloads(b"\n".join(payload for _, payload in some))
            if sketches is None or len(sketches.events) != len(some):
                yield list(Simulation(some, self._start))
            else:
                sketches.instants = [self._start + at for at, _ in some]
                yield sketches
