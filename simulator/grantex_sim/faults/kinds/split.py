"""Pieces of so many bytes: chunks, or the fragments of a WebSocket's message."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import cut


KIND: Final = Kind(
    word="split",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=cut,
    effect="chunks of so many bytes (1); `utf8`: a chunk ends within each character of several bytes",
    watch="reads on",
    cut=lambda size: size,
)
