"""Comment lines before an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import copies


if TYPE_CHECKING:
    from grantex_sim.events.emission import Emission


_NOISE: Final = b": noise\n"


def _noise(_event: Emission, count: int) -> bytes:
    return _NOISE * count


KIND: Final = Kind(
    word="comments",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=copies,
    effect="so many comment lines (1) before each event",
    watch="reads on",
    is_about_lines=True,
    before_each=_noise,
    before=_noise,
)
