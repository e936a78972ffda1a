"""What a rehearsal comes to in numbers: the values, and what several phases come to together.

Datadog has no words for most of them, so these are ours. An *alert* is a group's stay in Alert; it
is about an incident as `detection` has it: while the incident lasts, or within the monitor's grace
after it. An alert about none is false. A *flap* is an alert within `FLAP_EVALUATIONS` evaluations
of the same group's last way out of Alert. `measuring` takes them from a pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


FLAP_EVALUATIONS = 10
"""An alert that comes so soon after the group's recovery is a flap."""


class Margin(NamedTuple):
    """How near the values came to the critical threshold, or how far they went beyond it."""

    peak: float
    """The most extreme value, on the side that the monitor alerts on."""
    threshold: float

    room: float
    """From *peak* to *threshold*; negative: so far beyond it."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What people would have had of a group, a monitor or all of them. Durations in seconds."""

    alerts: int
    alert_seconds: float
    """Of several groups, all theirs together: two in Alert for a minute are two minutes."""
    duty_cycle: float
    """The part of the pass, 0 to 1, in which at least one group was in Alert."""
    alerts_per_day: float | None
    """None for a pass that took no time."""
    warnings: int
    warning_seconds: float
    no_data: int
    """Stays in No Data, apart from a group's wait for its first data."""
    no_data_seconds: float
    flaps: int
    false_alerts: int | None
    """Alerts about no incident; None where no incidents are known."""
    precision: float | None
    """The part of the alerts that is about an incident; None without alerts or incidents."""
    delays: tuple[float | None, ...]
    """From each incident's beginning to the first alert about it; None: it was missed."""
    recoveries: tuple[float | None, ...]
    """From each incident's end to that of the last alert about it, 0 if that was over by then.

    An alert that lasts to the end of the pass is taken as over there."""
    margin: Margin | None
    """The nearest of the groups'; None for all monitors together, for ``==`` and ``!=``, and
    where there was no value."""

    @property
    def recall(self) -> float | None:
        """The part of the incidents that was noticed; None without incidents."""
        return 1 - len(self.missed) / len(self.delays) if self.delays else None

    @property
    def missed(self) -> tuple[int, ...]:
        """The incidents that nobody noticed, by position."""
        return tuple(place for place, delay in enumerate(self.delays) if delay is None)

    @property
    def typical_delay(self) -> float | None:
        """The median time to detect, of the incidents that were."""
        return _median(self.delays)

    @property
    def worst_delay(self) -> float | None:
        """The longest."""
        return _longest(self.delays)

    @property
    def typical_recovery(self) -> float | None:
        """The median time to recover, of the incidents that were noticed."""
        return _median(self.recoveries)

    @property
    def worst_recovery(self) -> float | None:
        """The longest."""
        return _longest(self.recoveries)


class PassMeasures(NamedTuple):
    """Those of a pass."""

    total: Measures
    monitors: tuple[Measures, ...]
    """By position."""


def worst_of(measured: Sequence[Measures]) -> Measures:
    """What several phases come to at worst, in each respect.

    An incident that is missed at one of them is missed.
    """
    delays = zip(*(each.delays for each in measured), strict=True)
    recoveries = zip(*(each.recoveries for each in measured), strict=True)
    precisions = [each.precision for each in measured]
    margins = [each.margin for each in measured if each.margin is not None]
    return Measures(
        alerts=max(each.alerts for each in measured),
        alert_seconds=max(each.alert_seconds for each in measured),
        duty_cycle=max(each.duty_cycle for each in measured),
        alerts_per_day=_longest(each.alerts_per_day for each in measured),
        warnings=max(each.warnings for each in measured),
        warning_seconds=max(each.warning_seconds for each in measured),
        no_data=max(each.no_data for each in measured),
        no_data_seconds=max(each.no_data_seconds for each in measured),
        flaps=max(each.flaps for each in measured),
        false_alerts=_most(each.false_alerts for each in measured),
        precision=min((found for found in precisions if found is not None), default=None),
        delays=tuple(None if None in each else _longest(each) for each in delays),
        recoveries=tuple(map(_longest, recoveries)),
        margin=min(margins, key=lambda margin: margin.room, default=None),
    )


Number = Literal[
    "alerts", "alert_seconds", "warnings", "no_data", "flaps", "false_alerts", "worst_delay"
]
"""Those of which people want to know the range."""


def range_of(measured: Iterable[Measures], number: Number) -> tuple[float, float] | None:
    """The least and the most that several phases come to in one respect; None: never known."""
    found = [value for each in measured if (value := getattr(each, number)) is not None]
    return (min(found), max(found)) if found else None


def _median(values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return median(found) if found else None


def _longest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
