"""A FIN without the last chunk: what a client sees when the service is killed."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="kill",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="a FIN without the last chunk, as when the service is killed",
    watch="likewise",
    ending=Ending(Then.CUT),
)
