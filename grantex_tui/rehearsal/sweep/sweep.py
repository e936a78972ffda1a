"""Many settings of one monitor over the same events: counted once a window, then scanned.

A pass with every window as a monitor of its own keeps all evaluations; each threshold is then
tried on those, without counting again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Finds
from grantex_tui.errors import UsageError
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.rehearsal.engine.fidelity import approximations_of
from grantex_tui.rehearsal.measure.measures import worst_of
from grantex_tui.rehearsal.sweep.pareto import best_plateaus, sharpened
from grantex_tui.rehearsal.sweep.ranges import observed_thresholds
from grantex_tui.rehearsal.sweep.table import Cell, Table
from grantex_tui.rehearsal.sweep.trial import History, Judge
from grantex_tui.rehearsal.sweep.variants import (
    next_window,
    setting_of,
    thresholds_at,
    with_setting,
)
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor, Thresholds
    from grantex_tui.rehearsal.engine.model import Incident, Pass
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan


@dataclass(frozen=True, slots=True)
class Grid:
    """What to try; None: what suits the monitor and the events."""

    criticals: tuple[float, ...] | None = None
    warnings: tuple[float, ...] | None = None
    """None: the monitor's own, in proportion to the critical."""
    windows: tuple[int, ...] | None = None
    deviations: tuple[float, ...] | None = None


def sweep(
    monitor: Monitor,
    plan: RehearsalPlan,
    grid: Grid,
    rehearse: Callable[[RehearsalPlan], Sequence[Pass]],
    *,
    wanted: Callable[[Incident], bool] | None = None,
) -> Table:
    """Try every setting of *grid*.

    Args:
        monitor: one of the plan's, or another.
        plan: how logs are made for it.
        grid: what to try.
        rehearse: evaluates a plan's monitors over the events, with tracks; called once.
        wanted: the incidents that the monitor should notice; None: those that it can reach.

    Raises:
        UsageError: The grid has what the monitor can't be set to.
        GrantexTuiError: The events can't be read.
    """
    check_grid(monitor, grid)
    own = setting_of(monitor)
    windows = grid.windows or default_windows(monitor)
    variants = [
        with_setting(monitor, replace(own, window=window, deviations=deviations))
        for window, deviations in product(windows, _deviations(monitor, grid))
    ]
    passes = rehearse(replace(plan, monitors=variants))
    first = passes[0]
    trials = _Trials(passes, variants)
    criticals = grid.criticals or _observed(monitor, first)
    settings = list(_thresholds(monitor, criticals, grid.warnings))
    if not settings:
        raise UsageError(
            "no warning is on the healthy side of an alert threshold",
            hint=f"The monitor alerts at {monitor.query.comparator} the threshold; Datadog wants "
            "the warning to be reached before.",
        )
    cells = [
        trials.cell(index, thresholds) for index in range(len(variants)) for thresholds in settings
    ]
    counted = (
        reachable(cells, len(first.incidents))
        if wanted is None
        else tuple(number for number, each in enumerate(first.incidents) if wanted(each))
    )
    with_warnings = grid.warnings is not None
    plateaus = best_plateaus(cells, counted, with_warnings=with_warnings) if counted else []
    return Table(
        monitor=monitor,
        cells=tuple(cells),
        source=first.source,
        start=first.start,
        end=first.end,
        events=first.events,
        phases=tuple(each.phase for each in passes),
        delivery=first.delivery,
        incidents=first.incidents,
        counted=counted,
        chosen=wanted is not None,
        with_warnings=with_warnings,
        plateaus=tuple(
            sharpened(plateau, counted, lambda cell, critical: trials.near(monitor, cell, critical))
            for plateau in plateaus
        ),
        approximations=tuple(
            approximations_of(
                replace(plan, monitors=[monitor]),
                first.delivery,
                [each.phase for each in passes],
                first.gaps,
            )
        ),
        problems=first.problems,
    )


def check_grid(monitor: Monitor, grid: Grid) -> None:
    """Refuse what Datadog would not take.

    Raises:
        UsageError: It says which value.
    """
    name = printable(monitor.name, limit=200)
    if monitor.query.finds is not Finds.FRACTIONS:
        if grid.deviations is not None:
            raise UsageError(
                f"{name} has no deviations: it is no anomaly monitor",
                hint="Leave --deviations out.",
            )
        return
    wrong = [value for value in grid.criticals or () if not 0 < value <= 1]
    if wrong:
        raise UsageError(
            f"{name} alerts at a fraction of points outside, which {wrong[0]:.9g} is not",
            hint="Give fractions above 0, up to 1, such as --critical 0.4:1:0.2.",
        )
    narrow = [value for value in grid.deviations or () if value <= 0]
    if narrow:
        raise UsageError(
            f"a band of {narrow[0]:.9g} deviations is none",
            hint="Give numbers above 0, such as 2:5:1.",
        )


