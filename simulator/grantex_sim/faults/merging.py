"""Several faults that hit the same as one: where two say something, the first does. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from grantex_sim.faults.kinds.kind import joined
from grantex_sim.faults.model import Answer, Handshake, Opening, Passing, said
from grantex_sim.faults.parse import parse_fault_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_sim.faults.model import Fault

_DoT = TypeVar("_DoT", Answer, Opening, Passing, Handshake)
_STRIKE: Final = frozenset({"end", "freeze", "after_events", "after_bytes", "after_time"})


def as_faults(faults: Iterable[Fault | str]) -> tuple[Fault, ...]:
    """*faults*, those that are texts read."""
    return tuple(parse_fault_text(one) if isinstance(one, str) else one for one in faults)


def merge(found: Sequence[_DoT]) -> _DoT | None:
    """One out of several that hit the same: where two say something, the first does."""
    if not found:
        return None
    merged = found[-1]
    change: Callable[..., _DoT] = replace  # each field keeps its type
    for do in reversed(found[:-1]):
        first = said(do)
        if "acts" in first:
            first["acts"] = joined(do.acts, merged.acts)
        if first.keys() & _STRIKE and isinstance(do, Opening):  # with its moment, were it at once
            first = {**dict.fromkeys(_STRIKE), **first, "by": do.by}
        merged = change(merged, **first)
    return merged
