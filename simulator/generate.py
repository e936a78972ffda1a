"""Events without end, from a seed: a mix of all types at a steady rate.

The same seed, start and rate give byte-identical payloads (names as far as Faker's pools stay the
same, which the lock file pins).
"""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from grantex_tui.events.types import EVENT_TYPES
from simulator.emission import Timed
from simulator.shapes import SHAPES
from simulator.world import draw_names, populate


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simulator.emission import Source
    from simulator.world import World

UNPACED: Final = 1_000.0
"""Events a second of event time when no rate is asked for."""
MIX: Final[Mapping[str, float]] = {
    **dict.fromkeys(EVENT_TYPES, 1.0),
    "token.issued": 48.0,
    "grant.created": 16.0,
    "grant.revoked": 6.0,
    "budget.threshold": 6.0,
    "budget.exhausted": 1.5,
    "vault.credential.exchanged": 6.0,
    "sso.login": 4.0,
    "fido.assertion": 3.0,
    "vc.issued": 3.0,
    "anomaly.auto_revoked": 0.3,
    "dpdp.erasure.completed": 0.3,
}
"""Relative frequency of each type on a lively day."""


def generated(*, rate: float, seed: int, start: float | None = None) -> Source:
    """A source of *rate* events a second of event time (0: `UNPACED`).

    *start* is the first event's ``createdAt`` (epoch seconds); None: when the first client has
    connected.
    """
    pace = rate or UNPACED
    names = draw_names(seed)

    def source(connected: float) -> Iterator[Timed]:
        begin = connected if start is None else start
        return events(populate(names, seed, int(begin * 1000)), pace, begin)

    return source


def events(world: World, rate: float, start: float) -> Iterator[Timed]:
    """What happens in *world* from *start* on (epoch seconds), *rate* events a second."""
    types = tuple(MIX)
    shapes = tuple(SHAPES[name] for name in types)
    bounds = list(accumulate(MIX.values()))
    total = bounds.pop()
    dice, now = world.dice, world.now
    number = 0
    while True:
        at = number / rate
        now.move(int((start + at) * 1000))
        which = bisect(bounds, dice.random() * total)
        data = shapes[which](world)
        text = (
            f'{{"id":"evt_{now.ulid}{dice.tail()}","type":"{types[which]}",'
            f'"createdAt":"{now.text}","data":{data}}}'
        )
        yield Timed(at, text.encode())
        number += 1
