"""An answer that never comes although the entries are accepted."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind, Leaving, Then
from grantex_sim.faults.values import one_of


def _leaves(how: str) -> Leaving:
    return Leaving(Then.SILENCE if how == "hang" else Then.RESET, is_accepted=True)


KIND: Final = Kind(
    word="lost_202",
    about=frozenset({About.REQUEST}),
    read=one_of(("reset", "hang")),
    effect="a TCP reset instead of the answer; `hang`: silence",
    ledger="accepted",
    watch="sends it again: a duplicate",
    leaves=_leaves,
)
