"""What sketched events add to, found out once for all that are alike: the memory of `BulkRouter`.

What a log adds to a question depends on little of it: the type, and the few keys of ``data`` that
the search and the facets come from. So the answer is found out on the real log of the first event
of its kind, and looked up for all others. Of a group that comes for the first time no log is made
either, once one like it has shown that a facet's text is the text of its key.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from grantex_tui.events.event import Event
from grantex_tui.monitoring.count.buckets import (
    Answer,
    Bucket,
    Key,
    Kind,
    Target,
    Total,
    Type,
    no_key,
    reader_of,
    texts_reader,
)
from grantex_tui.monitoring.count.traces import Keys, Traces


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.buckets import ReadsTexts
    from grantex_tui.monitoring.count.plans import Asker
    from grantex_tui.monitoring.count.router import Router
    from grantex_tui.monitoring.count.sink import BulkSink


_MOST = 4096
"""Types, answers of a type, and groups of an answer that are remembered."""


class Learner:
    """Sorts events into buckets.

    Args:
        router: knows what an event adds to.
        keys: of ``data`` that sketches hold, in their order; None: those that decide anything.
    """

    def __init__(self, router: Router[BulkSink], keys: Sequence[str] | None = None) -> None:
        self._router = router
        self._traces = Traces(router.pipelines, router.type_fields)
        self._searched = [self._traces.of_search(asker.node) for asker in router.askers]
        self._answered = [self._traces.of_answer(asker.answer.question) for asker in router.askers]
        known = [keys for keys in (*self._searched, *self._answered) if keys is not None]
        needed = Keys().union(*known)
        self._sees_enough = keys is None or needed <= set(keys)
        self.keys = tuple(sorted(needed) if keys is None else keys)
        """The keys of ``data`` that sketches must hold, in this order."""
        self._names = {key: f"k{number}" for number, key in enumerate(self.keys)}
        self._kinds: dict[str, Kind] = {}
        self._buckets: dict[tuple[Target, ...], Bucket] = {}
        self._totals: dict[Target, Total] = {}

    def buckets(self, sketches: Sketches, types: Sequence[str]) -> list[Bucket | None]:
        """Where each of the events belongs; None if only the router can count it."""
        if not self._sees_enough:
            return [None] * len(types)
        kinds = {
            name: self._kind(name, sketches, number)
            for name, number in dict(zip(types, range(len(types)), strict=True)).items()
        }
        apart = {name for name, kind in kinds.items() if isinstance(kind, Type)}
        plain = {name: None if isinstance(kind, Type) else kind for name, kind in kinds.items()}
        found = list(map(plain.__getitem__, types))
        if apart:
            numbers = range(len(types))
            for number in compress(numbers, map(apart.__contains__, types)):
                kind = kinds[types[number]]
                assert isinstance(kind, Type)
                found[number] = self._bucket(kind, sketches, number)
        return found

    def _kind(self, name: str, sketches: Sketches, number: int) -> Kind:
        """How events of a type are counted, of which *number* is one."""
        if name not in self._kinds:
            if len(self._kinds) >= _MOST:
                self._kinds.clear()
            self._kinds[name] = self._learn_kind(sketches, number)
        return self._kinds[name]

    def _learn_kind(self, sketches: Sketches, number: int) -> Kind:
        plan = self._router.plan(event_of(sketches, number), sketches.instants[number])
        askers = self._router.askers
        sure = [*(askers[number] for number in plan.counted), *plan.answered]
        unsure = [*plan.thin, *plan.full]
        searched = [self._searched[asker.number] for asker in unsure]
        answered = [self._answered[asker.number] for asker in (*sure, *unsure)]
        if None in searched or None in answered:
            return None
        if not unsure and all(asker.plain for asker in sure):
            return self._bucket_for(Target(asker.number, (), None) for asker in sure)
        key = self._key_of(Keys().union(*(keys for keys in searched if keys is not None)))
        return Type(sure, unsure, key or no_key)

    def _bucket(self, kind: Type, sketches: Sketches, number: int) -> Bucket | None:
        """Where an event belongs whose type alone doesn't tell; None if only the router can."""
        data = sketches.events[number].data
        try:
            answer = kind.answers.get(kind.key(data))
            if answer is None:
                answer = self._learn_answer(kind, data, self._log(sketches, number))
            if answer.key is None:
                return answer.only
            bucket = answer.buckets.get(answer.key(data))
            if bucket is None:
                bucket = self._learn_bucket(answer, sketches, number)
        except TypeError:  # a list or an object where a text was: it is no key
            return None
        return bucket

    def _learn_answer(self, kind: Type, data: object, log: Log) -> Answer:
        matching = [*kind.sure, *(asker for asker in kind.unsure if asker.matches(log))]
        looked_at = [self._answered[asker.number] for asker in matching]
        key = self._key_of(Keys().union(*(keys for keys in looked_at if keys is not None)))
        answer = Answer(matching, key, self._reads_texts(matching))
        if key is None:
            answer.only = self._bucket_for(_targets(matching, log))
        if len(kind.answers) >= _MOST:
            kind.answers.clear()
        kind.answers[kind.key(data)] = answer
        return answer

    def _learn_bucket(self, answer: Answer, sketches: Sketches, number: int) -> Bucket:
        assert answer.key is not None
        data = sketches.events[number].data
        expected = None if answer.reads_texts is None else answer.reads_texts(data)
        if expected is not None and answer.is_proven:
            bucket = self._bucket_for(expected)
        else:
            targets = list(_targets(answer.askers, self._log(sketches, number)))
            bucket = self._bucket_for(targets)
            if expected is not None:
                answer.is_proven = targets == expected
                answer.reads_texts = answer.reads_texts if answer.is_proven else None
        if len(answer.buckets) >= _MOST:
            answer.buckets.clear()
        answer.buckets[answer.key(data)] = bucket
        return bucket

    def _reads_texts(self, askers: Sequence[Asker]) -> ReadsTexts | None:
        """How to tell, of a sketch alone, the targets of a log: None where only the log tells."""
        groups: list[tuple[int, list[list[str]]]] = []
        for asker in askers:
            facets = self._traces.of_facets(asker.answer.question)
            if facets is None or asker.answer.question.method != "count":
                return None
            groups.append((asker.number, [[self._names[key] for key in keys] for keys in facets]))
        return texts_reader(groups)

    def _bucket_for(self, targets: Iterable[Target]) -> Bucket:
        """The one bucket of all events that add to the same."""
        key = tuple(targets)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _MOST:
                self._buckets.clear()
            bucket = self._buckets[key] = Bucket(
                key, tuple(map(self._total, key)), self._router.newest
            )
        return bucket

    def _total(self, target: Target) -> Total:
        total = self._totals.get(target)
        if total is None:
            if len(self._totals) >= _MOST:
                self._totals.clear()
            slots = self._router.counters.slots(target.question)
            total = self._totals[target] = Total(target, slots)
        return total

    def _key_of(self, keys: Keys) -> Callable[[object], Key] | None:
        names = [self._names[key] for key in sorted(keys)]
        return reader_of(names) if names else None

    def _log(self, sketches: Sketches, number: int) -> Log:
        """The log of an event; what it adds doesn't depend on when it arrives."""
        return self._router.logs.log(event_of(sketches, number), sketches.instants[number])


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
