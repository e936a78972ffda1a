"""Which settings no other beats, and the one to take, with the reasons.

What counts, in this order: incidents missed, noise (alerts for nothing), room (of equally good
thresholds in a row the middle one is taken, since events will be a little different next time),
flaps, whether the window and the deviations can stay as they are, and how late the last of the
incidents is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.rehearsal.sweep.table import Plateau
from grantex_tui.rehearsal.sweep.variants import setting_of


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.rehearsal.sweep.table import Cell, Table

_ROOM = 0.15
"""Of the middle threshold: so far on either side is room enough."""


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
    plateau: Plateau


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
    plateaus = table.plateaus or best_plateaus(
        table.cells, table.counted, with_warnings=table.with_warnings
    )
    found = (Advice(_chosen(plateau, table), plateau) for plateau in plateaus)
    return min(found, key=lambda advice: _rank(advice, table))


def _chosen(plateau: Plateau, table: Table) -> Cell:
    """The tried one that is nearest to the middle; the present one if it has room enough."""
    present = table.present
    if present is not None and present in plateau.cells:
        critical = present.setting.critical
        margin = min(critical - plateau.low, plateau.high - critical)
        if margin >= _ROOM * abs(critical) or margin >= (plateau.high - plateau.low) / 4:
            return present
    return min(plateau.cells, key=lambda cell: abs(cell.setting.critical - plateau.middle))


def best_plateaus(
    cells: Sequence[Cell], counted: Sequence[int], *, with_warnings: bool
) -> list[Plateau]:
    """Where the settings miss the least and are, of those, the quietest."""
    best = min(_quality(cell, counted) for cell in cells)
    return [
        plateau
        for row in rows(cells, with_warnings=with_warnings)
        for plateau in _plateaus(row, counted)
        if _quality(plateau.cells[0], counted) == best
    ]


def rows(cells: Sequence[Cell], *, with_warnings: bool) -> list[list[Cell]]:
    """The cells that differ in their critical threshold only, ascending."""
    found: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        setting = cell.setting
        warning = setting.thresholds.warning if with_warnings else None
        found.setdefault((setting.window, setting.deviations, warning), []).append(cell)
    return [sorted(row, key=lambda cell: cell.setting.critical) for row in found.values()]


def _plateaus(row: Sequence[Cell], counted: Sequence[int]) -> list[Plateau]:
    found: list[Plateau] = []
    start = 0
    for end in range(1, len(row) + 1):
        if end < len(row) and _quality(row[end], counted) == _quality(row[start], counted):
            continue
        lower = row[start - 1] if start else None
        higher = row[end] if end < len(row) else None
        low, high = row[start].setting.critical, row[end - 1].setting.critical
        found.append(Plateau(tuple(row[start:end]), lower, higher, low, high))
        start = end
    return found


def sharpened(
    plateau: Plateau,
    counted: Sequence[int],
    attempt: Callable[[Cell, float], Cell | None],
) -> Plateau:
    """A plateau with its exact ends, where thresholds are whole numbers.

    Args:
        plateau: with the ends that were tried.
        counted: the incidents that count.
        attempt: tries the setting of a cell with another critical.
    """
    first, lower = _end(plateau.cells[0], plateau.lower, counted, attempt)
    last, higher = _end(plateau.cells[-1], plateau.higher, counted, attempt)
    return replace(
        plateau,
        lower=lower,
        higher=higher,
        low=first.setting.critical,
        high=last.setting.critical,
    )


def _end(
    good: Cell,
    bad: Cell | None,
    counted: Sequence[int],
    attempt: Callable[[Cell, float], Cell | None],
) -> tuple[Cell, Cell | None]:
    """The last that is as good and the next, between two of which one is good and one is not."""
    if bad is None or not (_is_whole(good) and _is_whole(bad)):
        return good, bad
    quality = _quality(good, counted)
    while abs(good.setting.critical - bad.setting.critical) > 1:
        between = attempt(good, float((good.setting.critical + bad.setting.critical) // 2))
        if between is None:
            break
        if _quality(between, counted) == quality:
            good = between
        else:
            bad = between
    return good, bad


def _is_whole(cell: Cell) -> bool:
    return cell.setting.critical == int(cell.setting.critical)


def _quality(cell: Cell, counted: Sequence[int]) -> tuple[int, int]:
    return merit(cell, counted)[:2]


def _rank(advice: Advice, table: Table) -> tuple[float, ...]:
    own, setting = setting_of(table.monitor), advice.cell.setting
    return (
        advice.plateau.room < _ROOM,
        advice.cell.trial.flaps,
        setting.window != own.window,
        setting.deviations != own.deviations,
        merit(advice.cell, table.counted).delay,
        abs(setting.window - own.window),
        abs((setting.deviations or 0) - (own.deviations or 0)),
        abs((setting.thresholds.warning or 0) - (own.thresholds.warning or 0)),
    )
