from __future__ import annotations

import itertools
from collections import Counter
from math import exp, sqrt
from random import Random
from statistics import mean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.scenario.model import Constant, Curve, Ramp
from grantex_sim.scenario.rates import _GAPS, expected, rate_at, stretches


MONDAY = 1_767_571_200_000  # 2026-01-05T00:00:00Z
HOUR, DAY = 3_600_000, 86_400_000


def moments(rate, length, begin=MONDAY, until=1 << 60, seed=None):
    random = None if seed is None else Random(seed).random
    found = list(stretches(rate, begin, begin + length, until=until, random=random))
    edges = [edge for first, last, _ in found for edge in (first, last)]
    assert edges[0] == begin
    assert edges[1:-1:2] == edges[2::2]
    return [moment for first, last, inside in found for moment in inside]


def test_a_constant_rate_is_evenly_spaced_to_the_millisecond():
    assert moments(Constant(20), 60_000) == [MONDAY + 50 * number for number in range(1_200)]
    assert moments(Constant(100), 1_000)[57] == MONDAY + 570


@given(
    rate=st.floats(0.01, 2_000),
    length=st.integers(1, 3_600_000),
    poisson=st.booleans(),
    until=st.integers(0, 4_000_000),
)
def test_moments_are_in_order_within_the_phase_and_before_the_end(rate, length, poisson, until):
    if rate * length > 2e7:
        length = int(2e7 / rate)
    found = moments(
        Constant(rate), max(1, length), until=MONDAY + max(1, until), seed=1 if poisson else None
    )
    assert found == sorted(found)
    assert all(MONDAY <= moment < MONDAY + min(length + 1, until + 1) for moment in found)
    if not poisson:
        covered = min(max(1, length), max(1, until)) / 1000
        assert abs(len(found) - rate * covered) <= 1 + 1e-6 * len(found)


def test_a_ramp_goes_up_in_a_straight_line():
    found = moments(Ramp(0, 10), 1_000_000)
    assert len(found) == pytest.approx(5_000, abs=2)
    half = sum(moment < MONDAY + 500_000 for moment in found)
    assert half == pytest.approx(1_250, abs=3)


def test_a_curve_has_its_mean_over_a_week_whatever_its_weights():
    daily = tuple(float(1 + hour % 5) for hour in range(24))
    curve = Curve(0.1, daily, (1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 6.0))
    found = moments(curve, 7 * DAY)
    assert len(found) == pytest.approx(0.1 * 7 * 86_400, rel=0.002)
    assert not [moment for moment in found if MONDAY + 5 * DAY <= moment < MONDAY + 6 * DAY]


def test_an_hours_weight_holds_at_the_full_hour_and_changes_in_a_straight_line():
    daily = (*(0.0,) * 9, 10.0, 20.0, *(0.0,) * 13)
    curve = Curve(1.0, daily)
    scale = 24 / 30
    assert rate_at(curve, MONDAY + 9 * HOUR, 0) == pytest.approx(10 * scale)
    assert rate_at(curve, MONDAY + 9 * HOUR + HOUR // 2, 0) == pytest.approx(15 * scale)
    assert rate_at(curve, MONDAY + 10 * HOUR, 0) == pytest.approx(20 * scale)
    assert rate_at(curve, MONDAY + 23 * HOUR, 0) == 0


def test_the_week_begins_on_monday():
    curve = Curve(1.0, (1.0,), (7.0, *(0.0,) * 6))
    assert rate_at(curve, MONDAY, 0) == pytest.approx(7)
    assert rate_at(curve, MONDAY - 1, 0) == 0


def test_poisson_gaps_are_exponential():
    found = moments(Constant(5), 4 * HOUR, seed=3)
    gaps = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert len(found) == pytest.approx(72_000, rel=0.02)
    for milliseconds in (50, 200, 600):
        share = sum(gap > milliseconds for gap in gaps) / len(gaps)
        assert share == pytest.approx(exp(-5 * milliseconds / 1000), abs=0.01)


def chi_square(found, expected):
    return sum((seen - wanted) ** 2 / wanted for seen, wanted in zip(found, expected, strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "rate",
    [
        Constant(0.5),
        Ramp(0.2, 1.0),
        Curve(0.5, tuple(float(1 + hour % 6) for hour in range(24)), (1.0, 1.0, 3.0, 1, 1, 1, 0.5)),
    ],
)
def test_each_hour_has_as_many_events_as_its_rate_says_give_or_take_chance(rate, seed):
    """Chi-square over 48 hours: a false alarm once in ten thousand (df 48: 92.8)."""
    hours = Counter((moment - MONDAY) // HOUR for moment in moments(rate, 2 * DAY, seed=seed))
    ends = [
        expected(rate, MONDAY, MONDAY + 2 * DAY, until=MONDAY + end * HOUR) for end in range(49)
    ]
    wanted = [later - earlier for earlier, later in itertools.pairwise(ends)]
    assert chi_square([hours[hour] for hour in range(48)], wanted) < 92.8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_moments_are_as_uneven_as_a_poisson_process_and_even_ones_are_not(seed):
    """The variance of counts a minute over their mean: 1, within four deviations."""

    def dispersion(seed):
        minutes = Counter(
            (moment - MONDAY) // 60_000 for moment in moments(Constant(0.5), DAY, seed=seed)
        )
        counts = [minutes[minute] for minute in range(1_440)]
        return pvariance(counts) / mean(counts)

    assert dispersion(seed) == pytest.approx(1, abs=4 * sqrt(2 / 1_439))
    assert dispersion(None) == 0


def test_no_gap_depends_on_the_last_digit_of_the_platforms_logarithm():
    """Rounded to a millionth: no quantile may lie where another platform rounds otherwise."""
    from math import log

    exact = [-log((step + 0.5) / len(_GAPS)) * 1e6 for step in range(len(_GAPS))]
    assert min(abs(value % 1 - 0.5) for value in exact) > 1e-8


def test_two_weeks_of_a_ramp_are_not_made_second_by_second():
    found = list(stretches(Ramp(0, 0.1), 0, 14 * DAY, until=14 * DAY, random=None))
    assert len(found) < 4_500
    assert sum(len(inside) for _, _, inside in found) == pytest.approx(0.05 * 14 * 86_400, abs=2)


def test_a_stretch_is_short_enough_to_be_made_at_once():
    for _, _, inside in stretches(Constant(20_000), 0, 10_000, until=10_000, random=None):
        assert len(inside) <= 2_000
