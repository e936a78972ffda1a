"""Where what is counted of logs goes: counters, several at once, or whoever takes notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.counters import AnySlots
    from grantex_tui.monitoring.count.question import GroupKey, Question


class Sink(Protocol):
    """Is told of logs that answer its questions.

    Whoever knows the logs asks for the `questions` once, finds out which of them an event answers,
    and tells by the question's position.
    """

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked; a question's id is its position."""
        ...

    def add(
        self,
        question_id: int,
        second: int,
        group: GroupKey = (),
        value: Value | None = None,
        n: int = 1,
    ) -> None:
        """Take *n* logs that answer a question.

        Args:
            question_id: its position in `questions`.
            second: of the log's date, `windows.second_of`; in any order, also in the future.
            group: a text for each facet of the question, in its order.
            value: the measured finite number, or the text for ``cardinality``; None for ``count``.
            n: how many logs of that second, group and value.
        """
        ...


class BulkSink(Sink, Protocol):
    """A sink that many logs of a kind can be added to past `Sink.add`."""

    def grid(self) -> tuple[int, int]:
        """The coarsest grid that all slots lie on: the width of its cells, and their offset."""
        ...

    def slots(self, question_id: int) -> Sequence[AnySlots]:
        """Where the logs that answer a question are counted."""
        ...
