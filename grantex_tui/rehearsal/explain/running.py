"""What a monitor's query makes of events while they come and go, one by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.monitoring.count.aggregates import aggregate
from grantex_tui.monitoring.count.question import ADDITIVE


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from grantex_tui.datadog.monitor.model import LogQuery
    from grantex_tui.monitoring.count.aggregates import Aggregate, Value
    from grantex_tui.rehearsal.explain.counted import Counted


class Running:
    """The value of one group's events: of a single query, or of a formula over several.

    Args:
        queries: each by its name in the formula.
        formula: empty if there is a single query, which is then called "".
        events: those to begin with.
    """

    def __init__(
        self, queries: Sequence[tuple[str, LogQuery]], formula: str, events: Iterable[Counted] = ()
    ) -> None:
        self._parts = {name: _part(query.method) for name, query in queries}
        self._zeros = {name: 0.0 if query.method in ADDITIVE else None for name, query in queries}
        self._formula = parse_formula(formula) if formula else None
        together: dict[str, list[Value | None]] = {name: [] for name in self._parts}
        for each in events:
            together[each.query] += each.values
        for name, values in together.items():
            self._parts[name].enter(Counter(_known(values, self._parts[name])))

    def enter(self, each: Counted) -> None:
        """Count an event."""
        part = self._parts[each.query]
        part.enter(Counter(_known(each.values, part)))

    def leave(self, each: Counted) -> None:
        """Count it no more."""
        part = self._parts[each.query]
        part.leave(Counter(_known(each.values, part)))

    def found(self) -> float | None:
        """The value; None without events that have one, or where a formula has none."""
        if self._formula is None:
            return self._of("")
        return self.value()

    def value(self) -> float | None:
        """The same, where no event is a count or a sum of 0, as a monitor sees it by default."""
        values = {name: self._of(name) for name in self._parts}
        full = {name: self._zeros[name] if at is None else at for name, at in values.items()}
        return full[""] if self._formula is None else self._formula.evaluate(full)

    def _of(self, name: str) -> float | None:
        value = self._parts[name].value()
        return None if value is None else float(value)


class _Count:
    """How many there are: what `aggregate` leaves to counters."""

    def __init__(self) -> None:
        self._n = 0

    def enter(self, values: Mapping[Value, int]) -> None:
        self._n += sum(values.values())

    def leave(self, values: Mapping[Value, int]) -> None:
        self._n -= sum(values.values())

    def value(self) -> float | None:
        return self._n or None


def _part(method: str) -> Aggregate:
    return _Count() if method == "count" else aggregate(method)


def _known(values: Iterable[Value | None], part: Aggregate) -> list[Value]:
    """The values that a part is made of: a count is of logs, whatever they hold."""
    if isinstance(part, _Count):
        return ["" for _ in values]
    return [value for value in values if value is not None]
