"""What lies between the stream and the forwarder: a queue that outlives both.

Two things keep it: `Journal` on disk and `MemoryJournal`. There is one writer and one reader.
What the reader has taken and not settled is in its hands; what it has settled is done with.
At every instant ``carried_over + received = settled + in hand + unread + dropped``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.events.event import Event, Malformed
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.kept.header import LogNote


class Position(NamedTuple):
    """A place between two lines of the journal."""

    segment: int
    offset: int
    """Bytes from the start of the segment."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An event on its way out."""

    raw: bytes
    type: str
    end: int
    """The byte offset in its segment where its line ends."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one `Spool.take` gave: neighbouring events of one segment."""

    entries: list[Entry]
    """None at all when everything up to ``end`` is buried or unreadable."""
    end: Position
    """Just after the last of them."""
    buried: int = 0
    """Events in between that an earlier run has dead-lettered already."""
    unreadable: int = 0
    """Events in between that the disk has damaged; in ``dropped`` already."""
    log: LogNote | None = None
    """What makes a log of each, as noted when they were received; None: as this run has it."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that the intake will never take."""

    segment: int
    end: int
    """With ``segment``, which event it is: `Entry.end`."""
    entry: bytes
    """The intake entry as JSON; the event itself where that is kept whole."""
    reason: str
    status: int | None
    """The intake's answer; None when it was not even sent."""


class Spool(Protocol):
    """A queue of events with a memory for what was done with them."""

    @property
    def carried_over(self) -> int:
        """Events that were undelivered when this run began."""
        ...

    @property
    def received(self) -> int:
        """Events appended in this run."""
        ...

    @property
    def dropped(self) -> Mapping[str, int]:
        """Events of which this run lost hold, by reason."""
        ...

    @property
    def unread(self) -> int:
        """Events that nobody has taken yet."""
        ...

    @property
    def unread_bytes(self) -> int:
        """About how many bytes they have."""
        ...

    def append(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Keep one read, or count it in ``dropped``."""
        ...

    def append_gap(self, gap: Gap) -> None:
        """Keep a gap."""
        ...

    def oldest_unread_at(self) -> float | None:
        """When the first unread event was received (epoch seconds), if there is one."""
        ...

    def take(self, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events; None when there is none."""
        ...

    def bury(self, letter: DeadLetter) -> None:
        """Put *letter* where people can find it; raises `JournalError` when that fails."""
        ...

    def keep_whole(self, letter: DeadLetter) -> None:
        """Keep an event of which a shortened copy is delivered; raises `JournalError`."""
        ...

    def settle(self, end: Position, *, delivered: int, dead_lettered: int, unreadable: int) -> None:
        """Everything up to *end*, so many events more than last time, has had its verdict."""
        ...

    def persist(self) -> None:
        """Make what was settled survive a power cut. May block; may be called from a thread."""
        ...

    @property
    def standing(self) -> Sequence[str]:
        """What is wrong now, a line each, for as long as it is."""
        ...

    def notices(self) -> Sequence[str]:
        """What has begun or ended since this was last asked, to be said once."""
        ...

    def tend(self, now: float) -> None:
        """Mend what can be mended by now. To be called once a second."""
        ...

    def close(self, undelivered: int | None = None) -> None:
        """Let go of the files; so many events have no verdict, if that is known."""
        ...
