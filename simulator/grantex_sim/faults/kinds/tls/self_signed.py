"""A certificate that vouches for itself."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag
from grantex_sim.tls.flaw import Flaw


KIND: Final = Kind(
    word="self_signed",
    about=frozenset({About.HANDSHAKE}),
    read=flag,
    effect="a certificate that vouches for itself",
    watch="says why, holds everything, and tries again",
    greets=lambda _: Flaw.SELF_SIGNED,
)
