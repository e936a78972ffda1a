"""Dates of logs from the texts of ``createdAt``, a column of them at a time."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.events.recorded.instants import are_in_form


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAST, FUTURE = 18 * 3600, 2 * 3600
"""Seconds around its arrival within which Datadog takes a log's date from the log."""
_MINUTE = 60
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z", re.ASCII)
_MOST = 4096
NEVER = -(1 << 62)
"""The cell of a text that is no instant in the service's form."""


class Run(NamedTuple):
    """Dates of one cell that follow each other; the next run may be of the same cell."""

    begin: int
    end: int
    cell: int


class CreationDates:
    """The cells that the texts of ``createdAt`` lie in, on a grid.

    On it, it makes no difference to any window where in a cell a log lies, so a cell stands for its
    end. Texts of the service's form are ordered as their instants are: of a column in order, only
    the ends of cells are searched for, and no text is read.

    Args:
        width: of the grid's cells, in seconds, a divisor of 60.
        offset: of the grid; a cell ends at ``offset + k * width`` and holds its end.
    """

    def __init__(self, width: int, offset: int) -> None:
        self._width = width
        self._offset = offset
        self._minutes = _Minutes()

    def cell(self, text: str) -> int:
        """The end of the cell in which one text lies; `NEVER` for a text in another form."""
        if not _FORM.fullmatch(text):
            return NEVER
        minute = self._minutes[text[:16]]
        return NEVER if minute == NEVER else self._cell(minute, text)

    def _cell(self, minute: int, text: str) -> int:
        second = minute + int(text[17:19]) + (text[20:23] != "000")
        return self._offset - (self._offset - second) // self._width * self._width

    def runs(self, texts: Sequence[str], first: int, last: int) -> Iterator[Run]:
        """The cells of the *texts* from number *first* to before *last*, dates in order."""
        at = first
        while at < last:
            text = texts[at]
            minute = self._minutes[text[:16]]
            cell = self._cell(minute, text)
            # At most up to the end of the minute, which ":60" stands for.
            until = f"{text[:16]}:{min(cell - minute, 60):02}.000Z"
            end = bisect_right(texts, until, at, last)
            yield Run(at, end, cell)
            at = end

    def are_dates(self, texts: Sequence[str]) -> bool:
        """Whether all of *texts* are instants in the service's form."""
        if not texts or not are_in_form(texts):
            return not texts
        least, most = min(texts), max(texts)
        if least[:14] == most[:14] and most[14] < "6":  # no later than the last minute of the hour
            return self._minutes[least[:16]] != NEVER
        minutes = {text[:16] for text in texts}
        return NEVER not in map(self._minutes.__getitem__, minutes)

    @staticmethod
    def trusted(earliest: float, latest: float) -> tuple[float, float]:
        """Between these a log's second must lie for its date to be ``createdAt`` for certain.

        Args:
            earliest: the first arrival of some logs, epoch seconds.
            latest: the last.
        """
        return latest - PAST + 1 + _MINUTE, earliest + FUTURE - 1


class _Minutes(dict[str, int]):
    """Epoch seconds of minutes, ``2026-01-05T09:00``; `NEVER` where there is no such minute."""

    def __missing__(self, text: str) -> int:
        try:
            minute = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
        except ValueError:
            return NEVER
        if len(self) >= _MOST:
            self.clear()
        self[text] = minute
        return minute
