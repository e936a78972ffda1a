"""How many groups a grouped query returns: the top ones of each facet.

Datadog: monitors/types/log, "group by": 1 facet up to 1,000 groups, 2 facets 30 each, 3 facets 10,
4 facets 5; 1,000 in all. Our choices where it says nothing: top means the greatest values of the
query's own method, ties go by name, an inner facet is ranked within its outer one, and a query
without a limit of its own gets the most that Datadog allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grantex_tui.datadog.monitor.model import LogQuery
    from grantex_tui.monitoring.count.question import GroupKey

    Values = Mapping[GroupKey, float]


_MOST_EACH = {1: 1000, 2: 30, 3: 10}
_MOST_OF_FOUR = 5


def limits_of(query: LogQuery) -> tuple[int, ...]:
    """The limit of each facet of a query."""
    most = _MOST_EACH.get(len(query.group_by), _MOST_OF_FOUR)
    asked = query.group_limits or (None,) * len(query.group_by)
    return tuple(most if limit is None else min(limit, most) for limit in asked)


def top_groups(values: Values, limits: Sequence[int], values_by: Callable[[int], Values]) -> Values:
    """The groups that a query returns, out of all that have logs.

    Args:
        values: the value of each group.
        limits: for each facet, outermost first.
        values_by: the values of the groups by the first so many facets alone.
    """
    if not limits or len(values) <= min(limits):
        return values
    kept: set[GroupKey] = {()}
    for depth, limit in enumerate(limits, start=1):
        level = values if depth == len(limits) else values_by(depth)
        kept = _top_within(level, kept, limit)
    return {group: value for group, value in values.items() if group in kept}


def _top_within(level: Values, outer: set[GroupKey], limit: int) -> set[GroupKey]:
    inner: dict[GroupKey, list[GroupKey]] = {}
    for group in level:
        if group[:-1] in outer:
            inner.setdefault(group[:-1], []).append(group)
    return {
        group
        for groups in inner.values()
        for group in sorted(groups, key=lambda group: (-level[group], group))[:limit]
    }
