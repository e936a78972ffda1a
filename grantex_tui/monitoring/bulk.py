"""Counting many sketched events at once: what the `Router` does for each, looked up for most.

What a log adds to a question depends on little of it: the type, and the few keys of ``data`` that
the search and the facets come from. Events that are alike in these count alike, so the answer is
found out once, on the real log, and remembered: events are sorted into buckets, and a bucket is
added up for each of its questions once a tick. Where the type alone decides, a bucket is filled
with the events of a type and a minute at once. What can't be reduced to such keys goes to the
router, one by one. 0.8 µs an event with the bundled monitors, instead of 5.5.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING

from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.buckets import (
    Answer,
    Bucket,
    Key,
    Kind,
    Target,
    Total,
    Type,
    no_key,
    reader_of,
)
from grantex_tui.monitoring.dates import CreationDates
from grantex_tui.monitoring.newest import Counted, Line
from grantex_tui.monitoring.traces import Keys, Traces


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.events.sketch import Sketches
    from grantex_tui.monitoring.plans import Asker
    from grantex_tui.monitoring.router import Router


_MOST = 4096
"""Types, answers of a type, and groups of an answer that are remembered."""


class _Columns:
    """What is looked at of all events of a block."""

    __slots__ = ("are_dated", "are_ordered", "created", "sketches", "types")

    def __init__(self, sketches: Sketches, dates: CreationDates) -> None:
        self.sketches = sketches
        self.types = [event.type for event in sketches.events]
        self.created = [event.createdAt for event in sketches.events]
        self.are_dated = dates.are_dates(self.created)
        self.are_ordered = self.created == sorted(self.created)


class BulkRouter:
    """Counts sketched events for a router, exactly as it would count the events.

    Args:
        router: counts what is out of the ordinary.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        traces = Traces(router.pipelines, router.type_fields)
        self._searched = [traces.of_search(asker.node) for asker in router.askers]
        self._answered = [traces.of_answer(asker.answer.question) for asker in router.askers]
        known = [keys for keys in (*self._searched, *self._answered) if keys is not None]
        self.keys = tuple(sorted(Keys().union(*known)))
        """The keys of ``data`` that sketches must hold, in this order."""
        self._names = {key: f"k{number}" for number, key in enumerate(self.keys)}
        self._kinds: dict[str, Kind] = {}
        self._buckets: dict[tuple[Target, ...], Bucket] = {}
        self._totals: dict[Target, Total] = {}
        self._dates = CreationDates(*router.counters.grid())
        self._columns: _Columns | None = None

    @property
    def is_able(self) -> bool:
        """Whether the pipelines are such that there is anything to gain."""
        return self._router.is_dated_by_creation

    def route(self, sketches: Sketches, first: int, last: int, arrivals: Sequence[float]) -> None:
        """Count the events from number *first* to before *last*; no tick lies between them.

        Args:
            sketches: where they are.
            first: the number of the first.
            last: the number after the last.
            arrivals: of each of them (epoch seconds), never going back.
        """
        columns = self._columns
        if columns is None or columns.sketches is not sketches:
            columns = self._columns = _Columns(sketches, self._dates)
        low, high = self._dates.trusted(arrivals[0], arrivals[-1])
        lasts = dict(zip(columns.types[first:last], range(first, last), strict=True))
        kinds = {
            name: self._kind(name, sketches, number, arrivals[number - first])
            for name, number in lasts.items()
        }
        apart = {name for name, kind in kinds.items() if not isinstance(kind, Bucket)}
        touched: set[Bucket] = set()
        odd: list[int] = []
        for cell, numbers, types in self._by_cell(columns, first, last):
            if not low < cell < high:
                odd += numbers
                continue
            for name, n in Counter(types).items():
                if isinstance(bucket := kinds[name], Bucket):
                    bucket.count(cell, n, lasts[name])
                    touched.add(bucket)
            for number in compress(numbers, map(apart.__contains__, types)) if apart else ():
                kind = kinds[columns.types[number]]
                one = self._bucket(kind, sketches, number, arrivals[number - first])
                if one is None:
                    odd.append(number)
                else:
                    one.count(cell, 1, number)
                    touched.add(one)
        base = self._router.events - first
        self._route_odd(odd, sketches, base, first, arrivals)
        self._router.events = base + last
        self._note_last(touched, sketches, base, first, arrivals)
        self._add_up(touched)

    def _by_cell(
        self, columns: _Columns, first: int, last: int
    ) -> Iterable[tuple[int, Sequence[int], Sequence[str]]]:
        """Events by the cell of their date: their numbers and types."""
        created, types = columns.created, columns.types
        if not columns.are_dated:
            cells: dict[int, list[int]] = {}
            for number in range(first, last):
                cells.setdefault(self._dates.cell(created[number]), []).append(number)
            for cell, numbers in cells.items():
                yield cell, numbers, [types[number] for number in numbers]
        elif columns.are_ordered:
            for begin, end, cell in self._dates.runs(created, first, last):
                yield cell, range(begin, end), types[begin:end]
        else:
            order = sorted(range(first, last), key=created.__getitem__)
            ordered = [created[number] for number in order]
            for begin, end, cell in self._dates.runs(ordered, 0, len(order)):
                numbers = order[begin:end]
                yield cell, numbers, [types[number] for number in numbers]

    def _route_odd(
        self,
        numbers: Iterable[int],
        sketches: Sketches,
        base: int,
        first: int,
        arrivals: Sequence[float],
    ) -> None:
        """Leave to the router what only it can count."""
        router = self._router
        for number in sorted(numbers):
            router.events = base + number
            router.route([_event(sketches, number)], arrivals[number - first])

    def _note_last(
        self,
        buckets: Iterable[Bucket],
        sketches: Sketches,
        base: int,
        first: int,
        arrivals: Sequence[float],
    ) -> None:
        """Note the last event of each bucket where logs are quoted."""
        newest = self._router.newest
        for bucket in buckets:
            number, bucket.last = bucket.last, -1
            if newest is not None and bucket.quoted:
                line = Line(sketches, number)
                last = Counted(base + number + 1, line, arrivals[number - first])
                for question, group in bucket.quoted:
                    newest.note(question, group, last)

    def _add_up(self, buckets: Iterable[Bucket]) -> None:
        """Add what is in buckets up for their questions, and empty them.

        Most buckets add to the same few targets, so these are summed up first: a third of the
        additions, of which there is one a phase.
        """
        touched: set[Total] = set()
        for bucket in buckets:
            for total in bucket.totals:
                counts = total.counts
                for cell, n in bucket.counts.items():
                    counts[cell] = counts.get(cell, 0) + n
            touched.update(bucket.totals)
            bucket.counts.clear()
        add = self._router.counters.add
        for total in touched:
            question, group, value = total.target
            for cell, n in total.counts.items():
                add(question, cell, group, value, n)
            total.counts.clear()

    # --- what is found out once -------------------------------------------------------------

    def _kind(self, name: str, sketches: Sketches, number: int, arrival: float) -> Kind:
        """How events of a type are counted, of which *number* is one."""
        if name not in self._kinds:
            if len(self._kinds) >= _MOST:
                self._kinds.clear()
            self._kinds[name] = self._learn_kind(_event(sketches, number), arrival)
        return self._kinds[name]

    def _learn_kind(self, event: Event, arrival: float) -> Kind:
        plan = self._router.plan(event, arrival)
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

    def _bucket(self, kind: Kind, sketches: Sketches, number: int, arrival: float) -> Bucket | None:
        """Where an event belongs whose type alone doesn't tell; None if only the router can."""
        if not isinstance(kind, Type):
            return kind
        data = sketches.events[number].data
        try:
            answer = kind.answers.get(kind.key(data))
            if answer is None:
                answer = self._learn_answer(kind, data, self._log(sketches, number, arrival))
            if answer.key is None:
                return answer.only
            bucket = answer.buckets.get(answer.key(data))
            if bucket is None:
                bucket = self._learn_bucket(answer, data, self._log(sketches, number, arrival))
        except TypeError:  # a list or an object where a text was: it is no key
            return None
        return bucket

    def _learn_answer(self, kind: Type, data: object, log: Log) -> Answer:
        matching = [*kind.sure, *(asker for asker in kind.unsure if asker.matches(log))]
        looked_at = [self._answered[asker.number] for asker in matching]
        key = self._key_of(Keys().union(*(keys for keys in looked_at if keys is not None)))
        answer = Answer(matching, key)
        if key is None:
            answer.only = self._bucket_for(_targets(matching, log))
        if len(kind.answers) >= _MOST:
            kind.answers.clear()
        kind.answers[kind.key(data)] = answer
        return answer

    def _learn_bucket(self, answer: Answer, data: object, log: Log) -> Bucket:
        assert answer.key is not None
        bucket = self._bucket_for(_targets(answer.askers, log))
        if len(answer.buckets) >= _MOST:
            answer.buckets.clear()
        answer.buckets[answer.key(data)] = bucket
        return bucket

    def _bucket_for(self, targets: Iterable[Target]) -> Bucket:
        """The one bucket of all events that add to the same."""
        key = tuple(targets)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _MOST:
                self._buckets.clear()
            bucket = self._buckets[key] = Bucket(tuple(map(self._total, key)), self._router.newest)
        return bucket

    def _total(self, target: Target) -> Total:
        total = self._totals.get(target)
        if total is None:
            if len(self._totals) >= _MOST:
                self._totals.clear()
            total = self._totals[target] = Total(target)
        return total

    def _key_of(self, keys: Keys) -> Callable[[object], Key] | None:
        names = [self._names[key] for key in sorted(keys)]
        return reader_of(names) if names else None

    def _log(self, sketches: Sketches, number: int, arrival: float) -> Log:
        return self._router.logs.log(_event(sketches, number), arrival)


def _targets(askers: Iterable[Asker], log: Log) -> Iterable[Target]:
    for asker in askers:
        for group in asker.answer.groups(log):
            for value in asker.answer.values(log):
                yield Target(asker.number, tuple(group), value)


def _event(sketches: Sketches, number: int) -> Event:
    event = decode_event(sketches.payload(number))
    assert isinstance(event, Event), "what can be sketched is an event"
    return event
