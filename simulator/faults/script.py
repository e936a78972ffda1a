"""The script in force: which fault hits which request, connection and event.

Each fault counts what matches it for itself, and draws from its own random numbers, so that what
one of them does never depends on the others. The same seed and the same order of requests,
connections and events give the same faults.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol, TypeVar

from simulator.emission import emission
from simulator.faults.model import Answer, Opening, Passing, Rewriting, Side
from simulator.faults.rewrite import rewritten
from simulator.faults.text import parse_fault_text


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.clock import Clock
    from simulator.emission import Emission
    from simulator.faults.model import End, Fault, Match
    from simulator.wire import Request

_DoT = TypeVar("_DoT", Answer, Opening, Passing)

Hits = tuple[tuple[int | None, Passing], ...]
"""What hits one event, and on which client's stream; None: on all."""


class Strikable(Protocol):
    """An open stream."""

    client: int

    def strike(self, end: End) -> None:
        """End it now."""
        ...


class InForce:
    """A fault, how many it has seen that match, and how often it has hit."""

    def __init__(self, fault: Fault, seed: str, since: float) -> None:
        self.fault = fault
        self.since = since
        """When its time began, on the script's clock."""
        self.seen = 0
        self.fired = 0
        self._draw = random.Random(seed).random  # noqa: S311 - a script's dice, not a secret

    @property
    def left(self) -> int | None:
        """How often it can still hit; None if there is no end to it."""
        fault, last = self.fault, self.fault.when.last()
        room = [] if fault.times is None else [fault.times - self.fired]
        if last is not None:
            room.append(max(0, last - self.seen) if fault.when.nth is None else self.seen < last)
        return int(min(room)) if room else None

    @property
    def strikes(self) -> bool:
        """Whether it can end a stream that is open already."""
        do = self.fault.do
        return isinstance(do, Opening) and do.end is not None and not do.waits

    def line(self) -> str:
        """The fault and how it stands, for people."""
        left = "" if self.left is None else f", {self.left:,} left"
        return f"{self.fault} · hit {self.fired:,} of {self.seen:,}{left}"

    def report(self) -> dict[str, object]:
        """The same as values."""
        return {
            "fault": str(self.fault),
            "seen": self.seen,
            "fired": self.fired,
            "left": self.left,
        }

    def hits(self) -> bool:
        """Count one that matches; whether it is hit."""
        self.seen += 1
        times = self.fault.times
        if times is not None and self.fired >= times:
            return False
        hit = self.fault.when.picks(self.seen, self._draw)
        self.fired += hit
        return hit


