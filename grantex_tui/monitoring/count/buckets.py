"""Events that count alike, in buckets, and how a bucket is found: by type, and by a few values."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.counters import AnySlots
    from grantex_tui.monitoring.count.newest import Newest
    from grantex_tui.monitoring.count.plans import Asker
    from grantex_tui.monitoring.count.question import GroupKey


Key = object


class Target(NamedTuple):
    """What an event adds to."""

    question: int
    group: GroupKey
    value: Value | None


class Total:
    """A target, and where its question is counted: once a phase."""

    __slots__ = ("group", "slots", "value")

    def __init__(self, target: Target, slots: Sequence[AnySlots]) -> None:
        self.group = target.group
        self.value = target.value
        self.slots = slots


class Bucket:
    """All events that add to the same targets."""

    __slots__ = ("quoted", "totals")

    def __init__(
        self, targets: Sequence[Target], totals: Sequence[Total], newest: Newest | None
    ) -> None:
        self.totals = totals
        quoted = frozenset() if newest is None else newest.questions
        self.quoted = [(target.question, target.group) for target in targets
                       if target.question in quoted]  # fmt: skip
        """Where the last event is noted."""


class Answer:
    """Events of a type that the same questions take; by their groups and values, buckets."""

    __slots__ = ("askers", "buckets", "is_proven", "key", "only", "reads_texts")

    def __init__(
        self,
        askers: Sequence[Asker],
        key: Callable[[object], Key] | None,
        reads_texts: ReadsTexts | None,
    ) -> None:
        self.askers = askers
        self.key = key
        self.reads_texts = reads_texts
        self.is_proven = False
        """Whether a log has confirmed what *reads_texts* says."""
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


ReadsTexts = Callable[[object], "list[Target] | None"]
"""The targets of an event by the texts in its ``data``; None where there is anything but texts."""


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


def texts_reader(questions: Sequence[tuple[int, Sequence[Sequence[str]]]]) -> ReadsTexts:
    """The targets of events whose groups are texts of ``data``.

    Args:
        questions: that count events, each with the names that each of its facets may come from: the
            first that is there.
    """
    prepared = [
        (question, [[attrgetter(name) for name in names] for names in facets])
        for question, facets in questions
    ]

    def read(data: object) -> list[Target] | None:
        targets = []
        for question, facets in prepared:
            group = [_first_text(data, readers) for readers in facets]
            if not all(group):
                return None
            targets.append(Target(question, tuple(filter(None, group)), None))
        return targets

    return read


def _first_text(data: object, readers: Sequence[Callable[[object], object]]) -> str | None:
    """The text that the first reader finds that finds any; None if it isn't one, or empty."""
    for read in readers:
        value = None if data is None else read(data)
        if value is not UNSET and value is not None:
            return value if isinstance(value, str) and value else None
    return None
