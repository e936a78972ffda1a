"""Which verdicts form a contiguous run: the checkpoint moves over no other."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.events.kept.spool import Position


@dataclass(slots=True)
class Span:
    """Neighbouring events in hand, and what has become of them so far."""

    end: Position
    open: int
    """Events without a verdict."""
    delivered: int = 0
    dead_lettered: int = 0
    unreadable: int = 0
    since: float = 0.0
    """When the first of them was received, monotonic seconds."""


class Progress:
    """The spans in hand, in the order in which they were taken."""

    def __init__(self) -> None:
        self._spans: deque[Span] = deque()

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def oldest(self) -> float | None:
        """When the first event in hand was received; None when none is."""
        return self._spans[0].since if self._spans else None

    def begin(self, span: Span) -> None:
        """Add *span* after all others."""
        self._spans.append(span)

    def advance(self) -> Span | None:
        """One span for all that have got their verdicts without an open one before; None if none."""
        done = None
        while self._spans and not self._spans[0].open:
            span = self._spans.popleft()
            if done is not None:
                span.delivered += done.delivered
                span.dead_lettered += done.dead_lettered
                span.unreadable += done.unreadable
            done = span
        return done
