"""One posted monitor under evaluation: the engine that `watch` and rehearsals run, over logs.

Each monitor has an evaluator of its own, so that posting, changing or deleting one leaves the
states of the others alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from grantex_tui.datadog.search import compile_query
from grantex_tui.monitoring.count.feed import LogAnswer
from grantex_tui.monitoring.count.windows import second_of
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.states import State, TransitionKind
from grantex_tui.monitoring.notify.notification import notification
from grantex_tui.monitoring.notify.notify_by import NotifyBy


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.monitoring.count.aggregates import Value
    from grantex_tui.monitoring.count.metrics import LogMetric
    from grantex_tui.monitoring.count.question import GroupKey, Question
    from grantex_tui.monitoring.evaluate.run import MonitorSnapshot
    from grantex_tui.monitoring.evaluate.states import Notification, Transition

MOST_QUOTED: Final = 20_000
"""Groups whose newest log is remembered, for messages that quote it."""


@dataclass(frozen=True, slots=True)
class Counting:
    """A log-based metric, and since when Datadog computes it: it fills nothing in afterwards."""

    metric: LogMetric
    since: float
    """Epoch seconds."""


class Quote(NamedTuple):
    """A log that a message may quote."""

    sequence: int
    """Its place among all that arrived."""
    log: Callable[[], Log]
    """Makes it, or has it."""


@dataclass(slots=True)
class Times:
    """When a group was last in each of the ways that the API tells of; epoch seconds."""

    triggered: float | None = None
    notified: float | None = None
    resolved: float | None = None
    no_data: float | None = None


class Evaluation:
    """Counts logs for one monitor, and says what becomes of it.

    Args:
        monitor: What is evaluated.
        start: Epoch seconds; the first tick comes after it.
        metrics: Those that a monitor may name.
        covered_from: Arrivals before it may be unknown.

    Raises:
        MetricError: The monitor's metric is none of *metrics*.
    """

    def __init__(
        self,
        monitor: Monitor,
        *,
        start: float,
        metrics: Sequence[Counting],
        covered_from: float,
    ) -> None:
        known = [counting.metric for counting in metrics]
        self.monitor = monitor
        self._evaluator = Evaluator(
            [monitor], start=start, metrics=known, covered_from=covered_from
        )
        self.since = _since(monitor, metrics)
        """Logs that arrived earlier (epoch seconds) don't count."""
        counters = self._evaluator.counters
        self._counters = counters
        self._askers = [
            (number, compile_query(question.search), LogAnswer(question))
            for number, question in enumerate(counters.questions)
        ]
        self._notify_by = NotifyBy(monitor)
        self.quotes = "" in monitor.query.log_queries
        """Whether its messages may quote a log."""
        self._newest: dict[GroupKey, Quote] = {}
        self.times: dict[Group, Times] = {}

    def replace(self, monitor: Monitor) -> None:
        """Speak with other words: *monitor* asks the same and has the same conditions."""
        self.monitor = monitor

    @property
    def next_tick(self) -> float:
        """When it is evaluated next, epoch seconds."""
        return self._evaluator.next_tick

    def looks_back_to(self, now: float) -> float:
        """Milliseconds since the epoch: older logs are in no window of the ticks after *now*."""
        if self.monitor.query.band is not None:
            return -inf
        return (now - self.monitor.query.window - self.monitor.options.evaluation_delay) * 1000

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it counts; a question's number is its position."""
        return self._counters.questions

    def count(self, log: Log, sequence: int) -> None:
        """This log arrived, as the *sequence*-th of all; no tick has passed its arrival yet."""
        second = second_of(log.timestamp)
        for number, matches, answer in self._askers:
            if matches(log):
                for group in answer.groups(log):
                    self.quote(group, Quote(sequence, lambda: log))
                    for value in answer.values(log):
                        self._counters.add(number, second, group, value)

    def add(self, number: int, second: int, group: GroupKey, value: Value | None, n: int) -> None:
        """Somebody else found *n* logs that answer question *number*; see `Counters.add`."""
        self._counters.add(number, second, group, value, n)

    def quote(self, group: GroupKey, quote: Quote) -> None:
        """A log of *group* was counted."""
        if not self.quotes:
            return
        newest = self._newest
        known = newest.pop(group, None)  # the last key is that of the group counted last
        is_newer = known is None or known.sequence <= quote.sequence
        newest[group] = quote if known is None or is_newer else known
        if len(newest) > MOST_QUOTED:
            for old in list(newest)[: MOST_QUOTED // 2]:
                del newest[old]

    def advance_before(self, arrival: float) -> list[Transition]:
        """Evaluate what does not know of *arrival*; the transitions to tell of."""
        return self._told(self._evaluator.advance_before(arrival))

    def advance(self, now: float) -> list[Transition]:
        """Evaluate all that is due at *now*; the transitions to tell of."""
        return self._told(self._evaluator.advance(now))

    def snapshot(self) -> MonitorSnapshot:
        """How it stands."""
        return self._evaluator.snapshots()[0]

    def notification(self, transition: Transition) -> Notification:
        """The text for one of its transitions."""
        return notification(self.monitor, transition, sample=self._quoted(transition))

    def _told(self, transitions: Sequence[Transition]) -> list[Transition]:
        told = self._notify_by.merge(transitions) if transitions else []
        for transition in transitions:
            _mark(self.times.setdefault(transition.group, Times()), transition)
        return told

    def _quoted(self, transition: Transition) -> Log | None:
        """The newest log of the transition's group, which may be several told of as one."""
        wanted = dict(transition.group)
        facets = self.monitor.group_by
        found = (
            quote
            for group, quote in self._newest.items()
            if all(
                wanted.get(facet, value) == value
                for facet, value in zip(facets, group, strict=True)
            )
        )
        newest = max(found, key=lambda quote: quote.sequence, default=None)
        return None if newest is None else newest.log()


def _since(monitor: Monitor, metrics: Sequence[Counting]) -> float:
    band = monitor.query.band
    if band is None:
        return -inf
    name = band.metric.metric
    return next(counting.since for counting in metrics if counting.metric.name == name)


def _mark(times: Times, transition: Transition) -> None:
    at = transition.at
    if transition.notify:
        times.notified = at
    if transition.kind is TransitionKind.RECOVERED:
        times.resolved = at
    elif transition.destination is State.NO_DATA:
        times.no_data = at
    elif transition.source is not transition.destination:
        times.triggered = at
