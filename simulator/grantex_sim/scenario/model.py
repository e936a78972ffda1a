"""A scenario as plain values: who there is, what happens when, and what of it is an incident.

Spans are whole milliseconds from the scenario's start, so that nothing depends on how a machine
rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_sim.events.stories import MIX
from grantex_sim.events.world import Habits, Populations


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_sim.faults.model import Fault


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that really happens, for monitors to find; epoch seconds."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same number of events a second."""

    per_second: float


@dataclass(frozen=True, slots=True)
class Ramp:
    """From one number of events a second to another, in a straight line over the phase."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A number that follows the hours of the day and the days of the week (UTC)."""

    mean: float
    """Events a second, over a whole week."""
    daily: tuple[float, ...] = (1.0,)
    """24 weights, of which each holds at its full hour; between them in a straight line."""
    weekly: tuple[float, ...] = (1.0,)
    """Seven weights, Monday first."""


Rate = Constant | Ramp | Curve


@dataclass(frozen=True, slots=True)
class Inject:
    """Events that come on top of the ordinary ones."""

    mix: Mapping[str, float]
    """Event type → weight."""
    count: int | None = None
    """So many in the span; None: `rate` says."""
    rate: float = 0.0
    """Events a second, at random moments."""
    agents: int | None = None
    """They are about the grants of so many agents only."""
    principals: int | None = None
    """…of so many people only."""
    grants: int | None = None
    """…about so many grants only."""
    depth: int | None = None
    """Grants are delegated, one from the other, down to this depth."""
    cascade: float | None = None
    """Share of revocations that take descendants along."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something special in a span: events on top, or silence."""

    label: str
    start: int
    end: int
    inject: tuple[Inject, ...] = ()
    silence: bool = False
    every: int | None = None
    """It happens again after so many milliseconds, until the end."""
    is_incident: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """How things go for a while."""

    duration: int | None
    """Milliseconds; None: to the end."""
    rate: Rate
    poisson: bool = False
    """At random moments instead of evenly spaced."""
    mix: Mapping[str, float] = field(default_factory=lambda: MIX)
    activities: tuple[Activity, ...] = ()
    """From the phase's beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens, from which every byte follows."""

    name: str
    description: str
    seed: int
    start: float
    """Epoch seconds."""
    duration: float
    """Seconds."""
    incidents: tuple[Incident, ...] = ()
    faults: tuple[Fault, ...] = ()
    """Of both services, while it is served; see `grantex_sim.faults`."""
    locale: str = ""
    """Where people, companies and services have their names from; empty: the fixed ones."""
    populations: Populations = field(default_factory=Populations)
    habits: Habits = field(default_factory=Habits)
    phases: Sequence[Phase] = ()
    """In turn, and again from the first one, until the end."""
    activities: Sequence[Activity] = ()
    text: str = field(default="", repr=False, compare=False)
    """The file that it was read from."""
