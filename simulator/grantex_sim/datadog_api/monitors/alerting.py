"""All posted monitors in time: logs as they arrive, ticks as they come due, what was told.

Nothing here waits: whoever has the clock calls `Alerting.advance`, live or in virtual time. Entries
are counted in the order of their arrival and each tick knows what had arrived before it, so it
makes no difference how often, and how late, somebody looks.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING, Final

import msgspec

from grantex_sim.datadog_api.monitors.counting import EntryCounter
from grantex_sim.datadog_api.monitors.evaluation import Evaluation
from grantex_tui.clock import rfc3339
from grantex_tui.monitoring.count.metrics import MetricError


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.datadog_api.entries import Accepted
    from grantex_sim.datadog_api.monitors.evaluation import Counting
    from grantex_sim.datadog_api.store import LogStore
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.evaluate.states import Transition

KEPT_NOTIFICATIONS: Final = 10_000
_BACKWARDS: Final = 60.0
"""Seconds by which a clock must go back to have been set, not corrected."""


class Notified(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A notification that Datadog would have sent (names in ``/_sim`` in camel case)."""

    number: int
    """Its place among all since the start or the last reset, from 1 on."""
    at: str
    """The evaluation's instant, RFC 3339."""
    monitor_id: int
    monitor: str
    """Its name."""
    group: dict[str, str]
    """Facet and value; empty for a simple alert."""
    transition: str
    """As ``$ALERT_TRANSITION``: ``Triggered``, ``Recovered``, ``Re-Triggered`` …"""
    source: str
    destination: str
    value: float | None
    threshold: float | None
    recipients: tuple[str, ...]
    """Handles as written, ``@slack-x``."""
    title: str
    body: str


class Alerting:
    """Evaluates every monitor that was posted.

    Args:
        store: Whose logs are counted.
        metrics: Gives the log-based metrics there are.
    """

    def __init__(self, store: LogStore, metrics: Callable[[], Sequence[Counting]]) -> None:
        self._store = store
        self._metrics = metrics
        self._evaluations: dict[int, Evaluation] = {}
        self._counter: EntryCounter | None = None
        self._counted = 0
        self._silent_until: dict[int, float] = {}
        self._latest = -inf
        self._notified: deque[Notified] = deque(maxlen=KEPT_NOTIFICATIONS)
        self.told = 0
        """Notifications since the start or the last `clear`."""
        self.on_told: Callable[[], None] = lambda: None
        """Called after every notification."""

    @property
    def notifications(self) -> list[Notified]:
        """The newest `KEPT_NOTIFICATIONS`, the oldest first."""
        return [*self._notified]

    @property
    def dropped(self) -> int:
        """How many notifications are no longer there."""
        return self.told - len(self._notified)

    @property
    def next_tick(self) -> float:
        """When any monitor is evaluated next, epoch seconds; infinite without monitors."""
        return min((each.next_tick for each in self._evaluations.values()), default=inf)

    def clear(self) -> None:
        """Forget the notifications."""
        self._notified.clear()
        self.told = 0

    def put(self, number: int, monitor: Monitor, now: float, *, silent_until: float = -inf) -> None:
        """Evaluate *monitor* from now on, instead of what had that number; logs there are count.

        A monitor whose metric nobody has defined has no data, as in Datadog.

        Args:
            number: The monitor's id.
            monitor: What to evaluate.
            now: Epoch seconds.
            silent_until: Before it, a draft or muted: evaluated, and nobody told.
        """
        self.advance(now)
        self.remove(number)
        try:
            evaluation = Evaluation(
                monitor, start=now, metrics=self._metrics(), covered_from=self._covered_from()
            )
        except MetricError:
            return
        self._count_what_is_there(evaluation, now)
        self._evaluations[number] = evaluation
        self._counter = None
        self.silence(number, silent_until)
        self._store.watch(self._observe)

    def _count_what_is_there(self, evaluation: Evaluation, now: float) -> None:
        oldest = evaluation.looks_back_to(now)
        for at, logs in self._store.by_arrival():
            if at >= evaluation.since:
                for each in logs:
                    if each.timestamp >= oldest:
                        evaluation.count(each.log, 0)

    def silence(self, number: int, until: float) -> None:
        """Tell nobody of what that monitor finds before *until* (epoch seconds)."""
        self._silent_until[number] = until

    def remove(self, number: int) -> None:
        """End the evaluation of that monitor, without a word to anyone."""
        self._evaluations.pop(number, None)
        self._silent_until.pop(number, None)
        self._counter = None
        if not self._evaluations:
            self._store.watch(None)

    def evaluation(self, number: int) -> Evaluation | None:
        """That of a monitor, if it has one."""
        return self._evaluations.get(number)

    def _observe(self, accepted: Accepted) -> None:
        """This request arrived."""
        at = accepted.at
        self._tell([(n, t) for n, each in self._each() for t in each.advance_before(at)])
        self._counter_at(at).count(accepted, self._counted)
        self._counted += accepted.count

    def _counter_at(self, arrival: float) -> EntryCounter:
        """Counts for all monitors whose logs had begun to count by then; nearly always all."""
        everybody, pipelines = [*self._evaluations.values()], self._store.pipelines
        concerned = [each for each in everybody if each.since <= arrival]
        if len(concerned) < len(everybody):  # the clock has gone back a little
            return EntryCounter(pipelines, concerned)
        if self._counter is None or self._counter.pipelines is not pipelines:
            self._counter = EntryCounter(pipelines, everybody)
        return self._counter

    def advance(self, now: float) -> None:
        """Evaluate all that is due at *now* (epoch seconds), after counting what has arrived."""
        if not self._evaluations:
            return
        if now < self._latest - _BACKWARDS:
            self._begin_anew(now)
        self._latest = now
        self._store.show()
        self._tell([(n, t) for n, each in self._each() for t in each.advance(now)])

    def _begin_anew(self, now: float) -> None:
        """The clock was set back: what was found out about a time to come never happened."""
        self._latest = now
        for number, evaluation in self._each():
            until = self._silent_until[number]
            self.put(number, evaluation.monitor, now, silent_until=until)

    def _each(self) -> Sequence[tuple[int, Evaluation]]:
        return tuple(self._evaluations.items())

    def _covered_from(self) -> float:
        """Before the oldest log that is kept nothing is known, unless there was nothing."""
        dropped = self._store.dropped_until
        return -inf if dropped is None else dropped

    def _tell(self, found: list[tuple[int, Transition]]) -> None:
        found.sort(key=lambda item: item[1].at)
        for number, transition in found:
            if transition.notify and transition.at >= self._silent_until[number]:
                self.told += 1
                evaluation = self._evaluations[number]
                self._notified.append(_notified(self.told, number, evaluation, transition))
        if found:
            self.on_told()


def _notified(place: int, number: int, evaluation: Evaluation, transition: Transition) -> Notified:
    text = evaluation.notification(transition)
    return Notified(
        number=place,
        at=rfc3339(transition.at),
        monitor_id=number,
        monitor=evaluation.monitor.name,
        group=dict(transition.group),
        transition=transition.kind.value,
        source=transition.source.value,
        destination=transition.destination.value,
        value=transition.value,
        threshold=transition.threshold,
        recipients=text.recipients,
        title=text.title,
        body=text.body,
    )
