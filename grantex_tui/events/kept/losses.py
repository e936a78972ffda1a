"""What was lost, by reason: counted at once, told when it begins and when it has ended."""

from __future__ import annotations

from collections import Counter


_QUIET = 5.0
"""Seconds without a further loss after which one is said to be over."""

DAMAGED = "damaged"
MISSING = "missing from the journal"
JOURNAL_FULL = "journal full"
DISK_FULL = "disk full"
REMOVED = "removed from the disk"


class Losses:
    """The counts, and what is to be said about them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.notices: list[str] = []
        """To be said now; whoever says them empties it."""
        self._episodes: dict[str, tuple[int, float]] = {}
        """By reason: the count when it began, and when it last went up."""

    def add(self, reason: str, count: int, now: float) -> None:
        """So many events are lost."""
        if count <= 0:
            return
        if reason not in self._episodes:
            self.notices.append(f"events are being lost: {reason}")
        before = self._episodes.get(reason, (self.counts[reason], now))[0]
        self._episodes[reason] = (before, now)
        self.counts[reason] += count

    def found(self, reason: str, count: int) -> None:
        """So many events were found to be lost; what there is to say is said elsewhere."""
        if count > 0:
            self.counts[reason] += count

    def tend(self, now: float) -> None:
        """Say of what has ended how much it was."""
        for reason, (before, latest) in list(self._episodes.items()):
            if now - latest >= _QUIET:
                del self._episodes[reason]
                lost = self.counts[reason] - before
                self.notices.append(f"no more events are lost; {lost:,} were: {reason}")

    @property
    def standing(self) -> list[str]:
        """What is going on, a line each, for as long as it does."""
        return [
            f"events are being lost: {reason}, {self.counts[reason] - before:,} so far"
            for reason, (before, _) in self._episodes.items()
        ]
