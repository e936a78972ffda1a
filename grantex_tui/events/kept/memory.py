"""The spool of a run without a journal: bounded memory, gone with the process."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from grantex_tui.events.event import Event
from grantex_tui.events.kept.losses import Losses
from grantex_tui.events.kept.spool import Chunk, DeadLetter, Entry, Position


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.events.event import Malformed
    from grantex_tui.events.gap import Gap

MAX_BYTES = 64 * 1024 * 1024
MEMORY_FULL = "memory full"
NO_JOURNAL = "no journal to keep them in"


class MemoryJournal:
    """The `Spool` in memory; when it is full, the oldest event that nobody has taken goes."""

    carried_over = 0

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._waiting: deque[tuple[Entry, float]] = deque()
        self._bytes = 0
        self._received = 0
        self._losses = Losses()

    @property
    def received(self) -> int:
        """Events appended."""
        return self._received

    @property
    def dropped(self) -> Mapping[str, int]:
        """Events that were lost, by reason."""
        return self._losses.counts

    @property
    def unread(self) -> int:
        """Events that nobody has taken yet."""
        return len(self._waiting)

    @property
    def unread_bytes(self) -> int:
        """Their bytes."""
        return self._bytes

    def append(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Keep the events of one read; what is no event has nowhere to go from here."""
        for item in items:
            if isinstance(item, Event):
                self._received += 1
                self._waiting.append((Entry(item.raw, item.type, self._received), received_at))
                self._bytes += len(item.raw)
        before = len(self._waiting)
        while self._bytes > self._max_bytes:
            entry, _ = self._waiting.popleft()
            self._bytes -= len(entry.raw)
        self._losses.add(MEMORY_FULL, before - len(self._waiting), received_at)

    def append_gap(self, gap: Gap) -> None:
        """Nothing: a gap is shown, and there is no file to note it in."""

    def oldest_unread_at(self) -> float | None:
        """When the first unread event was received (epoch seconds), if there is one."""
        return self._waiting[0][1] if self._waiting else None

    def take(self, max_entries: int, max_bytes: int) -> Chunk | None:
        """The next events; None when there is none."""
        entries: list[Entry] = []
        while self._waiting and len(entries) < max_entries:
            size = len(self._waiting[0][0].raw)
            if entries and size > max_bytes:
                break
            entries.append(self._waiting.popleft()[0])
            self._bytes -= size
            max_bytes -= size
        return Chunk(entries, Position(0, entries[-1].end)) if entries else None

    def bury(self, letter: DeadLetter) -> None:
        """Nothing: it is counted and shown by who asks; there is no file to keep it in."""

    def keep_whole(self, letter: DeadLetter) -> None:
        """Nothing: there is no file to keep it in."""

    def settle(self, end: Position, *, delivered: int, dead_lettered: int, unreadable: int) -> None:
        """Nothing: what was taken is gone already."""

    def persist(self) -> None:
        """Nothing."""

    @property
    def standing(self) -> Sequence[str]:
        """What is being lost, if anything is."""
        return self._losses.standing

    def notices(self) -> Sequence[str]:
        """What has begun or ended since this was last asked."""
        said, self._losses.notices = self._losses.notices, []
        return said

    def tend(self, now: float) -> None:
        """See what has ended."""
        self._losses.tend(now)

    def close(self, undelivered: int | None = None) -> None:
        """What nobody has taken and delivered is gone with the process."""
        self._losses.found(NO_JOURNAL, undelivered or 0)
