"""A scenario's events: in virtual time, and as a source for the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_sim.events.emission import Timed
from grantex_sim.scenario.bundled import changed
from grantex_sim.scenario.engine import Engine


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.events.emission import Source
    from grantex_sim.scenario.model import Scenario


def scenario_events(scenario: Scenario) -> Iterator[Timed]:
    """Every event in order: seconds since the scenario's start, and the payload."""
    begin = round(scenario.start * 1000)
    for block in Engine(scenario).blocks():
        for at, text in block:
            yield Timed((at - begin) / 1000, text.encode())


def scenario_source(scenario: Scenario, *, is_now: bool = False) -> Source:
    """The same for `Options.source`.

    Time in events is the scenario's own, whenever it is run; with *is_now* it begins when the
    first client has connected, as on a real service.
    """

    def source(connected: float) -> Iterator[Timed]:
        start = round(connected * 1000) / 1000 if is_now else None
        return scenario_events(changed(scenario, seed=None, start=start, duration=None))

    return source
