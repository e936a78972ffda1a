"""An event whose last half is missing, and which ends all the same."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


def _spoil(payload: bytes, _given: bool) -> bytes:  # noqa: FBT001 - a kind's value
    return payload[: len(payload) // 2]


KIND: Final = Kind(
    word="malformed_json",
    about=frozenset({About.EVENT}),
    read=flag,
    effect="its first half as a whole event",
    watch="counts it as malformed, keeps it in the journal; the ledger has it in `missing`",
    rank=2,
    spoil=_spoil,
    breaks_event=True,
)
