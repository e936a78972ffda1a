"""What rehearsals cover, as plain data; that of several is put together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence

Line = tuple[str, int]
"""A rehearsal file, and a line of it."""
STATES = ("alert", "warn", "no data", "recovery")


@dataclass(frozen=True, slots=True)
class MutantFacts:
    """What one rehearsal, or all of them, make of one small change."""

    what: str
    """``critical 50 → 51``."""
    noticed_by: tuple[Line, ...] = ()
    """Expectations that would fail."""
    looked: tuple[Line, ...] = ()
    """Expectations about the monitor that would still hold, where events make a difference."""
    difference: str = ""
    """The first thing that is not the same; empty if nothing is."""
    telling: float | None = None
    """A value that would make a difference, if it is a matter of a value."""
    nearest: tuple[float | None, float | None] = (None, None)
    """The values on either side that come nearest to it."""

    @property
    def is_near(self) -> bool:
        """Whether events are as near as can be, so that they don't explain the lack of one."""
        return self.telling is None or self.telling in self.nearest

    @property
    def noticed(self) -> bool:
        """Whether an expectation would fail."""
        return bool(self.noticed_by)


@dataclass(frozen=True, slots=True)
class MonitorFacts:
    """What one rehearsal, or all of them, make of one monitor."""

    name: str
    possible: tuple[str, ...]
    """Of `STATES` those that it can be in."""
    reached: frozenset[str] = frozenset()
    groups: int = 0
    """The most groups that were seen."""
    alerting_groups: int = 0
    mutants: tuple[MutantFacts, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The states that no rehearsal reaches."""
        return tuple(state for state in self.possible if state not in self.reached)


@dataclass(frozen=True, slots=True)
class RehearsalFacts:
    """What one rehearsal covers; plain data, fit for another process."""

    name: str
    monitors: tuple[MonitorFacts, ...]
    failing: tuple[Line, ...] = ()
    """Expectations that don't hold as it is; they notice nothing."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What all rehearsals cover together."""

    rehearsals: tuple[str, ...]
    monitors: tuple[MonitorFacts, ...]
    failing: tuple[Line, ...] = ()
    mutants: int = field(init=False)
    noticed: int = field(init=False)

    def __post_init__(self) -> None:
        every = [mutant for each in self.monitors for mutant in each.mutants]
        object.__setattr__(self, "mutants", len(every))
        object.__setattr__(self, "noticed", sum(mutant.noticed for mutant in every))

    @property
    def percent(self) -> float:
        """Of the small changes how many are noticed; 100 if there is none."""
        return 100 * self.noticed / self.mutants if self.mutants else 100.0


def merged(facts: Sequence[RehearsalFacts]) -> Coverage:
    """What several rehearsals cover together. Monitors of one name are one."""
    by_name: dict[str, list[MonitorFacts]] = defaultdict(list)
    for each in facts:
        for monitor in each.monitors:
            by_name[monitor.name].append(monitor)
    return Coverage(
        tuple(each.name for each in facts),
        tuple(_merged_monitor(name, found) for name, found in by_name.items()),
        tuple(line for each in facts for line in each.failing),
    )


def _merged_monitor(name: str, found: Sequence[MonitorFacts]) -> MonitorFacts:
    by_what: dict[str, list[MutantFacts]] = defaultdict(list)
    for each in found:
        for mutant in each.mutants:
            by_what[mutant.what].append(mutant)
    return MonitorFacts(
        name,
        tuple(state for state in STATES if any(state in each.possible for each in found)),
        frozenset(state for each in found for state in each.reached),
        max(each.groups for each in found),
        max(each.alerting_groups for each in found),
        tuple(
            MutantFacts(
                what,
                tuple(dict.fromkeys(line for each in some for line in each.noticed_by)),
                tuple(dict.fromkeys(line for each in some for line in each.looked)),
                next((each.difference for each in some if each.difference), ""),
                next((each.telling for each in some if each.telling is not None), None),
                (
                    max((at for each in some if (at := each.nearest[0]) is not None), default=None),
                    min((at for each in some if (at := each.nearest[1]) is not None), default=None),
                ),
            )
            for what, some in by_what.items()
        ),
    )
