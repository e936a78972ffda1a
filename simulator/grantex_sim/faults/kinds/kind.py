"""What a kind of fault says of itself: its word, its value, its doing, and its row in the documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_sim.events.emission import Emission
    from grantex_sim.http.tls_transport import Spoil
    from grantex_sim.http.wire import Response
    from grantex_sim.tls.flaw import Flaw

T = TypeVar("T")


class About(StrEnum):
    """What a fault can be about."""

    REQUEST = "request"
    """A request to the intake, and its answer."""
    CONNECTION = "connection"
    """A connection to the stream, and all that is written to it."""
    EVENT = "event"
    """One event on the streams that are open."""
    HANDSHAKE = "handshake"
    """How a client that speaks TLS is greeted."""
    EMISSION = "emission"
    """An event before it is emitted: it is changed for all clients, and for the ledger."""


class Then(StrEnum):
    """What becomes of a connection at its end."""

    RESET = "reset"
    CLOSE = "close"
    """A lawful end."""
    CUT = "cut"
    """A FIN alone: in TLS without the word that ends it."""
    SILENCE = "silence"
    """It stays, and nothing more is written."""
    KEEPALIVES = "keepalives"
    """It stays, and only keepalives are written."""


class LastWords(Protocol):
    """What a wire (`faults.frames.Wire`) can write last, each a list of what is written at once."""

    def half(self, event: Emission | None) -> list[bytes]:
        """Half an event; of a comment, if there is none."""
        ...

    def broken(self, event: Emission | None) -> list[bytes]:
        """An event, or a comment, in a frame that breaks the protocol."""
        ...

    def last(self) -> list[bytes]:
        """What ends the stream lawfully."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stream ends."""

    then: Then
    writes: Callable[[LastWords, Emission | None], list[bytes]] | None = None
    """What is written last, of the event that is under way, if one is."""
    takes_event: bool = False
    """Whether it comes in an event's place."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a request to the intake goes without its answer."""

    then: Then
    is_accepted: bool = False
    """Whether its entries are accepted if the contract accepts them."""
    reason: str = ""
    """Why they are not, for the ledger."""
    at_head: bool = False
    """Whether it comes before the body is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """A kind of fault. What it does is what it gives a function for; the others are not asked."""

    word: str
    """Its key, on a line (with ``-`` for ``_``) and under ``do``."""
    about: frozenset[About]
    read: Callable[[object, str], T]
    """Reads its value, as `grantex_sim.faults.values` do."""
    effect: str
    """What the client sees, for the documents."""
    watch: str
    """What `watch` does, likewise."""
    ledger: str = ""
    """What the ledger has of a request, likewise."""
    is_about_lines: bool = False
    """Whether only Server-Sent Events have that: on a WebSocket it has no place."""
    rank: int = 0
    """Who comes before whom where several kinds hit the same; the lower is the first."""

    rewrite: Callable[[bytes, T], bytes] | None = None
    """The payload that is emitted instead of the given one."""
    at_start: Callable[[T], bytes] | None = None
    """What a connection's lines begin with."""
    line_end: bytes = b""
    """What ends a connection's lines."""
    before_each: Callable[[Emission, T], bytes] | None = None
    """Lines before each event of a connection."""
    before: Callable[[Emission, T], bytes] | None = None
    """Lines before the one event that is hit."""
    spoil: Callable[[bytes, T], bytes] | None = None
    """The payload that is written instead of the given one."""
    cut: Callable[[T], int] | None = None
    """The size of the pieces that are written, in bytes; 0: within characters."""
    respond: Callable[[Response, T], Response] | None = None
    """The answer that the intake gives instead of its own."""
    encode: Callable[[Response, T], bytes] | None = None
    """The answer as bytes, after which the connection ends."""
    leaves: Callable[[T], Leaving] | None = None
    """How the request goes without an answer."""
    label: str = ""
    """What the ledger calls it where a request is accepted all the same; its word, if not given."""
    skips: bool = False
    """Whether the event is not written at all."""
    waits: bool = False
    """Whether it is written after the next one, or with the next keepalive."""
    greets: Callable[[T], Flaw | Spoil] | None = None
    """What a client that speaks TLS is shown."""
    copies: Callable[[T], int] | None = None
    """How often it is written besides."""
    ending: Ending | None = None
    """How the stream ends."""
    breaks_event: bool = False
    """Whether nobody can read the event any more."""
    breaks_socket: bool = False
    """Whether a WebSocket's client has to end the connection, and with it all that follows."""

    def parsed(self, value: object, where: str) -> Act:
        """The kind with a value as it stands in a script.

        Raises:
            FaultError: It is none for this kind.
        """
        return self.act(self.read(value, where))

    def act(self, value: T) -> Act:
        """The kind with a value that has been read."""
        return Act(self.word, value, self)

    @property
    def row(self) -> str:
        """Its line in the table of the documents."""
        cells = (f"`{self.word}`", self.effect, self.ledger, self.watch)
        return f"| {' | '.join(filter(None, cells))} |"


