"""Lines that end in a bare CR, which the protocol allows."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="cr_only",
    about=frozenset({About.CONNECTION}),
    read=flag,
    effect="lines that end in CR",
    watch="reads on",
    is_about_lines=True,
    line_end=b"\r",
)
