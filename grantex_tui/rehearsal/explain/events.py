"""What the events say about a value: who made it, which one tipped it, when it ends, what if."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.missing import missing_data_of
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.explain.explanation import Change, End, Place, Share, Silence
from grantex_tui.rehearsal.explain.tipping import by_arrival, by_leaving


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.events.event import Event
    from grantex_tui.monitoring.count.question import GroupKey
    from grantex_tui.monitoring.evaluate.machine import GroupMachine
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.rehearsal.explain.counted import Counted
    from grantex_tui.rehearsal.explain.evidence import Evidence
    from grantex_tui.rehearsal.explain.explanation import Explanation
    from grantex_tui.rehearsal.explain.tipping import Tip

SHOWN = 5
"""Events shown of the first, and of the last."""
_TOP = 3
_MOST_LEAVING = 200
_LONGEST = 4 * 3600
"""Seconds by which a window is widened at most to see whether it would have fired."""
_NAMES: tuple[tuple[str, Callable[[Event], str]], ...] = (
    ("type", lambda event: event.type),
    ("agent", lambda event: event.agent_id),
    ("principal", lambda event: event.principal_id),
    ("grant", lambda event: event.grant_id),
)


class Window(NamedTuple):
    """``(after, until]`` on the log's date."""

    after: float
    until: float


def looked_back(monitor: Monitor, window: Window, data_at: float | None) -> float:
    """The earliest date that an explanation looks at.

    Args:
        monitor: whose window may be widened.
        window: of the evaluation.
        data_at: the last evaluation that found something, if this one is about silence.
    """
    length = monitor.query.window
    widest = window.until - min(max(4 * length, 3600), length + _LONGEST)
    if data_at is None:
        return widest
    return min(widest, data_at - monitor.options.evaluation_delay - length)


def of_events(
    told: Explanation, evidence: Evidence, rule: Rule, machine: GroupMachine
) -> Explanation:
    """*told*, with what the events say."""
    return _Case(told, evidence, rule, machine).completed()


