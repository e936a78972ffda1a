"""What passed lately, kept in full for whoever looks: events emitted, requests with their entries.

Bounded in number and bytes. Taking in a block of events or a request costs a few appends, so that
a simulator at full speed does not pay for a page that nobody has open.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.emission import Emission
    from simulator.wire import Headers, Request
    from simulator.account import Exchange

KEPT_EVENTS: Final = 500
KEPT_REQUESTS: Final = 200
KEPT_BYTES: Final = 8 * 1024 * 1024
"""Of the entries of all requests kept, uncompressed."""
PREFIX_HEADER: Final = "x-forwarded-prefix"
"""Not the client's: it says below which path a session is."""
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


class Recent:
    """The newest events and requests, the newest last."""

    def __init__(
        self, *, events: int = KEPT_EVENTS, requests: int = KEPT_REQUESTS, size: int = KEPT_BYTES
    ) -> None:
        self._emitted: deque[Emitted] = deque(maxlen=events)
        self._received: deque[Received] = deque()
        self._requests = requests
        self._limit = size
        self._size = 0
        self._numbered = 0
        self.version = 0
        """Grows with everything that is taken in."""

    @property
    def emitted(self) -> Sequence[Emitted]:
        """The newest events."""
        return self._emitted

    @property
    def received(self) -> Sequence[Received]:
        """The newest requests."""
        return self._received

    def request(self, number: int) -> Received | None:
        """The request of that number, if it is still kept."""
        if not self._received:
            return None
        index = number - self._received[0].number
        return self._received[index] if 0 <= index < len(self._received) else None

    def clear(self) -> None:
        """Begin anew."""
        self._emitted.clear()
        self._received.clear()
        self._size = self._numbered = 0
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
        self._received.append(Received(self._numbered, at, exchange, headers, messages))
        self._size += exchange.size
        while len(self._received) > self._requests or (
            self._size > self._limit and len(self._received) > 1
        ):
            self._size -= self._received.popleft().exchange.size
