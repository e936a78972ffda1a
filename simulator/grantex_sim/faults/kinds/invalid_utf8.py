"""A byte that is no UTF-8 within an event's last text."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


def _spoil(payload: bytes, _given: bool) -> bytes:  # noqa: FBT001 - a kind's value
    at = payload.rfind(b'"')
    return payload[:at] + b"\xff" + payload[at:] if at >= 0 else payload + b"\xff"


KIND: Final = Kind(
    word="invalid_utf8",
    about=frozenset({About.EVENT}),
    read=flag,
    effect="a byte that is no UTF-8 in it",
    watch="delivers it, the byte replaced as the protocol says; the ledger has it as altered",
    rank=1,
    spoil=_spoil,
    breaks_socket=True,
)
