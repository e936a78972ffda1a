"""Which settings no other beats, and the one to take, with the reasons.

What counts, in this order: incidents missed, noise (alerts for nothing), room (of equally good
thresholds in a row the middle one is taken, since events will be a little different next time),
flaps, whether the window and the deviations can stay as they are, and how late the last of the
incidents is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.rehearsal.variants import setting_of


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.sweep import Cell, Table

_ROBUST = 3
"""So many equally good thresholds in a row are room enough."""


class Merit(NamedTuple):
    """What speaks against a setting; less is better in each."""

    missed: int
    noise: int
    delay: float
    """Seconds to the last detection; infinite if an incident was missed."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting to take, and what lies around it."""

    cell: Cell
    plateau: tuple[Cell, ...]
    """Neighbouring thresholds that miss as little and are as quiet, itself among them, ascending."""
    lower: Cell | None
    """The next threshold below them; None: none was tried."""
    higher: Cell | None


def merit(cell: Cell, counted: Sequence[int]) -> Merit:
    """What speaks against a setting, by the incidents that count."""
    missed = len(cell.trial.missed(counted))
    worst = cell.trial.worst_delay(counted)
    return Merit(missed, cell.trial.noise, inf if missed or worst is None else worst)


def edge(merits: Sequence[Merit]) -> list[bool]:
    """Which of *merits* are on the Pareto edge: no other is as good in each and better in one."""
    best: list[Merit] = []
    for each in sorted(set(merits)):  # whoever beats another comes before it
        if not any(_as_good(other, each) for other in best):
            best.append(each)
    kept = set(best)
    return [each in kept for each in merits]


def _as_good(one: Merit, other: Merit) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def advise(table: Table) -> Advice | None:
    """The setting to take; None without incidents that count, since nothing is right then."""
    if not table.counted:
        return None
    plateaus = [plateau for row in rows(table) for plateau in _plateaus(row, table.counted)]
    return min(plateaus, key=lambda found: _rank(found, table))


def rows(table: Table) -> list[list[Cell]]:
    """The cells that differ in their critical threshold only, ascending."""
    found: dict[tuple[object, ...], list[Cell]] = {}
    for cell in table.cells:
        setting = cell.setting
        warning = setting.thresholds.warning if table.with_warnings else None
        found.setdefault((setting.window, setting.deviations, warning), []).append(cell)
    return [sorted(row, key=lambda cell: cell.setting.critical) for row in found.values()]


def _plateaus(row: Sequence[Cell], counted: Sequence[int]) -> list[Advice]:
    found: list[Advice] = []
    start = 0
    for end in range(1, len(row) + 1):
        if end < len(row) and _quality(row[end], counted) == _quality(row[start], counted):
            continue
        plateau = tuple(row[start:end])
        middle = plateau[(len(plateau) - 1) // 2]
        lower = row[start - 1] if start else None
        found.append(Advice(middle, plateau, lower, row[end] if end < len(row) else None))
        start = end
    return found


def _quality(cell: Cell, counted: Sequence[int]) -> tuple[int, int]:
    return merit(cell, counted)[:2]


def _rank(advice: Advice, table: Table) -> tuple[float, ...]:
    own, setting = setting_of(table.monitor), advice.cell.setting
    found = merit(advice.cell, table.counted)
    return (
        found.missed,
        found.noise,
        max(0, _ROBUST - len(advice.plateau)),
        advice.cell.trial.flaps,
        setting.window != own.window,
        setting.deviations != own.deviations,
        found.delay,
        abs(setting.window - own.window),
    )
