"""What is written down beside the journal: dead letters, and the whole of a log sent shortened.

While the disk refuses, they wait here; a dead letter is pending until it is buried.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.errors import JournalError


if TYPE_CHECKING:
    from grantex_tui.delivery.progress import Span
    from grantex_tui.events.kept.spool import DeadLetter, Spool

_AGAIN_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class _Burial:
    letter: DeadLetter
    span: Span | None
    """None for a whole, whose copy is delivered."""


class Burials:
    """Writes them, in order, and again while that fails."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._waiting: deque[_Burial] = deque()
        self._again_at = 0.0
        self.buried = 0
        """Dead letters that were written down in this run."""
        self.last: deque[DeadLetter] = deque(maxlen=20)
        """The newest of them, oldest first."""
        self.trouble = ""
        """What the disk refuses, while it does."""

    def __len__(self) -> int:
        return sum(burial.span is not None for burial in self._waiting)

    def condemn(self, letter: DeadLetter, span: Span, now: float) -> None:
        """Bury *letter*, of *span*."""
        self._waiting.append(_Burial(letter, span))
        self.write(now)

    def keep_whole(self, letter: DeadLetter, now: float) -> None:
        """Keep what is delivered in a shortened copy."""
        self._waiting.append(_Burial(letter, None))
        self.write(now)

    @property
    def due_at(self) -> float | None:
        """When to try again; None when nothing waits."""
        return self._again_at if self._waiting else None

    def write(self, now: float) -> None:
        """Write what waits, if it is time."""
        if now < self._again_at:
            return
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except JournalError as error:
                self.trouble = error.message
                self._again_at = now + _AGAIN_AFTER
                return
            self._waiting.popleft()
            self._again_at, self.trouble = 0.0, ""

    def _write(self, burial: _Burial) -> None:
        if burial.span is None:
            self._spool.keep_whole(burial.letter)
            return
        self._spool.bury(burial.letter)
        burial.span.open -= 1
        burial.span.dead_lettered += 1
        self.buried += 1
        self.last.append(burial.letter)
