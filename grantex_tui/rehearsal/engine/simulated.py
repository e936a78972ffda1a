"""Scenarios of the simulator as events for a rehearsal.

The one module here that knows the simulator, and only once a scenario is asked for. Whoever
rehearses is given `simulate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grantex_tui.rehearsal.engine.input import simulated
from grantex_tui.rehearsal.engine.model import Incident


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.events.recorded.line import Arrival


@dataclass(frozen=True, slots=True)
class Simulated:
    """A scenario, as a rehearsal takes it."""

    name: str
    """What it is, for people: with its seed, so that it can be repeated."""
    start: float
    end: float
    incidents: tuple[Incident, ...]
    events: Callable[[], Iterable[Arrival]]
    """Generates them anew with each call; an event arrives when it happens."""


class Simulate(Protocol):
    """Where scenarios come from; `simulate`, or a test's."""

    def __call__(
        self, scenario: str, *, seed: int | None, start: float | None, duration: float | None
    ) -> Simulated:
        """A scenario as events."""
        ...


def simulate(
    scenario: str, *, seed: int | None, start: float | None, duration: float | None
) -> Simulated:
    """A bundled scenario, or a file's.

    Args:
        scenario: its name or path.
        seed: instead of the scenario's.
        start: epoch seconds, instead of the scenario's.
        duration: seconds, instead of the scenario's.

    Raises:
        UsageError: There is no such scenario.
        InvalidFileError: The file can't be read, or has mistakes.
    """
    from grantex_sim.scenario import load_scenario, scenario_events

    loaded = load_scenario(scenario, seed=seed, start=start, duration=duration)
    return Simulated(
        f"{loaded.name} (seed {loaded.seed})",
        loaded.start,
        loaded.start + loaded.duration,
        tuple(Incident(each.label, each.start, each.end) for each in loaded.incidents),
        lambda: simulated(scenario_events(loaded), loaded.start),
    )
