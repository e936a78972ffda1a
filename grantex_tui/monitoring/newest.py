"""The newest event that each group of a question counted, for messages that quote a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from grantex_tui.events.event import Event
    from grantex_tui.monitoring.question import GroupKey

_MOST = 20_000
"""Groups that are remembered; then the half that was noted longest ago is forgotten."""


class Counted(NamedTuple):
    """An event that was counted."""

    sequence: int
    """Its place among all events."""
    event: Event | bytes
    """The event, or its payload."""
    arrived_at: float


class Newest:
    """Remembers by question and group.

    Args:
        questions: the numbers of those whose logs are quoted; others are not remembered.
    """

    def __init__(self, questions: Collection[int]) -> None:
        self.questions = frozenset(questions)
        self._found: dict[tuple[int, GroupKey], Counted] = {}

    def note(self, question: int, group: GroupKey, counted: Counted) -> None:
        """A group of a question has counted this event."""
        key = question, group
        known = self._found.pop(key, None)
        self._found[key] = counted if known is None or known.sequence < counted.sequence else known
        if len(self._found) > _MOST:
            for old in list(self._found)[: _MOST // 2]:
                del self._found[old]

    def find(self, question: int, group: GroupKey) -> Counted | None:
        """The newest event that the group counted, if it is remembered."""
        return self._found.get((question, group))

    def find_among(self, question: int, wanted: Mapping[int, str]) -> Counted | None:
        """The newest event of all groups that have *wanted* values at these positions."""
        found = (
            counted
            for (number, group), counted in self._found.items()
            if number == question and all(group[at] == value for at, value in wanted.items())
        )
        return max(found, key=lambda counted: counted.sequence, default=None)
