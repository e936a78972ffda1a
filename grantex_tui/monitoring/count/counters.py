"""The registry of what is counted: one set of counters a question, however many ask it."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import MINUTE
from grantex_tui.monitoring.count.tallies import CountMethod, ValueMethod, Values
from grantex_tui.monitoring.count.windows import Slots, Window


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.question import GroupKey, Question


AnySlots = Slots[int] | Slots[Values]
AnyWindow = Window[int] | Window[Values]


class Counters:
    """Everything that a set of monitors counts.

    Whoever knows the logs asks for the `questions` once, finds out which of them an event answers,
    and tells by the question's position.
    """

    def __init__(self) -> None:
        self._ids: dict[Question, int] = {}
        self._slots: list[list[AnySlots]] = []
        self._windows: dict[tuple[Question, int, int, int], AnyWindow] = {}

    @property
    def questions(self) -> tuple[Question, ...]:
        """The different questions; a question's id is its position."""
        return tuple(self._ids)

    def add(
        self,
        question_id: int,
        second: int,
        group: GroupKey = (),
        value: Value | None = None,
        n: int = 1,
    ) -> None:
        """Count *n* logs that answer a question.

        Args:
            question_id: its position in `questions`.
            second: of the log's date, `windows.second_of`; in any order, also in the future.
            group: a text for each facet of the question, in its order.
            value: the measured finite number, or the text for ``cardinality``; None for ``count``.
            n: how many logs of that second, group and value.
        """
        for slots in self._slots[question_id]:
            slots.add(second, group, value, n)

    def slots(self, question_id: int) -> Sequence[AnySlots]:
        """Where the logs that answer a question are counted, for who adds many of a kind."""
        return self._slots[question_id]

    def window(self, question: Question, length: int, phase: int, delay: int) -> AnyWindow:
        """A window of *length* seconds; the same one to all that ask for the same.

        Args:
            question: what it counts.
            length: in seconds.
            phase: of the ticks, which all lie on ``phase + k * 60``.
            delay: seconds by which the window ends before its tick.
        """
        key = (question, length, phase, delay)
        if key not in self._windows:
            width = gcd(length, MINUTE)
            slots = self._slots_for(question, width, (phase - delay) % width)
            self._windows[key] = slots.window(length // width)
        return self._windows[key]

    def intervals(self, question: Question, length: int) -> AnyWindow:
        """A window over one interval of *length* seconds, aligned to the epoch; not shared."""
        return self._slots_for(question, length, 0).window(1)

    def grid(self) -> tuple[int, int]:
        """The coarsest grid that all slots lie on: the width of its cells, and their offset.

        The width divides 60. Logs of one cell, which holds its end, are told from each other by no
        window.
        """
        slots = [slots for each in self._slots for slots in each]
        offset = slots[0].offset if slots else 0
        apart = (slots.offset - offset for slots in slots)
        width = gcd(MINUTE, *(each.width for each in slots), *apart)
        return width, offset % width

    def _slots_for(self, question: Question, width: int, offset: int) -> AnySlots:
        question_id = self._ids.setdefault(question, len(self._ids))
        if question_id == len(self._slots):
            self._slots.append([])
        for slots in self._slots[question_id]:
            if (slots.width, slots.offset) == (width, offset):
                return slots
        added = _slots(question.method, width, offset)
        self._slots[question_id].append(added)
        return added


def _slots(method: str, width: int, offset: int) -> AnySlots:
    if method == "count":
        return Slots(width, offset, CountMethod())
    return Slots(width, offset, ValueMethod(method))
