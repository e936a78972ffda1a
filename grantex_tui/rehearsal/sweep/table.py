"""What a sweep comes to: a table of cells, one a setting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.rehearsal.sweep.variants import setting_of


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Incident
    from grantex_tui.rehearsal.sweep.trial import Trial
    from grantex_tui.rehearsal.sweep.variants import Setting


class Cell(NamedTuple):
    """A setting, and how the monitor does with it."""

    setting: Setting
    trial: Trial


@dataclass(frozen=True, slots=True)
class Plateau:
    """Thresholds in a row that miss as little and are as quiet."""

    cells: tuple[Cell, ...]
    """Those that were tried, ascending."""
    lower: Cell | None
    """The next threshold below them; None: none was tried."""
    higher: Cell | None
    low: float
    """The lowest threshold that is known to do as well."""
    high: float

    @property
    def middle(self) -> float:
        """The threshold with the most room on both sides."""
        return (self.low + self.high) / 2

    @property
    def room(self) -> float:
        """How far the thresholds reach to either side, in parts of the middle one."""
        return (self.high - self.low) / 2 / abs(self.middle) if self.middle else self.high


@dataclass(frozen=True, slots=True)
class Table:
    """What a sweep comes to."""

    monitor: Monitor
    cells: tuple[Cell, ...]
    """By window, deviations, warning and critical, ascending."""
    source: str
    start: float
    end: float
    events: int
    phases: tuple[int, ...]
    """More than one: each cell is the worst of them."""
    delivery: DeliveryModel
    incidents: tuple[Incident, ...] = ()
    counted: tuple[int, ...] = ()
    """The positions of the incidents that the monitor can be expected to notice."""
    chosen: bool = False
    """Whether a person named those; else they are what it can reach."""
    with_warnings: bool = False
    """Whether warnings were asked for; else each follows from its critical."""
    plateaus: tuple[Plateau, ...] = ()
    """Thresholds in a row that all do best, with the exact ends of each."""
    approximations: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def present(self) -> Cell | None:
        """The cell of the monitor as it is, if it was tried."""
        own = setting_of(self.monitor)
        same = (cell for cell in self.cells if is_same(cell.setting, own))
        return next(same, None)


def is_same(one: Setting, other: Setting) -> bool:
    """Whether two settings alert alike; the rest follows from the critical."""
    return (
        one.critical == other.critical
        and one.window == other.window
        and one.deviations == other.deviations
        and one.thresholds.warning == other.thresholds.warning
    )