def default_windows(monitor: Monitor) -> tuple[int, ...]:
    """The monitor's window, and the next smaller and larger of Datadog's; an anomaly's alone."""
    own = setting_of(monitor).window
    if monitor.query.band is not None:
        return (own,)
    around = next_window(own, larger=False), own, next_window(own, larger=True)
    return tuple(window for window in around if window is not None)


def reachable(cells: Sequence[Cell], incidents: int) -> tuple[int, ...]:
    """The incidents that the monitor can be expected to notice: one is worth one false alert.

    Those are what the settings detect that are right most often beyond being wrong. An incident of
    another kind is noticed too if the threshold is low enough, by an alert that happens to be on;
    demanding that would drive every threshold to the ground.
    """
    everything = range(incidents)
    found = [(trial.detected(everything), trial.noise) for _, trial in cells]
    worth = [(len(detected) - noise, len(detected)) for detected, noise in found]
    best = max([(0, 0), *worth])  # a monitor that never alerts is worth nothing, but not less
    right = (detected for (detected, _), each in zip(found, worth, strict=True) if each == best)
    return tuple(sorted({number for detected in right for number in detected}))


def _deviations(monitor: Monitor, grid: Grid) -> tuple[float | None, ...]:
    own = setting_of(monitor).deviations
    if own is None:
        return (None,)
    return grid.deviations or tuple(sorted({2.0, 3.0, 4.0, 5.0, own}))


def _observed(monitor: Monitor, found: Pass) -> tuple[float, ...]:
    present = setting_of(monitor).critical
    if monitor.query.finds is Finds.FRACTIONS:
        return tuple(sorted({0.4, 0.6, 0.8, 1.0, present}))
    return observed_thresholds(found.tracks, monitor.query.comparator, present)


def _thresholds(
    monitor: Monitor, criticals: Sequence[float], warnings: Sequence[float] | None
) -> Iterator[Thresholds]:
    """Every sound combination; a warning on the wrong side of its critical is left out."""
    own, comparator = setting_of(monitor).thresholds, monitor.query.comparator
    if warnings is None:
        yield from (thresholds_at(own, comparator, critical) for critical in criticals)
        return
    for warning, critical in product(warnings, criticals):
        if comparator.is_healthier(warning, critical):
            moved = thresholds_at(own, comparator, critical)
            held = moved.warning_recovery
            kept = held is not None and comparator.is_healthier(held, warning)
            yield replace(moved, warning=warning, warning_recovery=held if kept else None)


class _Trials:
    """Runs thresholds over what was counted for each window."""

    def __init__(self, passes: Sequence[Pass], variants: Sequence[Monitor]) -> None:
        self._passes = passes
        self._variants = variants
        self._histories: dict[int, list[list[History]]] = {}

    def cell(self, index: int, thresholds: Thresholds) -> Cell:
        """A variant of the monitor, with these thresholds."""
        variant = self._variants[index]
        rule = replace(rule_of(variant), thresholds=thresholds)
        trials = [
            Judge(variant, each.incidents, each.end).trial(histories, rule)
            for each, histories in zip(self._passes, self._of(index), strict=True)
        ]
        return Cell(replace(setting_of(variant), thresholds=thresholds), worst_of(trials))

    def near(self, monitor: Monitor, cell: Cell, critical: float) -> Cell | None:
        """The same setting with another critical; None if the others don't go with it."""
        own, setting = setting_of(monitor), cell.setting
        thresholds = thresholds_at(own.thresholds, monitor.query.comparator, critical)
        for index, variant in enumerate(self._variants):
            other = setting_of(variant)
            if (other.window, other.deviations) == (setting.window, setting.deviations):
                return self.cell(index, thresholds)
        return None

    def _of(self, index: int) -> list[list[History]]:
        if index not in self._histories:
            self._histories = {  # of one window at a time: they take memory
                index: [
                    [History(track) for track in each.tracks if track.monitor == index]
                    for each in self._passes
                ]
            }
        return self._histories[index]