class _Case:
    """One evaluation of one group, and its events."""

    def __init__(
        self, told: Explanation, evidence: Evidence, rule: Rule, machine: GroupMachine
    ) -> None:
        self._told = told
        self._evidence = evidence
        self._rule = rule
        self._machine = machine
        self._key: GroupKey = tuple(value for _, value in told.group)
        self._window = Window(*told.window)
        self._counted = evidence.within(*self._window, self._key)
        self._late = evidence.late_within(*self._window, self._key)
        self._is_plain = told.monitor.query.band is None

    def completed(self) -> Explanation:
        counted, late = _once(self._counted), _once(self._late)
        told = replace(
            self._told,
            counted=len(counted),
            by_query=self._by_query(),
            shares=list(_shares(counted)),
            events=[place_of(each) for each in _ends(counted)],
            silence=self._silence() if self._is_plain else None,
            late=len(late),
            late_events=[place_of(each) for each in _ends(late)],
        )
        if not self._is_plain:
            return told
        with_late = self._evidence.value([*self._counted, *self._late]) if late else None
        tip, end = self._tip(), self._end()
        return replace(
            told,
            tipped=None if tip is None else place_of(tip.event),
            tipped_from=None if tip is None else tip.before,
            tipped_to=None if tip is None else tip.after,
            tipped_by_leaving=tip is not None and tip.leaving,
            end=end,
            endless=end is None and self._is_kept(),
            value_with_late=with_late,
            changes=list(self._changes()),
        )

    def _by_query(self) -> list[tuple[str, int]]:
        if not self._evidence.formula:
            return []
        counts = Counter(each.query for each in self._counted)
        return [(name, counts[name]) for name, _ in self._evidence.queries]

    def _silence(self) -> Silence | None:
        """For few or no events: when the last one was."""
        few = self._rule.comparator.is_low and self._told.state is State.ALERT
        if not few and self._told.value:
            return None
        known = self._evidence.within(float("-inf"), self._window.until, self._key)
        if not known:
            return Silence(None, self._told.at - self._told.start)
        last = max(known, key=_by_date)
        return Silence(place_of(last), self._told.at - last.second)

    def _tip(self) -> Tip | None:
        """The event that made the difference to the state's threshold.

        At the evaluation with which the state begins it may be one that has left the window.
        """
        limit = self._rule.threshold(self._told.state)
        if limit is None:
            return None

        def crosses(value: float) -> bool:
            return self._rule.crosses(value, limit)

        arrived = by_arrival(self._evidence.running(self._counted), self._counted, crosses)
        change = self._told.changed
        if change is None or change.source is change.destination:
            return arrived
        period = period_of(self._told.monitor.query.window)
        if arrived is not None and self._is_new(arrived.event, period):
            return arrived
        gone = self._gone(period)
        return by_leaving(self._evidence.running(self._counted), gone, crosses) or arrived

    def _is_new(self, event: Counted, period: int) -> bool:
        """Whether the evaluation before did not count it."""
        until = self._window.until - period
        return event.arrived > self._told.at - period or event.second > until

    def _gone(self, period: int) -> list[Counted]:
        """What the evaluation before counted and this one doesn't, by date."""
        after, until = self._window
        gone = self._evidence.within(after - period, min(after, until - period), self._key)
        known = (each for each in gone if each.arrived <= self._told.at - period)
        return sorted(known, key=_by_date)

    def _may_end(self) -> bool:
        """Whether events that leave the window could end the state."""
        loud = self._told.state in (State.ALERT, State.WARN)
        return loud and not self._rule.comparator.is_low

    def _is_kept(self) -> bool:
        """Whether no logs are no value, which keeps the state, and nothing resolves it in time."""
        empty = self._evidence.running().value()
        return self._may_end() and empty is None and not self._rule.resolve_after

    def _end(self) -> End | None:
        """The first evaluation at which the state is another, should nothing more come."""
        told, monitor = self._told, self._told.monitor
        if not self._may_end():
            return None
        length, delay = monitor.query.window, monitor.options.evaluation_delay
        period = period_of(length)
        missing, held = missing_data_of(monitor), self._counted
        zero = self._evidence.running().value()
        future = round(max((each.second for each in self._evidence.counted), default=0) - told.at)
        for number in range(1, (length + max(0, future)) // period + 2):
            at = told.at + number * period
            now = self._evidence.within(at - delay - length, at - delay, self._key)
            value = self._evidence.value(now) if now else None
            outcome = (
                missing.outcome(zero, others=False, silent_for=None) if value is None else value
            )
            change = self._machine.step(at, outcome)
            if change is not None and change.source is not change.destination:
                return End(at, change.destination, change.value, self._leaving(held, now))
            held = now
        return None

    def _leaving(self, before: Sequence[Counted], now: Sequence[Counted]) -> Place | None:
        """The first event without which the state is no longer held, by date."""
        kept = {id(each) for each in now}
        gone = sorted(
            (each for each in before if id(each) not in kept), key=lambda each: each.second
        )
        if not gone or len(gone) > _MOST_LEAVING:
            return place_of(gone[-1]) if gone else None
        for number in range(1, len(gone) + 1):
            value = self._evidence.value([*gone[number:], *now])
            if value is None or self._rule.decide(self._told.state, value) is not self._told.state:
                return place_of(gone[number - 1])
        return place_of(gone[-1])

    def _changes(self) -> Iterator[Change]:
        """What would have fired at this evaluation, changed as little as can be."""
        rule, value, limit = self._rule, self._told.value, self._rule.thresholds.critical
        if self._told.state is State.ALERT or limit is None or not rule.comparator.has_side:
            return
        if value is not None and (critical := rule.comparator.just_crossed_by(value)) is not None:
            yield Change("critical", limit, critical, value)
        length, above = self._told.monitor.query.window, rule.comparator.is_high
        widest = int(self._window.until - looked_back(self._told.monitor, self._window, None))
        lengths = range(length + 60, widest + 1, 60) if above else range(length - 60, 59, -60)
        for other in lengths:
            within = self._evidence.within(
                self._window.until - other, self._window.until, self._key
            )
            found = self._evidence.running(within).value()
            if found is not None and rule.crosses(found, limit):
                yield Change("window", length, other, found)
                return


def _by_date(each: Counted) -> tuple[int, float]:
    """As they happened, within a second too."""
    return each.second, each.received


def place_of(each: Counted) -> Place:
    """An event for people."""
    arrived = None if each.arrived == float("inf") else each.arrived
    return Place(each.event.id, each.event.type, float(each.second), each.received, arrived)


def _once(events: Sequence[Counted]) -> list[Counted]:
    """Each event once, however many queries of a formula count it."""
    return list({id(each.event): each for each in events}.values())


def _ends(events: Sequence[Counted]) -> Sequence[Counted]:
    """The first and the last of them."""
    if len(events) <= 2 * SHOWN:
        return events
    return [*events[:SHOWN], *events[-SHOWN:]]


def _shares(events: Sequence[Counted]) -> Iterator[Share]:
    """The values that most of the events have."""
    for name, read in _NAMES:
        counts = Counter(value for each in events if (value := read(each.event)))
        top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_TOP]
        if len(counts) <= _TOP or top[0][1] > 1:  # where all are different, none says anything
            yield from (Share(name, value, count) for value, count in top)
