from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly import Detector
from grantex_tui.monitoring.anomaly.bounds import Width
from grantex_tui.monitoring.anomaly.rolling import Rolling


@given(st.lists(st.integers(1, 60), min_size=20, max_size=400))
def test_the_expected_count_is_the_median_of_the_latest_240(counts):
    rolling = Rolling(Width(3.0))
    for at, count in enumerate(counts):
        rolling.learn(60.0 * at, float(count), "")
    band = rolling.band(0.0)
    assert band is not None
    assert band.expected == median(counts[-240:])


def test_the_band_follows_the_quantiles_of_scattered_counts():
    rolling = Rolling(Width(2.0))
    for at in range(240):
        rolling.learn(60.0 * at, 100.0 + 80.0 * (at % 3 - 1), "")
    band = rolling.band(0.0)
    assert band is not None
    assert band.upper > 250.0


def test_basic_has_no_season_and_takes_a_long_anomaly_for_the_new_normal():
    detector = Detector(interval=60, deviations=3.0, algorithm="basic")
    points = [detector.update(60.0 * at, 10.0 if at < 300 else 100.0) for at in range(600)]
    assert points[300].outside == "above"
    assert points[599].outside == ""
    assert points[599].expected == pytest.approx(100.0)


def test_basic_says_what_it_rests_on():
    detector = Detector(interval=60, deviations=3.0, algorithm="basic")
    detector.update(0.0, 1.0)
    assert detector.status() == "learning 1/20 intervals"
    for at in range(1, 50):
        detector.update(60.0 * at, 1.0)
    assert detector.status() == "recent quantiles (50 intervals)"
