"""What is asked of the logs: the part of a query that decides what is counted, and nothing else.

Monitors that ask the same question share its counters, whatever their windows and thresholds are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import LogQuery


GroupKey = tuple[str, ...]
"""A value for each facet of the group by, in its order; empty without a group by."""

ADDITIVE = ("count", "sum")
"""Methods for which Datadog evaluates an empty result as 0 (monitors/guide/on_missing_data)."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search, what to measure of the logs that it finds, and the facets to group them by.

    *measure* (``@path``) is empty for ``count``; *method* is one of Datadog's.
    """

    search: str
    method: str = "count"
    measure: str = ""
    group_by: tuple[str, ...] = ()


def question_of(query: LogQuery) -> Question:
    """The question of a query."""
    measure = "" if query.method == "count" else query.measure
    return Question(query.search, query.method, measure, query.group_by)
