"""The axis of time under a row of character cells: which column an instant has, and where ticks are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Iterator

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(each * _MINUTE for each in (1, 2, 5, 10, 15, 30)),
    *(each * _HOUR for each in (1, 2, 3, 6, 12)),
    *(each * _DAY for each in (1, 2, 7, 14, 28, 91, 182, 364)),
)
_MONDAY = 4 * _DAY
"""1970-01-05, so that weekly ticks are Mondays."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Instants from *start* to *end* (epoch seconds) on *width* columns."""

    start: float
    end: float
    width: int

    def column(self, at: float) -> int:
        """The column that an instant lies in; what lies outside is at the border."""
        if self.end <= self.start:
            return 0
        place = int((at - self.start) * self.width / (self.end - self.start))
        return min(max(place, 0), self.width - 1)

    def columns(self, start: float, end: float) -> tuple[int, int]:
        """The first column of a span, and the one after its last; never none at all."""
        first = self.column(start)
        if self.end <= self.start:
            return 0, 1
        until = -int((self.start - end) * self.width // (self.end - self.start))
        return first, min(max(until, first + 1), self.width)


class Tick(NamedTuple):
    """A mark on the axis."""

    at: float
    text: str


def ticks(scale: Scale) -> list[Tick]:
    """Marks at round times, as many as there is room for: ``09:00``, at midnight ``Jan 6``."""
    for step in _STEPS:
        marks = list(_marks(scale, step)) if _count(scale, step) <= scale.width else []
        if marks and _fit(marks, scale):
            return marks
    return []


def axis(scale: Scale) -> str:
    """The ticks as one line, *scale.width* columns wide: ``|09:00   |10:00   |11:00``."""
    cells = [" "] * scale.width
    for tick in ticks(scale):
        first = scale.column(tick.at)
        text = f"|{tick.text}"
        # The last text may have no room left; its mark is true all the same.
        text = text if first + len(text) <= scale.width else "|"
        cells[first : first + len(text)] = text
    return "".join(cells)


def date_text(at: float) -> str:
    """``Jan 5``, in UTC."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%b} {moment.day}"


def clock_text(at: float) -> str:
    """``11:03`` in UTC, with the seconds where there are any."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def moment_text(at: float, scale: Scale) -> str:
    """An instant of the scale: its time, and the date unless all is within one day."""
    last = -(-scale.end // _DAY) - 1  # what ends at midnight belongs to the day before
    if last <= scale.start // _DAY:
        return clock_text(at)
    return f"{date_text(at)} {clock_text(at)}"


def _count(scale: Scale, step: int) -> float:
    return (scale.end - scale.start) / step


def _marks(scale: Scale, step: int) -> Iterator[Tick]:
    origin = _MONDAY if step > _DAY else 0
    at = -((origin - scale.start) // step) * step + origin
    while at <= scale.end:
        yield Tick(at, date_text(at) if at % _DAY == 0 else clock_text(at))
        at += step


def _fit(marks: list[Tick], scale: Scale) -> bool:
    """Whether every text ends a blank before the next tick."""
    ends = [scale.column(tick.at) + 1 + len(tick.text) for tick in marks[:-1]]
    begins = [scale.column(tick.at) for tick in marks[1:]]
    return all(end < begin for end, begin in zip(ends, begins, strict=True))
