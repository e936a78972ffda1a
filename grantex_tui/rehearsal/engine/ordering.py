"""Recordings that don't tell when events were received, in the order in which these happened.

A journal's lines stand in the order of their receipt. The files of an archive may overlap, and an
export's lines come in any order: an event of which only the date is known was received at it, so
such recordings are sorted, in runs that are merged.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from heapq import merge
from io import BytesIO
from itertools import accumulate
from math import inf
from operator import itemgetter
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, cast

from grantex_tui.clock import parse_rfc3339, rfc3339
from grantex_tui.events.event import Event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.header import Identity, LogNote, header_body
from grantex_tui.events.kept.lines import encode_gap, encode_items
from grantex_tui.events.logged import Logged
from grantex_tui.events.recorded.instants import Instants, are_in_form
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.events.recorded.sketch import Sketches
from grantex_tui.rehearsal.engine.merging import merged
from grantex_tui.rehearsal.engine.timing import Time, timed


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from grantex_tui.events.entry import Sender
    from grantex_tui.events.recorded.sketch import Sketcher

_RUN = 200_000
"""Lines that are sorted in memory: 100 MB at the most of the usual ones."""
_TOLD = re.compile(rb'\b(?:receivedAt|createdAt|date|timestamp)\\?"\s*:\s*\\?"([^"\\]{1,40})')
_BARE = b'{"id":"'
_CREATED = re.compile(rb'"createdAt":"([^"]{24})"')
_SECOND = len("2026-01-05T09:00:00")
_JITTER = 1.0
"""Seconds."""


def is_in_order(blocks: Iterable[bytes]) -> bool:
    """Whether the events of a recording's lines never go back, each by the first date in it.

    A stream's do by some milliseconds, since what happens first isn't always sent first; below a
    second their order is that of receipt. A wrong no costs time, nothing else.
    """
    instants = Instants()
    latest, second = -inf, ""
    for block in blocks:
        texts = _texts(block)
        seconds = [second, *(text[:_SECOND] for text in texts)]
        try:
            if seconds == sorted(seconds) and are_in_form(texts):
                # The usual case, in a fifth of the time: no step back leaves its second.
                latest = max([latest, *instants.read([max(texts)] if texts else [])])
                second = seconds[-1]
                continue
            some = _instants(texts, instants)
        except (ValueError, OverflowError):
            return False
        newest = list(accumulate(some, max, initial=latest))
        if any(at + _JITTER <= new for at, new in zip(some, newest, strict=False)):
            return False
        latest = newest[-1]
        second = rfc3339(latest)[:_SECOND] if some else second
    return True


def _texts(block: bytes) -> list[str]:
    """The first date of each line that has one."""
    usual = _CREATED.findall(block)
    if block.startswith(_BARE) and len(usual) == block.count(b"\n") + 1:
        return b"\n".join(usual).decode("ascii", "replace").split("\n")
    found = (_TOLD.search(line) for line in block.split(b"\n"))
    return [told[1].decode("ascii", "replace") for told in found if told]


def _instants(texts: list[str], instants: Instants) -> list[float]:
    return instants.read(texts) if are_in_form(texts) else [parse_rfc3339(text) for text in texts]


def in_order(recording: Recording) -> Recording | Sorted:
    """*recording* itself if its events are in order, else sorted by their dates.

    What can be read only once, a pipe for one, is sorted unless it begins as a journal.

    Raises:
        RecordingError: It is not there.
    """
    if recording.is_journal() or (recording.is_kept and is_in_order(recording.blocks())):
        return recording
    return Sorted(recording)


class OutOfOrderError(Exception):
    """A recording that was read as if it were in order isn't."""


