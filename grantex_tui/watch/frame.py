"""One immutable picture of everything, for any view: the dashboard, headless lines, tests.

Instants are epoch seconds, durations seconds. A part whose ``version`` is unchanged need not be
drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryView
from grantex_tui.events.live.connection import ConnectionView, PathView


if TYPE_CHECKING:
    from grantex_tui.events.gap import Gap


@dataclass(frozen=True, slots=True)
class Buckets:
    """Events by type over time: ``counts[i][j]`` events of ``types[j]`` from ``starts[i]`` on.

    Contiguous buckets of *width* seconds, oldest first; the last one is still filling.
    *types* is ordered by total, most first, and stable between frames where totals tie.
    """

    version: int = 0
    width: float = 1.0
    starts: tuple[float, ...] = ()
    types: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent's share: events that name it, and grants and tokens among them."""

    agent_id: str
    events: int
    grants: int
    tokens: int
    last_at: float


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the event stream. Texts are as received: neutralise before showing."""

    sequence: int
    """1 for the first event of the run; anchors a scrolled view."""
    received_at: float
    type: str
    grant_id: str
    agent_id: str
    principal_id: str
    raw: bytes
    malformed: str = ""
    """Why the payload is no event; empty for an event."""


@dataclass(frozen=True, slots=True)
class TallyView:
    """Counts of the run."""

    version: int = 0
    received: int = 0
    malformed: int = 0
    skipped: int = 0
    """Events over the size limit that were skipped, unread."""
    rate: float = 0.0
    """Events per second over the last few seconds."""
    by_type: tuple[tuple[str, int], ...] = ()
    """(type, count), most first."""
    grants_created: int = 0
    grants_revoked: int = 0
    budget_alerts: int = 0
    buckets: Buckets = field(default_factory=Buckets)
    agents: tuple[AgentRow, ...] = ()
    """Top agents, most events first."""
    recent: tuple[EventRow, ...] = ()
    """The newest events, oldest first, bounded."""
    budget: tuple[EventRow, ...] = ()
    """The newest budget alerts, oldest first, bounded apart from the others."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group of a multi alert, or the one group of a simple alert (``label`` empty)."""

    label: str
    state: str
    value: float | None
    since: float


@dataclass(frozen=True, slots=True)
class MonitorView:
    """A monitor's state as evaluated locally: the worst of its groups."""

    name: str
    state: str
    """``OK``, ``Warn``, ``Alert``, ``No Data``."""
    since: float | None
    value: float | None
    critical: float | None
    warning: float | None
    comparator: str
    groups: tuple[GroupView, ...] = ()
    note: str = ""
    """``approximate`` and why, ``learning 3/20 intervals``; empty when exact."""
    history: tuple[float | None, ...] = ()
    """Values of the last evaluations, oldest first, for a sparkline."""
    triggered: int = 0
    """How often it went to Alert in this run."""
    states: tuple[str, ...] = ()
    """Its states at the same evaluations as ``history``."""
    query: str = ""
    """As it is written."""
    window: float = 0.0
    """Seconds that an evaluation looks back."""
    next_at: float | None = None
    """When it is next evaluated."""
    message: str = ""
    """What was last sent for it; before that, what it says it will send."""
    link: str = ""
    """Of the same in Datadog."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything a view shows, at one instant."""

    now: float
    started_at: float
    source: str
    """The stream's URL without credentials."""
    connection: ConnectionView = field(default_factory=ConnectionView)
    """The stream's as a whole: as the path that stands best."""
    tally: TallyView = field(default_factory=TallyView)
    delivery: DeliveryView = field(default_factory=DeliveryView)
    gaps: tuple[Gap, ...] = ()
    monitors: tuple[MonitorView, ...] = ()
    monitors_version: int = 0
    journal: str = ""
    """Where the journal is; empty with ``--no-journal``."""
    warnings: tuple[str, ...] = ()
    """Standing warnings: a full disk, a filter that matches nothing, a flush timer that is off."""
    troubles: tuple[str, ...] = ()
    """Those of the warnings that end by themselves: what is wrong with the journal now."""
    paths: tuple[PathView, ...] = ()
    """How each of the stream's paths stands."""
