"""Payloads as a fault changes them before they are emitted. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from grantex_tui.clock import parse_rfc3339, rfc3339


if TYPE_CHECKING:
    from grantex_sim.faults.model import Rewriting

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID: Final = re.compile(
    rb'("id":"[a-z]*_?)([0-7][0-9A-HJKMNP-TV-Z]{9})(?=[0-9A-HJKMNP-TV-Z]{16}")'
)
_CREATED: Final = re.compile(rb'("createdAt":")([^"]+)(?=")')


def rewritten(payload: bytes, do: Rewriting) -> bytes:
    """*payload* after *do*; what does not have the shape of an event stays as it is."""
    if do.id_inversion is not None:
        payload = with_older_id(payload, do.id_inversion)
    if do.created_at_inversion is not None:
        payload = with_older_date(payload, do.created_at_inversion)
    if do.huge_event is not None:
        payload = padded(payload, do.huge_event)
    return payload


def with_older_id(payload: bytes, seconds: float) -> bytes:
    """The time in the event's id (a ULID's first ten characters) set back."""

    def older(found: re.Match[bytes]) -> bytes:
        moment = max(0, decode_time(found[2].decode()) - round(seconds * 1000))
        return found[1] + encode_time(moment).encode()

    return _ULID.sub(older, payload, count=1)


def with_older_date(payload: bytes, seconds: float) -> bytes:
    """The event's ``createdAt`` set back."""

    def older(found: re.Match[bytes]) -> bytes:
        try:
            moment = parse_rfc3339(found[2].decode("utf-8", "replace"))
        except ValueError:
            return found[0]
        return found[1] + rfc3339(max(0.0, moment - seconds)).encode()

    return _CREATED.sub(older, payload, count=1)


def padded(payload: bytes, size: int) -> bytes:
    """*payload* with a long text as its last member, so that it has *size* bytes."""
    frame = b',"padding":""}'
    room = size - len(payload) - len(frame) + 1
    if room <= 0 or not payload.endswith(b"}"):
        return payload
    return payload[:-1] + b',"padding":"' + b"x" * room + b'"}'


def decode_time(text: str) -> int:
    """Milliseconds since the epoch in a ULID's time part."""
    moment = 0
    for character in text:
        moment = moment * 32 + _CROCKFORD.index(character)
    return moment


def encode_time(moment: int) -> str:
    """A ULID's time part for *moment* (milliseconds since the epoch)."""
    characters = []
    for _ in range(10):
        moment, digit = divmod(moment, 32)
        characters.append(_CROCKFORD[digit])
    return "".join(reversed(characters))
