"""An event whose ``createdAt`` is set back."""

from __future__ import annotations

import re
from typing import Final

from grantex_sim.faults.kinds.kind import About, Kind
from grantex_sim.faults.values import duration
from grantex_tui.clock import parse_rfc3339, rfc3339


_CREATED: Final = re.compile(rb'("createdAt":")([^"]+)(?=")')


def _rewrite(payload: bytes, seconds: float) -> bytes:
    """The event's ``createdAt`` set back."""

    def older(found: re.Match[bytes]) -> bytes:
        try:
            moment = parse_rfc3339(found[2].decode("utf-8", "replace"))
        except ValueError:
            return found[0]
        return found[1] + rfc3339(max(0.0, moment - seconds)).encode()

    return _CREATED.sub(older, payload, count=1)


KIND: Final = Kind(
    word="created_at_inversion",
    about=frozenset({About.EMISSION}),
    read=duration,
    rewrite=_rewrite,
    effect="a `createdAt` that is so much older",
    watch="delivers it",
)
