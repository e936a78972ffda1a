"""Who noticed each incident, and how soon: a table with a row for each incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.report.columns import Column
from grantex_tui.report.timeline.axis import Scale, moment_text
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.report.facts import Tested

COLUMNS = (
    Column("incident", left=True),
    Column("from", 3, left=True),
    Column("lasted", 2),
    Column("noticed by", 1, left=True),
    Column("after"),
)
MISSED = "missed"


def rows(rehearsed: Pass, monitors: Sequence[Tested]) -> list[list[str]]:
    """A row for each incident: by the monitor that is soonest at its worst phase."""
    scale = Scale(rehearsed.start, rehearsed.end, 1)
    return [
        [
            printable(each.label, limit=80),
            moment_text(each.start, scale),
            duration_text(round(each.end - each.start)),
            *_noticed(place, monitors),
        ]
        for place, each in enumerate(rehearsed.incidents)
    ]


def _noticed(place: int, monitors: Sequence[Tested]) -> tuple[str, str]:
    found = [
        (delay, printable(each.monitor.name, limit=200))
        for each in monitors
        if (delay := each.worst.delays[place]) is not None
    ]
    if found:
        delay, name = min(found, key=lambda pair: pair[0])
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return name + more, duration_text(round(delay))
    sometimes = any(own.delays[place] is not None for each in monitors for own in each.phases)
    return ("only at some phases" if sometimes else "nobody", MISSED)
