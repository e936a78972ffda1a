"""From transitions to what people are told: merged as ``notify_by`` asks, with a log to quote."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.monitoring.count.newest import Newest
from grantex_tui.monitoring.count.question import question_of
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.monitoring.notify.notification import notification
from grantex_tui.monitoring.notify.notify_by import NotifyBy


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.count.event_logs import EventLogs
    from grantex_tui.monitoring.count.newest import Counted
    from grantex_tui.monitoring.count.question import Question
    from grantex_tui.monitoring.evaluate.states import Notification, Transition


_QUOTED = re.compile(r"log\.(?!link\s*\}\})")


class Told(NamedTuple):
    """A transition that is told of, and all that its text is made of."""

    monitor: Monitor
    transition: Transition
    quoted: Counted | None
    logs: EventLogs
    site: str

    def rendered(self) -> Notification:
        """The text. It takes some 100 µs, so a rehearsal of weeks writes only what is read."""
        return notification(self.monitor, self.transition, sample=self._sample(), site=self.site)

    def _sample(self) -> Log | None:
        if self.quoted is None:
            return None
        event = self.quoted.decoded()
        return None if event is None else self.logs.log(event, self.quoted.arrived_at)


class Teller:
    """Decides what is told of; silent transitions are among it, `Transition.notify` says so.

    Args:
        monitors: by their position.
        logs: makes logs of events.
        quoted: the events that messages can quote.
        site: Datadog's, for links.
    """

    def __init__(
        self, monitors: Sequence[Monitor], logs: EventLogs, quoted: QuotedEvents, *, site: str
    ) -> None:
        self._monitors = monitors
        self._logs = logs
        self._quoted = quoted
        self._site = site
        self._notify_by = [NotifyBy(monitor) for monitor in monitors]

    def tell(self, transitions: Sequence[Transition]) -> Iterator[Told]:
        """What to tell of the transitions of some ticks, in their order."""
        for index, own in groupby(transitions, key=lambda transition: transition.index):
            monitor = self._monitors[index]
            for transition in self._notify_by[index].merge(list(own)):
                quoted = self._quoted.of(index, transition)
                yield Told(monitor, transition, quoted, self._logs, self._site)


class QuotedEvents:
    """Which questions messages quote logs of, and the newest event of each group.

    Args:
        monitors: by their position.
        questions: all that are asked, by their number.
    """

    def __init__(self, monitors: Sequence[Monitor], questions: Sequence[Question]) -> None:
        numbers = {question: number for number, question in enumerate(questions)}
        self._by_monitor: Mapping[int, int] = {
            index: numbers[question_of(monitor.query.log_queries[""])]
            for index, monitor in enumerate(monitors)
            if "" in monitor.query.log_queries and _quotes(monitor)
        }
        self._facets = [monitor.group_by for monitor in monitors]
        self.newest = Newest(self._by_monitor.values())

    def of(self, index: int, transition: Transition) -> Counted | None:
        """The newest event that the monitor counted for the transition's group.

        That may be several groups told of as one (``notify_by``).
        """
        number = self._by_monitor.get(index)
        if number is None or transition.destination not in (State.ALERT, State.WARN):
            return None
        facets = self._facets[index]
        if len(transition.group) == len(facets):
            return self.newest.find(number, tuple(value for _, value in transition.group))
        wanted = {facets.index(facet): value for facet, value in transition.group}
        return self.newest.find_among(number, wanted)


def _quotes(monitor: Monitor) -> bool:
    """Whether a message may need a log; a link to all of them (``{{log.link}}``) needs none."""
    return any(map(_QUOTED.search, (monitor.message, monitor.options.escalation_message)))
