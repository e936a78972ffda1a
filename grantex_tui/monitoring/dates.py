"""Dates of logs from the texts of ``createdAt``, by looking up halves of the text."""

from __future__ import annotations

import re
from datetime import UTC, datetime


_PAST, _FUTURE = 18 * 3600, 2 * 3600
"""Seconds around its arrival within which Datadog takes a log's date from the log."""
_MINUTE = 60
_FIRST = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_REST = re.compile(r":([0-5]\d)\.(\d{3})Z")
_MOST = 4096
NEVER = -(1 << 62)
"""The minute of a text that is no instant in the service's form."""


class CreationDates:
    """``2026-01-05T09:00:07.250Z`` is the minute of its first half and the seconds of the other.

    The seconds are rounded up to a grid on which it makes no difference to any window where in a
    cell a log lies.

    Args:
        width: of the grid's cells, in seconds, a divisor of 60.
        offset: of the grid; a cell ends at ``offset + k * width`` and holds its end.
    """

    def __init__(self, width: int, offset: int) -> None:
        self._width = width
        self._offset = offset
        self.minutes: dict[str, int] = {}
        """Epoch seconds of the texts' first 16 characters."""
        self.seconds: dict[str, int] = {}
        """Seconds to add to that, of the texts from there on."""

    @staticmethod
    def trusted(earliest: float, latest: float) -> tuple[float, float]:
        """Between these a log's minute must lie for its date to be ``createdAt`` for certain.

        Args:
            earliest: the first arrival of some logs, epoch seconds.
            latest: the last.
        """
        return latest - _PAST + 1, earliest + _FUTURE - 1 - _MINUTE

    def learn(self, text: str) -> tuple[int, int]:
        """The minute and the seconds to add; `NEVER` as the minute if the text has another form."""
        first, rest = text[:16], _REST.fullmatch(text[16:])
        if rest is None or not _FIRST.fullmatch(first):
            return NEVER, 0
        try:
            minute = int(datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp())
        except ValueError:
            return NEVER, 0
        if len(self.minutes) >= _MOST:
            self.minutes.clear()
        self.minutes[first] = minute
        second = int(rest[1]) + (rest[2] != "000")
        width, offset = self._width, self._offset
        self.seconds[text[16:]] = rounded = offset - (offset - second) // width * width
        return minute, rounded
