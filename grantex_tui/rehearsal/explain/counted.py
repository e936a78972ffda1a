"""An event that a monitor counts, with what it adds and when Datadog had it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from grantex_tui.events.event import Event
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.question import GroupKey


class Counted(NamedTuple):
    """An event that a monitor counts."""

    second: int
    """Of the log's date."""
    received: float
    arrived: float
    """At Datadog; infinite if it never does, or not before the end of what is known."""
    event: Event
    groups: tuple[GroupKey, ...]
    values: tuple[Value | None, ...]
    """What it adds: a single None to a count."""
    query: str = ""
    """Of a formula: the name of the query that counts it."""
