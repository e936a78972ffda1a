from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.engine.model import Track
from grantex_tui.rehearsal.sweep.ranges import observed_thresholds, parse_numbers, parse_windows


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", (5,)),
        ("5:20:5", (5, 10, 15, 20)),
        ("5:19:5", (5, 10, 15)),
        ("1:3", (1, 2, 3)),
        ("0.1:0.5:0.1", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("50, 10,20", (10, 20, 50)),
        ("1:3:1,10,2", (1, 2, 3, 10)),
        ("-2:0:1", (-2, -1, 0)),
        ("1e1", (10,)),
    ],
)
def test_ranges_hold_both_ends_and_lists_are_put_in_order(text, numbers):
    assert parse_numbers(text) == numbers


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "3:1:1", "1:5:-1", "inf", "nan", "1::2", ","])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match=r"number|range|nowhere"):
        parse_numbers(text)


@pytest.mark.parametrize("text", ["", "5", "90s", "0m", "49h", "m"])
def test_what_is_no_window_is_refused(text):
    with pytest.raises(ValueError, match="is no window"):
        parse_windows(text)


def test_windows_are_seconds():
    assert parse_windows("15m, 1m,last_1h,60m") == (60, 900, 3600)


def track(*values) -> Track:
    instants = [60.0 * n for n in range(len(values))]
    return Track(0, (), instants, list(values), [None] * len(values))


def test_small_counts_are_all_tried():
    assert observed_thresholds([track(*[0] * 500, 1, 2, 4, Absent.KEEP)], Comparator(">"), 3) == (
        0,
        1,
        2,
        3,
        4,
    )


def test_large_counts_are_tried_at_round_numbers_with_the_present_one():
    values = [n % 20 for n in range(1000)] + [900, 300]
    found = observed_thresholds([track(*values)], Comparator(">"), 77)
    assert 77 in found
    assert len(found) <= 14
    assert min(found) >= 10
    assert max(found) == 1000


def test_below_looks_at_the_small_ones():
    values = [100 + n % 50 for n in range(1000)] + [0, 0, 3]
    found = observed_thresholds([track(*values)], Comparator("<"), 1)
    assert found[0] == 0
    assert found[-1] <= 150
    assert 1 in found


def test_what_more_than_a_rare_value_crosses_is_tried_from_the_present_threshold_on():
    """A storm of ten minutes in an hour: none of its values is rare."""
    values = [3] * 50 + [100, 200, 300, 400, 500, 600, 700, 650, 640, 630]
    found = observed_thresholds([track(*values)], Comparator(">"), 50)
    assert found[:3] == (50, 70, 100)
    assert found[-1] >= 700
    shares = [0.01] * 50 + [0.1, 0.2, 0.25, 0.3]
    assert len(observed_thresholds([track(*shares)], Comparator(">"), 0.05)) >= 5
    quiet = [200 + n for n in range(50)] + [90, 40, 3, 2, 1, 4, 5]
    assert observed_thresholds([track(*quiet)], Comparator("<"), 100)[-1] >= 100


def test_without_a_value_the_present_threshold_is_all_there_is():
    assert observed_thresholds([track(Absent.KEEP)], Comparator(">"), 5) == (5,)
    assert observed_thresholds([], Comparator(">"), 5) == (5,)


@pytest.mark.parametrize("value", [5e-324, 1e-300, 1e300, -1e300])
def test_extreme_values_are_no_trouble(value):
    assert 0 in observed_thresholds([track(value, 0.0, value)], Comparator(">"), 0.0)


@given(
    st.lists(st.floats(-1e6, 1e6) | st.integers(0, 10**6), min_size=1, max_size=60),
    st.sampled_from([each for each in Comparator if each.has_side]),
    st.integers(0, 1000),
)
def test_whatever_was_observed_there_are_some_and_not_too_many(values, comparator, present):
    found = observed_thresholds([track(*map(float, values))], comparator, float(present))
    assert present in found
    assert 1 <= len(found) <= 15
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize("text", ["1:201", "0:1:1e-320", "0:1e308:1e-308", "-1e308:1e308:1"])
def test_ranges_without_end_are_refused(text):
    with pytest.raises(ValueError, match="more than 200 values"):
        parse_numbers(text)
