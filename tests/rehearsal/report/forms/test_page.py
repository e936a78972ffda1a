"""The page about reports says what they are."""

from __future__ import annotations

import re
from pathlib import Path

from grantex_tui.report.forms.text import render
from grantex_tui.report.table import columns
from grantex_tui.report.timeline.timeline import BLANK


PAGE = (Path(__file__).parents[4] / "docs" / "rehearsal-reports.md").read_text("utf-8")


def first_column(head: str) -> list[str]:
    _, _, after = PAGE.partition(f"| {head} |")
    rows = after.partition("\n\n")[0].splitlines()[2:]
    return [row.split(" | ")[0].strip("| `") for row in rows]


def test_the_sample_is_what_is_printed(failing, passing):
    (sample,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert sample == render([failing, passing], width=80, color=False)


def test_every_column_is_told_of():
    assert first_column("column") == [each.name for each in columns(with_incidents=True)][1:]


def test_every_letter_is_told_of():
    assert set(first_column("letter")) == {*BLANK.strip(), "(blank)"}
