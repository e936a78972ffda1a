"""An event that changes places with the next one."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="reorder",
    about=frozenset({About.EVENT}),
    read=flag,
    effect="it comes after the next one, or with the next keepalive",
    watch="delivers it as it came",
    waits=True,
)
