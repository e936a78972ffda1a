"""An event that is padded to so many bytes."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import size


def _rewrite(payload: bytes, length: int) -> bytes:
    """*payload* with a long text as its last member, so that it has *length* bytes."""
    frame = b',"padding":""}'
    room = length - len(payload) - len(frame) + 1
    if room <= 0 or not payload.endswith(b"}"):
        return payload
    return payload[:-1] + b',"padding":"' + b"x" * room + b'"}'


KIND: Final = Kind(
    word="huge_event",
    about=frozenset({About.EMISSION}),
    read=size,
    rewrite=_rewrite,
    effect="padded to so many bytes",
    watch="delivers up to 1 MB whole, of a larger one a shortened copy, skips one of over 8 MiB "
    "and says so",
)
