"""Which questions an event answers, without making a log of every event.

Most searches ask only for the event's type, its source and its service. Whether they match is the
same for every event of a type, so it is found out once a type, on a real log, and then counted: one
addition a type, second and read. A question that asks for more gets the log, but only from events
of a type that it can match, and only where a value that it requires is there.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import values_reader
from grantex_tui.datadog.pipeline import Copy, Untouched, resolve
from grantex_tui.datadog.pipeline.attributes import overlap
from grantex_tui.datadog.search import (
    Field,
    Literal,
    Term,
    compile_node,
    fields,
    parse,
    possible,
    required_terms,
)
from grantex_tui.events.event import Event
from grantex_tui.monitoring.count.dates import FUTURE, PAST
from grantex_tui.monitoring.count.feed import LogAnswer
from grantex_tui.monitoring.count.newest import Counted
from grantex_tui.monitoring.count.plans import Asker, Plan
from grantex_tui.monitoring.count.sink import Sink
from grantex_tui.monitoring.count.windows import second_of


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.monitoring.count.event_logs import MakesLogs
    from grantex_tui.monitoring.count.newest import Newest
    from grantex_tui.monitoring.count.question import GroupKey

    Reader = Callable[[Mapping[str, object]], tuple[object, ...]]

_decode = msgspec.json.Decoder(dict[str, object]).decode
_MAX_PLANS = 1000
"""Types whose plan is kept; a stream of invented types must not fill the memory."""
_OWN_KEYS = ("id", "createdAt", "data")
_CONSTANTS = frozenset(Field.of(name) for name in ("source", "service", "host", "type"))
_SENDERS = frozenset(Field.of(name) for name in ("source", "service", "host"))
"""What the forwarder alone decides, where every pipeline `_is_simple`."""
_SHAPING = frozenset({"service", "message", "tags"})
"""What a pipeline that is simple leaves alone."""
_SAMPLE = Event("", "", "", "", "", "", b"{}")
_CREATED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


S_co = TypeVar("S_co", bound=Sink, covariant=True)


class Router(Generic[S_co]):
    """Counts events for the questions of a sink, once their monitors have been set up.

    It counts exactly what trying every question on the log of every event would (the tests' twin
    does), and notes in *newest* the last that each group of the questions asked for counted.
    """

    def __init__(
        self,
        counters: S_co,
        logs: MakesLogs,
        pipelines: Sequence[Pipeline],
        newest: Newest | None = None,
    ) -> None:
        self.counters = counters
        self.newest = newest if newest is not None and newest.questions else None
        self.events = 0
        """How many have been routed."""
        self.logs = logs
        enabled = [pipeline for pipeline in pipelines if pipeline.is_enabled]
        self._simple = all(map(_is_simple, enabled))
        self.pipelines = _at_work(enabled, logs) if self._simple else enabled
        self.is_dated_by_creation = self._simple and _dated_by_creation(self.pipelines)
        self._copies = self._copies_of_the_type() if self._simple else frozenset()
        self.type_fields = (
            frozenset(
                {*_CONSTANTS, *(Field("attribute", path) for path in (*self._copies, "type"))}
            )
            if self._simple
            else frozenset()
        )
        self.askers = [
            self._asker(number, question.search, LogAnswer(question), plain=not question.group_by
                        and question.method == "count")
            for number, question in enumerate(counters.questions)
        ]  # fmt: skip
        self._plans: dict[str, Plan] = {}
        self._readers = {
            path: values_reader(path) for path, _ in filter(None, (a.required for a in self.askers))
        }
        self._second = ("", 0)

    # --- what is known before any event -----------------------------------------------------

    def _copies_of_the_type(self) -> frozenset[str]:
        """The attributes that hold the event's type after the pipelines, besides ``type``."""
        written = {path for pipeline in self.pipelines for path in pipeline.writes()}
        return frozenset(
            path
            for path in written
            # Below these an event can have anything, which a remapper would not overwrite.
            if path.partition(".")[0] not in _OWN_KEYS
            and not any(overlap(path, other) for other in written - {path})
            and isinstance(origin := resolve(self.pipelines, path), Copy)
            and origin.source_path == "type"
        )

    def _is_thin(self, looked_at: Field) -> bool:
        """Whether a field can be read from the payload, whatever the pipelines do."""
        return looked_at in self.type_fields or (
            looked_at.kind == "attribute"
            and looked_at.name.partition(".")[0] in _OWN_KEYS
            and isinstance(resolve(self.pipelines, looked_at.name), Untouched)
        )

    def _asker(self, number: int, search: str, answer: LogAnswer, *, plain: bool) -> Asker:
        node = parse(search)
        required = None
        for term in required_terms(node):
            if (
                isinstance(term, Term)
                and isinstance(term.matcher, Literal)
                and term.field.kind == "attribute"
                and term.field not in self.type_fields
                and not _is_number(term.matcher.text)
            ):
                required = (term.field.name, term.matcher.text)
                break
        return Asker(
            number,
            node,
            compile_node(node),
            answer,
            by_type=fields(node) <= self.type_fields,
            thin=all(map(self._is_thin, fields(node))),
            plain=plain,
            required=required,
        )

    # --- events -----------------------------------------------------------------------------

    def route_each(self, events: Sequence[Event], arrivals: Sequence[float]) -> None:
        """Count *events* that the intake took each at its instant of *arrivals* (epoch seconds)."""
        arriving = zip(arrivals, events, strict=True)
        for at, together in groupby(arriving, key=itemgetter(0)):
            self.route([event for _, event in together], at)

    def route(self, events: Sequence[Event], received_at: float) -> None:
        """Count *events* that the intake took at *received_at* (epoch seconds)."""
        counts: Counter[tuple[str, int]] = Counter()
        plans: dict[str, Plan] = {}
        last: dict[str, Counted] = {}
        for event in events:
            self.events += 1
            second = self._second_of(event, received_at) if event.plain else None
            if second is None:
                self._ask_everybody(event, received_at)
                continue
            plan = self._plans.get(event.type) or self.plan(event, received_at)
            if plan.counted:
                counts[event.type, second] += 1
                plans[event.type] = plan
                if self.newest is not None:
                    last[event.type] = Counted(self.events, event, received_at)
            if plan.looks:
                self._ask(plan, event, received_at)
        for (name, second), n in counts.items():
            for number in plans[name].counted:
                self.counters.add(number, second, (), None, n)
        for name, counted in last.items():
            for number in plans[name].counted:
                self._note(number, (), counted)

    def _note(self, number: int, group: GroupKey, counted: Counted) -> None:
        if self.newest is not None and number in self.newest.questions:
            self.newest.note(number, group, counted)

    def _second_of(self, event: Event, received_at: float) -> int | None:
        """The second of the log's date; None where only the log tells."""
        created = event.created_at
        if not self.is_dated_by_creation or not _CREATED_AT.fullmatch(created):
            return None
        text, base = self._second
        if created[:19] != text:
            try:
                moment = datetime.fromisoformat(created[:19]).replace(tzinfo=UTC)
            except ValueError:  # the 30th of February
                return None
            base = int(moment.timestamp())
            self._second = (created[:19], base)
        if received_at - PAST + 1 < base < received_at + FUTURE - 1:
            return base + (created[20:23] != "000")
        if received_at - PAST - 1 < base < received_at + FUTURE + 1:
            return None  # about where Datadog ceases to take it
        return second_of(int(received_at * 1000))

    def _ask(self, plan: Plan, event: Event, received_at: float) -> None:
        """Ask those whom the type alone doesn't answer."""
        matching = [*plan.answered]
        if plan.thin:
            matching += plan.thin.matching(self._thin_log(event, plan.like), self._readers)
        if matching or plan.full:
            log = self.logs.log(event, received_at)
            for asker in (*matching, *plan.full.matching(log, self._readers)):
                self._add(asker, log, event, received_at)

    def _ask_everybody(self, event: Event, received_at: float) -> None:
        log = self.logs.log(event, received_at)
        for asker in self.askers:
            if asker.matches(log):
                self._add(asker, log, event, received_at)

    def _thin_log(self, event: Event, like: Log) -> Log:
        """As much of the log as `thin` questions look at."""
        attributes: dict[str, object] = _decode(event.raw)
        for path in self._copies:
            _put(attributes, path.split("."), event.type)
        return Log(
            attributes=attributes,
            tags=like.tags,
            host=like.host,
            service=like.service,
            source=like.source,
        )

    def _add(self, asker: Asker, log: Log, event: Event, received_at: float) -> None:
        second = second_of(log.timestamp)
        for group in asker.answer.groups(log):
            for value in asker.answer.values(log):
                if self.newest is not None:
                    self._note(asker.number, group, Counted(self.events, event, received_at))
                self.counters.add(asker.number, second, group, value)

    # --- plans ------------------------------------------------------------------------------

    def plan(self, event: Event, received_at: float) -> Plan:
        """The plan for events of this one's type, found out on it."""
        log = self.logs.log(event, received_at)
        plan = Plan(log)
        for asker in self.askers:
            if asker.by_type:
                if not asker.matches(log):
                    continue
                if asker.plain:
                    plan.counted.append(asker.number)
                else:
                    plan.answered.append(asker)
            elif self._can_match(asker, event.type):
                (plan.thin if asker.thin else plan.full).add(asker)
        if len(self._plans) >= _MAX_PLANS:
            self._plans.clear()
        self._plans[event.type] = plan
        return plan

    def _can_match(self, asker: Asker, event_type: str) -> bool:
        attributes = (name for name in self.type_fields if name.kind == "attribute")
        return all(
            not event_type or possible(asker.node, name, (event_type,)) for name in attributes
        )


