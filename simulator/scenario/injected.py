"""What is injected: at which moments, and whose grants it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.world import Cast, Pool


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from simulator.dice import Dice
    from simulator.scenario.model import Inject
    from simulator.world import World


def moments_of(inject: Inject, spans: Iterable[tuple[int, int]], dice: Dice) -> Iterator[int]:
    """The moments in *spans* (epoch ms), in order.

    A count is spread over each span: one moment, at random, in each equal part of it.
    """
    for begin, end in spans:
        count = inject.count
        if count is None:
            count = max(1, round(inject.rate * (end - begin) / 1000))
        length = end - begin
        for number in range(count):
            yield begin + int((number + dice.random()) * length / count)


def cast_of(inject: Inject, world: World) -> Cast:
    """Whose grants the injected events are about."""
    everybody = world.everybody
    few = inject.agents, inject.principals, inject.grants, inject.depth
    cascades = everybody.cascades if inject.cascade is None else inject.cascade
    if few == (None, None, None, None):
        grants, least = everybody.grants, 0
    else:
        least = inject.grants or 1
        grants = Pool(world.dice, max(least, 64))
    return Cast(
        grants,
        _some(world, world.agents, inject.agents),
        _some(world, world.principals, inject.principals),
        everybody.depth if inject.depth is None else inject.depth,
        everybody.delegated if inject.depth is None else 0.9,
        cascades,
        least,
    )


def _some(world: World, values: tuple[str, ...], count: int | None) -> tuple[str, ...]:
    if count is None:
        return values
    first = world.dice.below(len(values))
    return tuple(values[(first + at) % len(values)] for at in range(min(count, len(values))))
