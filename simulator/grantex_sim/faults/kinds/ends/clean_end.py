"""The last chunk and a FIN, or a close frame: a lawful end."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Ending, Kind, Then
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="clean_end",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="the last chunk and a FIN",
    watch="likewise: `the server ended the stream`",
    ending=Ending(Then.CLOSE, writes=lambda wire, _: wire.last()),
)
