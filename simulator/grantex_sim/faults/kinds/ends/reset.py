"""A TCP reset."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="reset",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="a TCP reset",
    watch="connects again; the gap is named: `cut: …`",
    ending=Ending(Then.RESET),
)
