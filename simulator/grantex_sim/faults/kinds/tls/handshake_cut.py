"""A handshake that is cut in its middle."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag
from grantex_sim.http.tls_transport import Spoil


KIND: Final = Kind(
    word="handshake_cut",
    about=frozenset({About.HANDSHAKE}),
    read=flag,
    effect="half of the server's first message, then a TCP reset",
    watch="tries again",
    greets=lambda _: Spoil.CUT,
)
