from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly.level import GAIN_HIGH, GAIN_LOW, Level


def follow(level: Level, values, part: float = 1.0, least: float = 0.0) -> Level:
    for value in values:
        level.follow(value - level.value, 1.0, part, least)
    return level


def test_the_gain_grows_while_the_level_lags_behind():
    level = follow(Level(0.0), [at * 0.3 for at in range(600)])
    assert level.gain > 4 * GAIN_LOW


def test_the_gain_falls_back_on_noise():
    draw = random.Random(3)
    level = Level(0.0)
    level.gain = 0.4
    follow(level, [draw.gauss(0.0, 1.0) for _ in range(4000)])
    assert level.gain < 0.06


def test_one_outlier_moves_the_level_as_far_as_two_deviations_would():
    assert follow(Level(0.0), [1000.0]).value == pytest.approx(follow(Level(0.0), [2.0]).value)


def test_a_flagged_point_moves_it_a_quarter_as_far():
    whole, quarter = follow(Level(0.0), [1.0]), follow(Level(0.0), [1.0], part=0.25)
    assert quarter.value == pytest.approx(whole.value / 4)


def test_at_the_start_the_gain_is_at_least_one_in_n():
    assert follow(Level(0.0), [1.0], least=0.5).value == pytest.approx(0.5)


@given(st.lists(st.floats(-1e6, 1e6), max_size=200), st.floats(0.05, GAIN_HIGH))
def test_the_gain_stays_within_its_limits(values, highest):
    level = follow(Level(0.0, highest), values)
    assert GAIN_LOW <= level.gain <= highest
