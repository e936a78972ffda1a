"""``id`` and ``event`` lines, which the real service never sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import flag


if TYPE_CHECKING:
    from grantex_sim.events.emission import Emission


def _names(event: Emission, _given: bool) -> bytes:  # noqa: FBT001 - a kind's value
    event_id = event.id.encode("utf-8", "replace").replace(b"\n", b"").replace(b"\r", b"")
    return b"id: " + event_id + b"\nevent: message\n"


KIND: Final = Kind(
    word="fields",
    about=frozenset({About.CONNECTION, About.EVENT}),
    read=flag,
    effect="`id` and `event` lines, which the real service never sends",
    watch="reads on",
    is_about_lines=True,
    rank=1,
    before_each=_names,
    before=_names,
)
