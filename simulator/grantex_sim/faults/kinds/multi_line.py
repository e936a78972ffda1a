"""An event's JSON over several lines, with a line end after each comma between its values."""

from __future__ import annotations

import re
from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


_COMMA: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|,')


def over_lines(payload: bytes, _given: bool = True) -> bytes:  # noqa: FBT001, FBT002 - a kind's value
    """The same JSON with a line end after each comma between its values."""
    return _COMMA.sub(lambda found: b",\n" if found[0] == b"," else found[0], payload)


KIND: Final = Kind(
    word="multi_line",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="each event's JSON over several data lines; in the ledger it counts as altered",
    watch="reads on",
    spoil=over_lines,
)
