"""Why a monitor was in its state at an instant: plain values, for text, JSON and failed tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.model import Group, Monitor, Thresholds
    from grantex_tui.monitoring.evaluate.missing import Absent
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import DeliveryModel

WORST = (State.ALERT, State.WARN, State.NO_DATA, State.OK)
"""States, the worst first."""


@dataclass(frozen=True, slots=True)
class Place:
    """An event, and where to find it. Instants are epoch seconds."""

    id: str
    type: str
    dated: float
    """The log's date, which decides which windows hold it."""
    received: float
    arrived: float | None
    """At Datadog; None: not by then."""
    offset: str = ""
    """``file:line`` of the recording, if it has one."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the events have a value."""

    name: str
    """``type``, ``agent``, ``grant``, ``principal``."""
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class BandPoint:
    """One interval of an anomaly monitor's series, as it was judged when it closed."""

    start: float
    """``(start, end]`` on the log's date."""
    end: float
    count: float | None
    """None: no log came, and that is not 0."""
    lower: float | None
    """The band, in counts; None: there was none yet."""
    upper: float | None
    side: str
    """``above``, ``below``, or "" within the band."""
    outside: bool | None
    """Whether it counts as outside, by the monitor's direction; None: it is no point."""


@dataclass(frozen=True, slots=True)
class Band:
    """What an anomaly monitor's value is made of."""

    points: Sequence[BandPoint]
    """Of the alert window, the oldest first."""
    tipped: BandPoint | None
    """The last point outside when the state began; None: it is quiet."""
    rests_on: str
    """What the band rests on, in words."""
    missed: int = 0
    """Events of the window that arrived after their point was judged, which changes it no more."""

    @property
    def known(self) -> int:
        """How many points there are; an interval without one doesn't count."""
        return sum(each.outside is not None for each in self.points)

    @property
    def outside(self) -> int:
        """How many of them are outside."""
        return sum(each.outside is True for each in self.points)


@dataclass(frozen=True, slots=True)
class Silence:
    """When a monitor last counted anything."""

    last: Place | None
    """None: nothing at all until then."""
    gap: float
    """Seconds from the last event's date, or the beginning, to the evaluation."""


@dataclass(frozen=True, slots=True)
class End:
    """When the state ends by itself, should nothing more come."""

    at: float
    state: State
    value: float | None
    leaving: Place | None = None
    """The event whose leaving the window makes the difference."""


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change of one setting with which the monitor would have fired."""

    setting: str
    """``critical`` or ``window``."""
    before: float
    after: float
    value: float
    """What would have been compared."""


@dataclass(frozen=True, slots=True)
class Miss:
    """The evaluation that came nearest to firing, and did not."""

    at: float
    value: float
    distance: float
    """From the value to the threshold."""


@dataclass(frozen=True, slots=True)
class Renotify:
    """Whether people will be told again while the state lasts."""

    told_at: float | None
    """When they were told last; None: they weren't."""
    next_at: float | None
    times: int
    """How often the notification has been repeated since the state began."""
    most: int | None


@dataclass(frozen=True, slots=True)
class AtPhase:
    """What is so at one phase: seconds by which evaluations lie past the full minute."""

    phase: int
    state: State
    value: float | None

    def badness(self, comparator: Comparator) -> tuple[int, float]:
        """For sorting: the worst first."""
        return WORST.index(self.state), -comparator.severity(self.value or 0.0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One group of a monitor at one evaluation."""

    monitor: Monitor
    group: Group
    asked: float
    """The instant that was asked about."""
    at: float
    """The evaluation that decides it: the last one until then."""
    start: float
    """Of the pass."""
    state: State
    since: float | None
    """When the state began; None: no evaluation has said anything yet."""
    before: State
    """At the evaluation before."""
    changed: Transition | None
    """What happened at this very evaluation."""
    window: tuple[float, float]
    """``(from, to]`` on the log's date."""
    value: float | None
    absent: Absent | None
    """How the lack of a value is treated, where there is none."""
    comparator: Comparator
    thresholds: Thresholds
    delivery: DeliveryModel
    counted: int
    """Events that the value is made of."""
    held: bool = False
    """Whether only a recovery threshold keeps the state: the value alone would not have made it."""
    by_query: Sequence[tuple[str, int]] = ()
    """Of a formula: how many events each of its queries counts."""
    shares: Sequence[Share] = ()
    events: Sequence[Place] = ()
    """The first and last of them."""
    tipped: Place | None = None
    """The event with which the value crossed the threshold, in the order of arrival."""
    tipped_from: float | None = None
    """The value before it; None: there was none."""
    tipped_to: float | None = None
    """The value after it."""
    tipped_by_leaving: bool = False
    """Whether it was its leaving the window, not its arrival."""
    band: Band | None = None
    """Of an anomaly monitor."""
    end: End | None = None
    endless: bool = False
    """Whether it does not end by itself: without logs there is no value, and the state is kept."""
    next: Transition | None = None
    """What really happened to the group next."""
    silence: Silence | None = None
    late: int = 0
    """Events that belonged into the window and had not arrived."""
    late_events: Sequence[Place] = ()
    value_with_late: float | None = None
    changes: Sequence[Change] = ()
    """What would have fired, if nothing did."""
    miss: Miss | None = None
    renotify: Renotify | None = None
    groups: Sequence[tuple[Group, State, float | None]] = ()
    """Other groups of the monitor at the same evaluation, the worst first."""
    group_count: int = 0
    after_end: bool = False
    """Whether what was asked about comes after all that is known."""
    phase: int = 0
    """Seconds by which the evaluation lies past the full minute."""
    phases: Sequence[AtPhase] = ()
    """The same instant at each of several phases, of which this is the worst."""
    approximations: Sequence[str] = ()
