from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339
from grantex_tui.report.timeline.axis import Scale, axis, clock_text, moment_text, ticks


NINE = parse_rfc3339("2026-01-05T09:00:00Z")
HOUR, DAY = 3600.0, 86_400.0


@pytest.mark.parametrize(
    ("start", "lasts", "drawn"),
    [
        (NINE, HOUR, "|09:00    |09:10    |09:20    |09:30    |09:40    |09:50   |"),
        (NINE, 30.0, "|09:00       |09:00:10    |09:00:20    |"),
        (NINE + 90, 6 * HOUR, "        |10:00  |11:00  |12:00   |13:00  |14:00  |"),
        (NINE + 12 * HOUR, 6 * HOUR, "     |22:00    |Jan 6    |    "),
        (NINE - 9 * HOUR, 3 * DAY, "|Jan 5      |Jan 6      |Jan 7     |"),
        (NINE - 9 * HOUR, 14 * DAY, "|Jan 5                  |Jan 12                |"),
        (NINE - 9 * HOUR, 70 * DAY, "|Jan 5  |Jan 19 |Feb 2  |Feb 16 |Mar 2 |"),
    ],
)
def test_ticks_are_at_round_times_and_dates_at_midnight(start, lasts, drawn):
    assert axis(Scale(start, start + lasts, len(drawn))) == drawn


@given(
    start=st.floats(NINE, NINE + 365 * DAY),
    lasts=st.floats(1.0, 400 * DAY),
    width=st.integers(8, 200),
)
def test_ticks_stand_where_their_instants_are_and_never_touch(start, lasts, width):
    scale = Scale(start, start + lasts, width)
    drawn = axis(scale)
    assert len(drawn) == width
    marks = ticks(scale)
    for tick in marks:
        assert scale.start <= tick.at <= scale.end
        assert drawn[scale.column(tick.at)] == "|"
    assert drawn.count("|") == len(marks)
    for tick in marks[:-1]:
        first = scale.column(tick.at)
        assert drawn[first + 1 :].startswith(f"{tick.text}")
        assert not drawn[first + 1 + len(tick.text)].isalnum()


@given(
    width=st.integers(1, 200),
    start=st.integers(0, 1000),
    lasts=st.integers(0, 1000),
    end=st.integers(1, 1000),
)
def test_a_span_has_at_least_a_column_and_stays_on_the_scale(width, start, lasts, end):
    scale = Scale(0.0, float(end), width)
    first, until = scale.columns(float(start), float(start + lasts))
    assert 0 <= first < until <= width


def test_an_instant_is_told_with_its_date_only_where_there_are_several_days():
    within = Scale(NINE, NINE + 15 * HOUR, 10)
    assert moment_text(NINE + HOUR, within) == "10:00"
    assert moment_text(NINE + HOUR, Scale(NINE, NINE + 16 * HOUR, 10)) == "Jan 5 10:00"


def test_seconds_are_shown_where_there_are_any():
    assert clock_text(NINE + 70) == "09:01:10"
    assert clock_text(NINE + 60) == "09:01"


def test_a_scale_without_length_has_one_column():
    scale = Scale(NINE, NINE, 10)
    assert scale.column(NINE + 5) == 0
    assert scale.columns(NINE, NINE + 5) == (0, 1)
    assert len(axis(scale)) == 10
