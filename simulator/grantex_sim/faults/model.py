"""A fault as a value: on which side, when, for whom, and what happens."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from grantex_sim.events.hearing import NOBODY, Cause
from grantex_sim.faults.kinds.registry import registered
from grantex_sim.http.address import PATHS


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.faults.kinds.kind import Acts, Leaving
    from grantex_sim.faults.latency import Latency
    from grantex_sim.http.wire import Headers

FOR_EVER = math.inf
LINES: Final = frozenset(
    {"wrong_mime", *(kind.word for kind in registered() if kind.is_about_lines)}
)
"""What only Server-Sent Events have: on a WebSocket it has no place."""
BODY_HEADERS: Final = frozenset(
    {"content-encoding", "content-length", "content-type", "transfer-encoding"}
)
"""What says how a body is to be read: another value than the right one makes it unreadable."""


class Side(StrEnum):
    """Whose fault it is."""

    INTAKE = "intake"
    """Datadog's logs intake."""
    STREAM = "stream"
    """Grantex's event stream."""
    TLS = "tls"
    """The handshakes of both."""


SIDES: Final = {**{side.value: side for side in Side}, **dict.fromkeys(PATHS, Side.STREAM)}
"""A side by the words that name it; a path's name is the stream's, on that path alone."""


class End(StrEnum):
    """How a stream comes to its end before its time."""

    RESET = "reset"
    """A TCP reset."""
    KILL = "kill"
    """A FIN without the last chunk: what a client sees when the service is killed."""
    CLEAN = "clean_end"
    """The last chunk and a FIN: a lawful end."""
    SILENCE = "half_open"
    """Nothing more is sent, keepalives included, and the connection stays."""
    BAD_CHUNK = "bad_chunk"
    """A chunk whose size is no number, then a FIN."""
    TRUNCATE = "truncate_event"
    """Half an event, then a FIN without the last chunk."""
    DEAD = "dead_subscriber"
    """No event any more, and keepalives go on: a subscription that is broken inside the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which of the requests, connections or events that match; all that is given must hold.

    They are counted from 1, each fault for itself, since it was put in force.
    """

    nth: int | None = None
    first: int | None = None
    every: int | None = None
    after: int | None = None
    """All but the first so many."""
    between: tuple[float, float] | None = None
    """Seconds since it was put in force, or the events began: from the first on, before the
    second."""
    p: float | None = None
    """A probability, drawn from the script's seed."""
    now: bool = False
    """The streams that are open when it is put in force."""

    def picks(self, number: int, draw: Callable[[], float]) -> bool:
        """Whether the *number*-th of those that match is hit; *draw* gives a number in [0, 1)."""
        return (
            (self.nth is None or number == self.nth)
            and (self.first is None or number <= self.first)
            and (self.every is None or number % self.every == 0)
            and (self.after is None or number > self.after)
            and (self.p is None or draw() < self.p)
        )

    def last(self) -> int | None:
        """The number after which none is hit any more; None if there is no such."""
        ends = [end for end in (self.nth, self.first) if end is not None]
        return min(ends, default=None)

    @property
    def hits_nothing(self) -> bool:
        """Whether there is no number that all of it holds for."""
        if self.nth is not None:
            return not replace(self, p=None).picks(self.nth, lambda: 0.0)
        every = self.every or 1
        lowest = -(-((self.after or 0) + 1) // every) * every
        return self.first is not None and lowest > self.first

    @property
    def strikes_now(self) -> bool:
        """Whether streams that are open when it is put in force are hit at once."""
        return self.now or (self.between is not None and self.between[0] == 0)

    def in_time(self, elapsed: float) -> bool:
        """Whether *elapsed* seconds are within the span."""
        return self.between is None or self.between[0] <= elapsed < self.between[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whom it concerns; ``*`` and ``?`` stand for any text and any character."""

    path: str = ""
    """The request's path; ``sse`` and ``websocket`` name Grantex's two."""
    key: str = field(default="", repr=False)
    """The API key that was sent, as a whole."""
    client: int | None = None
    """The stream's number: 1 for the first that is open, and the lowest that is free later."""
    type: str = ""
    """The event's type; of an intake request, the type of any event in it."""
    id: str = ""
    """The event's id, likewise."""
    host: str = ""
    """The host that a client asks for in its handshake."""

    @property
    def full_path(self) -> str:
        """The path that is meant, in full."""
        return PATHS.get(self.path, self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What becomes of a request to the intake. Durations in seconds."""

    status: int | None = None
    """2xx: accepted if the contract accepts it; anything else: refused."""
    retry_after: float | None = None
    headers: Headers = ()
    body: str | None = None
    redirect: str | None = None
    delay: float = 0.0
    """Before the answer."""
    latency: Latency | None = None
    """What each delay is drawn from."""
    dribble: float | None = None
    """Between two bytes of the answer."""
    reset_after_bytes: int | None = None
    """The request is dealt with, and its answer cut after so many bytes."""
    key_rotated: str | None = field(default=None, repr=False)
    """From now on the key is this one; an empty text: there is none that is valid."""
    slow_read: int | None = None
    """Bytes a second at which the request's body is taken."""
    acts: Acts = ()
    """What becomes of the answer."""

    @property
    def at_head(self) -> bool:
        """Whether it is decided before the body is read."""
        leaving = self.leaving
        return self.slow_read is not None or (leaving is not None and leaving.at_head)

    @property
    def leaving(self) -> Leaving | None:
        """How the request goes without an answer; None: it is answered."""
        return next(filter(None, (act.leaving for act in self.acts)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What becomes of a connection to the stream. Durations in seconds."""

    status: int | None = None
    retry_after: float | None = None
    headers: Headers = ()
    body: str | None = None
    wrong_mime: str | None = None
    """The stream, under another content type."""
    redirect: str | None = None
    drain: bool = False
    """The connection is refused (reset at once); those that are open live on."""
    leak_slot: str | None = None
    """The slot stays taken when the stream ends: ``expires`` after 300 s without an attempt or a
    keepalive, ``zombie`` for good."""
    lock_out: bool = False
    """All slots leak before this connection asks for one."""
    key_rotated: str | None = field(default=None, repr=False)
    delay: float = 0.0
    """All that is sent is held back until so long after the request."""
    latency: Latency | None = None
    """What that is drawn from, for each connection."""
    end: End | None = None
    freeze: float | None = None
    """Nothing goes out for so long, and then all of it at once."""
    after_events: int | None = None
    after_bytes: int | None = None
    """Of the whole answer, its head included."""
    after_time: float | None = None
    dribble: float | None = None
    acts: Acts = ()
    """How all that is written looks."""
    by: Cause = field(default=NOBODY, compare=False, repr=False)
    """The fault that it comes from."""

    @property
    def is_unreadable(self) -> bool:
        """Whether a client can't take the answer for a stream of events."""
        names = {name.lower() for name, _ in self.headers}
        return self.wrong_mime is not None or bool(names & BODY_HEADERS)

    @property
    def is_about_lines(self) -> bool:
        """Whether nothing of it has a place on a WebSocket."""
        given = words(self)
        return bool(given) and given <= LINES

    @property
    def strikes(self) -> bool:
        """Whether it ends a stream, or holds it up from a moment on."""
        return self.end is not None or self.freeze is not None

    @property
    def at_once(self) -> bool:
        """Whether that moment comes before any byte."""
        return self.strikes and not self.later

    @property
    def later(self) -> bool:
        """Whether it comes after something, were it only the head."""
        return self.waits or self.after_events is not None

    @property
    def waits(self) -> bool:
        """Whether it waits for something that has yet to happen on its stream."""
        timed = self.after_bytes is not None or self.after_time is not None
        return timed or bool(self.after_events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """What becomes of one event on the streams that are open."""

    end: End | None = None
    """Instead of the event; `End.TRUNCATE` and `End.BAD_CHUNK` with a part of it."""
    acts: Acts = ()
    """What becomes of it otherwise."""
    by: Cause = field(default=NOBODY, compare=False, repr=False)
    """The fault that it comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """What becomes of an event before it is emitted: the ledger knows only what comes out."""

    acts: Acts = ()
    """One after the other."""

    def payload(self, payload: bytes) -> bytes:
        """*payload* as it is emitted."""
        for act in self.acts:
            payload = act.rewritten(payload)
        return payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What becomes of a TLS handshake."""

    acts: Acts = ()


Do = Answer | Opening | Passing | Rewriting | Handshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of a script."""

    on: Side
    do: Do
    when: When = When()
    match: Match = Match()
    times: int | None = None
    """How often at most."""


def said(record: When | Match | Do) -> dict[str, object]:
    """The fields of *record* that say something, in order: those that are not their defaults."""
    values = ((each, getattr(record, each.name)) for each in fields(record))
    return {each.name: value for each, value in values if each.compare and value != each.default}


def words(do: Do) -> frozenset[str]:
    """The names of all that *do* says, the kinds that it is made of among them."""
    given = said(do)
    acts = given.pop("acts", ())
    assert isinstance(acts, tuple)
    return frozenset({*given, *(act.word for act in acts)})
