"""Dates of logs from the texts of ``createdAt``, by looking up halves of the text."""

from __future__ import annotations

import re
from datetime import UTC, datetime


_PAST, _FUTURE = 18 * 3600, 2 * 3600
"""Seconds around its arrival within which Datadog takes a log's date from the log."""
_MINUTE = 60
_FIRST = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
_REST = re.compile(r":[0-5]\d\.\d{3}Z", re.ASCII)
_MOST = 4096
NEVER = -(1 << 62)
"""The second of a text that is no instant in the service's form."""


class CreationDates:
    """``2026-01-05T09:00:07.250Z`` is the minute of its first half and the seconds of the other.

    ``minutes[text[:16]] + seconds[text[16:]]`` is the second of a text, rounded up to a grid on
    which it makes no difference to any window where in a cell a log lies; below `NEVER` + 100 for
    a text in another form.

    Args:
        width: of the grid's cells, in seconds, a divisor of 60.
        offset: of the grid; a cell ends at ``offset + k * width`` and holds its end.
    """

    def __init__(self, width: int, offset: int) -> None:
        self.minutes: dict[str, int] = _Minutes()
        self.seconds: dict[str, int] = _Seconds(width, offset)

    @staticmethod
    def trusted(earliest: float, latest: float) -> tuple[float, float]:
        """Between these a log's second must lie for its date to be ``createdAt`` for certain.

        Args:
            earliest: the first arrival of some logs, epoch seconds.
            latest: the last.
        """
        return latest - _PAST + 1 + _MINUTE, earliest + _FUTURE - 1


class _Minutes(dict[str, int]):
    """Epoch seconds of instants' first halves, each parsed once."""

    def __missing__(self, text: str) -> int:
        if not _FIRST.fullmatch(text):
            return NEVER
        try:
            minute = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
        except ValueError:
            return NEVER
        if len(self) >= _MOST:
            self.clear()
        self[text] = minute
        return minute


class _Seconds(dict[str, int]):
    """Seconds of instants' other halves, rounded up to the grid; there are 60,000 texts."""

    def __init__(self, width: int, offset: int) -> None:
        super().__init__()
        self._width = width
        self._offset = offset

    def __missing__(self, text: str) -> int:
        if not _REST.fullmatch(text):
            return NEVER
        width, offset = self._width, self._offset
        second = int(text[1:3]) + (text[4:7] != "000")
        self[text] = rounded = offset - (offset - second) // width * width
        return rounded
