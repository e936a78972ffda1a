"""A certificate of another host."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag
from grantex_sim.tls.flaw import Flaw


KIND: Final = Kind(
    word="wrong_host",
    about=frozenset({About.HANDSHAKE}),
    read=flag,
    effect="a certificate for another name than the one asked for",
    watch="says why, holds everything, and tries again",
    greets=lambda _: Flaw.WRONG_HOST,
)
