"""An event whose id (a ULID) is older than it was, so that it sorts before others."""

from __future__ import annotations

import re
from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import duration


_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID: Final = re.compile(
    rb'("id":"[a-z]*_?)([0-7][0-9A-HJKMNP-TV-Z]{9})(?=[0-9A-HJKMNP-TV-Z]{16}")'
)


def _rewrite(payload: bytes, seconds: float) -> bytes:
    """The time in the event's id (a ULID's first ten characters) set back."""

    def older(found: re.Match[bytes]) -> bytes:
        moment = max(0, decode_time(found[2].decode()) - round(seconds * 1000))
        return found[1] + encode_time(moment).encode()

    return _ULID.sub(older, payload, count=1)


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


KIND: Final = Kind(
    word="id_inversion",
    about=frozenset({About.EMISSION}),
    read=duration,
    rewrite=_rewrite,
    effect="an id (a ULID) that is so much older",
    watch="delivers it: nothing rests on the order of ids",
)
