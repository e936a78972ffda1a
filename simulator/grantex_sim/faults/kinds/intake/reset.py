"""A TCP reset: once the request's head is there, or once its body is, which is then lost."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind, Leaving, Then
from grantex_sim.faults.values import one_of


def _leaves(when: str) -> Leaving:
    if when == "before":
        return Leaving(Then.RESET, reason="reset before reading", at_head=True)
    return Leaving(Then.RESET, reason="reset after reading")


KIND: Final = Kind(
    word="reset",
    about=frozenset({About.REQUEST}),
    read=one_of(("after", "before")),
    effect="a TCP reset once the body has been read (`after`), which loses it, or once the head is there (`before`)",
    ledger="status 0, not accepted; `before`: no entries",
    watch="sends it again",
    rank=-2,
    leaves=_leaves,
)
