"""What goes out on the stream: one event's payload, and when.

The payload is the bytes; id and type are read out of it once, for the ledger and for `types`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from grantex_tui.clock import parse_rfc3339


class Timed(NamedTuple):
    """A payload and its place in time."""

    at: float
    """Seconds since the source's first event."""
    payload: bytes


Source = Callable[[float], Iterator[Timed]]
"""Events from a start (epoch seconds) on; called once, when the first client has connected."""


class Emission(msgspec.Struct, frozen=True, gc=False):
    """An event on its way; id and type are empty when the payload is no event."""

    id: str
    type: str
    payload: bytes


class _Envelope(msgspec.Struct, gc=False):
    id: str = ""
    type: str = ""


class _Dated(msgspec.Struct, gc=False):
    createdAt: str = ""  # noqa: N815 - the wire's name


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_dated = msgspec.json.Decoder(_Dated).decode
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def emission(payload: bytes) -> Emission:
    """Read *payload*'s id and type; what is no event passes too, as on the real service."""
    try:
        envelope = _decode_envelope(payload)
    except _UNREADABLE:
        return Emission("", "", payload)
    return Emission(envelope.id, envelope.type, payload)


def created_at(payload: bytes) -> float | None:
    """When the event was created (epoch seconds), if it says so."""
    try:
        return parse_rfc3339(_decode_dated(payload).createdAt)
    except (*_UNREADABLE, ValueError):
        return None


def spaced(stamped: Iterable[tuple[float | None, bytes]]) -> Iterator[Timed]:
    """Payloads with their instants, as distances from the first.

    Time never goes back: the real service's ``createdAt`` does now and then, by milliseconds,
    and an instant that is missing is the one before.
    """
    first: float | None = None
    at = 0.0
    for instant, payload in stamped:
        if instant is not None:
            first = instant if first is None else first
            at = max(at, instant - first)
        yield Timed(at, payload)


def from_payloads(payloads: Iterable[bytes]) -> Source:
    """A source of payloads that you have, spaced by their ``createdAt``."""
    kept = tuple(payloads)
    return lambda _start: spaced((created_at(payload), payload) for payload in kept)
