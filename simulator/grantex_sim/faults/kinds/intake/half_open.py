"""No answer, ever, and the entries are not accepted."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind, Leaving, Then
from grantex_sim.faults.values import flag


def _leaves(_given: bool) -> Leaving:  # noqa: FBT001 - a kind's value
    return Leaving(Then.SILENCE, reason="half-open")


KIND: Final = Kind(
    word="half_open",
    about=frozenset({About.REQUEST}),
    read=flag,
    effect="no answer, ever",
    ledger="status 0, not accepted",
    watch="after 60 s sends it again",
    rank=-1,
    leaves=_leaves,
)