def _at_work(pipelines: Sequence[Pipeline], logs: MakesLogs) -> list[Pipeline]:
    """Without those that take no log at all, as the forwarder alone tells."""
    sample = logs.log(_SAMPLE, 0.0)
    return [
        pipeline
        for pipeline in pipelines
        if not fields(parse(pipeline.filter.text)) <= _SENDERS or pipeline.filter.matches(sample)
    ]


def _is_simple(pipeline: Pipeline) -> bool:
    """Whether a pipeline takes logs by type and constants, and leaves those as they are."""
    by_type = _CONSTANTS | {Field("attribute", "type")}
    if not fields(parse(pipeline.filter.text)) <= by_type:
        return False
    return all(_SHAPING.isdisjoint(step.effects().fields) for step in pipeline.enabled())


def _dated_by_creation(pipelines: Sequence[Pipeline]) -> bool:
    """Whether the log's date is ``createdAt`` for all events."""
    by_source = {Field.of("source"), Field.of("service")}
    if not pipelines or not fields(parse(pipelines[0].filter.text)) <= by_source:
        return False
    for step in pipelines[0].processors:  # in a nested pipeline, not all logs would meet it
        effects = step.effects()
        if step.is_enabled and "timestamp" in effects.fields:
            return effects.claims == "date" and effects.reads == ("createdAt",)
    return False


def _put(attributes: dict[str, object], keys: Sequence[str], value: object) -> None:
    """Set a nested attribute of a payload that holds nothing there."""
    *outer, last = keys
    for key in outer:
        inner = attributes.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        attributes = inner
    attributes[last] = value


def _is_number(text: str) -> bool:
    """Whether a literal is matched as a number, which has other spellings."""
    try:
        float(text)
    except ValueError:
        return False
    return True
