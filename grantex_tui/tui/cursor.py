"""Where the event stream's view stands: following the newest event, or anchored to one.

Rows come and go at both ends, so everything is said in sequence numbers, never in indices: a view
that somebody has scrolled stays on its events however many arrive.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.watch.frame import EventRow

_sequence = attrgetter("sequence")


class Cursor:
    """The state of the view: the selected event, the last visible one, and the height."""

    def __init__(self) -> None:
        self.rows: Sequence[EventRow] = ()
        """All rows that can be scrolled to, oldest first."""
        self.height = 1
        self.following = True
        self._selected: int | None = None
        self._bottom: int | None = None

    def update(self, rows: Sequence[EventRow], height: int) -> None:
        """Take the newest *rows*; a view that doesn't follow stays on its events."""
        self.rows = rows
        self.height = max(1, height)
        if self.following:
            self._to_end()
        else:
            self._settle()

    def window(self) -> Sequence[EventRow]:
        """The visible rows."""
        end = self._end()
        return self.rows[max(0, end - self.height) : end]

    @property
    def selected(self) -> EventRow | None:
        """The event that the keys act on."""
        if not self.rows:
            return None
        return self.rows[self._index()]

    @property
    def new(self) -> int:
        """Events that have arrived below the window."""
        return len(self.rows) - self._end()

    def move(self, delta: int) -> None:
        """Select *delta* rows further down; up is leaving the newest, the very end is following."""
        if not self.rows:
            return
        index = max(0, min(len(self.rows) - 1, self._index() + delta))
        self._select(index)
        if delta > 0 and index == len(self.rows) - 1:
            self.follow()
        elif delta < 0:
            self.following = False

    def scroll(self, delta: int) -> None:
        """Move the window, and the selection no more than it must to stay inside."""
        if not self.rows:
            return
        end = max(min(self.height, len(self.rows)), min(len(self.rows), self._end() + delta))
        if delta > 0 and end == len(self.rows):
            self.follow()
            return
        self.following = False
        self._bottom = self.rows[end - 1].sequence
        first = max(0, end - self.height)
        self._selected = self.rows[max(first, min(end - 1, self._index()))].sequence

    def pick(self, y: int) -> None:
        """Select the event in visible row *y*."""
        window = self.window()
        if 0 <= y < len(window):
            self.following = False
            self._selected = window[y].sequence

    def home(self) -> None:
        """To the oldest."""
        self.move(-len(self.rows))

    def follow(self) -> None:
        """To the newest, and stay there."""
        self.following = True
        self._to_end()

    def hold(self) -> None:
        """Stay on what is visible now."""
        self.following = False

    def _to_end(self) -> None:
        if self.rows:
            self._selected = self._bottom = self.rows[-1].sequence

    def _settle(self) -> None:
        """Where the anchor has been pushed out of memory, the oldest rows take its place."""
        if self.rows and self._bottom is None:
            self._to_end()
        elif self.rows and self._bottom is not None:
            first_full = self.rows[min(self.height, len(self.rows)) - 1].sequence
            self._bottom = max(self._bottom, first_full)
            end = self._end()
            first = max(0, end - self.height)
            index = max(first, min(end - 1, self._index()))
            self._selected = self.rows[index].sequence

    def _select(self, index: int) -> None:
        self._selected = self.rows[index].sequence
        end = self._end()
        if index >= end:
            self._bottom = self._selected
        elif index < end - self.height:
            last = min(len(self.rows), index + self.height) - 1
            self._bottom = self.rows[last].sequence

    def _index(self) -> int:
        if self._selected is None:
            return len(self.rows) - 1
        return min(len(self.rows) - 1, bisect_left(self.rows, self._selected, key=_sequence))

    def _end(self) -> int:
        """The index after the last visible row."""
        if self._bottom is None:
            return len(self.rows)
        return bisect_right(self.rows, self._bottom, key=_sequence)
