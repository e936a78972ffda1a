"""The script in force: which fault hits which request, connection and event.

The same seed and the same order of requests, connections and events give the same faults.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, TypeVar

from grantex_sim.events.emission import emission
from grantex_sim.faults.in_force import InForce
from grantex_sim.faults.matching import (
    has_event,
    is_websocket,
    matches_event,
    matches_handshake,
    matches_post,
    matches_stream,
)
from grantex_sim.faults.merging import as_faults, merge
from grantex_sim.faults.model import Answer, Handshake, Opening, Passing, Rewriting, Side
from grantex_sim.faults.refusal import refused_for, refuses
from grantex_sim.faults.strikes import Strikes
from grantex_sim.faults.values import FaultError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_sim.events.emission import Emission
    from grantex_sim.faults.model import Fault, Match
    from grantex_sim.faults.strikes import Strikable
    from grantex_sim.http.wire import Request
    from grantex_tui.clock import Clock

    _Matches = Callable[[Fault], bool]

_DoT = TypeVar("_DoT", Answer, Opening, Passing)

Hits = tuple[tuple["Match", Passing], ...]
"""What hits one event, and on whose streams."""


class FaultScript:
    """Decides; who asks does what it says.

    Args:
        faults: What is in force from the start, and again after `restart`; texts are read.
        clock: For faults of a span of time.
        seed: For those of a probability.
        speed: Simulated seconds in a second of *clock*, which spans are given in.
        speaks_tls: Whether there are handshakes.

    Raises:
        FaultError: A text is no fault.
    """

    def __init__(
        self,
        faults: Sequence[Fault | str] = (),
        *,
        clock: Clock,
        seed: int = 0,
        speed: float = 1.0,
        speaks_tls: bool = True,
    ) -> None:
        self._speaks_tls = speaks_tls
        self._initial = self._read(faults)
        self._initial_seed = seed
        self._clock = clock
        self._speed = speed or 1.0
        self._strikes = Strikes(self._elapsed, lambda: self._speed)
        self._rotated: dict[Side, tuple[str, InForce]] = {}
        self._states: list[InForce] = []
        self.rotated_at = -inf
        """When a key was last rotated, on the script's clock."""
        self._let_off_at = -inf
        self.connections_hit = 0
        """Of the stream, since the start."""
        self.restart()

    # What is in force.

    @property
    def in_force(self) -> Sequence[InForce]:
        """The faults, in order."""
        return self._states

    @property
    def active(self) -> bool:
        """Whether there is any fault, and with it a key that one may have rotated."""
        return bool(self._states)

    def restart(self) -> None:
        """From the beginning: the first script, nothing counted yet, the first keys."""
        self.replace(self._initial)

    def replace(self, faults: Iterable[Fault | str], *, seed: int | None = None) -> None:
        """Put *faults* in force instead of all others, and forget rotated keys.

        Args:
            faults: What goes wrong; texts are read.
            seed: Of their dice; None: the one from the start.

        Raises:
            FaultError: A text is no fault.
        """
        faults = self._read(faults)
        self._seed = self._initial_seed if seed is None else seed
        self._made = 0
        self._let_off(self._states)
        self._states = []
        self._rotated = {}
        self._strikes.disarm()
        self.add(faults)

    def add(self, faults: Iterable[Fault | str]) -> None:
        """Put *faults* in force, too; their spans count from now.

        Raises:
            FaultError: A text is no fault.
        """
        now = self._clock.monotonic()
        new = [
            InForce(fault, number, self._seed, now)
            for number, fault in enumerate(self._read(faults), self._made + 1)
        ]
        self._made += len(new)
        self._states = [*self._states, *new]
        self._sort()
        self._strikes.begin(new)

    def _read(self, faults: Iterable[Fault | str]) -> tuple[Fault, ...]:
        """*faults*, each of which can happen here."""
        read = as_faults(faults)
        if not self._speaks_tls and any(fault.on is Side.TLS for fault in read):
            raise FaultError(
                "",
                "the simulator speaks no TLS, so no handshake can be hit",
                hint="Start it with --tls.",
            )
        return read

    def remove(self, fault: Fault) -> None:
        """Take *fault* itself back, if it is in force; the others go on as they are."""
        self._keep(lambda state: state.fault is not fault)

    def remove_number(self, number: int) -> bool:
        """Take the fault of that number back; whether it was in force."""
        before = len(self._states)
        self._keep(lambda state: state.number != number)
        return len(self._states) < before

    def _keep(self, wanted: Callable[[InForce], bool]) -> None:
        """Only those in force that are *wanted*, and the keys that these have rotated."""
        for state in self._states:
            if not wanted(state):
                self._strikes.forget(state)
        self._let_off(each for each in self._states if not wanted(each))
        self._states = list(filter(wanted, self._states))
        self._rotated = {side: by for side, by in self._rotated.items() if wanted(by[1])}
        self._sort()

    def _sort(self) -> None:
        """Who is asked for what."""
        self._handshakes = self._of(Handshake)
        self._openings = self._of(Opening)
        self._passings = self._of(Passing)
        self._rewritings = self._of(Rewriting)
        answers = self._of(Answer)
        self._heads = [state for state in answers if _at_head(state)]
        self._answers = [state for state in answers if not _at_head(state)]

    def _of(self, kind: type) -> list[InForce]:
        return [state for state in self._states if isinstance(state.fault.do, kind)]

    def valid_key(self, side: Side, key: str) -> str:
        """The key that *side* takes, *key* if none has taken its place; empty: it takes none."""
        return self._rotated[side][0] if side in self._rotated else key

    def refusals(self, *, accepted_at: float = -inf) -> list[InForce]:
        """The faults by which the intake refuses, from now on and without an end.

        Args:
            accepted_at: When it last accepted a request: since then its key is known.
        """
        found = [each for each in self._states if refuses(each, self._elapsed(each))]
        if Side.INTAKE in self._rotated and accepted_at < self.rotated_at:
            found.append(self._rotated[Side.INTAKE][1])
        return found

    def refused_at(self) -> float:
        """When the intake last refused for a time, or was let off from refusing, on the clock."""
        now = self._clock.monotonic()
        ages = (refused_for(each, self._elapsed(each)) for each in self._states)
        moments = (now - age / self._speed for age in ages if age is not None)
        return max([*moments, self._let_off_at])

    def _let_off(self, states: Iterable[InForce]) -> None:
        """*states* are in force no longer."""
        if any(isinstance(each.fault.do, Answer) for each in states):
            self._let_off_at = self._clock.monotonic()

    # What hits.

    def head(self, request: Request) -> Answer | None:
        """What hits the intake request of which the head is there."""
        found = self._hits(self._heads, lambda fault: matches_post(fault.match, request))
        return self._decided(Side.INTAKE, found, Answer)

    def answer(
        self, request: Request, messages: Sequence[str], begun: Answer | None = None
    ) -> Answer | None:
        """What hits the intake request with these *messages*, besides what *begun* with it."""

        def matches(fault: Fault) -> bool:
            return matches_post(fault.match, request) and has_event(fault.match, messages)

        decided = self._decided(Side.INTAKE, self._hits(self._answers, matches), Answer)
        return merge([do for do in (begun, decided) if do is not None])

    def handshake(self, host: str) -> Handshake | None:
        """What hits the handshake of a client that asks for *host*."""
        found = self._hits(self._handshakes, lambda fault: matches_handshake(fault.match, host))
        return merge([state.do for state in found if isinstance(state.do, Handshake)])

    def opening(self, request: Request, client: int) -> Opening | None:
        """What hits the connection that would be *client*'s."""
        is_socket = is_websocket(request)

        def matches(fault: Fault) -> bool:
            assert isinstance(fault.do, Opening)
            can_be = not (is_socket and fault.do.is_about_lines)
            return can_be and matches_stream(fault.match, request, client)

        found = self._hits(self._openings, matches)
        self.connections_hit += bool(found)
        return self._decided(Side.STREAM, found, Opening)

    def passing(self, events: Sequence[Emission]) -> list[Hits] | None:
        """What hits each of *events*, once for all streams; None when nothing does."""
        if not self._passings:
            return None
        hits = [self._passing(event) for event in events]
        return hits if any(hits) else None

    def _passing(self, event: Emission) -> Hits:
        found = self._hits(self._passings, lambda fault: matches_event(fault.match, event))
        return tuple(
            (state.fault.match, state.do) for state in found if isinstance(state.do, Passing)
        )

    def rewrite(self, events: list[Emission]) -> list[Emission]:
        """*events* as they are emitted."""
        return [self._rewritten(event) for event in events] if self._rewritings else events

    def _rewritten(self, event: Emission) -> Emission:
        payload = event.payload
        for state in self._hits(self._rewritings, lambda fault: matches_event(fault.match, event)):
            assert isinstance(state.fault.do, Rewriting)
            payload = state.fault.do.payload(payload)
        return event if payload is event.payload else emission(payload)

    def _hits(self, states: Sequence[InForce], matches: _Matches) -> list[InForce]:
        if not states:
            return []
        return [
            state
            for state in states
            if not state.fault.when.now
            and state.fault.when.in_time(self._elapsed(state))
            and matches(state.fault)
            and state.hits()
        ]

    def _decided(self, side: Side, found: Sequence[InForce], kind: type[_DoT]) -> _DoT | None:
        for state in found:
            do = state.fault.do
            if isinstance(do, Answer | Opening) and do.key_rotated is not None:
                self._rotated[side] = (do.key_rotated, state)
                self.rotated_at = self._clock.monotonic()
                break
        return merge([do for state in found if isinstance(do := state.decided(), kind)])

    # Time, and the streams that are open in it.

    def begin(self) -> None:
        """The events begin: from now on count the spans that nothing has been in yet."""
        for state in self._states:
            if not state.seen:
                state.since = self._clock.monotonic()
        self._strikes.again(self._states)

    def pace(self, speed: float) -> None:
        """Simulated seconds in a second of the clock from now on; 0 counts as 1."""
        self._speed = speed or 1.0

    def catch_up(self) -> None:
        """The clock has jumped: what was to be struck meanwhile is struck now."""
        self._strikes.catch_up()

    def opened(self, stream: Strikable, request: Request) -> None:
        """*stream* is open, as *request* asked, and can be struck from now on."""
        self._strikes.opened(stream, request, self._states)

    def closed(self, stream: Strikable) -> None:
        """*stream* is over."""
        self._strikes.closed(stream)

    def _elapsed(self, state: InForce) -> float:
        """Simulated seconds since its time began."""
        return (self._clock.monotonic() - state.since) * self._speed


def _at_head(state: InForce) -> bool:
    return isinstance(state.fault.do, Answer) and state.fault.do.at_head
