"""What a sweep comes to in sentences: the setting to take, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Finds
from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.rehearsal.sweep.pareto import Advice, advise, merit
from grantex_tui.rehearsal.sweep.table import is_same
from grantex_tui.rehearsal.sweep.variants import setting_of
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.rehearsal.sweep.table import Cell, Plateau, Table
    from grantex_tui.rehearsal.sweep.trial import Trial
    from grantex_tui.rehearsal.sweep.variants import Setting

_NAMED = 3


def setting_text(setting: Setting, *, with_warning: bool = False) -> str:
    """``8/5m``: critical threshold and window; with an anomaly's deviations, or the warning.

    ``1/15m at 3 deviations``, ``8/5m with a warning at 4``.
    """
    text = f"{number(setting.critical)}/{window_text(setting.window)}"
    if setting.deviations is not None:
        text += f" at {number(setting.deviations)} deviations"
    if with_warning and setting.thresholds.warning is not None:
        text += f" with a warning at {number(setting.thresholds.warning)}"
    return text


def window_text(window: int) -> str:
    """``5m``, ``1h``."""
    return span_text(window, "mhd")


def incidents_text(table: Table, numbers: Iterable[int]) -> str:
    """Incidents by their labels, the first of them."""
    labels = [printable(table.incidents[each].label, limit=40) for each in numbers]
    more = f" and {len(labels) - _NAMED} more" if labels[_NAMED:] else ""
    return ", ".join(labels[:_NAMED]) + more


def recommendation(table: Table) -> str:
    """One sentence or a few: what to take, what it does, and why no other; or why there is none."""
    advice = advise(table)
    if advice is None:
        return _without_incidents(table)
    cell = advice.cell
    name = setting_text(cell.setting, with_warning=table.with_warnings)
    text = f"Take {name}: {_achieves(cell.trial, table)}"
    text += f"{_room(advice, table)}."
    if around := _around(advice, table):
        text += f" {around[0].upper()}{around[1:]}."
    return f"{text} {_present(advice, table)}"


def _achieves(trial: Trial, table: Table) -> str:
    counted = table.counted
    detected, missed = trial.detected(counted), trial.missed(counted)
    text = f"detects {_of_all(len(detected), len(counted))}"
    if missed:
        text += f" (misses {incidents_text(table, missed)})"
    worst = trial.worst_delay(counted)
    if worst is not None:
        text += f" within {duration_text(worst)}"
    return f"{text}, {count(trial.false_alerts, 'false alert')}{_wrongly_on(trial)}"


def _wrongly_on(trial: Trial) -> str:
    hours = trial.noise - trial.false_alerts
    return f", {count(hours, 'hour')} in Alert for nothing" if hours else ""


def _of_all(some: int, everything: int) -> str:
    if some == everything:
        return {1: "the only incident", 2: "both incidents"}.get(some, f"all {some} incidents")
    return f"{some} of {everything} incidents"


def _room(advice: Advice, table: Table) -> str:
    plateau = advice.plateau
    if plateau.low == plateau.high:
        alone = plateau.lower is None and plateau.higher is None
        return "" if alone else "; no threshold beside it does as well"
    what = "fractions" if table.monitor.query.finds is Finds.FRACTIONS else "thresholds"
    return f"; {what} from {number(plateau.low)} to {number(plateau.high)} do as well"


def _around(advice: Advice, table: Table) -> str:
    parts = []
    plateau = advice.plateau
    if plateau.lower is None and plateau.higher is None:
        return "" if plateau.low == plateau.high else "no lower or higher one was tried"
    for other, which in ((plateau.lower, "lower"), (plateau.higher, "higher")):
        if other is None:
            if not _is_last(plateau.high, which, table):
                parts.append(f"no {which} one was tried")
        else:
            parts.append(f"{number(other.setting.critical)} {_differs(advice.cell, other, table)}")
    return ", ".join(parts)


def _is_last(high: float, which: str, table: Table) -> bool:
    """Whether there can be no higher one: all of an anomaly's points."""
    return which == "higher" and high == 1 and table.monitor.query.finds is Finds.FRACTIONS


