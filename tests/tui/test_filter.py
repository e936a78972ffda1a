from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.tui.filter import FilteredRows, parse_filter
from grantex_tui.watch.frame import EventRow


ROW = EventRow(
    1, 0.0, "grant.created", "grnt_1", "ag_7", "user_ada", b'{"data":{"scope":"two words"}}'
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("type:grant.*", True),
        ("type:grant", False),
        ("type:GRANT.CREATED", True),
        ("agent:ag_7", True),
        ("agent:ag_?", True),
        ("grant:grnt_2", False),
        ("principal:*ada", True),
        ("WORDS", True),
        ('"two words"', True),
        ('"two  words"', False),
        ('"half typed', False),
        ("!words", False),
        ("!calendar", True),
        ("!type:token.*", True),
        ("type:grant.* !agent:ag_7", False),
        ("type:grant.* two", True),
        ("scope:two", False),
        ('"scope":"two', True),
        ("[a-z]", False),
    ],
)
def test_terms_must_all_hold(text, kept):
    predicate = parse_filter(text)
    assert predicate is not None
    assert predicate(ROW) is kept


@pytest.mark.parametrize("text", ["", "   ", "!", '"', 'type:""'])
def test_nothing_and_half_typed_terms_let_everything_through(text):
    assert parse_filter(text) is None


@given(st.text())
def test_any_text_is_a_filter(text):
    predicate = parse_filter(text)
    assert predicate is None or predicate(ROW) in (True, False)


@given(st.lists(st.integers(0, 20), max_size=20), st.integers(1, 30))
def test_rows_are_those_that_filtering_all_of_them_each_time_would_give(arrivals, memory):
    def predicate(row):
        return row.sequence % 3 == 0

    filtered = FilteredRows(predicate)
    rows: list[EventRow] = []
    for number in arrivals:
        start = rows[-1].sequence if rows else 0
        rows += [EventRow(start + i + 1, 0.0, "", "", "", "", b"") for i in range(number)]
        rows = rows[-memory:]
        assert list(filtered.update(rows)) == [row for row in rows if predicate(row)]


def test_a_row_is_tested_once():
    seen = []

    def predicate(row):
        seen.append(row.sequence)
        return True

    filtered = FilteredRows(predicate)
    rows = [EventRow(n, 0.0, "", "", "", "", b"") for n in range(1, 6)]
    filtered.update(rows[:3])
    filtered.update(rows)
    assert seen == [1, 2, 3, 4, 5]
