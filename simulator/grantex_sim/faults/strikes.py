"""The streams that are open, and the faults that end them: at once, or when a span begins."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from grantex_sim.faults.matching import matches_stream
from grantex_sim.faults.model import Opening


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_sim.faults.in_force import InForce
    from grantex_sim.http.wire import Request


class Strikable(Protocol):
    """An open stream."""

    client: int

    def strike(self, do: Opening) -> None:
        """End it now, or hold it up."""
        ...


class Strikes:
    """Strikes streams.

    Args:
        elapsed: Simulated seconds since a fault's time began.
        speed: Simulated seconds in a second of the clock.
    """

    def __init__(self, elapsed: Callable[[InForce], float], speed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._speed = speed
        self._streams: dict[Strikable, Request] = {}
        self._armed: dict[InForce, asyncio.TimerHandle] = {}

    def opened(self, stream: Strikable, request: Request, states: Iterable[InForce]) -> None:
        """*stream* is open, as *request* asked, and can be struck from now on."""
        if not self._streams:
            self.disarm()
            self.arm(states)
        self._streams[stream] = request

    def closed(self, stream: Strikable) -> None:
        """*stream* is over."""
        self._streams.pop(stream, None)
        if not self._streams:
            self.disarm()

    def begin(self, states: Iterable[InForce]) -> None:
        """*states* are in force from now on."""
        for state in states:
            if state.strikes and state.fault.when.strikes_now:
                self._strike(state)
        if self._streams:
            self.arm(states)

    def again(self, states: Iterable[InForce]) -> None:
        """The spans of *states* count anew."""
        if self._streams:
            self.disarm()
            self.arm(states)

    def arm(self, states: Iterable[InForce]) -> None:
        """Have the streams that will be open then struck when a span begins."""
        for state in states:
            if state.strikes and state.fault.when.between is not None:
                self._wait(state)

    def disarm(self) -> None:
        """Strike nothing later."""
        for timer in self._armed.values():
            timer.cancel()
        self._armed = {}

    def forget(self, state: InForce) -> None:
        """*state* is in force no longer."""
        timer = self._armed.pop(state, None)
        if timer is not None:
            timer.cancel()

    def catch_up(self) -> None:
        """The clock has jumped: what was to be struck meanwhile is struck now."""
        armed = [*self._armed]
        self.disarm()
        for state in armed:
            self._due(state)

    def _wait(self, state: InForce) -> None:
        left = (_start(state) - self._elapsed(state)) / self._speed()
        if left > 0:
            loop = asyncio.get_running_loop()
            self._armed[state] = loop.call_later(left, self._due, state)

    def _due(self, state: InForce) -> None:
        self._armed.pop(state, None)
        if self._elapsed(state) >= _start(state):
            self._strike(state)
        else:  # another clock than the loop's
            self._wait(state)

    def _strike(self, state: InForce) -> None:
        do, match = state.do, state.fault.match
        assert isinstance(do, Opening)
        for stream, request in sorted(self._streams.items(), key=lambda item: item[0].client):
            if matches_stream(match, request, stream.client) and state.hits():
                stream.strike(do)


def _start(state: InForce) -> float:
    between = state.fault.when.between
    return 0.0 if between is None else between[0]
