"""Events that count alike, in buckets, and how a bucket is found: by type, and by a few values."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.monitoring.aggregates import Value
    from grantex_tui.monitoring.newest import Newest
    from grantex_tui.monitoring.plans import Asker
    from grantex_tui.monitoring.question import GroupKey


Key = object


class Target(NamedTuple):
    """What an event adds to."""

    question: int
    group: GroupKey
    value: Value | None


class Total:
    """What all buckets together add to a target, by date."""

    __slots__ = ("counts", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.counts: dict[int, int] = {}


class Bucket:
    """Events that count alike: how many there are by date, and the place of the last."""

    __slots__ = ("counts", "last", "quoted", "totals")

    def __init__(self, totals: Sequence[Total], newest: Newest | None) -> None:
        self.totals = totals
        quoted = frozenset() if newest is None else newest.questions
        targets = [total.target for total in totals]
        self.quoted = [(target.question, target.group) for target in targets
                       if target.question in quoted]  # fmt: skip
        """Where the last event is noted."""
        self.counts: dict[int, int] = {}
        self.last = -1

    def count(self, cell: int, n: int, last: int) -> None:
        """Count *n* events of a cell, the last of which is number *last*."""
        self.counts[cell] = self.counts.get(cell, 0) + n
        self.last = max(self.last, last)


class Answer:
    """Events of a type that the same questions take; by their groups and values, buckets."""

    __slots__ = ("askers", "buckets", "key", "only")

    def __init__(self, askers: Sequence[Asker], key: Callable[[object], Key] | None) -> None:
        self.askers = askers
        self.key = key
        self.buckets: dict[Key, Bucket] = {}
        self.only: Bucket | None = None


class Type:
    """Events of a type that alone doesn't tell; by what searches look at, answers."""

    __slots__ = ("answers", "key", "sure", "unsure")

    def __init__(
        self, sure: Sequence[Asker], unsure: Sequence[Asker], key: Callable[[object], Key]
    ) -> None:
        self.sure = sure
        self.unsure = unsure
        self.key = key
        self.answers: dict[Key, Answer] = {}


Kind = Bucket | Type | None
"""How events of a type are counted: alike, by what they hold, or one by one."""


def no_key(data: object) -> Key:
    """All that is to be known if no value decides."""
    return data is None


def reader_of(names: Sequence[str]) -> Callable[[object], Key]:
    """The values of some keys, as one that can be looked up: 1, 1.0 and true are different ones."""
    if len(names) == 1:
        read_one: Callable[[object], object] = attrgetter(*names)

        def one(data: object) -> Key:
            if data is None:
                return None
            value = read_one(data)
            return value if isinstance(value, str) else (value, type(value))

        return one
    read: Callable[[object], tuple[object, ...]] = attrgetter(*names)

    def several(data: object) -> Key:
        if data is None:
            return None
        values = read(data)
        return values, *map(type, values)

    return several
