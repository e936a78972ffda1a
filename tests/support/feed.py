"""Logs into counters, one at a time, every question tried on every log: the plain twin of `Router`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.search import compile_query
from grantex_tui.monitoring.count.feed import LogAnswer
from grantex_tui.monitoring.count.windows import second_of


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.datadog.log import Log
    from grantex_tui.monitoring.count.sink import Sink

    Matches = Callable[[Log], bool]
    Matcher = Callable[[str], Matches]


class LogFeed:
    """Counts every log for every question that it answers.

    A log without one of the facets belongs to no group; one with several values of a facet counts
    in each. A log without the measure is not measured.
    """

    def __init__(self, counters: Sink, matcher: Matcher | None = None) -> None:
        compile_search = matcher or compile_query
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
