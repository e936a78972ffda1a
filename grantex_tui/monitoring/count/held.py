"""Which questions archived logs answer, by the fields and attributes that these depend on.

A log that Datadog has held is what it is: no pipeline and no forwarder stands between it and a
search, so it depends on nothing but the fields and attributes that the questions ask for.
"""

from __future__ import annotations

from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING

from msgspec import UnsetType

from grantex_tui.datadog.search import Field, fields
from grantex_tui.events.recorded.held_sketch import HeldLayout
from grantex_tui.monitoring.count.answers import MOST, Answers, key_of
from grantex_tui.monitoring.count.buckets import Type, no_key


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.buckets import Answer, Bucket
    from grantex_tui.monitoring.count.question import Question
    from grantex_tui.monitoring.count.router import Router
    from grantex_tui.monitoring.count.sink import BulkSink

_OWN = {
    "host": ("host",),
    "status": ("status",),
    "service": ("service", "tags"),  # those without one have that of a tag
    "source": ("source", "tags"),
    "trace_id": (),  # an archive has none
}
"""What a log's own fields are made of."""
_SURE = (str, tuple, UnsetType, NoneType)
"""What is equal to nothing that is written differently; a tuple is of tags."""


class HeldLearner:
    """Sorts archived logs into buckets of those that add to the same.

    Args:
        router: knows what a log adds to.
    """

    def __init__(self, router: Router[BulkSink]) -> None:
        self.layout: HeldLayout | None = None
        """What is decoded of the logs; None if only whole logs tell."""
        askers = router.askers
        searched = {field for asker in askers for field in fields(asker.node)}
        asked = {field for asker in askers for field in _fields_of(asker.answer.question)}
        if all(map(_is_told, searched | asked)):
            self.layout = _layout(searched | asked)
        if self.layout is None:
            return
        names = self._names(searched)
        self._type = Type([], askers, key_of(names) or no_key)
        self._read = _reader(names)
        self._known: dict[tuple[object, ...], Answer] = {}
        self._answers = Answers(
            router,
            [self._names(_fields_of(asker.answer.question)) for asker in askers],
            [self._facets(asker.answer.question) for asker in askers],
            lambda sketches, number: sketches.held[number],
        )

    def buckets(self, sketches: Sketches) -> list[Bucket | None]:
        """Where each of the logs belongs; None if only the router can count it."""
        if self.layout is None:
            return [None] * len(sketches)
        try:
            answers = list(map(self._known.get, map(self._read, sketches.held)))
        except (TypeError, AttributeError):  # a list or an object where a text was
            answers = [None] * len(sketches)
        find = self._answers.found
        return [
            self._learnt(sketches, number)
            if answer is None
            else (answer.only if answer.key is None else find(answer, sketches, number))
            for number, answer in enumerate(answers)
        ]

    def _learnt(self, sketches: Sketches, number: int) -> Bucket | None:
        """Where a log belongs; one like it will be known by its values, if they are texts.

        Numbers and truths may be equal to others that are written differently.
        """
        log = sketches.held[number]
        try:
            values = self._read(log)
            answer = self._answers.answer(self._type, log, sketches, number)
        except (TypeError, AttributeError):
            return None
        if all(isinstance(value, _SURE) for value in values):
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[values] = answer
        return self._answers.found(answer, sketches, number)

    def _names(self, looked_at: Iterable[Field]) -> list[str]:
        """The attributes of a sketch that decide what stands in some fields."""
        names: dict[str, None] = {}
        for field in looked_at:
            names |= dict.fromkeys(self._names_of(field))
        return list(names)

    def _names_of(self, field: Field) -> Sequence[str]:
        assert self.layout is not None
        if field.kind == "attribute":
            return self.layout.names[field.name]
        return own_names([field])

    def _facets(self, question: Question) -> list[Sequence[str]] | None:
        """For each facet where its text may come from; None if one's comes from elsewhere."""
        facets = [Field.of(facet) for facet in question.group_by]
        if all(field.kind == "attribute" for field in facets):
            return [self._names_of(field) for field in facets]
        return None


def _reader(names: Sequence[str]) -> Callable[[object], tuple[object, ...]]:
    """The values of a sketch with these names."""
    if len(names) == 1:
        read_one = attrgetter(*names)
        return lambda log: (read_one(log),)
    return attrgetter(*names) if names else lambda _log: ()


def _fields_of(question: Question) -> list[Field]:
    """What decides what a matching log adds."""
    return [
        Field.of(facet)
        for facet in (*question.group_by, *([question.measure] if question.measure else []))
    ]


def _is_told(field: Field) -> bool:
    """Whether a field can be read from a sketch."""
    if field.kind == "reserved":
        return field.name in _OWN
    return field.kind in ("attribute", "tag", "tags")


def own_names(looked_at: Iterable[Field]) -> list[str]:
    """The names under which a sketch has what the log's own fields among these are made of."""
    names: dict[str, None] = {}
    for field in looked_at:
        if field.kind in ("tag", "tags"):
            names["tags"] = None
        elif field.kind == "reserved":
            names |= dict.fromkeys(_OWN.get(field.name, ()))
    return list(names)


def _layout(looked_at: Collection[Field]) -> HeldLayout | None:
    paths = [field.name for field in looked_at if field.kind == "attribute"]
    own = {field.name for field in looked_at if field.kind == "reserved"} - {"trace_id"}
    tagged = {"tags"} if any(field.kind in ("tag", "tags") for field in looked_at) else set()
    try:
        return HeldLayout(paths, own | tagged)
    except ValueError:
        return None
