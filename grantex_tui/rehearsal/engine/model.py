"""What a rehearsal is given and what comes out of one pass: plain values, shared by every report.

All instants are epoch seconds, all durations seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor
    from grantex_tui.events.gap import Gap
    from grantex_tui.monitoring.evaluate.missing import Outcome
    from grantex_tui.monitoring.evaluate.states import Notification, State, Transition


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that really happened, so that a monitor can be right or wrong about it."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class DeliveryModel:
    """When events reach Datadog: as a forwarder would bring them."""

    name: str
    batch_size: int
    """Events in a request; 1: each at once."""
    flush_interval: float
    """Seconds after which a part-filled batch leaves; 0: never."""
    latency: float = 0.0
    """Seconds from a batch's leaving to its arrival."""
    outages: tuple[tuple[float, float], ...] = ()
    """Spans in which nothing arrives; what is due in one arrives at its end."""
    entry_date: bool = False
    """Whether each log carries its ``createdAt`` as ``timestamp``."""


INSTANT = DeliveryModel("instant", 1, 0.0)
WATCH = DeliveryModel("watch", 100, 5.0)
"""What `grantex-tui watch` does by default."""
GUIDE = DeliveryModel("guide", 100, 0.0)
"""What Grantex's guide does by default: a hundred events, and no timer."""


@dataclass(frozen=True, slots=True)
class Track:
    """Every evaluation of one group of one monitor: instant, what it found, what recovers it.

    Three columns of the same length, oldest first, as `machine.scan` takes them. A group that left
    its monitor and came back has one track for each time. `tracks.replay_track` tries
    other thresholds on it.
    """

    monitor: int
    group: Group
    instants: Sequence[float]
    outcomes: Sequence[Outcome]
    recoveries: Sequence[float | None]
    left_at: float | None = None
    """When the group left its monitor, having been silent for so long; None: it didn't."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that a group spent in one state; *end* is the pass's end if it lasts."""

    monitor: int
    group: Group
    state: State
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of monitors over events, at one phase."""

    monitors: Sequence[Monitor]
    source: str
    """The recording or scenario, for people."""
    start: float
    """The first arrival, or the scenario's start."""
    end: float
    phase: int
    """Seconds by which evaluations lie past the full minute."""
    delivery: DeliveryModel
    events: int
    ticks: int
    transitions: tuple[Transition, ...]
    """All of them, by instant, then monitor, then group."""
    spans: tuple[Span, ...]
    """Every group's states from its first evaluation to the end, by monitor, group, time."""
    gaps: tuple[Gap, ...] = ()
    problems: tuple[str, ...] = ()
    """Lines of the recording that could not be read, and how many more."""
    incidents: tuple[Incident, ...] = ()
    notifications: Sequence[Notification] = ()
    """What people would have got, silent ones included; rendered as they are read."""
    tracks: tuple[Track, ...] = ()
    """Only when asked for: they cost memory."""
    extremes: dict[tuple[int, Group], tuple[float, float]] = field(default_factory=dict)
    """(monitor, group) -> the lowest and the highest value that an evaluation found."""
    approximations: tuple[str, ...] = ()
    """What is not exactly Datadog's behaviour in this pass, one sentence each."""
    unmatched: tuple[tuple[str, str], ...] = ()
    """Searches of monitors, each with a condition that no log of the pass could fulfil."""
    unevaluated: Mapping[int, str] = field(default_factory=dict)
    """Position of a monitor -> what it depends on that pipelines leave out here, and why."""
