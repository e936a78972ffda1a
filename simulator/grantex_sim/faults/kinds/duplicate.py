"""Further copies of an event."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import copies


KIND: Final = Kind(
    word="duplicate",
    about=frozenset({About.EVENT}),
    read=copies,
    effect="so many copies more (1)",
    watch="delivers each: an event twice is in the ledger's `duplicates`",
    copies=lambda count: count,
)
