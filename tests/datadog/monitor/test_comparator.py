"""What each comparator means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator


numbers = st.integers(-50, 50).map(float) | st.floats(-50, 50)
sided = st.sampled_from([each for each in Comparator if each.has_side])


@pytest.mark.parametrize(
    ("text", "below", "on", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_which_values_cross_a_threshold(text, below, on, above):
    crosses = Comparator(text).crosses
    assert [crosses(1.0, 2.0), crosses(2.0, 2.0), crosses(3.0, 2.0)] == [below, on, above]


@given(sided, numbers, numbers)
def test_a_healthier_value_never_crosses_the_threshold(comparator, value, limit):
    if comparator.is_healthier(value, limit):
        assert not comparator.crosses(value, limit)
        assert comparator.distance(value, limit) > 0
    elif value != limit:
        assert comparator.crosses(value, limit)


@given(sided, st.lists(numbers, min_size=1), numbers)
def test_if_any_value_crosses_the_worst_does(comparator, values, limit):
    some = any(comparator.crosses(value, limit) for value in values)
    worst = comparator.worst(values)
    assert comparator.crosses(worst, limit) == some
    assert worst == max(values, key=comparator.severity)


@given(sided, numbers)
def test_edges_differ_on_the_threshold_alone(comparator, value):
    edge = comparator.edge
    assert edge.edge is comparator
    assert (comparator.crosses(value, 0.0) != edge.crosses(value, 0.0)) == (value == 0)


@given(sided, st.integers(1, 50))
def test_a_whole_value_crosses_the_threshold_made_for_it(comparator, value):
    limit = comparator.just_crossed_by(float(value))
    assert comparator.crosses(value, limit)
    assert abs(limit - value) == comparator.is_strict


def test_nothing_fires_above_a_threshold_below_zero():
    assert Comparator.ABOVE.just_crossed_by(0.0) is None
    assert Comparator.ABOVE_OR_ON.just_crossed_by(0.0) is None
    assert Comparator.BELOW.just_crossed_by(0.0) == 1.0


def test_equal_and_unequal_have_no_side():
    assert [each for each in Comparator if not each.has_side] == ["==", "!="]
    assert not any(Comparator(text).is_healthier(1, 2) for text in ("==", "!="))
    assert Comparator.EQUAL.edge is None


def test_it_is_written_as_its_text():
    assert f"{Comparator.ABOVE_OR_ON} 5" == ">= 5"
    assert json.dumps({"comparator": Comparator.BELOW}) == '{"comparator": "<"}'