@dataclass(frozen=True, slots=True)
class Act:
    """A kind and its value: what a fault does, ready to be done."""

    word: str
    value: object
    kind: Kind[Any] = field(compare=False, repr=False)

    def rewritten(self, payload: bytes) -> bytes:
        """*payload* as it is emitted."""
        return payload if self.kind.rewrite is None else self.kind.rewrite(payload, self.value)

    def spoiled(self, payload: bytes) -> bytes:
        """*payload* as it is written."""
        return payload if self.kind.spoil is None else self.kind.spoil(payload, self.value)

    def at_start(self) -> bytes:
        """What it has a connection's lines begin with."""
        return b"" if self.kind.at_start is None else self.kind.at_start(self.value)

    def before_each(self, event: Emission) -> bytes:
        """The lines that it puts before each event."""
        before = self.kind.before_each
        return b"" if before is None else before(event, self.value)

    def before(self, event: Emission) -> bytes:
        """The lines that it puts before the event that is hit."""
        return b"" if self.kind.before is None else self.kind.before(event, self.value)

    def responded(self, response: Response) -> Response:
        """The answer that the intake gives instead of *response*."""
        respond = self.kind.respond
        return response if respond is None else respond(response, self.value)

    @property
    def leaving(self) -> Leaving | None:
        """How it has a request go without an answer; None: it has an answer."""
        return None if self.kind.leaves is None else self.kind.leaves(self.value)

    @property
    def label(self) -> str:
        """What the ledger calls it."""
        return self.kind.label or self.word.replace("_", " ")


Acts = tuple[Act, ...]


def joined(*some: Iterable[Act]) -> Acts:
    """All in their order, each kind once: of several, the first."""
    found: dict[str, Act] = {}
    for acts in some:
        for act in acts:
            found.setdefault(act.word, act)
    return tuple(sorted(found.values(), key=lambda act: (act.kind.rank, act.word)))


def encoded(response: Response, acts: Acts) -> tuple[bytes, bool]:
    """*response* as *acts* have it on the wire, and whether the connection ends with it."""
    for act in acts:
        response = act.responded(response)
    for act in acts:
        if act.kind.encode is not None:
            return act.kind.encode(response, act.value), True
    return response.encode(), False


def copies_of(acts: Acts) -> int:
    """How often an event is written besides."""
    return sum(act.kind.copies(act.value) for act in acts if act.kind.copies is not None)


def greeting_of(acts: Acts) -> Flaw | Spoil | None:
    """What a client that speaks TLS is shown, by the first that says it."""
    found = (act.kind.greets(act.value) for act in acts if act.kind.greets is not None)
    return next(found, None)


def cut_of(*some: Iterable[Act]) -> int | None:
    """The size of the pieces, by the first that says one; None: whole."""
    cuts = (act.kind.cut(act.value) for acts in some for act in acts if act.kind.cut is not None)
    return next(cuts, None)
