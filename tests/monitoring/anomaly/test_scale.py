from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly.scale import (
    LOWEST,
    expected_x,
    mean_and_deviation,
    stabilise,
)


def summed(mean: float) -> tuple[float, float]:
    """Mean and deviation of x by the definition, with probabilities from logarithms."""
    counts = range(int(mean + 15 * math.sqrt(mean)) + 30)
    weights = [
        math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
        if mean
        else float(not count)
        for count in counts
    ]
    first = sum(w * 2 * math.sqrt(c + 0.375) for w, c in zip(weights, counts, strict=True))
    second = sum(w * 4 * (c + 0.375) for w, c in zip(weights, counts, strict=True))
    return first, math.sqrt(max(second - first**2, 0.0))


@given(st.floats(0.0, 500.0))
def test_the_mean_comes_back_from_its_expected_x(mean):
    assert mean_and_deviation(expected_x(mean))[0] == pytest.approx(mean, rel=0.003, abs=0.001)


@pytest.mark.parametrize("mean", [0.05, 0.2, 0.7, 1.0, 3.0, 5.9, 7.9, 8.1, 20.0, 300.0])
def test_tables_agree_with_the_sums(mean):
    x, deviation = summed(mean)
    assert expected_x(mean) == pytest.approx(x, abs=0.002)
    assert mean_and_deviation(x)[0] == pytest.approx(mean, rel=0.004)
    assert mean_and_deviation(x)[1] == pytest.approx(deviation, abs=0.03)


def test_poisson_scatter_is_about_one_from_a_mean_of_three_on():
    for mean in (3.0, 10.0, 100.0):
        assert summed(mean)[1] == pytest.approx(1.0, abs=0.02)


@given(st.floats(-1e3, 1e8), st.floats(0.0, 1e3))
def test_a_larger_x_never_has_a_smaller_mean(x, more):
    assert mean_and_deviation(x)[0] <= mean_and_deviation(x + more)[0] + 1e-9


def test_below_the_x_of_zero_the_mean_is_zero():
    assert mean_and_deviation(LOWEST - 5.0) == (0.0, 0.0)
    assert stabilise(0.0) == LOWEST
