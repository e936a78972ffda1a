"""Lines that end in CR and LF."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


KIND: Final = Kind(
    word="crlf",
    about=frozenset({About.CONNECTION}),
    read=flag,
    effect="lines that end in CR and LF",
    watch="reads on",
    is_about_lines=True,
    line_end=b"\r\n",
)
