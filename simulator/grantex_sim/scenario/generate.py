"""Events without end, from a seed: a mix of all types at a steady rate, without a file.

The same seed, start and rate give byte-identical payloads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantex_sim.scenario.events import scenario_events
from grantex_sim.scenario.model import Constant, Phase, Scenario


if TYPE_CHECKING:
    from grantex_sim.events.emission import Source

UNPACED: Final = 1_000.0
"""Events a second of event time when no rate is asked for."""
_WITHOUT_END: Final = 1e9
"""Seconds: thirty years."""


def generated(*, rate: float, seed: int, start: float | None = None) -> Source:
    """A source of *rate* events a second of event time (0: `UNPACED`).

    *start* is the first event's ``createdAt`` (epoch seconds); None: when the first client has
    connected.
    """
    phase = Phase(None, Constant(rate or UNPACED))

    def steady(connected: float) -> Scenario:
        return Scenario(
            name="steady",
            description="all 28 types at a steady rate",
            seed=seed,
            start=connected if start is None else start,
            duration=_WITHOUT_END,
            phases=(phase,),
        )

    return lambda connected: scenario_events(steady(connected))
