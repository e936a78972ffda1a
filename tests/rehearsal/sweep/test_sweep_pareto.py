from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.rehearsal.engine.model import WATCH, Incident
from grantex_tui.rehearsal.sweep.pareto import Merit, advise, best_plateaus, edge, merit, sharpened
from grantex_tui.rehearsal.sweep.table import Cell, Table
from grantex_tui.rehearsal.sweep.trial import Trial
from grantex_tui.rehearsal.sweep.variants import Setting
from grantex_tui.report.sweep_words import recommendation
from tests.support.plans import load_plan


MONITOR = next(each for each in load_plan().monitors if "many grants revoked" in each.name)
INCIDENTS = (Incident("storm-1", 0, 10), Incident("storm-2", 20, 30), Incident("other", 40, 50))
MERITS = st.builds(
    Merit, st.integers(0, 3), st.integers(0, 4), st.sampled_from((0.0, 60.0, 120.0, inf))
)


@given(st.lists(MERITS, max_size=30))
def test_the_edge_is_what_no_other_beats(merits):
    def beats(one: Merit, other: Merit) -> bool:
        return one != other and all(a <= b for a, b in zip(one, other, strict=True))

    assert edge(merits) == [not any(beats(other, one) for other in merits) for one in merits]


def cell(
    critical: float, window: int = 300, *, delays=(60.0, 120.0), false: int = 0, wrong=0.0
) -> Cell:
    trial = Trial(
        alerts=2 + false, alert_seconds=600, warnings=0, flaps=0, delays=(*delays, None),
        false_alerts=false, wrong_seconds=wrong,
    )  # fmt: skip
    return Cell(Setting(Thresholds(critical), window), trial)


def table(*cells: Cell, counted=(0, 1)) -> Table:
    return Table(
        monitor=replace(
            MONITOR, options=replace(MONITOR.options, thresholds=Thresholds(50.0))
        ),
        cells=cells, source="a test", start=0, end=86400, events=1, phases=(0,), delivery=WATCH,
        incidents=INCIDENTS, counted=counted,
    )  # fmt: skip


def advised(*cells: Cell) -> tuple[float, int]:
    advice = advise(table(*cells))
    assert advice is not None
    return advice.cell.setting.critical, advice.cell.setting.window


def test_of_equally_good_thresholds_the_middle_one_is_taken():
    plateau = [cell(critical) for critical in (20, 30, 40, 45, 60)]
    assert advised(cell(10, false=2), *plateau, cell(70, delays=(60, None))) == (40, 300)


def test_the_present_threshold_stays_if_it_has_room_on_both_sides():
    around = cell(10, false=2), cell(70, delays=(60, None))
    assert advised(*around, *map(cell, (20, 30, 40, 50, 60))) == (50, 300)
    assert advised(*around, *map(cell, (20, 30, 40, 49, 50))) == (30, 300)


def test_the_ends_of_a_plateau_are_found_between_what_was_tried():
    tried = []

    def good(critical: float) -> Cell:
        return cell(critical, false=critical <= 13, delays=(60, None if critical >= 42 else 60))

    def attempt(_: Cell, critical: float) -> Cell:
        tried.append(critical)
        return good(critical)

    (plateau,) = best_plateaus([good(n) for n in (10, 20, 30, 60)], (0, 1), with_warnings=False)
    assert (plateau.low, plateau.high) == (20, 30)
    sharp = sharpened(plateau, (0, 1), attempt)
    assert (sharp.low, sharp.high, sharp.middle) == (14, 41, 27.5)
    assert sharp.lower is not None
    assert sharp.higher is not None
    assert (sharp.lower.setting.critical, sharp.higher.setting.critical) == (13, 42)
    assert len(tried) <= 10
    assert sharpened(plateau, (0, 1), lambda *_: None).low == 20


def test_detecting_more_goes_before_quiet_and_quiet_before_early():
    loud = cell(10, false=1, delays=(0, 0))
    deaf = cell(20, delays=(60, None))
    assert advised(loud, deaf) == (10, 300)
    late = cell(20, delays=(600, 600))
    assert advised(loud, late) == (20, 300)


def test_room_for_error_goes_before_a_minute():
    narrow = [cell(10, false=1), cell(20, delays=(0, 0)), cell(30, delays=(60, None))]
    wide = [cell(critical, 900, delays=(60, 120)) for critical in (20, 30, 40)]
    assert advised(*narrow, *wide) == (30, 900)


def test_an_hour_in_alert_for_nothing_is_as_bad_as_another_false_alert():
    assert merit(cell(5, wrong=7300), (0, 1)) == (0, 2, 120)
    assert merit(cell(5, false=1, wrong=60), (0, 1)) == (0, 1, 120)


def test_incidents_that_are_not_counted_are_not_missed():
    assert merit(cell(5), (0, 1, 2)) == (1, 0, inf)
    assert merit(cell(5), (0, 1)) == (0, 0, 120)


def test_the_sentence_says_what_it_does_and_why_neither_neighbour():
    cells = [cell(4, false=4), cell(8), cell(9), cell(10), cell(15, delays=(60, None))]
    assert recommendation(table(*cells)) == (
        "Take 9/5m: detects both incidents within 2m, no false alert; thresholds from 8 to "
        "10 do as well. 4 adds 4 false alerts, 15 misses storm-2. It is 50/5m now, which was "
        "not tried."
    )


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([cell(50)], "That is how the monitor is now."),
        ([cell(10, false=1), cell(30), cell(40), cell(50)], "which does as well here"),
        ([cell(30), cell(50, delays=(60, None))], "now, which detects 1 of 2 incidents (misses st"),
        ([cell(30, delays=(60, None))], "detects 1 of 2 incidents (misses storm-2) within 1m"),
        (
            [cell(30), cell(40)],
            "thresholds from 30 to 40 do as well. No lower or higher one was tried",
        ),
        ([cell(30, wrong=7300)], "no false alert, 2 hours in Alert for nothing"),
    ],
)
def test_the_sentence_tells_of_the_present_setting_and_the_ends_of_the_range(cells, says):
    assert says in recommendation(table(*cells))


def test_without_incidents_there_is_no_recommendation_but_the_first_that_stays_quiet():
    quiet = Trial(0, 0, 0, 0, (None,) * 3, 0, 0)
    cells = [cell(10), Cell(Setting(Thresholds(20.0), 300), quiet),
             Cell(Setting(Thresholds(30.0), 300), quiet)]  # fmt: skip
    alone = replace(table(*cells, counted=()), incidents=())
    assert advise(alone) is None
    assert "20/5m is the first that stays quiet" in recommendation(alone)
    assert "Name those that this monitor is for" in recommendation(table(*cells, counted=()))
