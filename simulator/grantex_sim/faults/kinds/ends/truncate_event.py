"""Half an event, then a FIN without the last chunk."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="truncate_event",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="half an event, then a FIN",
    watch="likewise: `within an event (… bytes of it lost)`",
    ending=Ending(Then.CUT, writes=lambda wire, event: wire.half(event), takes_event=True),
)
