"""Logs into counters, one at a time: the plain way, for tests, tools and small volumes.

It tries every question on every log; a busy stream wants a router that knows which can match.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from grantex_tui.monitoring.count.facets import facet_reader, measure_reader
from grantex_tui.monitoring.count.windows import second_of


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.datadog.log import Log
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.question import Question
    from grantex_tui.monitoring.count.sink import Sink

    Matches = Callable[[Log], bool]
    Matcher = Callable[[str], Matches]


class LogFeed:
    """Counts every log for every question that it answers.

    A log without one of the facets belongs to no group; one with several values of a facet counts
    in each. A log without the measure is not measured.
    """

    def __init__(self, counters: Sink, matcher: Matcher | None = None) -> None:
        compile_search = matcher or _own_matcher()
        self._counters = counters
        self._askers = [
            (number, compile_search(question.search), LogAnswer(question))
            for number, question in enumerate(counters.questions)
        ]

    def observe(self, log: Log) -> None:
        """Count one log."""
        second = second_of(log.timestamp)
        for number, matches, answer in self._askers:
            if matches(log):
                for group in answer.groups(log):
                    for value in answer.values(log):
                        self._counters.add(number, second, group, value)


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


def _own_matcher() -> Matcher:
    from grantex_tui.datadog.search import compile_query

    return compile_query
