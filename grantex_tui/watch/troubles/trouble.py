"""A trouble, as a value: what is wrong, since when, what comes of it, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.watch.frame import Frame

    Finder = Callable[[Frame], Iterable["Trouble"]]
    """Looks for troubles of one kind."""


class Rank(IntEnum):
    """How bad it is; the smallest is said first."""

    LOSING = 0
    """Events are being lost as we speak."""
    UNSTORED = 1
    """What comes in is in memory only."""
    STUCK = 2
    """Nothing goes on until somebody acts."""
    ALERT = 3
    FAILING = 4
    """It is tried again, by itself."""
    LOST = 5
    """Events were lost, or refused for good, and no more are now."""
    BEHIND = 6
    ONE_PATH = 7
    """Nothing is wrong yet, but nothing more may go wrong."""
    WARN = 8
    BLIND = 9
    """A monitor says nothing because it can't."""


class About(StrEnum):
    """What it is about; the dashboard has a page for each."""

    STREAM = "stream"
    DELIVERY = "delivery"
    JOURNAL = "journal"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong now."""

    rank: Rank
    about: About
    word: str
    """For a badge: at most 20 characters, ``intake down``."""
    what: str
    """A sentence: what is wrong, with what the other side said in full."""
    remedy: str
    """A sentence: what comes of it, or what to do."""
    since: float | None = None
    """Epoch seconds; None where it has no beginning."""
    monitor: int | None = None
    """The monitor's position among the frame's, if it is about one."""
    is_gap: bool = False
    """Whether it is an open gap, which the frame has among its gaps, too."""

    @property
    def key(self) -> tuple[object, ...]:
        """The same while it goes on, whatever its words."""
        return self.rank, self.about, self.monitor

    @property
    def is_bad(self) -> bool:
        """Whether it is shown as bad rather than as a warning."""
        return self.rank <= Rank.ALERT or self.rank is Rank.LOST
