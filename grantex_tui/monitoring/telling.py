"""From transitions to what people are told: merged as ``notify_by`` asks, with a log to quote."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.model import LogAlertQuery
from grantex_tui.datadog.search import compile_query
from grantex_tui.monitoring.facets import facet_reader
from grantex_tui.monitoring.notify import notification
from grantex_tui.monitoring.notify_by import NotifyBy


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.events.event import Event
    from grantex_tui.monitoring.event_logs import EventLogs
    from grantex_tui.monitoring.states import Group, Notification, Transition

_RECENT = 500
"""Events among which a log is looked for that a message can quote."""


class Told(NamedTuple):
    """A transition that is told of, and all that its text is made of."""

    monitor: Monitor
    transition: Transition
    sample: Log | None
    site: str

    def rendered(self) -> Notification:
        """The text; it takes some 50 µs, so a rehearsal of weeks writes only what is read."""
        return notification(self.monitor, self.transition, sample=self.sample, site=self.site)


class Teller:
    """Decides what is told of; silent transitions are among it, `Transition.notify` says so.

    Args:
        monitors: By their position.
        logs: Makes logs of events.
        site: Datadog's, for links.
    """

    def __init__(self, monitors: Sequence[Monitor], logs: EventLogs, *, site: str) -> None:
        self._monitors = monitors
        self._logs = logs
        self._site = site
        self._notify_by = [NotifyBy(monitor) for monitor in monitors]
        self._recent: deque[tuple[Event, float]] = deque(maxlen=_RECENT)
        self.quotes = any(map(_wants_log, monitors))
        """Whether a message quotes a log, so that events have to be remembered."""

    def remember(self, events: Sequence[Event], received_at: float) -> None:
        """Keep the newest events, in case a message quotes one."""
        if self.quotes:
            self._recent.extend((event, received_at) for event in events[-_RECENT:])

    def tell(self, transitions: Sequence[Transition]) -> Iterator[Told]:
        """What to tell of the transitions of some ticks, in their order."""
        for index, own in groupby(transitions, key=lambda transition: transition.index):
            monitor = self._monitors[index]
            for transition in self._notify_by[index].merge(list(own)):
                sample = self._sample(monitor, transition.group) if _wants_log(monitor) else None
                yield Told(monitor, transition, sample, self._site)

    def _sample(self, monitor: Monitor, group: Group) -> Log | None:
        """The newest log that the monitor counted for *group*, if it is still at hand."""
        if not isinstance(monitor.query, LogAlertQuery):
            return None
        matches = compile_query(monitor.query.query.search)
        facets = [(facet_reader(facet), value) for facet, value in group]
        for event, received_at in reversed(self._recent):
            log = self._logs.log(event, received_at)
            if matches(log) and all(value in read(log) for read, value in facets):
                return log
        return None


def _wants_log(monitor: Monitor) -> bool:
    return "log." in monitor.message or "log." in monitor.options.escalation_message
