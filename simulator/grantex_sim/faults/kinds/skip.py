"""An event that its clients do not get."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="skip",
    about=frozenset({About.EVENT}),
    read=flag,
    effect="nothing",
    watch="can't know: the ledger has it in `missing`",
    skips=True,
)