class FaultScript:
    """Decides; who asks does what it says.

    Args:
        faults: What is in force from the start, and again after `restart`; texts are read.
        clock: For faults of a span of time.
        seed: For those of a probability.
        speed: Simulated seconds in a second of *clock*, which spans are given in.

    Raises:
        FaultError: A text is no fault.
    """

    def __init__(
        self, faults: Sequence[Fault | str] = (), *, clock: Clock, seed: int = 0, speed: float = 1.0
    ) -> None:
        self._initial = as_faults(faults)
        self._clock = clock
        self._seed = seed
        self._speed = speed or 1.0
        self._streams: set[Strikable] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._armed: list[tuple[InForce, float]] = []
        self._keys: dict[Side, str] = {}
        self._states: list[InForce] = []
        self.restart()

    # What is in force.

    @property
    def in_force(self) -> Sequence[InForce]:
        """The faults, in order."""
        return self._states

    @property
    def active(self) -> bool:
        """Whether there is any fault, or a key that one has rotated."""
        return bool(self._states or self._keys)

    def restart(self) -> None:
        """From the beginning: the first script, nothing counted yet, the first keys."""
        self.replace(self._initial)

    def replace(self, faults: Iterable[Fault | str]) -> None:
        """Put *faults* in force instead of all others, and forget rotated keys.

        Raises:
            FaultError: A text is no fault.
        """
        faults = as_faults(faults)
        self._states = []
        self._keys = {}
        self._disarm()
        self.add(faults)

    def add(self, faults: Iterable[Fault | str]) -> None:
        """Put *faults* in force, too; their spans count from now.

        Raises:
            FaultError: A text is no fault.
        """
        now, kept = self._clock.monotonic(), len(self._states)
        new = [
            InForce(fault, f"{self._seed}/{index}", now)
            for index, fault in enumerate(as_faults(faults), kept)
        ]
        self._states = [*self._states, *new]
        self._sort()
        for state in new:
            if state.strikes and state.fault.when.strikes_now:
                self._strike_open(state)
        if self._streams:
            self._arm(new)

    def remove(self, fault: Fault) -> None:
        """Take *fault* itself back, if it is in force; the others go on as they are."""
        self._states = [state for state in self._states if state.fault is not fault]
        self._sort()

    def _sort(self) -> None:
        """Who is asked for what."""
        self._openings = self._of(Opening)
        self._passings = self._of(Passing)
        self._rewritings = self._of(Rewriting)
        answers = self._of(Answer)
        self._heads = [state for state in answers if _at_head(state)]
        self._answers = [state for state in answers if not _at_head(state)]

    def begin(self) -> None:
        """The events begin: from now on count the spans that nothing has been in yet."""
        for state in [state for state in self._states if not state.seen]:
            state.since = self._clock.monotonic()
        if self._streams:
            self._disarm()
            self._arm(self._states)

    def _of(self, kind: type) -> list[InForce]:
        return [state for state in self._states if isinstance(state.fault.do, kind)]

    def valid_key(self, side: Side, key: str) -> str:
        """The key that *side* takes, *key* if none has taken its place; empty: it takes none."""
        return self._keys.get(side, key)

    # What hits.

    def head(self, request: Request) -> Answer | None:
        """What hits the intake request of which the head is there."""
        found = self._hits(
            self._heads, lambda match: _matches_request(match, request, "dd-api-key")
        )
        return self._decided(Side.INTAKE, [state.fault.do for state in found], Answer)

    def answer(
        self, request: Request, messages: Sequence[str], begun: Answer | None = None
    ) -> Answer | None:
        """What hits the intake request with these *messages*, besides what *begun* with it."""

        def matches(match: Match) -> bool:
            return _matches_request(match, request, "dd-api-key") and _has_event(match, messages)

        found = [state.fault.do for state in self._hits(self._answers, matches)]
        return self._decided(Side.INTAKE, [*([begun] if begun else []), *found], Answer)

    def opening(self, request: Request, client: int) -> Opening | None:
        """What hits the connection that would be *client*'s."""

        def matches(match: Match) -> bool:
            return match.client in (None, client) and _matches_request(
                match, request, "authorization"
            )

        found = self._hits(self._openings, matches)
        return self._decided(Side.STREAM, [state.fault.do for state in found], Opening)

    def passing(self, events: Sequence[Emission]) -> list[Hits] | None:
        """What hits each of *events*, once for all streams; None when nothing does."""
        if not self._passings:
            return None
        hits = [self._passing(event) for event in events]
        return hits if any(hits) else None

    def _passing(self, event: Emission) -> Hits:
        found = self._hits(self._passings, lambda match: _matches_event(match, event))
        return tuple(
            (state.fault.match.client, state.fault.do)
            for state in found
            if isinstance(state.fault.do, Passing)
        )

    def rewrite(self, events: list[Emission]) -> list[Emission]:
        """*events* as they are emitted."""
        return [self._rewritten(event) for event in events] if self._rewritings else events

    def _rewritten(self, event: Emission) -> Emission:
        payload = event.payload
        for state in self._hits(self._rewritings, lambda match: _matches_event(match, event)):
            assert isinstance(state.fault.do, Rewriting)
            payload = rewritten(payload, state.fault.do)
        return event if payload is event.payload else emission(payload)

    def _hits(self, states: Sequence[InForce], matches: _Matches) -> list[InForce]:
        if not states:
            return []
        return [
            state
            for state in states
            if not state.fault.when.now
            and state.fault.when.in_time(self._elapsed(state))
            and matches(state.fault.match)
            and state.hits()
        ]

    def _elapsed(self, state: InForce) -> float:
        """Simulated seconds since its time began."""
        return (self._clock.monotonic() - state.since) * self._speed

    def _decided(self, side: Side, found: Sequence[object], kind: type[_DoT]) -> _DoT | None:
        merged = merge([do for do in found if isinstance(do, kind)])
        if isinstance(merged, Answer | Opening) and merged.key_rotated is not None:
            self._keys[side] = merged.key_rotated
        return merged

    # Streams that are open.

    def opened(self, stream: Strikable) -> None:
        """*stream* is open, and can be struck from now on."""
        if not self._streams:
            self._disarm()
            self._streams.add(stream)
            self._arm(self._states)
        self._streams.add(stream)

    def closed(self, stream: Strikable) -> None:
        """*stream* is over."""
        self._streams.discard(stream)
        if not self._streams:
            self._disarm()

    def _arm(self, states: Iterable[InForce]) -> None:
        """Have the streams that will be open then struck when a span begins."""
        for state in states:
            span = state.fault.when.between
            if state.strikes and span:
                self._wait(state, span[0])

    def _wait(self, state: InForce, start: float) -> None:
        left = (start - self._elapsed(state)) / self._speed
        if left > 0:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(left, self._due, state, start))
            self._armed.append((state, start))

    def pace(self, speed: float) -> None:
        """Simulated seconds in a second of the clock from now on; 0 counts as 1."""
        self._speed = speed or 1.0

    def catch_up(self) -> None:
        """The clock has jumped: what was to be struck meanwhile is struck now."""
        armed = self._armed
        self._disarm()
        for state, start in armed:
            self._due(state, start)

    def _due(self, state: InForce, start: float) -> None:
        self._armed = [each for each in self._armed if each != (state, start)]
        if self._elapsed(state) >= start:
            self._strike_open(state)
        else:  # another clock than the loop's
            self._wait(state, start)

    def _strike_open(self, state: InForce) -> None:
        do, match = state.fault.do, state.fault.match
        assert isinstance(do, Opening)
        assert do.end is not None
        for stream in sorted(self._streams, key=lambda stream: stream.client):
            if match.client in (None, stream.client) and state.hits():
                stream.strike(do.end)

    def _disarm(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []
        self._armed = []


def as_faults(faults: Iterable[Fault | str]) -> tuple[Fault, ...]:
    """*faults*, those that are texts read."""
    return tuple(parse_fault_text(one) if isinstance(one, str) else one for one in faults)


def merge(found: Sequence[_DoT]) -> _DoT | None:
    """One out of several that hit the same: where two say something, the first does."""
    if not found:
        return None
    merged = found[-1]
    for do in reversed(found[:-1]):
        said = {
            field.name: getattr(do, field.name)
            for field in fields(do)
            if getattr(do, field.name) != field.default
        }
        merged = replace(merged, **said)
    return merged


def _at_head(state: InForce) -> bool:
    return isinstance(state.fault.do, Answer) and state.fault.do.at_head


def _matches_request(match: Match, request: Request, header: str) -> bool:
    if match.path and not fnmatchcase(request.path, match.path):
        return False
    return not match.key or request.header(header).rpartition(" ")[2] == match.key


def _matches_event(match: Match, event: Emission) -> bool:
    return fnmatchcase(event.type, match.type or "*") and fnmatchcase(event.id, match.id or "*")


def _has_event(match: Match, messages: Sequence[str]) -> bool:
    if not match.type and not match.id:
        return True
    events = (emission(message.encode("utf-8", "replace")) for message in messages)
    return any(_matches_event(match, event) for event in events)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Matches = Callable[[Match], bool]
