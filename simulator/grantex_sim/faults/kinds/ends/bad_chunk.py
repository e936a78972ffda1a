"""A frame that breaks the protocol in an event's place, then a FIN."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="bad_chunk",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="in an event's place a chunk whose size is no number",
    watch="likewise; that event is lost",
    ending=Ending(Then.CUT, writes=lambda wire, event: wire.broken(event), takes_event=True),
)
