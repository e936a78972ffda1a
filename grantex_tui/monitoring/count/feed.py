"""What one log adds to what a question counts: in which groups, with which values."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from grantex_tui.monitoring.count.facets import facet_reader, measure_reader


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.datadog.log import Log
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.question import Question


class LogAnswer:
    """What a matching log adds to a question: in which groups, with which values."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._facets = [facet_reader(facet) for facet in question.group_by]
        self._values: Callable[[Log], Iterable[Value | None]]
        if question.method == "count":
            self._values = lambda _log: (None,)
        elif question.method == "cardinality":
            self._values = facet_reader(question.measure)
        else:
            self._values = measure_reader(question.measure)

    def groups(self, log: Log) -> Iterable[tuple[str, ...]]:
        """The groups that the log belongs to; ``()`` alone without a group by."""
        return product(*(facet(log) for facet in self._facets))

    def values(self, log: Log) -> Iterable[Value | None]:
        """The values that the log adds; a single None to count it."""
        return self._values(log)
