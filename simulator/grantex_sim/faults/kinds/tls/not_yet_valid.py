"""A certificate whose time has not begun."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag
from grantex_sim.tls.flaw import Flaw


KIND: Final = Kind(
    word="not_yet_valid",
    about=frozenset({About.HANDSHAKE}),
    read=flag,
    effect="a certificate that begins in an hour",
    watch="says why, holds everything, and tries again",
    greets=lambda _: Flaw.NOT_YET_VALID,
)
