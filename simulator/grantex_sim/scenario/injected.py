"""What is injected: at which moments, what it is, and whose grants it is about."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from grantex_sim.events.stories import STORIES
from grantex_sim.events.world import Cast, Pool


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_sim.events.dice import Dice
    from grantex_sim.events.shapes import Story
    from grantex_sim.events.world import Told, World
    from grantex_sim.scenario.model import Inject

_BEGINS_WITH: Final = {"budget.exhausted": "budget.threshold"}
"""Types that are the end of their story."""
_AGAIN_MS: Final = 150
_TRIES: Final = 12


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


def story_of(inject: Inject) -> Story:
    """A story that is one of the injected types, drawn anew each time."""
    names = tuple(inject.mix)
    bounds = list(accumulate(inject.mix.values()))
    total = bounds.pop()

    def story(world: World) -> Told | None:
        return _insisting(names[bisect(bounds, world.dice.random() * total)], world, _TRIES)

    return story


def _insisting(name: str, world: World, tries: int) -> Told | None:
    """Tell a story of type *name*; what first needs somebody to be about comes a little later."""
    told = STORIES[name](world)
    happened = {kind for kind, _ in world.along} | {told[0] if told else ""}
    if tries and _BEGINS_WITH.get(name, name) not in happened:
        world.later(_AGAIN_MS, lambda world: _insisting(name, world, tries - 1))
    return told
