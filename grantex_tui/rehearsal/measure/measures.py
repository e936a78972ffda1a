"""What a rehearsal comes to in numbers: the values, and what several phases come to together.

Datadog has no words for most of them, so these are ours; `stays` says what alerts, false alerts and
flaps are, and `measuring` takes the numbers from a pass.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from _typeshed import DataclassInstance

    from grantex_tui.rehearsal.measure.stays import Times


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
    delays: Times
    """From each incident's beginning to the first alert about it; None: it was missed."""
    recoveries: Times
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
        return median_of(self.delays)

    @property
    def worst_delay(self) -> float | None:
        """The longest."""
        return _most(self.delays)

    @property
    def typical_recovery(self) -> float | None:
        """The median time to recover, of the incidents that were noticed."""
        return median_of(self.recoveries)

    @property
    def worst_recovery(self) -> float | None:
        """The longest."""
        return _most(self.recoveries)


class PassMeasures(NamedTuple):
    """Those of a pass."""

    total: Measures
    monitors: tuple[Measures, ...]
    """By position."""


Measured = TypeVar("Measured", bound="DataclassInstance")


def worst_of(measured: Sequence[Measured]) -> Measured:
    """What several phases come to at worst, in each respect: `Measures`, or those of a sweep.

    That is the most, but for what is good. An incident that is missed at one of them is missed.
    """
    names = [each.name for each in fields(measured[0])]
    worst = {name: _WORST.get(name, _most)([getattr(m, name) for m in measured]) for name in names}
    return replace(measured[0], **worst)


def _most(values: Iterable[float | None]) -> float | None:
    return max(_known(values), default=None)


def _least(values: Iterable[float | None]) -> float | None:
    return min(_known(values), default=None)


def _latest(values: Iterable[Times]) -> Times:
    return tuple(None if None in each else _most(each) for each in zip(*values, strict=True))


def _nearest(values: Iterable[Margin | None]) -> Margin | None:
    margins = (margin for margin in values if margin is not None)
    return min(margins, key=lambda margin: margin.room, default=None)


_WORST: Mapping[str, Callable[[Sequence[Any]], object]] = {
    "precision": _least,
    "delays": _latest,
    "recoveries": lambda values: tuple(map(_most, zip(*values, strict=True))),
    "margin": _nearest,
}
"""Where the worst is something else than the most."""


Number = Literal[
    "alerts", "alert_seconds", "warnings", "no_data", "flaps", "false_alerts", "worst_delay"
]
"""Those of which people want to know the range."""


def range_of(measured: Iterable[Measures], number: Number) -> tuple[float, float] | None:
    """The least and the most that several phases come to in one respect; None: never known."""
    found = [value for each in measured if (value := getattr(each, number)) is not None]
    return (min(found), max(found)) if found else None


def median_of(values: Iterable[float | None]) -> float | None:
    """The median of those that are known; None if none is."""
    known = _known(values)
    return median(known) if known else None


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
