"""What is wrong is said at every size, before anything that is fine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.gap import Gap
from grantex_tui.tui.drawing.accounts import accounts
from grantex_tui.tui.drawing.marks import marks_row, visible_marks
from grantex_tui.tui.drawing.rows import cells
from grantex_tui.tui.incidents import Incident, Incidents, with_gaps
from grantex_tui.watch.frame import MonitorView
from grantex_tui.watch.troubles.found import found
from grantex_tui.watch.troubles.trouble import About, Rank, Trouble
from tests.tui import states


CASES = tuple(states.cases())
WORST = replace(
    CASES[5].frame,
    connection=CASES[10].frame.connection,
    gaps=CASES[10].frame.gaps,
    delivery=CASES[0].frame.delivery,
    monitors=(*CASES[11].frame.monitors, *CASES[12].frame.monitors),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_each_state_is_said_at_each_size_before_what_is_fine(looks, case):
    for look in looks:
        for size in states.SIZES:
            rows = states.shown(case.frame, size, look)
            said = [number for number, text in enumerate(rows) if case.word in text]
            fine = [
                number for number, text in enumerate(rows) if "in 7" in text or "received" in text
            ]
            assert said, (size, rows)
            assert said[0] < fine[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_each_state_says_what_to_do(case):
    trouble = found(case.frame)[0]
    assert trouble.what
    assert trouble.remedy.endswith(".")
    assert len(trouble.word) <= 20 or trouble.is_gap


def test_the_table_in_the_docs_is_what_is_drawn():
    text = states.DOCS.read_text("utf-8")
    assert states.written(text) == text, "run: python tests/tui/states.py --write"
    assert "not said" not in states.table()


def test_nothing_is_wrong_with_a_calm_run():
    assert found(states.CALM) == ()


def test_of_many_troubles_the_worst_comes_first():
    troubles = found(WORST)
    assert [trouble.rank for trouble in troubles] == sorted(trouble.rank for trouble in troubles)
    assert troubles[0].rank is Rank.LOSING
    assert {trouble.about for trouble in troubles} == set(About)


def test_monitors_that_alert_together_are_counted_not_listed(look):
    monitors = tuple(MonitorView(f"m{i}", "Alert", 1.0, 5.0, 1.0, None, ">") for i in range(9))
    rows = states.shown(replace(states.CALM, monitors=monitors), (40, 12), look)
    assert "9× alert" in rows[1]


amounts = st.integers(0, 10**7)


@given(amounts, amounts, amounts, amounts, amounts, st.integers(20, 200))
def test_the_accounts_add_up_at_every_width(looks, delivered, pending, dead, lost, over, width):
    received = delivered + pending + dead + lost - over
    if received < 0:
        return
    frame = replace(
        states.CALM,
        tally=replace(states.CALM.tally, received=received),
        delivery=replace(
            states.FINE, delivered=delivered, pending=pending, dead_lettered=dead,
            dropped=(("journal full", lost),) if lost else (), carried_over=over,
        ),
    )  # fmt: skip
    line = accounts(frame, looks[0], width)
    text = "".join(part for part, _ in line)
    if not any(unit in text for unit in ("k", "M")) or "delivered" in text:
        left, _, right = text.partition(" = ")
        assert figures(left) == figures(right) == received + over
    assert cells(line) <= max(width, 64)


def figures(text):
    words = text.replace(",", "").replace("(", " ").replace(")", " ").split()
    return sum(int(word) for word in words if word.isdigit())


def trouble(word="down", rank=Rank.FAILING, since=None):
    return Trouble(rank, About.DELIVERY, word, f"it is {word}", "Wait.", since)


def test_an_incident_lasts_from_its_beginning_to_its_end_whatever_its_words():
    incidents = Incidents()
    began, _ = incidents.look([trouble(since=95.0)], 100.0)
    assert [one.start for one in began] == [95.0]
    assert incidents.look([trouble("says 503")], 101.0) == ([], [])
    _, ended = incidents.look([], 110.0)
    assert [(one.word, one.start, one.end) for one in ended] == [("says 503", 95.0, 110.0)]
    assert incidents.all() == ended


def test_marks_stand_under_the_bars_in_which_they_began_with_their_reasons(look):
    starts = [float(100 + i) for i in range(40)]
    gap = Gap(105.0, 108.0, "reset by peer")
    alert = Incident("alert", "Revocations: Alert", 125.0, None, is_bad=True)
    marks = visible_marks(with_gaps([alert], [gap]), starts, 1.0)
    text = marks_row(marks, starts, 1, look, 40, 0).text
    assert text[5:9] == "▒▒▒▒"
    assert "gap: reset" in text
    assert text[25] == look.glyphs.alert
    assert "Revocations" in text


@given(
    st.lists(st.tuples(st.floats(0, 200), st.none() | st.floats(0, 100), st.text(max_size=20))),
    st.integers(1, 3), st.integers(1, 120), st.integers(0, 10),
)  # fmt: skip
def test_marks_keep_to_their_row(looks, spans, bar, width, pad):
    starts = [float(i * 5) for i in range(30)]
    told = [
        Incident("x", text, start, None if length is None else start + length, is_bad=True)
        for start, length, text in spans
    ]
    marks = visible_marks(with_gaps(told, []), starts, 5.0)
    for look in looks:
        assert marks_row(marks, starts, bar, look, width, pad).cell_length == width
