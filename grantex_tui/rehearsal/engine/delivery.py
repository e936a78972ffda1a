"""When events reach Datadog: the forwarder's batches, its timer, the way there, and outages.

A monitor judges what has arrived. With the guide's own settings, a hundred events a batch and no
timer, a quiet tenant's events arrive hours late, and a heartbeat fires although all is well.
"""

from __future__ import annotations

from bisect import bisect_left
from math import inf
from typing import TYPE_CHECKING, TypeVar


if TYPE_CHECKING:
    from grantex_tui.rehearsal.engine.model import DeliveryModel


Item = TypeVar("Item")


class Batches:
    """The same for many events at once: the arrivals, without the events.

    The work is a search a batch, not a step an event.
    """

    def __init__(self, model: DeliveryModel) -> None:
        self._model = model
        self._due = inf
        self._waiting = 0

    def add(self, instants: list[float]) -> list[float]:
        """The arrivals that are now known, of the oldest events that had none.

        Args:
            instants: when further events were received, never going back.
        """
        model = self._model
        if model.batch_size <= 1:
            if not model.outages:
                return [at + model.latency for at in instants] if model.latency else instants
            return [arrival(at, model) for at in instants]
        arrivals: list[float] = []
        at, count = 0, len(instants)
        while at < count:
            if not self._waiting:
                self._due = instants[at] + model.flush_interval if model.flush_interval else inf
            end = min(count, at + model.batch_size - self._waiting)
            end = bisect_left(instants, self._due, at, end)
            self._waiting += end - at
            at = end
            if self._waiting >= model.batch_size:
                arrivals += self._leave(instants[end - 1])
            elif at < count:
                arrivals += self._leave(self._due)
        return arrivals

    def rest(self) -> list[float]:
        """The arrivals of what waits, if the timer will send it."""
        return self._leave(self._due) if self._waiting and self._due < inf else []

    def _leave(self, leaving: float) -> list[float]:
        model = self._model
        at = arrival(leaving, model) if model.outages else leaving + model.latency
        arrivals = [at] * self._waiting
        self._waiting = 0
        return arrivals


def arrival(leaving: float, model: DeliveryModel) -> float:
    """When what leaves at *leaving* arrives: after the latency, and after every outage."""
    at = leaving + model.latency
    for start, end in sorted(model.outages):
        if start <= at < end:
            at = end
    return at
