"""A sweep as a report: the table of its settings, and which to take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.rehearsal.sweep.pareto import advise, edge, merit
from grantex_tui.rehearsal.sweep.table import is_same
from grantex_tui.rehearsal.sweep.variants import setting_of
from grantex_tui.report.blocks import Note, Paragraph, Report
from grantex_tui.report.blocks import Table as Tabular
from grantex_tui.report.columns import Column
from grantex_tui.report.data import incident, instant, trial
from grantex_tui.report.sweep_words import not_counted, recommendation, window_text
from grantex_tui.report.table import delay
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import count, number


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.rehearsal.sweep.table import Cell, Table
    from grantex_tui.report.blocks import Block
    from grantex_tui.report.data import Data

LEGEND = "> recommended   * on the Pareto edge: no other is as good in all   = as it is now"


class Mark(NamedTuple):
    """What is special about a cell."""

    recommended: bool
    on_edge: bool
    present: bool

    def __str__(self) -> str:
        """Three characters."""
        marks = (self.recommended, ">"), (self.on_edge, "*"), (self.present, "=")
        return "".join(sign if there else " " for there, sign in marks)


def marks(table: Table) -> list[Mark]:
    """What is special about each cell."""
    advice = advise(table)
    on_edge = (
        edge([merit(cell, table.counted) for cell in table.cells])
        if table.counted
        else [False] * len(table.cells)
    )
    own = setting_of(table.monitor)
    return [
        Mark(
            advice is not None and cell is advice.cell,
            is_on,
            is_same(cell.setting, own),
        )
        for cell, is_on in zip(table.cells, on_edge, strict=True)
    ]


def sweep_report(table: Table) -> Report:
    """The table and the recommendation."""
    rows = [(*cells_of(cell, table), str(mark)) for cell, mark in _marked(table)]
    blocks: list[Block] = [
        Paragraph(printable(table.monitor.name, limit=200)),
        Paragraph(_about(table)),
        Tabular(_columns(table), rows, breaks=0),
        *([Paragraph(LEGEND)] if table.counted else ()),
        Paragraph(recommendation(table), loud=True, apart=bool(table.counted)),
    ]
    if left_out := not_counted(table):
        blocks.append(Paragraph(left_out[0].upper() + left_out[1:] + "."))
    blocks += [Note("approximate", printable(each, limit=400)) for each in table.approximations]
    return Report("sweep", "Sweep", blocks, _data(table))


def _data(table: Table) -> Data:
    advice = advise(table)
    return {
        "monitor": table.monitor.name,
        "source": table.source,
        "start": instant(table.start),
        "end": instant(table.end),
        "events": table.events,
        "delivery": table.delivery.name,
        "phases": list(table.phases),
        "incidents": [
            {**incident(each), "counted": place in table.counted}
            for place, each in enumerate(table.incidents)
        ],
        "cells": [_json_cell(cell, mark, table) for cell, mark in _marked(table)],
        "recommended": None if advice is None else _json_setting(advice.cell),
        "plateau": None
        if advice is None
        else {"low": advice.plateau.low, "high": advice.plateau.high},
        "reason": recommendation(table),
        "approximations": list(table.approximations),
        "problems": list(table.problems),
    }


def _json_cell(cell: Cell, mark: Mark, table: Table) -> Data:
    missed = cell.trial.missed(table.counted)
    return {
        **_json_setting(cell),
        **trial(cell.trial, table.counted),
        "missed": [table.incidents[each].label for each in missed],
        "recommended": mark.recommended,
        "pareto": mark.on_edge,
        "present": mark.present,
    }


def _json_setting(cell: Cell) -> Data:
    thresholds = cell.setting.thresholds
    return {
        "critical": thresholds.critical,
        "warning": thresholds.warning,
        "critical_recovery": thresholds.critical_recovery,
        "warning_recovery": thresholds.warning_recovery,
        "window": cell.setting.window,
        "deviations": cell.setting.deviations,
    }


def _marked(table: Table) -> list[tuple[Cell, Mark]]:
    return list(zip(table.cells, marks(table), strict=True))


def _about(table: Table) -> str:
    source = printable(table.source, limit=200)
    lasted = duration_text(round(table.end - table.start))
    text = f"{source}: {count(table.events, 'event')} in {lasted}, delivery {table.delivery.name}"
    text += f", {len(table.phases)} phases (the worst)" if len(table.phases) > 1 else ""
    if not table.incidents:
        return text
    counted, everything = len(table.counted), len(table.incidents)
    return f"{text}, {count(everything, 'incident')} ({counted} counted)"


def _columns(table: Table) -> list[Column]:
    """By importance: those with a high number are left out first where it is narrow."""
    has = {cell.setting.deviations is not None for cell in table.cells}
    warns = any(cell.setting.thresholds.warning is not None for cell in table.cells)
    about = bool(table.counted)
    one_window = len({cell.setting.window for cell in table.cells}) == 1
    return [
        Column("window", 7 if one_window else 0, left=True),
        *([Column("deviations", 0)] if True in has else ()),
        Column("critical", 0),
        *([Column("warning", 0 if table.with_warnings else 4)] if warns else ()),
        Column("alerts", 1 if True in has else 0),
        Column("alert min", 5),
        *([Column("warns", 6)] if warns else ()),
        Column("flaps", 3),
        *([Column("median", 6), Column("worst", 2), Column("missed", 0)] if about else ()),
        *([Column("false", 0)] if table.incidents else ()),
        Column("", 0, left=True),
    ]


_VALUES: dict[str, Callable[[Cell, Table], str]] = {
    "window": lambda cell, _: window_text(cell.setting.window),
    "deviations": lambda cell, _: number(cell.setting.deviations),
    "critical": lambda cell, _: number(cell.setting.critical),
    "warning": lambda cell, _: number(cell.setting.thresholds.warning),
    "alerts": lambda cell, _: str(cell.trial.alerts),
    "alert min": lambda cell, _: f"{cell.trial.alert_seconds / 60:.0f}",
    "warns": lambda cell, _: str(cell.trial.warnings),
    "flaps": lambda cell, _: str(cell.trial.flaps),
    "median": lambda cell, table: delay(cell.trial.typical_delay(table.counted)),
    "worst": lambda cell, table: delay(cell.trial.worst_delay(table.counted)),
    "missed": lambda cell, table: str(len(cell.trial.missed(table.counted))),
    "false": lambda cell, _: str(cell.trial.false_alerts),
}


def cells_of(cell: Cell, table: Table) -> list[str]:
    """The texts of a row, without the marks."""
    return [_VALUES[column.name](cell, table) for column in _columns(table) if column.name]