def _differs(cell: Cell, other: Cell, table: Table) -> str:
    """What is worse, or better, with another setting."""
    counted = table.counted
    before, after = set(cell.trial.missed(counted)), set(other.trial.missed(counted))
    parts = []
    if after - before:
        parts.append(f"misses {incidents_text(table, sorted(after - before))}")
    if before - after:
        parts.append(f"detects {incidents_text(table, sorted(before - after))}")
    more = other.trial.false_alerts - cell.trial.false_alerts
    if more > 0:
        parts.append(f"adds {count(more, 'false alert')}")
    elif more < 0:
        parts.append(f"saves {count(-more, 'false alert')}")
    elif other.trial.noise > cell.trial.noise:
        parts.append("stays in Alert for longer")
    return " but ".join(parts) if parts else "does the same"


def _present(advice: Advice, table: Table) -> str:
    present, own = table.present, setting_of(table.monitor)
    if is_same(advice.cell.setting, own):
        return "That is how the monitor is now."
    name = setting_text(own, with_warning=table.with_warnings)
    if any(_holds(plateau, own) for plateau in table.plateaus):
        return f"It is {name} now, which does as well here."
    if present is None:
        return f"It is {name} now, which was not tried."
    same = merit(present, table.counted)[:2] == merit(advice.cell, table.counted)[:2]
    if same:
        return f"It is {name} now, which does as well here."
    return f"It is {name} now, which {_achieves(present.trial, table)}."


def _holds(plateau: Plateau, own: Setting) -> bool:
    """Whether a setting lies between the ends of a plateau, be it one that was tried or not."""
    beside = plateau.cells[0].setting
    alike = (beside.window, beside.deviations) == (own.window, own.deviations)
    return alike and plateau.low <= own.critical <= plateau.high


def _without_incidents(table: Table) -> str:
    if table.incidents and not table.chosen:
        if _none_noticed(table):
            side = "higher" if table.monitor.query.comparator.is_low else "lower"
            return (
                "No recommendation: no setting that was tried notices an incident. "
                f"Try {side} thresholds, or other windows."
            )
        return (
            "No recommendation: no setting notices an incident without being wrong more often. "
            "Name those that this monitor is for with --incident, or try other values."
        )
    quiet = [cell for cell in table.cells if not cell.trial.alerts]
    if not quiet:
        return "No recommendation without incidents: name what really happened with --incidents."
    nearest = _nearest_quiet(quiet, table)
    return (
        "No recommendation without incidents: name what really happened with --incidents. "
        f"If nothing did, {setting_text(nearest.setting)} is the first that stays quiet."
    )


def _none_noticed(table: Table) -> bool:
    everything = range(len(table.incidents))
    return not any(cell.trial.detected(everything) for cell in table.cells)


def _nearest_quiet(quiet: Sequence[Cell], table: Table) -> Cell:
    """The most sensitive of the quiet settings, of the monitor's own window if it can be."""
    own = setting_of(table.monitor).window
    severity = table.monitor.query.comparator.severity
    return min(
        quiet,
        key=lambda cell: (abs(cell.setting.window - own), severity(cell.setting.critical)),
    )


def not_counted(table: Table) -> str:
    """Which incidents count and why others don't; empty if all do."""
    others = [each for each in range(len(table.incidents)) if each not in table.counted]
    if not others:
        return ""
    counted = f"counted: {incidents_text(table, table.counted)}; " if table.counted else ""
    names = incidents_text(table, others)
    if table.chosen:
        return f"{counted}not asked for: {names}"
    if _none_noticed(table):
        return f"{counted}out of reach of what was tried: {names}"
    return f"{counted}out of reach (to notice one costs more than one false alert): {names}"