class Trusted:
    """A recording read as if its events were in order, until they turn out not to be.

    Looking first costs as much as reading: a third of a rehearsal over an archive.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    @property
    def problems(self) -> list[str]:
        """What could not be read, the first of it."""
        return self._recording.problems

    @property
    def bad_lines(self) -> int:
        """How many lines could not be read."""
        return self._recording.bad_lines

    def __iter__(self) -> Iterator[Arrival | Gap]:
        """One by one.

        Raises:
            OutOfOrderError: They are not in order.
            RecordingError: It is not there, or nothing in it could be read.
        """
        latest = -inf
        for item in self._recording:
            latest = _latest(latest, _told([item]))
            yield item

    def sketched(self, sketcher: Sketcher) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        """The same in parts, those of the usual form as *sketcher* sees them."""
        latest = -inf
        for part in self._recording.sketched(sketcher):
            latest = _latest(latest, part.instants if isinstance(part, Sketches) else _told(part))
            yield part


def _told(items: Sequence[Arrival | Gap]) -> list[float]:
    """When items were received, of those that tell."""
    return [at for at in (Time().at(item) for item in items) if at is not None]


def _latest(latest: float, instants: list[float]) -> float:
    """The latest of the instants that have come.

    Raises:
        OutOfOrderError: One of *instants* lies too far before it.
    """
    newest = list(accumulate(instants, max, initial=latest))
    if any(at + _JITTER <= new for at, new in zip(instants, newest, strict=False)):
        raise OutOfOrderError
    return newest[-1]


class Sorted:
    """A recording's arrivals and gaps by their dates; those of one instant in their own order.

    Args:
        recording: is read once, and knows then what of it could not be read.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def __iter__(self) -> Iterator[Arrival | Gap]:
        """One by one.

        Raises:
            RecordingError: It is not there, or nothing in it could be read.
        """
        with ExitStack() as opened:
            runs = map(timed, self._runs(([item] for item in self._recording), opened))
            yield from (item for _, item in merge(*runs, key=itemgetter(0)))

    def sketched(self, sketcher: Sketcher) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        """The same in parts, those of the usual form as *sketcher* sees them.

        Raises:
            RecordingError: It is not there, or nothing in it could be read.
        """
        with ExitStack() as opened:
            runs = self._runs(self._recording.sketched(sketcher), opened)
            yield from merged([run.sketched(sketcher) for run in runs])

    @staticmethod
    def _runs(
        parts: Iterable[Sketches | Sequence[Arrival | Gap]], opened: ExitStack
    ) -> list[Recording]:
        """Parts of the recording, each sorted, in files without a name."""
        runs: list[Recording] = []
        some: list[tuple[float, bytes]] = []
        for line in _lines(parts):
            some.append(line)
            if len(some) == _RUN:
                file = opened.enter_context(cast("BinaryIO", TemporaryFile()))  # noqa: SIM115 - it is
                runs.append(Recording(_run(some, file)))
                some = []
        if some:
            runs.append(Recording(_run(some, BytesIO())))
        return runs


def _run(lines: list[tuple[float, bytes]], file: BinaryIO) -> BinaryIO:
    lines.sort(key=itemgetter(0))
    file.writelines(line for _, line in lines)
    file.seek(0)
    return file


def _lines(parts: Iterable[Sketches | Sequence[Arrival | Gap]]) -> Iterator[tuple[float, bytes]]:
    """Each line with its instant; what tells none has that of the one before it."""
    known: float | None = None
    early: list[Arrival | Gap] = []
    for part in parts:
        if isinstance(part, Sketches) and part.sender is None:
            for each in early:
                yield part.instants[0], _line(each, part.instants[0])
            early = []
            known = part.instants[-1]
            lines = part.lines(0, len(part))
            whole = (line.rstrip(b"\n") + b"\n" for line in lines)
            yield from zip(part.instants, whole, strict=True)
            continue
        for item in _items(part):
            told = Time().at(item)
            if told is None and known is None:
                early.append(item)
                continue
            known = told if told is not None else known
            assert known is not None
            for each in (*early, item):
                yield known, _line(each, known)
            early = []


def _items(part: Sketches | Sequence[Arrival | Gap]) -> Sequence[Arrival | Gap]:
    if isinstance(part, Sketches):
        return [Arrival(at, part.event(number)) for number, at in enumerate(part.instants)]
    return part


def _line(item: Arrival | Gap, at: float) -> bytes:
    if isinstance(item, Gap):
        return encode_gap(item)
    if isinstance(item.event, Logged):
        return item.event.line + b"\n"
    line = encode_items([item.event], at)
    sender = item.event.sender if isinstance(item.event, Event) else None
    return line if sender is None else _header(sender) + line + _NOBODY


def _header(sender: Sender | None) -> bytes:
    """A journal's header, by which the event after it has this sender."""
    note = None
    if sender is not None:
        note = LogNote(sender.source, ",".join(sender.tags), sender.host, sender.service)
    return header_body(Identity(log=note), segment=0, first=0, previous="") + b"}\n"


_NOBODY = _header(None)
