"""What a monitor's query finds at one instant: the values that are compared, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.monitoring.count.limits import limits_of, top_groups
from grantex_tui.monitoring.count.question import ADDITIVE, question_of


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from grantex_tui.datadog.monitor.model import LogQuery, Query
    from grantex_tui.monitoring.count.counters import AnyWindow, Counters
    from grantex_tui.monitoring.count.question import GroupKey


class Reading(NamedTuple):
    """The result of a query at one evaluation."""

    values: Mapping[GroupKey, float | None]
    """By group with logs (``()`` without a group by). None: logs, but no value can be computed."""
    zero: float | None
    """What a group without logs evaluates to by default; None if nothing."""
    recovery: Mapping[GroupKey, float] | None = None
    """What recovery thresholds are compared with, where that is another value."""
    seen: Collection[GroupKey] | None = None
    """The groups that have new logs; None: all that have a value."""
    changed: Collection[GroupKey] | None = None
    """The groups of which logs have come or gone since the last reading; None: nobody knows."""


class Source(Protocol):
    """Where a monitor's readings come from."""

    def read(self, at: int) -> Reading:
        """The result at a tick, not before the last one."""
        ...

    def finds_the_same(self, at: int) -> bool:
        """Whether, for certain, the result at a tick is that of the last reading."""
        ...

    def forget(self, group: GroupKey) -> None:
        """A group has left the monitor."""
        ...

    def status(self, group: GroupKey) -> str:
        """What people should know of a group's values; empty: nothing."""
        ...


class LogSource:
    """``logs("…").rollup("count").by("…").last("5m")``."""

    def __init__(self, query: LogQuery, window: AnyWindow, delay: int) -> None:
        self._window = window
        self._delay = delay
        self._limits = limits_of(query) if query.group_by else ()
        self._fewest = min(self._limits, default=1)
        self._zero = 0.0 if query.method in ADDITIVE else None
        self._last = Reading({}, self._zero)
        self._version = -1
        self._changed = window.watch_changes() if query.group_by else None
        self._is_cut = True

    def finds_the_same(self, at: int) -> bool:
        """Whether no log has come or gone since the last reading."""
        window = self._window
        if window.has_logs:  # else there is nothing to move over; it catches up
            window.move_to(at - self._delay)
        return window.version == self._version

    def read(self, at: int) -> Reading:
        """The aggregates of the window that ends *delay* seconds before *at*."""
        self._window.move_to(at - self._delay)
        self._version = self._window.version
        values = self._window.values()
        if self._changed is not None:
            return self._by_group(values, self._changed)
        if self._last.values is not values:  # windows keep theirs in one place
            self._last = Reading(values, self._zero)
        return self._last

    def _by_group(self, values: Mapping[GroupKey, float], changes: set[GroupKey]) -> Reading:
        """The top groups, and which have changed if those were all before, and are all now."""
        was_cut, self._is_cut = self._is_cut, len(values) > self._fewest
        changed = None if was_cut or self._is_cut else frozenset(changes)
        changes.clear()
        if self._is_cut:
            values = top_groups(values, self._limits, self._window.values_by)
        return Reading(values, self._zero, changed=changed)

    def forget(self, group: GroupKey) -> None:
        """Nothing to do: a window forgets by itself."""

    def status(self, group: GroupKey) -> str:  # noqa: ARG002 - one answer for all
        """Exact, so nothing to say."""
        return ""


class FormulaSource:
    """``formula("a / b * 100")``: the results of several queries, joined by group.

    A count or sum without logs is 0 in it, any other method has no value there. A query without
    a group by counts for every group. Our choice; Datadog doesn't say.
    """

    def __init__(self, text: str, sources: Mapping[str, tuple[LogSource, bool]]) -> None:
        self._formula = parse_formula(text)
        self._sources = sources
        self._is_grouped = any(grouped for _, grouped in sources.values())

    def finds_the_same(self, at: int) -> bool:
        """Whether each of the queries does."""
        same = [source.finds_the_same(at) for source, _ in self._sources.values()]
        return all(same)

    def read(self, at: int) -> Reading:
        """The formula's value for every group that one of the queries has logs of."""
        readings = {name: source.read(at) for name, (source, _) in self._sources.items()}
        shared = {
            name: reading.values.get((), reading.zero)
            for name, reading in readings.items()
            if not self._sources[name][1]
        }
        grouped = {name: readings[name] for name in readings if name not in shared}
        having = grouped if self._is_grouped else readings
        groups = {group for reading in having.values() for group in reading.values}
        return Reading({group: self._value(group, grouped, shared) for group in groups},
                       self._value(None, grouped, shared))  # fmt: skip

    def _value(
        self,
        group: GroupKey | None,
        grouped: Mapping[str, Reading],
        shared: Mapping[str, float | None],
    ) -> float | None:
        values = dict(shared)
        for name, reading in grouped.items():
            zero = reading.zero
            values[name] = zero if group is None else reading.values.get(group, zero)
        return self._formula.evaluate(values)

    def forget(self, group: GroupKey) -> None:
        """Nothing to do: windows forget by themselves."""

    def status(self, group: GroupKey) -> str:  # noqa: ARG002 - one answer for all
        """Exact, so nothing to say."""
        return ""


def log_source(
    query: Query, counters: Counters, phase: int, delay: int
) -> LogSource | FormulaSource:
    """The source of a log monitor's readings, counting in *counters*."""

    def single(part: LogQuery) -> LogSource:
        window = counters.window(question_of(part), query.window, phase, delay)
        return LogSource(part, window, delay)

    parts = query.log_queries
    if not query.formula:
        return single(parts[""])
    sources = {name: (single(part), bool(part.group_by)) for name, part in parts.items()}
    return FormulaSource(query.formula, sources)
