"""A server that speaks something else than the TLS that the client wants."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import one_of
from grantex_sim.http.tls_transport import Spoil


KIND: Final = Kind(
    word="wrong_protocol",
    about=frozenset({About.HANDSHAKE}),
    read=one_of((Spoil.PLAIN, Spoil.VERSION)),
    effect="plain HTTP for an answer (`plain`), or the alert that no version of TLS is shared (`version`)",
    watch="says why, holds everything, and tries again",
    greets=Spoil,
)
