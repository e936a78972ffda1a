"""The newest event that each group of a question counted, for messages that quote a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.events.event import Event
from grantex_tui.events.recorded.sketch import Cut


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.question import GroupKey

_MOST = 20_000
"""Groups that are remembered; then the half that was noted longest ago is forgotten."""


class Line(NamedTuple):
    """An event in a block of sketched ones, of which no more is known yet."""

    sketches: Sketches
    number: int

    def cut_out(self) -> Cut:
        """The same without the block."""
        return self.sketches.cut_out(self.number)


class Counted(NamedTuple):
    """An event that was counted."""

    sequence: int
    """Its place among all events."""
    event: Event | Cut | Line
    """The event, or its line, or where that is."""
    arrived_at: float

    def alone(self) -> Counted:
        """The same without the block that it is in, which is too large to be kept."""
        event = self.event
        if not isinstance(event, Line):
            return self
        return Counted(self.sequence, event.cut_out(), self.arrived_at)

    def decoded(self) -> Event | None:
        """The event; None if it is none."""
        event = self.event
        if isinstance(event, Line):
            event = event.cut_out()
        found = event.event() if isinstance(event, Cut) else event
        return found if isinstance(found, Event) else None


class Newest:
    """Remembers by question and group.

    Args:
        questions: the numbers of those whose logs are quoted; others are not remembered.
    """

    def __init__(self, questions: Collection[int]) -> None:
        self.questions = frozenset(questions)
        self._found: dict[tuple[int, GroupKey], Counted] = {}
        self._in_block: list[tuple[int, GroupKey]] = []
        self._block: Sketches | None = None
        self.settle: Callable[[], None] = _nothing
        """Called before anything is looked up, for who notes what it has counted as late as that."""

    def note(self, question: int, group: GroupKey, counted: Counted) -> None:
        """A group of a question has counted this event."""
        key = question, group
        if isinstance(counted.event, Line):
            if counted.event.sketches is not self._block:
                self._leave_block(counted.event.sketches)
            self._in_block.append(key)
        known = self._found.pop(key, None)
        self._found[key] = counted if known is None or known.sequence < counted.sequence else known
        if len(self._found) > _MOST:
            for old in list(self._found)[: _MOST // 2]:
                del self._found[old]

    def _leave_block(self, other: Sketches) -> None:
        """Cut out what is the newest of the last block: less than was noted of it."""
        for key in self._in_block:
            if (counted := self._found.get(key)) is not None:
                self._found[key] = counted.alone()
        self._in_block.clear()
        self._block = other

    def find(self, question: int, group: GroupKey) -> Counted | None:
        """The newest event that the group counted, if it is remembered."""
        self.settle()
        counted = self._found.get((question, group))
        return None if counted is None else counted.alone()

    def find_among(self, question: int, wanted: Mapping[int, str]) -> Counted | None:
        """The newest event of all groups that have *wanted* values at these positions."""
        self.settle()
        found = (
            counted
            for (number, group), counted in self._found.items()
            if number == question and all(group[at] == value for at, value in wanted.items())
        )
        counted = max(found, key=lambda counted: counted.sequence, default=None)
        return None if counted is None else counted.alone()


def _nothing() -> None:
    """Nothing is outstanding."""
