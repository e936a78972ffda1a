"""What sketched events add to, found out on the log of the first of each kind, and remembered.

Of a group that comes for the first time no log is made either, once one like it has shown that a
facet's text is the text of its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.event import Event
from grantex_tui.monitoring.count.buckets import (
    Answer,
    Bucket,
    Key,
    Target,
    Total,
    Type,
    reader_of,
    texts_reader,
)


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.buckets import ReadsTexts
    from grantex_tui.monitoring.count.plans import Asker
    from grantex_tui.monitoring.count.router import Router
    from grantex_tui.monitoring.count.sink import BulkSink


MOST = 4096
"""Types, answers of a type, and groups of an answer that are remembered."""


class Answers:
    """What sketched events add to, by what they hold: found out on a log, and remembered.

    Args:
        router: knows what an event adds to.
        answered: by asker, the names of what decides what a matching log adds; None: only the log.
        facets: by asker, for each facet the names of where its text may come from.
        data_of: of an event of a block, the object that has those names.
    """

    def __init__(
        self,
        router: Router[BulkSink],
        answered: Sequence[Sequence[str] | None],
        facets: Sequence[Sequence[Sequence[str]] | None],
        data_of: Callable[[Sketches, int], object],
    ) -> None:
        self._router = router
        self._answered = answered
        self._facets = facets
        self._data_of = data_of
        self._buckets: dict[tuple[Target, ...], Bucket] = {}
        self._totals: dict[Target, Total] = {}

    def bucket(self, kind: Type, sketches: Sketches, number: int) -> Bucket | None:
        """Where an event belongs whose type alone doesn't tell; None if only the router can."""
        try:
            answer = self.answer(kind, self._data_of(sketches, number), sketches, number)
        except (TypeError, AttributeError):  # a list or an object where a text was: it is no key
            return None
        return self.found(answer, sketches, number)

    def answer(self, kind: Type, data: object, sketches: Sketches, number: int) -> Answer:
        """What an event of a type answers.

        Raises:
            TypeError: It can't be told by *data*: a list or an object stands where a text was.
            AttributeError: Something else stands where an object was.
        """
        answer = kind.answers.get(kind.key(data))
        return answer or self._learn_answer(kind, data, self.log_of(sketches, number))

    def found(self, answer: Answer, sketches: Sketches, number: int) -> Bucket | None:
        """Where an event belongs of which it is known what it answers; None: only the router knows."""
        if answer.key is None:
            return answer.only
        try:
            bucket = answer.buckets.get(answer.key(self._data_of(sketches, number)))
            return bucket or self._learn_bucket(answer, sketches, number)
        except (TypeError, AttributeError):
            return None

    def _learn_answer(self, kind: Type, data: object, log: Log) -> Answer:
        matching = [*kind.sure, *(asker for asker in kind.unsure if asker.matches(log))]
        looked_at = [self._answered[asker.number] or () for asker in matching]
        key = key_of({name for names in looked_at for name in names})
        answer = Answer(matching, key, self._reads_texts(matching))
        if key is None:
            answer.only = self.bucket_for(_targets(matching, log))
        if len(kind.answers) >= MOST:
            kind.answers.clear()
        kind.answers[kind.key(data)] = answer
        return answer

    def _learn_bucket(self, answer: Answer, sketches: Sketches, number: int) -> Bucket:
        assert answer.key is not None
        data = self._data_of(sketches, number)
        expected = None if answer.reads_texts is None else answer.reads_texts(data)
        if expected is not None and answer.is_proven:
            bucket = self.bucket_for(expected)
        else:
            targets = list(_targets(answer.askers, self.log_of(sketches, number)))
            bucket = self.bucket_for(targets)
            if expected is not None:
                answer.is_proven = targets == expected
                answer.reads_texts = answer.reads_texts if answer.is_proven else None
        if len(answer.buckets) >= MOST:
            answer.buckets.clear()
        answer.buckets[answer.key(data)] = bucket
        return bucket

    def _reads_texts(self, askers: Sequence[Asker]) -> ReadsTexts | None:
        """How to tell, of a sketch alone, the targets of a log: None where only the log tells."""
        groups: list[tuple[int, Sequence[Sequence[str]]]] = []
        for asker in askers:
            facets = self._facets[asker.number]
            if facets is None or asker.answer.question.method != "count":
                return None
            groups.append((asker.number, facets))
        return texts_reader(groups)

    def bucket_for(self, targets: Iterable[Target]) -> Bucket:
        """The one bucket of all events that add to the same."""
        key = tuple(targets)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST:
                self._buckets.clear()
            bucket = self._buckets[key] = Bucket(
                key, tuple(map(self._total, key)), self._router.newest
            )
        return bucket

    def _total(self, target: Target) -> Total:
        total = self._totals.get(target)
        if total is None:
            if len(self._totals) >= MOST:
                self._totals.clear()
            slots = self._router.counters.slots(target.question)
            total = self._totals[target] = Total(target, slots)
        return total

    def log_of(self, sketches: Sketches, number: int) -> Log:
        """The log of an event; what it adds doesn't depend on when it arrives."""
        return self._router.logs.log(event_of(sketches, number), sketches.instants[number])


def key_of(names: Iterable[str]) -> Callable[[object], Key] | None:
    """What reads a sketch's values with these names; None if there are none."""
    ordered = sorted(names)
    return reader_of(ordered) if ordered else None


def _targets(askers: Iterable[Asker], log: Log) -> Iterable[Target]:
    for asker in askers:
        for group in asker.answer.groups(log):
            for value in asker.answer.values(log):
                yield Target(asker.number, tuple(group), value)


def event_of(sketches: Sketches, number: int) -> Event:
    """An event of a block, decoded."""
    event = sketches.event(number)
    assert isinstance(event, Event), "what can be sketched is an event"
    return event
