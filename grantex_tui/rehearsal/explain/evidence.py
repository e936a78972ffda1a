"""The events behind a value: which logs a monitor counted around an instant, and which came late.

The events go through the router of the real run, one by one, and what it counts of each is noted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.datadog.monitor.schedule import MINUTE
from grantex_tui.events.event import Event
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.monitoring.count.metrics import log_query_of
from grantex_tui.monitoring.count.question import question_of
from grantex_tui.monitoring.count.senders import SenderRouter
from grantex_tui.rehearsal.engine.delivery import Batches
from grantex_tui.rehearsal.engine.heard import Heard
from grantex_tui.rehearsal.explain.counted import Counted
from grantex_tui.rehearsal.explain.running import Running


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import LogQuery, Monitor
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.counters import AnySlots
    from grantex_tui.monitoring.count.question import GroupKey, Question
    from grantex_tui.rehearsal.engine.heard import Part
    from grantex_tui.rehearsal.engine.model import DeliveryModel
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan

_FUTURE = 2 * 3600.0
"""Seconds by which a log's date may lie after its arrival."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a monitor had, or should have had, at an evaluation.

    *counted* are the events that had arrived, *late* those that had happened and not arrived; both
    in the order of their arrival and date.
    """

    queries: tuple[tuple[str, LogQuery], ...]
    formula: str
    """Empty if there is a single query."""
    counted: tuple[Counted, ...]
    late: tuple[Counted, ...]

    def within(self, after: float, until: float, group: GroupKey | None = None) -> list[Counted]:
        """The counted events with a date in ``(after, until]``, of one group or of all."""
        return [each for each in self.counted if _is_in(each, after, until, group)]

    def late_within(
        self, after: float, until: float, group: GroupKey | None = None
    ) -> list[Counted]:
        """The same of those that had not arrived."""
        return [each for each in self.late if _is_in(each, after, until, group)]

    def value(self, events: Iterable[Counted]) -> float | None:
        """What the monitor's query makes of these events, all of one group; None: no value."""
        return self.running(events).found()

    def running(self, events: Iterable[Counted] = ()) -> Running:
        """The same value, for when events come and go."""
        return Running(self.queries, self.formula, events)


def _is_in(each: Counted, after: float, until: float, group: GroupKey | None) -> bool:
    return after < each.second <= until and (
        group is None or group in each.groups or each.groups == ((),)
    )


def queries_of(monitor: Monitor, plan: RehearsalPlan) -> tuple[tuple[str, LogQuery], ...]:
    """The log queries that a monitor's values come from, each by its name in the formula.

    Raises:
        MetricError: An anomaly monitor names a metric that the plan doesn't have.
    """
    query = monitor.query
    if query.band is not None:
        return (("", log_query_of(query.band.metric, plan.metrics)),)
    used = parse_formula(query.formula).names if query.formula else ("",)
    return tuple((name, each) for name, each in query.log_queries.items() if name in used)


def gather(
    make_events: Callable[[], Iterable[Arrival | Gap]],
    plan: RehearsalPlan,
    monitor: Monitor,
    delivery: DeliveryModel,
    *,
    start: float,
    since: float,
    until: float,
) -> Evidence:
    """The events that *monitor* counts with a date from *since* on, as known at *until*.

    Args:
        make_events: the events, from the beginning: batches depend on all before.
        plan: how logs are made.
        monitor: whose queries to ask.
        delivery: when Datadog gets them.
        start: of the pass.
        since: the earliest date that is of interest, epoch seconds.
        until: the evaluation's instant.

    Raises:
        GrantexTuiError: The events can't be read.
    """
    queries = queries_of(monitor, plan)
    notes = _Notes([question_of(query) for _, query in queries])
    router = SenderRouter(notes, plan.logs, plan.pipelines)
    counted: list[Counted] = []
    late: list[Counted] = []
    heard = Heard(make_events(), "", start=start, end=until)
    for event, received, arrived in _deliveries(heard, delivery, since - _FUTURE):
        router.route([event], received if arrived > until else arrived)
        for number, (second, groups, values) in notes.taken().items():
            if second > since:
                name = queries[number][0]
                one = Counted(second, received, arrived, event, groups, values, name)
                (counted if arrived <= until else late).append(one)
    formula = monitor.query.formula
    order = _by_arrival_and_date
    return Evidence(
        queries, formula, tuple(sorted(counted, key=order)), tuple(sorted(late, key=order))
    )


def _by_arrival_and_date(each: Counted) -> tuple[float, float, int]:
    return each.arrived, each.received, each.second


class _Notes:
    """A sink that counts nothing, and notes what it was told of the last event."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._questions = tuple(questions)
        self._told: dict[int, tuple[int, dict[GroupKey, list[Value | None]]]] = {}

    @property
    def questions(self) -> tuple[Question, ...]:
        """Those that were given, the same one twice if need be."""
        return self._questions

    def add(
        self,
        question_id: int,
        second: int,
        group: GroupKey = (),
        value: Value | None = None,
        n: int = 1,
    ) -> None:
        """Note it."""
        groups = self._told.setdefault(question_id, (second, {}))[1]
        groups.setdefault(group, []).extend([value] * n)

    def grid(self) -> tuple[int, int]:
        """Any: there are no slots."""
        return MINUTE, 0

    def slots(self, question_id: int) -> Sequence[AnySlots]:  # noqa: ARG002 - for all the same
        """None: events are routed one by one, and nothing is added past `add`."""
        return ()

    def taken(self) -> dict[int, tuple[int, tuple[GroupKey, ...], tuple[Value | None, ...]]]:
        """What was told since it was last asked: second, groups and values by question."""
        told, self._told = self._told, {}
        return {
            number: (second, tuple(groups), tuple(next(iter(groups.values()))))
            for number, (second, groups) in told.items()
        }


def _deliveries(
    heard: Heard, model: DeliveryModel, since: float
) -> Iterator[tuple[Event, float, float]]:
    """Events with receipt and arrival, of those that arrive after *since* or not at all."""
    batches = Batches(model)
    waiting: deque[tuple[Part, int]] = deque()
    for part in heard.parts(Sketcher()):
        waiting.append((part, 0))
        yield from _arrived(waiting, batches.add(part.instants), since)
    yield from _arrived(waiting, batches.rest(), since)
    for part, first in waiting:
        for number in range(first, len(part.instants)):
            yield from _event(part, number, inf)


def _arrived(
    waiting: deque[tuple[Part, int]], arrivals: Sequence[float], since: float
) -> Iterator[tuple[Event, float, float]]:
    at = 0
    while at < len(arrivals):
        part, first = waiting.popleft()
        last = min(len(part.instants), first + len(arrivals) - at)
        if last < len(part.instants):
            waiting.appendleft((part, last))
        if arrivals[at + last - first - 1] > since:
            for number in range(first, last):
                yield from _event(part, number, arrivals[at + number - first])
        at += last - first


def _event(part: Part, number: int, arrived: float) -> Iterator[tuple[Event, float, float]]:
    events = part.events
    event = events.event(number) if isinstance(events, Sketches) else events[number]
    if isinstance(event, Event):
        yield event, part.instants[number], arrived
