"""The measures of monitors as a table: its columns, and the texts of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.rehearsal.measure.measures import range_of
from grantex_tui.report.columns import Column
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import percent


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.measure.measures import Measures, Number
    from grantex_tui.report.facts import Tested

_MONITOR = Column("monitor", left=True)
_COUNTS = (
    Column("alerts"),
    Column("a day", 6),
    Column("in alert", 1),
    Column("duty", 10),
    Column("warns", 8),
    Column("no data", 9),
    Column("flaps", 3),
)
_JUDGED = (
    Column("false"),
    Column("precision", 11),
    Column("found", 2),
    Column("TTD", 5),
    Column("TTD max", 3),
    Column("TTR", 7),
    Column("TTR max", 12),
)
_NEAREST = (Column("nearest", 4), Column("alerts at", 7))


def columns(*, with_incidents: bool) -> list[Column]:
    """Those that are of interest; what is about incidents only where there are any."""
    return [_MONITOR, *_COUNTS, *(_JUDGED if with_incidents else ()), *_NEAREST]


def rows(total: Measures, monitors: Sequence[Tested]) -> list[list[str]]:
    """A row for each monitor, and one for all together if there are several. Safe to show."""
    texts = [_row(each) for each in monitors]
    if len(monitors) > 1:
        cells = _cells(total, _some(total.alerts), _some(total.flaps))
        texts.append(["all together", *cells, "", ""])
    return texts


def _row(each: Tested) -> list[str]:
    worst = each.worst
    monitor = each.monitor
    threshold = monitor.options.thresholds.critical
    limit = monitor.query.threshold if threshold is None else threshold
    return [
        printable(monitor.name, limit=200),
        *_cells(worst, _range(each, "alerts"), _range(each, "flaps")),
        _nearest(worst),
        f"{monitor.query.comparator} {short(limit)}",
    ]


def _cells(worst: Measures, alerts: str, flaps: str) -> list[str]:
    rate = worst.alerts_per_day
    texts = [
        alerts,
        _three_digits(rate) if rate else "-",
        duration_text(round(worst.alert_seconds)) if worst.alerts else "-",
        percent(worst.duty_cycle) if worst.alerts else "-",
        _some(worst.warnings),
        _some(worst.no_data),
        flaps,
    ]
    if worst.false_alerts is None:
        return texts
    found = len(worst.delays) - len(worst.missed)
    return [
        *texts,
        _some(worst.false_alerts),
        "-" if worst.precision is None else percent(worst.precision),
        f"{found}/{len(worst.delays)}",
        delay(worst.typical_delay),
        delay(worst.worst_delay),
        delay(worst.typical_recovery),
        delay(worst.worst_recovery),
    ]


def delay(seconds: float | None) -> str:
    """A time to detect or to recover."""
    return "-" if seconds is None else duration_text(round(seconds))


def short(value: float) -> str:
    """A value: whole as it is, else its first three digits."""
    return f"{value:.15g}" if float(value).is_integer() else _three_digits(value)


def _three_digits(value: float) -> str:
    """*value* to three digits, or to the whole number where that has more."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _nearest(worst: Measures) -> str:
    margin = worst.margin
    if margin is None:
        return "-"
    if worst.alerts:
        beyond = f"{short(-margin.room)} beyond" if margin.room < 0 else "at it"
    else:
        beyond = f"{short(margin.room)} left"
    return f"{short(margin.peak)} ({beyond})"


def _range(each: Tested, number: Number) -> str:
    found = range_of(each.phases, number)
    if found is None:
        return "-"
    least, most = found
    return _some(int(most)) if least == most else f"{least:.0f}-{most:.0f}"


def _some(amount: int) -> str:
    """Nothing is a dash, so that the eye finds what is something."""
    return str(amount) if amount else "-"
