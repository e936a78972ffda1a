"""What was appended last, in memory: delivery that keeps up need not read back what was just written.

Delivery that is behind reads the segments until it comes to what is in here. Both ways give the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.events.arrived import payloads_of, types_of
from grantex_tui.events.kept.lines import BESIDE_PAYLOAD
from grantex_tui.events.kept.spool import Entry


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.event import Event, Malformed


class _Read(NamedTuple):
    """The lines of one read: neighbours in a segment."""

    segment: int
    start: int
    ends: list[int]
    """Of its lines, bytes from the start of the segment."""
    payloads: Sequence[bytes]
    types: list[str]
    received_at: float

    @property
    def size(self) -> int:
        return self.ends[-1] - self.start


class Recent:
    """The last reads, as many as *max_bytes* of lines hold."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._reads: deque[_Read] = deque()
        self._bytes = 0

    def add(
        self,
        items: Sequence[Event | Malformed],
        received_at: float,
        segment: int,
        end: int,
        size: int,
    ) -> None:
        """A read was appended to *segment*: *size* bytes, which end at byte *end*.

        One that is more than a plain line for each event is left to be read back.
        """
        payloads = payloads_of(items)
        if payloads is None or size > self._max_bytes:
            return
        start = end - size
        lengths = (len(payload) + BESIDE_PAYLOAD for payload in payloads)
        ends = list(accumulate(lengths, initial=start))[1:]
        if ends[-1] != end:  # a header before them, or a payload that had to be quoted
            return
        self._reads.append(_Read(segment, start, ends, payloads, types_of(items), received_at))
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._bytes -= self._reads.popleft().size

    def take(self, segment: int, offset: int, *, max_entries: int, max_bytes: int) -> list[Entry]:
        """The events from byte *offset* of *segment* on; none if they are not, or no more, in here."""
        self._pass(segment, offset)
        entries: list[Entry] = []
        limit = offset + max_bytes
        for read in self._reads:
            if read.segment != segment or read.start > offset:
                break
            first = bisect_right(read.ends, offset)
            last = min(bisect_right(read.ends, limit), first + max_entries - len(entries))
            if not entries:
                last = max(last, first + 1)  # one that is larger comes alone
            entries += map(
                Entry, read.payloads[first:last], read.types[first:last], read.ends[first:last]
            )
            if last < len(read.ends):
                break
            offset = read.ends[-1]
        return entries

    def received_at(self, segment: int, offset: int) -> float | None:
        """When the event was received whose line begins at byte *offset* of *segment*, if it is known."""
        self._pass(segment, offset)
        first = self._reads[0] if self._reads else None
        is_within = first is not None and first.segment == segment and first.start <= offset
        return first.received_at if first is not None and is_within else None

    def _pass(self, segment: int, offset: int) -> None:
        """What comes before is not asked for any more."""
        while self._reads and (self._reads[0].segment, self._reads[0].ends[-1]) <= (
            segment,
            offset,
        ):
            self._bytes -= self._reads.popleft().size
