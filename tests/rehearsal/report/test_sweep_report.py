from __future__ import annotations

from dataclasses import replace

import pytest

from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.rehearsal.engine.model import WATCH, Incident
from grantex_tui.rehearsal.sweep.table import Cell, Table
from grantex_tui.rehearsal.sweep.trial import Trial
from grantex_tui.rehearsal.sweep.variants import Setting
from grantex_tui.report.columns import Column, markdown, text_table, wrapped
from grantex_tui.report.sweep import sweep_report
from grantex_tui.words.display import cell_width
from tests.support.keys import shallow, told
from tests.support.plans import load_plan
from tests.support.written import data, written


EVIL = "\x1b[2J<b>|`x`\u202e*_"
MONITOR = replace(load_plan().monitors[0], name=f"revoked {EVIL}")


def cell(critical: float, window: int, *, delay: float | None = 90.0, false: int = 0) -> Cell:
    trial = Trial(3 + false, 5400, 2, 1, (delay, None), false, 0)
    return Cell(Setting(Thresholds(critical, critical / 2), window), trial)


TABLE = Table(
    monitor=MONITOR,
    cells=(cell(10, 300, false=2), cell(20, 300), cell(30, 300, delay=None), cell(20, 900)),
    source=f"a {EVIL} recording", start=0, end=86400, events=12345, phases=(0,), delivery=WATCH,
    incidents=(Incident(f"storm {EVIL}", 0, 10), Incident("other", 20, 30)), counted=(0,),
    approximations=("phase: unknown",), problems=("x:1: not JSON",),
)  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_the_table_fits_and_what_matters_stays(width):
    text = written(sweep_report(TABLE), width=width)
    lines = text.splitlines()
    assert max(map(cell_width, lines)) <= width
    head = next(line for line in lines if line.startswith("window"))
    for column in ("critical", "alerts", "missed", "false"):
        assert column in head
    assert ("alert min" in head) == (width >= 80)
    assert sum(line.endswith((">*", "> *", ">")) for line in lines) == 1
    assert lines.count("") >= 4  # a blank line parts the windows


ANOMALY = next(each for each in load_plan().monitors if each.query.band is not None)


def banded(critical: float, deviations: float, *, false: int = 0) -> Cell:
    trial = Trial(1, 1200, 0, 0, (900.0, None), false, 0)
    return Cell(Setting(Thresholds(critical), 900, deviations), trial)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_an_anomaly_s_table_keeps_its_marks_and_says_deviations_in_words(width):
    cells = (banded(0.6, 2, false=1), banded(1, 2, false=1), banded(0.6, 4), banded(1, 4))
    text = written(sweep_report(replace(TABLE, monitor=ANOMALY, cells=cells)), width=width)
    lines = text.splitlines()
    assert max(map(cell_width, lines)) <= width
    head = next(line for line in lines if "deviations  critical" in line)
    assert "false" in head
    assert ("window" in head) == (width == 160)  # there is only one, and the sentence names it
    assert sum(line.endswith((">*", ">")) for line in lines) == 1
    assert "Take 1/15m at 4 deviations:" in " ".join(lines)
    assert "No lower or higher one was tried" in " ".join(lines)


def test_the_recommended_warning_is_named_if_warnings_were_tried():
    table = replace(TABLE, with_warnings=True)
    assert "Take 20/5m with a warning at 10:" in " ".join(
        written(sweep_report(table), width=80).split()
    )
    assert "Take 20/5m: " in " ".join(written(sweep_report(TABLE), width=80).split())


def test_approximations_are_neutralised_as_names_are():
    table = replace(TABLE, approximations=(f"formula: {EVIL}",))
    for text in (written(sweep_report(table), form) for form in ("text", "markdown", "html")):
        assert "\u202e" not in text
        assert "\x1b" not in text


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_hostile_names_and_labels_are_neutralised(form):
    text = written(sweep_report(TABLE), form)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_markdown_shows_names_as_they_are():
    text = written(sweep_report(TABLE), "markdown")
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "| 5m | 20 | 10 | 3 | 90 |" in text
    assert (text.count("| 5m |"), text.count("| 15m |")) == (3, 1)


def test_json_is_complete_and_says_which_cell_is_what():
    value = data(sweep_report(TABLE))
    assert [each["counted"] for each in value["incidents"]] == [True, False]
    assert [each["recommended"] for each in value["cells"]].count(True) == 1
    first = value["cells"][0]
    assert (first["alerts"], first["alert_seconds"], first["false_alerts"]) == (5, 5400, 2)
    assert first["time_to_detect"] == {"p50": 90, "worst": 90, "each": [90, None]}
    assert value["cells"][2]["time_to_detect"] == {"p50": None, "worst": None, "each": [None, None]}
    assert value["cells"][2]["missed"] == [f"storm {EVIL}"]
    assert value["problems"] == ["x:1: not JSON"]


def test_columns_go_by_rank_and_never_those_of_rank_0():
    columns = [Column("name", left=True), Column("less", 2), Column("least", 5), Column("n")]
    rows = [["日本", "1", "2", "3"], ["b", "10", "20", "30"]]
    assert text_table(columns, rows, 40) == [
        "name  less  least   n",
        "日本     1      2   3",
        "b       10     20  30",
    ]
    assert text_table(columns, rows, 18)[0] == "name  less   n"
    assert text_table(columns, rows, 12)[0] == "name   n"
    assert text_table(columns, rows, 7)[0] == "name  n"


def test_blank_lines_part_what_belongs_together():
    rows = [["a", "1"], ["a", "2"], ["b", "1"]]
    table = text_table([Column("x", left=True), Column("y")], rows, 40, breaks=0)
    assert table == ["x  y", "a  1", "a  2", "", "b  1"]


def test_paragraphs_keep_their_width_and_an_empty_one_is_a_line():
    assert wrapped("one two three", 20) == ["one two three"]
    assert wrapped("one two three four five", 20, "  ") == ["one two three four", "  five"]
    assert wrapped("", 20) == [""]


def test_nothing_in_a_text_means_anything_to_markdown():
    assert markdown("a_b*c|d<e>#`") == "a\\_b\\*c\\|d\\<e\\>\\#\\`"


def test_the_page_tells_of_every_key_of_a_sweep():
    assert shallow(data(sweep_report(TABLE))) == told("### sweep")
