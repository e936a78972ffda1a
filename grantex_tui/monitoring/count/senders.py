"""Counting events of several senders: a router for each, since pipelines and tags tell them apart.

What the router finds out once for all events of a type holds for one sender only: another one's logs
have other tags, another service, and may go past the pipeline. A recording has one or a few.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from grantex_tui.events.recorded.sketch import Sketcher
from grantex_tui.monitoring.count.bulk import BulkRouter
from grantex_tui.monitoring.count.router import Router


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.events.entry import Sender
    from grantex_tui.events.event import Event
    from grantex_tui.events.recorded.sketch import Sketches
    from grantex_tui.monitoring.count.event_logs import EventLogs
    from grantex_tui.monitoring.count.newest import Newest
    from grantex_tui.monitoring.count.sink import BulkSink


_sender_of = attrgetter("sender")


class SenderRouter:
    """What `Router` and `BulkRouter` are for events of one sender, for those of any.

    Args:
        counters: of the questions.
        logs: makes logs of events; of those that don't tell their sender, of its own.
        pipelines: Datadog's.
        newest: of each group, for messages that quote a log.
    """

    def __init__(
        self,
        counters: BulkSink,
        logs: EventLogs,
        pipelines: Sequence[Pipeline],
        newest: Newest | None = None,
    ) -> None:
        self._counters = counters
        self._logs = logs
        self._pipelines = pipelines
        self._newest = newest
        self._routers: dict[Sender | None, tuple[Router[BulkSink], BulkRouter]] = {}
        self._present, self._bulk = self._of(None)
        self.keys = self._bulk.keys
        """The keys of ``data`` that sketches must hold, in this order."""

    @property
    def is_able(self) -> bool:
        """Whether sketched events can be counted faster than others."""
        return self._bulk.is_able

    def sketcher(self, needle: bytes | None = None) -> Sketcher | None:
        """What sees as much of events and logs as is looked at; None if there is nothing to gain.

        Args:
            needle: letters that stand in each line that is wanted; None: all are.
        """
        layout = None if self._logs.processes_again else self._bulk.layout
        keys = self.keys if self.is_able else None
        return None if keys is None and layout is None else Sketcher(keys, layout, needle)

    @property
    def events(self) -> int:
        """How many have been counted."""
        return self._present.events

    def _of(self, sender: Sender | None) -> tuple[Router[BulkSink], BulkRouter]:
        """The routers of a sender's events; made when the first of them comes."""
        sender = None if sender == self._logs.sender else sender
        found = self._routers.get(sender)
        if found is None:
            router = Router(self._counters, self._logs.of(sender), self._pipelines, self._newest)
            keys = self.keys if self._routers else None
            found = self._routers[sender] = (router, BulkRouter(router, keys=keys))
        return found

    def _change(self, sender: Sender | None) -> Router[BulkSink]:
        """The router of a sender's events, from here on."""
        router, bulk = self._of(sender)
        if router is not self._present:
            self._bulk.settle()
            router.events = self._present.events
            self._present, self._bulk = router, bulk
            bulk.attend()
        return router

    def route(self, events: Sequence[Event], received_at: float) -> None:
        """Count *events* that the intake took at *received_at* (epoch seconds)."""
        for sender, some in groupby(events, _sender_of):
            self._change(sender).route(list(some), received_at)

    def route_each(self, events: Sequence[Event], arrivals: Sequence[float]) -> None:
        """Count *events* that the intake took each at its instant of *arrivals* (epoch seconds)."""
        arriving = zip(arrivals, events, strict=True)
        for at, together in groupby(arriving, key=itemgetter(0)):
            self.route([event for _, event in together], at)

    def take(self, sketches: Sketches, first: int, arrivals: Sequence[float]) -> None:
        """Take the next sketched events, to be counted by `count` as their time comes."""
        self._change(sketches.sender)
        self._bulk.take(sketches, first, arrivals)

    def route_sketches(self, sketches: Sketches) -> None:
        """Count a whole block of sketched events; no tick lies between any two of them."""
        self.take(sketches, 0, sketches.instants)
        self.count(len(sketches))

    def count(self, last: int) -> None:
        """Count the sketched events that were taken, up to before number *last*."""
        self._bulk.count(last)
