"""What passed lately, kept in full for whoever looks: events emitted, requests with their entries.

Bounded in number and bytes. Taking in a block of events or a request costs a few appends, so that
a simulator at full speed does not pay for a page that nobody has open. Requests that were accepted
and those that were refused are kept apart: a thousand refusals do not push out what was accepted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_sim.account.report import Exchange
    from grantex_sim.events.emission import Emission
    from grantex_sim.http.wire import Headers, Request

KEPT_EVENTS: Final = 500
KEPT_REQUESTS: Final = 200
"""Accepted ones, and as many refused ones."""
KEPT_BYTES: Final = 4 * 1024 * 1024
"""Of the bodies and entries of the accepted requests, and as much of the refused ones."""
PREFIX_HEADER: Final = "x-forwarded-prefix"
"""Not the client's: it says below which path a session is."""
_ACCEPTED: Final = (200, 202)
_SECRET: Final = frozenset({"dd-api-key", "dd-application-key", "authorization", "cookie"})


class Emitted(NamedTuple):
    """An event that was put on the stream at *at* (epoch seconds)."""

    at: float
    event: Emission


class Received(NamedTuple):
    """One request to the intake, its answer, and the messages of its entries."""

    number: int
    """Counted from 1 since the start or the last reset."""
    at: float
    exchange: Exchange
    headers: Headers
    """As sent; a key's value is not kept."""
    messages: Sequence[str]
    body: bytes
    """As sent."""

    @property
    def is_accepted(self) -> bool:
        """Whether the intake took it."""
        return self.exchange.status in _ACCEPTED


class _Newest:
    """The newest requests of one kind, by number."""

    def __init__(self, requests: int, size: int) -> None:
        self.kept: deque[Received] = deque()
        self._requests = requests
        self._limit = size
        self._size = 0

    def take(self, received: Received) -> None:
        self.kept.append(received)
        self._size += _size(received)
        while len(self.kept) > self._requests or (self._size > self._limit and len(self.kept) > 1):
            self._size -= _size(self.kept.popleft())

    def find(self, number: int) -> Received | None:
        at = bisect_left(self.kept, number, key=attrgetter("number"))
        found = self.kept[at] if at < len(self.kept) else None
        return found if found is not None and found.number == number else None

    def clear(self) -> None:
        self.kept.clear()
        self._size = 0


class Recent:
    """The newest events and requests, the newest last."""

    def __init__(
        self, *, events: int = KEPT_EVENTS, requests: int = KEPT_REQUESTS, size: int = KEPT_BYTES
    ) -> None:
        self._emitted: deque[Emitted] = deque(maxlen=events)
        self._accepted = _Newest(requests, size)
        self._refused = _Newest(requests, size)
        self._numbered = 0
        self.version = 0
        """Grows with everything that is taken in."""

    @property
    def emitted(self) -> Sequence[Emitted]:
        """The newest events."""
        return self._emitted

    @property
    def accepted(self) -> Sequence[Received]:
        """The newest requests that the intake took."""
        return self._accepted.kept

    @property
    def refused(self) -> Sequence[Received]:
        """The newest requests that it did not take."""
        return self._refused.kept

    def request(self, number: int) -> Received | None:
        """The request of that number, if it is still kept."""
        return self._accepted.find(number) or self._refused.find(number)

    def clear(self) -> None:
        """Begin anew."""
        self._emitted.clear()
        self._accepted.clear()
        self._refused.clear()
        self._numbered = 0
        self.version += 1

    def take_events(self, events: Sequence[Emission], at: float) -> None:
        """These were put on the stream."""
        self.version += 1
        kept = self._emitted.maxlen or 0
        self._emitted.extend(Emitted(at, event) for event in events[-kept:])

    def take_request(
        self, request: Request, exchange: Exchange, messages: Sequence[str], at: float
    ) -> None:
        """This was asked of the intake, and answered."""
        self.version += 1
        self._numbered += 1
        headers = tuple(
            (name, "…" if name in _SECRET else value)
            for name, value in request.headers
            if name != PREFIX_HEADER
        )
        received = Received(self._numbered, at, exchange, headers, messages, request.body)
        (self._accepted if received.is_accepted else self._refused).take(received)


def _size(received: Received) -> int:
    """Bytes, about: of the body, and of the entries read out of it."""
    # A request that got no answer has no size in the ledger, and yet its entries are here.
    return len(received.body) + (received.exchange.size or sum(map(len, received.messages)))
