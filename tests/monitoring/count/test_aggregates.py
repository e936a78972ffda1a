from __future__ import annotations

import math
import statistics
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.count.aggregates import PERCENTILES, aggregate


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
METHODS = ["cardinality", "sum", "avg", *PERCENTILES]


def entered(method, values):
    kept = aggregate(method)
    kept.enter(Counter(values))
    return kept


@given(st.lists(NUMBERS, min_size=1))
def test_sums_are_correctly_rounded(values):
    try:
        expected = float(sum(map(Fraction, values)))
    except OverflowError:
        expected = math.inf if sum(map(Fraction, values)) > 0 else -math.inf
    assert entered("sum", values).value() == expected


@given(st.lists(NUMBERS, min_size=1))
def test_means_are_correctly_rounded(values):
    assert entered("avg", values).value() == float(statistics.mean(map(Fraction, values)))


@given(st.lists(st.integers(-1000, 1000), min_size=2))
def test_percentiles_are_interpolated_between_ranks(values):
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    for method, percent in PERCENTILES.items():
        if 0 < percent < 100:
            assert entered(method, values).value() == pytest.approx(cuts[percent - 1])
    assert entered("median", values).value() == statistics.median(values)
    assert entered("min", values).value() == min(values)
    assert entered("max", values).value() == max(values)


@given(st.lists(st.sampled_from("abcd"), min_size=1))
def test_cardinality_counts_different_values(values):
    assert entered("cardinality", values).value() == len(set(values))


@given(st.sampled_from(METHODS), st.lists(NUMBERS), st.lists(NUMBERS))
def test_what_came_and_went_leaves_no_trace(method, staying, leaving):
    kept = entered(method, staying)
    kept.enter(Counter(leaving))
    kept.leave(Counter(leaving))
    assert kept.value() == entered(method, staying).value()


@pytest.mark.parametrize("method", METHODS)
def test_without_values_there_is_no_aggregate(method):
    assert aggregate(method).value() is None
