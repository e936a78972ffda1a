"""What slots and windows keep of the logs in them, by group: a number, or the measured values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from grantex_tui.monitoring.count.aggregates import Aggregate, Value, aggregate


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.monitoring.count.question import GroupKey


Content = TypeVar("Content")
"""What a slot keeps of a group."""
Content_contra = TypeVar("Content_contra", contravariant=True)


class Running(Protocol[Content_contra]):
    """What a method keeps of the logs in one window, by group."""

    def enter(self, groups: Mapping[GroupKey, Content_contra]) -> None:
        """A slot comes into the window."""
        ...

    def leave(self, groups: Mapping[GroupKey, Content_contra]) -> None:
        """A slot falls out of it."""
        ...

    def clear(self) -> None:
        """The window is empty again."""
        ...

    def values(self) -> Mapping[GroupKey, float]:
        """The aggregate of every group that has logs. Not to be changed or kept."""
        ...


class Method(Protocol[Content]):
    """How logs are kept in a slot, and windows over slots."""

    def put(
        self, slot: dict[GroupKey, Content], group: GroupKey, value: Value | None, n: int
    ) -> None:
        """Add *n* logs to a slot."""
        ...

    def running(self) -> Running[Content]:
        """An empty window."""
        ...


class CountMethod:
    """``count``: a number a group."""

    def put(self, slot: dict[GroupKey, int], group: GroupKey, value: Value | None, n: int) -> None:  # noqa: ARG002 - a count has no value
        """Add *n* logs."""
        slot[group] = slot.get(group, 0) + n

    def running(self) -> Running[int]:
        """An empty window."""
        return _Counts()


class _Counts:
    def __init__(self) -> None:
        self._counts: dict[GroupKey, int] = {}

    def enter(self, groups: Mapping[GroupKey, int]) -> None:
        counts = self._counts
        for group, n in groups.items():
            counts[group] = counts.get(group, 0) + n

    def leave(self, groups: Mapping[GroupKey, int]) -> None:
        counts = self._counts
        for group, n in groups.items():
            left = counts[group] - n
            if left:
                counts[group] = left
            else:
                del counts[group]

    def clear(self) -> None:
        self._counts.clear()

    def values(self) -> Mapping[GroupKey, float]:
        return self._counts


Values = dict[Value, int]


class ValueMethod:
    """Every other method: the values of a group, each with how often it came."""

    def __init__(self, method: str) -> None:
        self._method = method

    def put(
        self, slot: dict[GroupKey, Values], group: GroupKey, value: Value | None, n: int
    ) -> None:
        """Add *n* logs with the same value; without a value there is nothing to measure."""
        if value is not None:
            values = slot.setdefault(group, {})
            values[value] = values.get(value, 0) + n

    def running(self) -> Running[Values]:
        """An empty window."""
        return _Measured(self._method)


class _Measured:
    def __init__(self, method: str) -> None:
        self._method = method
        self._groups: dict[GroupKey, Aggregate] = {}
        self._values: dict[GroupKey, float] = {}
        self._changed: set[GroupKey] = set()

    def enter(self, groups: Mapping[GroupKey, Values]) -> None:
        for group, values in groups.items():
            if group not in self._groups:
                self._groups[group] = aggregate(self._method)
            self._groups[group].enter(values)
        self._changed.update(groups)

    def leave(self, groups: Mapping[GroupKey, Values]) -> None:
        for group, values in groups.items():
            self._groups[group].leave(values)
        self._changed.update(groups)

    def clear(self) -> None:
        self._groups.clear()
        self._values.clear()
        self._changed.clear()

    def values(self) -> Mapping[GroupKey, float]:
        for group in self._changed:
            value = self._groups[group].value()
            if value is None:
                del self._groups[group]
                self._values.pop(group, None)
            else:
                self._values[group] = value
        self._changed.clear()
        return self._values
