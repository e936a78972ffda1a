"""A byte order mark before everything else."""

from __future__ import annotations

from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


_BOM: Final = b"\xef\xbb\xbf"

KIND: Final = Kind(
    word="bom",
    about=frozenset({About.CONNECTION}),
    read=flag,
    effect="a byte order mark first",
    watch="reads on",
    is_about_lines=True,
    rank=-1,
    at_start=lambda _: _BOM,
)
