"""Nothing more is sent, keepalives included, and the connection stays."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="half_open",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="nothing more, keepalives neither",
    watch="after 75 s likewise: `silent for 75 s`",
    ending=Ending(Then.SILENCE),
)
