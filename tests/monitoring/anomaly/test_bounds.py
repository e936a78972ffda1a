from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly.bounds import Width


THREE = Width(3.0)


def tails(mean: float) -> tuple[float, float]:
    """How likely a Poisson count lies above and below the band."""
    upper, lower = THREE.upper(mean, 1.0), THREE.lower(mean, 1.0)
    chance = [
        math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
        for count in range(int(mean + 20 * math.sqrt(mean)) + 30)
    ]
    above = sum(p for count, p in enumerate(chance) if count > upper)
    below = sum(p for count, p in enumerate(chance) if count < lower)
    return above, below


@pytest.mark.parametrize("mean", [0.05, 0.2, 0.5, 1.0, 2.0, 3.3, 5.0, 7.5, 12.0, 20.0, 55.0, 200.0])
def test_three_deviations_keep_their_promise_for_poisson_counts(mean):
    above, below = tails(mean)
    assert above <= 0.002  # 0.00135, and the steps between whole counts
    assert below <= 0.002


@pytest.mark.parametrize("mean", [20.0, 55.0, 200.0])
def test_the_band_is_not_wider_than_it_must_be(mean):
    above, below = tails(mean)
    assert above >= 0.0006
    assert below >= 0.0004


def test_the_lower_end_is_zero_where_silence_may_be_chance():
    # P(nothing) = exp(-6.6) = 0.00135
    assert THREE.lower(6.5, 1.0) == 0.0
    assert THREE.lower(6.7, 1.0) >= 0.0
    assert THREE.lower(20.0, 1.0) > 6.0
    assert THREE.lower(20.0, 4.0) == 0.0


def test_a_wider_spread_or_more_deviations_widen_the_band():
    assert THREE.upper(50.0, 2.0) > THREE.upper(50.0, 1.0) > Width(2.0).upper(50.0, 1.0)
    assert THREE.lower(50.0, 2.0) < THREE.lower(50.0, 1.0) < Width(2.0).lower(50.0, 1.0)


@given(st.floats(0.0, 1e12), st.floats(1.0, 1e6), st.floats(0.01, 50.0))
def test_the_mean_lies_between_the_ends(mean, dispersion, deviations):
    width = Width(deviations)
    assert 0.0 <= width.lower(mean, dispersion) <= mean <= width.upper(mean, dispersion)
