"""A ``retry`` line, in milliseconds as the protocol has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import duration


if TYPE_CHECKING:
    from grantex_sim.events.emission import Emission


def _line(seconds: float) -> bytes:
    return b"retry: %d\n" % round(seconds * 1000)


def _before(_event: Emission, seconds: float) -> bytes:
    return _line(seconds)


KIND: Final = Kind(
    word="retry",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=duration,
    effect="a `retry` line",
    watch="goes by its own back-off",
    is_about_lines=True,
    at_start=_line,
    before=_before,
)
