from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly.spread import Spread


def learn(spread: Spread, residuals) -> Spread:
    for residual in residuals:
        outside = abs(residual) > 2 * spread.quantile
        spread.learn(residual, outside_two=outside, flagged=abs(residual) > 3 * spread.quantile)
    return spread


@pytest.mark.parametrize("true", [1.0, 2.0, 6.0])
def test_finds_the_scale_of_normal_residuals(true):
    draw = random.Random(5)
    spread = learn(Spread(60), [draw.gauss(0.0, true) for _ in range(20_000)])
    assert spread.value(100.0) == pytest.approx(true, rel=0.12)


def test_never_goes_below_poisson():
    assert learn(Spread(60), [0.1] * 5000).value(100.0) == 1.0


def test_a_long_anomaly_widens_it_no_more_than_its_first_five_points():
    short, long = learn(Spread(60), [50.0] * 5), learn(Spread(60), [50.0] * 500)
    assert long.save() == short.save()


def test_rare_extremes_widen_it_through_the_tail_where_counts_are_many():
    draw = random.Random(5)
    residuals = [draw.gauss(0, 1) * (8 if draw.random() < 0.02 else 1) for _ in range(20_000)]
    spread = learn(Spread(60), residuals)
    assert spread.value(100.0) > 1.15
    assert spread.value(1.0) == spread.quantile < spread.value(100.0)


@pytest.mark.parametrize("interval", [60, 300, 3600])
def test_a_scale_that_was_too_wide_is_right_again_after_four_weeks(interval):
    draw = random.Random(7)
    points = 28 * 86_400 // interval
    spread = learn(Spread(interval, 6.0), [draw.gauss(0, 1) for _ in range(points)])
    assert spread.value(100.0) < 2.2


@given(st.lists(st.floats(-1e9, 1e9), max_size=300))
def test_is_at_least_one_after_anything(residuals):
    assert learn(Spread(60), residuals).value(100.0) >= 1.0
