"""A certificate from an authority that nobody knows."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag
from grantex_sim.tls.flaw import Flaw


KIND: Final = Kind(
    word="unknown_ca",
    about=frozenset({About.HANDSHAKE}),
    read=flag,
    effect="a certificate from an authority of the same name that nobody knows",
    watch="says why, holds everything, and tries again",
    greets=lambda _: Flaw.UNKNOWN_CA,
)
