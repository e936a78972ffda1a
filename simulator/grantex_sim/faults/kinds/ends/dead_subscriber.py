"""No event any more, and keepalives go on: a subscription broken inside the service."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="dead_subscriber",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="keepalives and pings go on, and no event comes: the subscription is broken inside the service",
    watch="can't know by one path; by the other it can",
    ending=Ending(Then.KEEPALIVES),
)
