"""What sketched events add to, found out once for all that are alike: the memory of `BulkRouter`.

What a log adds to a question depends on little of it: the type, and the few keys of ``data`` that
the search and the facets come from. So the answer is found out on the real log of the first event
of its kind, and looked up for all others. Of a group that comes for the first time no log is made
either, once one like it has shown that a facet's text is the text of its key.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from grantex_tui.monitoring.count.answers import MOST, Answers, event_of, key_of
from grantex_tui.monitoring.count.buckets import Bucket, Kind, Target, Type, no_key
from grantex_tui.monitoring.count.traces import Keys, Traces


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.router import Router
    from grantex_tui.monitoring.count.sink import BulkSink


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
        traced = [self._traces.of_facets(asker.answer.question) for asker in router.askers]
        known = [keys for keys in (*self._searched, *self._answered) if keys is not None]
        needed = Keys().union(*known)
        self._sees_enough = keys is None or needed <= set(keys)
        self.keys = tuple(sorted(needed) if keys is None else keys)
        """The keys of ``data`` that sketches must hold, in this order."""
        self._names = {key: f"k{number}" for number, key in enumerate(self.keys)}
        self._kinds: dict[str, Kind] = {}
        self._answers = Answers(
            router,
            [None if keys is None else self._named(keys) for keys in self._answered],
            [None if facets is None else list(map(self._named, facets)) for facets in traced],
            lambda sketches, number: sketches.events[number].data,
        )

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
                found[number] = self._answers.bucket(kind, sketches, number)
        return found

    def _kind(self, name: str, sketches: Sketches, number: int) -> Kind:
        """How events of a type are counted, of which *number* is one."""
        if name not in self._kinds:
            if len(self._kinds) >= MOST:
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
            return self._answers.bucket_for(Target(asker.number, (), None) for asker in sure)
        key = key_of(self._named(Keys().union(*(keys for keys in searched if keys is not None))))
        return Type(sure, unsure, key or no_key)

    def _named(self, keys: Iterable[str]) -> list[str]:
        """How sketches name the keys; those that they don't hold have no name, and no use either."""
        return [self._names[key] for key in keys if key in self._names]
