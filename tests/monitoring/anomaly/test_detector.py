from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly import APPROXIMATE, Detector
from grantex_tui.monitoring.anomaly.bounds import Width


ALGORITHMS = st.sampled_from(["basic", "agile", "robust"])
COUNTS = st.one_of(
    st.none(),
    st.integers(0, 5).map(float),
    st.floats(0.0, 1e6),
    st.sampled_from([0.0, 1e300, math.inf, math.nan, -3.0]),
)
STEPS = st.one_of(st.just(1.0), st.sampled_from([0.0, -1.0, 2.0, 5.0, 11.0, 500.0, 1e6, 0.4]))
LIVES = st.lists(st.tuples(STEPS, COUNTS), max_size=120)


def live(detector: Detector, life, interval: int = 60):
    """Feed steps (in intervals) and counts, after enough of a start to have a band."""
    at = 1_600_000_000.0
    for number in range(25):
        at += interval
        yield detector.update(at, float(number % 4))
    for step, count in life:
        at += step * interval
        yield detector.update(at, count)


@given(
    LIVES,
    ALGORITHMS,
    st.sampled_from(["", "hourly", "daily", "weekly"]),
    st.booleans(),
    st.sampled_from([1, 20, 60, 300, 3600, 7000, 86_400]),
    st.sampled_from([0.5, 2.0, 3.0, 6.0]),
)
def test_whatever_comes_the_band_is_ordered_and_learning_never_flags(
    life, algorithm, seasonality, default_zero, interval, deviations
):
    detector = Detector(
        interval=interval,
        deviations=deviations,
        algorithm=algorithm,
        seasonality=seasonality,
        count_default_zero=default_zero,
    )
    for point in live(detector, life, interval):
        assert 0.0 <= point.lower <= point.expected <= point.upper
        assert not math.isnan(point.upper)
        assert not (point.learning and point.outside)
        assert detector.status()


@given(LIVES, ALGORITHMS)
def test_the_same_life_gives_the_same_points(life, algorithm):
    first, second = (
        list(live(Detector(interval=60, deviations=3.0, algorithm=algorithm), life))
        for _ in range(2)
    )
    assert first == second


@given(LIVES, ALGORITHMS)
def test_the_band_is_never_narrower_than_poisson(life, algorithm):
    poisson = Width(3.0)
    for point in live(Detector(interval=60, deviations=3.0, algorithm=algorithm), life):
        if not point.learning:
            assert point.upper >= poisson.upper(point.expected, 1.0) * (1 - 1e-9)
            assert point.lower <= poisson.lower(point.expected, 1.0) * (1 + 1e-9)


@given(LIVES, ALGORITHMS)
def test_outside_means_outside(life, algorithm):
    detector = Detector(interval=60, deviations=3.0, algorithm=algorithm)
    points = list(live(detector, life))[25:]
    for (_, count), point in zip(life, points, strict=True):
        value = 0.0 if count is None or not math.isfinite(count) else max(count, 0.0)
        if point.outside == "above":
            assert value > point.upper
        elif point.outside == "below":
            assert value < point.lower


def test_learning_lasts_twenty_intervals():
    detector = Detector(interval=60, deviations=3.0)
    for at in range(20):
        point = detector.update(60.0 * at, 1000.0 * at)
        assert point.learning
        assert (point.lower, point.upper, point.outside) == (0.0, math.inf, "")
        if at < 19:
            assert detector.status() == f"learning {at + 1}/20 intervals"
    assert not detector.update(1200.0, 0.0).learning


def fed(detector: Detector, first: int, last: int, count: float = 100.0) -> Detector:
    for at in range(first, last):
        detector.update(60.0 * at, count + at % 5)
    return detector


def test_a_missing_count_is_zero_by_default():
    detector = fed(Detector(interval=60, deviations=3.0), 0, 200)
    assert detector.update(60.0 * 200, None).outside == "below"


def test_a_missing_count_says_nothing_without_the_default():
    detector = fed(Detector(interval=60, deviations=3.0, count_default_zero=False), 0, 200)
    before = detector.update(60.0 * 200, None)
    assert before.outside == ""
    for at in range(201, 209):
        assert detector.update(60.0 * at, None) == before
    assert detector.update(60.0 * 209, 101.0).outside == ""


def test_a_short_jump_is_filled_with_zeros():
    told, jumped = (fed(Detector(interval=60, deviations=3.0), 0, 200) for _ in range(2))
    for at in range(200, 205):
        told.update(60.0 * at, None)
    assert jumped.update(60.0 * 205, 100.0) == told.update(60.0 * 205, 100.0)


@pytest.mark.parametrize("default_zero", [True, False])
def test_after_a_long_gap_the_band_is_wide_again_and_narrows(default_zero):
    detector = Detector(interval=60, deviations=3.0, count_default_zero=default_zero)
    before = fed(detector, 0, 400).update(60.0 * 400, 102.0)
    after = detector.update(60.0 * 500, 102.0)
    assert after.upper - after.lower > 1.8 * (before.upper - before.lower)
    later = fed(detector, 501, 540).update(60.0 * 540, 102.0)
    assert later.upper - later.lower < 1.1 * (before.upper - before.lower)


def test_after_a_gap_of_ten_the_band_is_as_before():
    detector = Detector(interval=60, deviations=3.0, count_default_zero=False)
    before = fed(detector, 0, 400).update(60.0 * 400, 102.0)
    after = detector.update(60.0 * 411, 102.0)
    assert after.upper - after.lower == pytest.approx(before.upper - before.lower, rel=0.02)


def test_an_interval_told_again_is_judged_but_teaches_nothing():
    once, twice = (fed(Detector(interval=60, deviations=3.0), 0, 200) for _ in range(2))
    assert twice.update(60.0 * 199, 9000.0).outside == "above"
    assert twice.update(60.0 * 10, 0.0).outside == "below"
    assert once.update(60.0 * 200, 101.0) == twice.update(60.0 * 200, 101.0)


@pytest.mark.parametrize(
    "options",
    [
        {"interval": 0, "deviations": 3.0},
        {"interval": 60, "deviations": 0.0},
        {"interval": 60, "deviations": math.nan},
        {"interval": 60, "deviations": 3.0, "algorithm": "adaptive"},
        {"interval": 60, "deviations": 3.0, "seasonality": "yearly"},
    ],
)
def test_refuses_what_it_does_not_know(options):
    with pytest.raises(ValueError, match=r"must be|is hourly|is basic"):
        Detector(**options)


def test_calls_itself_an_approximation():
    assert APPROXIMATE.startswith("approximate: ")
    assert "Datadog" in APPROXIMATE
