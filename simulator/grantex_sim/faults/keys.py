"""The words of a fault script: every key, how its value is read, and which record it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.faults import values as v
from grantex_sim.faults.kinds.kind import About
from grantex_sim.faults.kinds.registry import kinds_about
from grantex_sim.faults.latency import delay
from grantex_sim.faults.model import End


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Readers = Mapping[str, Callable[[object, str], object]]


def _registered(about: About) -> Readers:
    return {word: kind.parsed for word, kind in kinds_about(about).items()}


WHEN: Final[Readers] = {
    "nth": v.count,
    "first": v.count,
    "every": v.count,
    "after": v.amount,
    "between": v.span,
    "p": v.probability,
    "now": v.flag,
}
MATCH: Final[Readers] = {
    "path": v.name,
    "key": v.name,
    "client": v.count,
    "type": v.name,
    "id": v.name,
    "host": v.name,
}
ANSWER: Final[Readers] = {
    "status": v.status,
    "retry_after": v.duration,
    "headers": v.headers,
    "body": v.text,
    "redirect": v.header_value,
    "delay": delay,
    "dribble": v.pause,
    "reset_after_bytes": v.size,
    "key_rotated": v.new_key,
    "slow_read": v.count,
    **_registered(About.REQUEST),
}
ENDS: Final[Readers] = {end.value: v.flag for end in End}
OPENING: Final[Readers] = {
    "status": v.status,
    "retry_after": v.duration,
    "headers": v.headers,
    "body": v.text,
    "wrong_mime": v.mime,
    "redirect": v.header_value,
    "drain": v.flag,
    "leak_slot": v.one_of(("expires", "zombie")),
    "lock_out": v.flag,
    "key_rotated": v.new_key,
    "delay": delay,
    **ENDS,
    "reset_after_events": v.amount,
    "reset_after_bytes": v.size,
    "freeze": v.duration,
    "after_events": v.amount,
    "after_bytes": v.size,
    "after_time": v.duration,
    "dribble": v.pause,
    **_registered(About.CONNECTION),
}
PASSING: Final[Readers] = {
    **ENDS,
    **_registered(About.EVENT),
}
HANDSHAKE: Final[Readers] = _registered(About.HANDSHAKE)
REWRITING: Final[Readers] = _registered(About.EMISSION)
