"""Accepted entries into what posted monitors count, without making a log of every entry.

A forwarder's entries are alike but for the event in their ``message``. So those of one making
(same source, host, service and tags, but for the tag that names the event's type) go to a router
of `grantex_tui.monitoring`, as in `watch`, which looks only at what the monitors ask. An entry
that is anything else becomes a log, and every monitor looks at it. 9 µs an entry with nine
monitors, where making and asking takes 33.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from grantex_sim.datadog_api.entries import plain
from grantex_sim.datadog_api.monitors.evaluation import Quote
from grantex_sim.intake.contract import PlainEntry
from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.pipeline import compile_pipelines
from grantex_tui.events.entry import type_tag
from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.count.newest import Newest
from grantex_tui.monitoring.count.router import Router


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_sim.datadog_api.entries import Accepted, Entry
    from grantex_sim.datadog_api.monitors.evaluation import Evaluation
    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline import Pipeline, Process
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.newest import Counted
    from grantex_tui.monitoring.count.question import GroupKey, Question
    from grantex_tui.monitoring.count.sink import Sink

MOST_MAKINGS: Final = 32
"""With a router of their own; entries of further ones are looked at one by one."""
_LONGEST: Final = 250_000
"""Characters of a message that the intake surely does not cut."""

_Text = str | msgspec.UnsetType


class _Making(NamedTuple):
    """What the entries of one forwarder have in common."""

    source: _Text
    host: _Text
    service: _Text
    tags: _Text
    """Without the one that names the type, if they begin with that."""
    is_typed: bool
    """Whether they begin with the tag that names the type."""
    query_tags: str
    agent_json: bool

    def entry(self, event: Event) -> Entry:
        """The entry of *event*."""
        tags = self.tags
        if self.is_typed:
            tags = type_tag(event.type) + (tags or "")
        values = {
            "ddsource": self.source,
            "hostname": self.host,
            "service": self.service,
            "ddtags": tags,
            "message": event.raw.decode(),
        }
        return {key: value for key, value in values.items() if value is not msgspec.UNSET}


class _MadeLogs:
    """Makes logs of events as one forwarder sends them and the pipelines shape them."""

    def __init__(self, making: _Making, process: Process) -> None:
        self._making = making
        self._process = process

    def log(self, event: Event, received_at: float) -> Log:
        """The log of *event*, had the intake taken it at *received_at* (epoch seconds)."""
        making, at = self._making, int(received_at * 1000)
        tags, agent_json = making.query_tags, making.agent_json
        taken = take_entry(
            making.entry(event), received_at=at, query_tags=tags, agent_json=agent_json
        )
        return self._process(taken.log, received_at=at)


class _Shared:
    """A sink for several evaluations, as if they were one."""

    def __init__(self, evaluations: Sequence[Evaluation]) -> None:
        self.asking: dict[Question, list[tuple[Evaluation, int]]] = {}
        for evaluation in evaluations:
            for number, question in enumerate(evaluation.questions):
                self.asking.setdefault(question, []).append((evaluation, number))
        self._told = [*self.asking.values()]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The different questions of all."""
        return tuple(self.asking)

    def add(
        self,
        question_id: int,
        second: int,
        group: GroupKey = (),
        value: Value | None = None,
        n: int = 1,
    ) -> None:
        """Add it for everybody who asks."""
        for evaluation, number in self._told[question_id]:
            evaluation.add(number, second, group, value, n)


class _Quoted(Newest):
    """Has evaluations note the newest log, where their messages may quote one."""

    def __init__(self, shared: _Shared, logs: _MadeLogs) -> None:
        self._quoting = [
            [evaluation for evaluation, _ in asking if evaluation.quotes]
            for asking in shared.asking.values()
        ]
        self._logs = logs
        super().__init__([number for number, who in enumerate(self._quoting) if who])

    def note(self, question: int, group: GroupKey, counted: Counted) -> None:
        """A group of a question has counted this event."""
        event, at, logs = counted.event, counted.arrived_at, self._logs
        assert isinstance(event, Event)
        quote = Quote(counted.sequence, lambda: logs.log(event, at))
        for evaluation in self._quoting[question]:
            evaluation.quote(group, quote)


class EntryCounter:
    """Counts entries for some evaluations.

    Args:
        pipelines: What their logs go through.
        evaluations: Who is to count them.
    """

    def __init__(self, pipelines: Sequence[Pipeline], evaluations: Sequence[Evaluation]) -> None:
        self.pipelines = pipelines
        self._process = compile_pipelines(pipelines)
        self._evaluations = evaluations
        self._shared = _Shared(evaluations)
        self._routers: dict[tuple[_Text, _Text, _Text, _Text, bool, str, bool], Router[Sink]] = {}

    def count(self, accepted: Accepted, before: int) -> None:
        """Count the entries of a request, before which *before* entries had arrived."""
        entries: Sequence[Entry | PlainEntry] = accepted.plain_entries() or accepted.entries()
        of_request = accepted.query_tags, accepted.agent_json
        run: list[Event] = []
        router: Router[Sink] | None = None
        for number, entry in enumerate(entries):
            own, event = self._routed(entry, of_request)
            if router is not None and own is not router:
                _route(router, run, accepted.at, before + number)
                run = []
            router = own
            if event is None or own is None:
                self._count_alone(entry, accepted, before + number + 1)
            else:
                run.append(event)
        if router is not None:
            _route(router, run, accepted.at, before + len(entries))

    def _routed(
        self, given: Entry | PlainEntry, of_request: tuple[str, bool]
    ) -> tuple[Router[Sink] | None, Event | None]:
        """The router for an entry, and the event in it; None if it is out of the ordinary."""
        entry = given if isinstance(given, PlainEntry) else plain(given)
        event = None if entry is None else _event(entry.message)
        if entry is None or event is None:
            return None, None
        tags, tag = entry.ddtags, type_tag(event.type)
        is_typed = isinstance(tags, str) and (tags == tag or tags.startswith(f"{tag},"))
        if is_typed and isinstance(tags, str):
            tags = tags[len(tag) :]
        made = entry.ddsource, entry.hostname, entry.service, tags, is_typed, *of_request
        router = self._routers.get(made)
        return router or self._new_router(_Making(*made)), event

    def _new_router(self, making: _Making) -> Router[Sink] | None:
        if len(self._routers) >= MOST_MAKINGS:
            return None
        logs = _MadeLogs(making, self._process)
        router = Router(self._shared, logs, self.pipelines, _Quoted(self._shared, logs))
        self._routers[making] = router
        return router

    def _count_alone(self, entry: Entry | PlainEntry, accepted: Accepted, sequence: int) -> None:
        at = int(accepted.at * 1000)
        taken = take_entry(
            msgspec.to_builtins(entry) if isinstance(entry, PlainEntry) else entry,
            received_at=at,
            query_tags=accepted.query_tags,
            agent_json=accepted.agent_json,
        )
        if taken.kept:
            log = self._process(taken.log, received_at=at)
            for evaluation in self._evaluations:
                evaluation.count(log, sequence)


def _route(router: Router[Sink], events: Sequence[Event], at: float, until: int) -> None:
    """Count *events*, of which the last is the *until*-th of all entries."""
    router.events = until - len(events)
    router.route(events, at)


def _event(message: str) -> Event | None:
    """The event in a message, if that is one as the service writes it."""
    if len(message) > _LONGEST:
        return None
    try:
        event = decode_event(message.encode())
    except UnicodeEncodeError:  # half a surrogate pair
        return None
    return event if isinstance(event, Event) and event.plain else None
