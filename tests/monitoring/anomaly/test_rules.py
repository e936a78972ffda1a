"""What each part of the algorithm is for, on counts by the minute."""

from __future__ import annotations

import math
import random

import pytest

from grantex_tui.monitoring.anomaly import Detector
from tests.bench.anomaly_series import poisson


DAY = 1440


def counts_of(rate, minutes: int, seed: int = 1) -> list[int]:
    draw = random.Random(seed)
    return [poisson(draw, rate(at)) for at in range(minutes)]


def judged(counts, detector: Detector | None = None, **options):
    detector = detector or Detector(interval=60, deviations=3.0, **options)
    return [detector.update(60.0 * at, float(count)) for at, count in enumerate(counts)]


def outside(points, first: int, last: int) -> int:
    return sum(point.outside != "" for point in points[first:last])


def curve(at: int) -> float:
    return 1.0 + 0.7 * math.cos(2 * math.pi * at / DAY)


def test_a_level_shift_is_flagged_then_adopted_after_half_an_hour():
    points = judged(counts_of(lambda at: 50.0 if at < 500 else 120.0, 700))
    assert outside(points, 500, 529) == 29
    assert outside(points, 531, 700) <= 2
    assert points[560].expected == pytest.approx(120.0, rel=0.1)


def test_after_a_shift_that_was_none_the_old_level_is_back_within_two_points():
    points = judged(counts_of(lambda at: 120.0 if 500 <= at < 560 else 50.0, 700))
    assert outside(points, 560, 562) == 2
    assert outside(points, 562, 700) <= 2
    assert points[565].expected == pytest.approx(50.0, rel=0.1)


def test_coarse_intervals_adopt_after_eight_points():
    detector = Detector(interval=300, deviations=3.0)
    counts = counts_of(lambda at: 50.0 if at < 300 else 200.0, 330)
    points = [detector.update(300.0 * at, float(count)) for at, count in enumerate(counts)]
    assert outside(points, 300, 308) == 8
    assert outside(points, 309, 330) <= 1


def test_robust_does_not_adopt_a_shift_within_a_day():
    points = judged(
        counts_of(lambda at: 50.0 if at < 500 else 400.0, 500 + DAY), algorithm="robust"
    )
    assert outside(points, 500, 500 + DAY) > 0.95 * DAY


def test_robust_adopts_a_shift_after_two_days():
    points = judged(
        counts_of(lambda at: 50.0 if at < 500 else 400.0, 600 + 2 * DAY), algorithm="robust"
    )
    assert points[-1].outside == ""
    assert points[-1].expected == pytest.approx(400.0, rel=0.1)


def test_an_anomaly_neither_widens_the_band_nor_poisons_the_next_day():
    def rate(at: int) -> float:
        if 3 * DAY + 600 <= at < 3 * DAY + 660:
            return 400.0
        return 80.0 if 4 * DAY + 625 <= at < 4 * DAY + 635 else 20.0

    points = judged(counts_of(rate, 4 * DAY + 700))
    assert points[3 * DAY + 780].upper < 50.0
    assert points[4 * DAY + 630].expected < 30.0
    assert outside(points, 4 * DAY + 625, 4 * DAY + 635) == 10


def test_a_daily_curve_is_learnt_and_a_drop_at_its_height_is_found():
    def rate(at: int) -> float:
        return 40.0 * curve(at) * (0.3 if 5 * DAY - 5 <= at < 5 * DAY + 10 else 1.0)

    detector = Detector(interval=60, deviations=3.0)
    points = judged(counts_of(rate, 5 * DAY + 60), detector)
    assert detector.status() == "daily pattern"
    assert points[4 * DAY + 720].expected == pytest.approx(12.0, rel=0.25)
    assert outside(points, 5 * DAY - 5, 5 * DAY + 10) >= 12


def test_a_recurring_edge_is_no_anomaly_from_the_fourth_day_on():
    def rate(at: int) -> float:
        return 100.0 if at % DAY >= 543 else 10.0  # not where a bin ends

    counts = counts_of(rate, 7 * DAY)
    points = judged(counts)
    edges = [day * DAY + 543 for day in range(4, 7)]
    assert sum(outside(points, edge - 5, edge + 10) for edge in edges) <= 2
    counts[6 * DAY + 540 : 6 * DAY + 543] = [100, 100, 100]  # three minutes early: still normal
    assert outside(judged(counts), 6 * DAY + 540, 6 * DAY + 543) == 0


def test_a_new_daily_job_becomes_normal_within_four_days_and_its_absence_is_found():
    def rate(at: int) -> float:
        return 100.0 if 600 <= at % DAY < 615 and at // DAY != 7 else 10.0

    points = judged(counts_of(rate, 8 * DAY))
    assert outside(points, 600, 615) > 0
    assert outside(points, 6 * DAY + 600, 6 * DAY + 615) <= 1
    assert outside(points, 7 * DAY + 602, 7 * DAY + 613) >= 9


def test_a_cron_minute_is_expected_from_the_fourth_hour_on_and_missed_when_it_fails():
    def rate(at: int) -> float:
        return 80.0 if at % 60 == 13 and at != 20 * 60 + 13 else 10.0

    points = judged(counts_of(rate, 24 * 60))
    for hour in (1, 2):
        assert points[hour * 60 + 13].outside == "above"
    assert sum(points[hour * 60 + 13].outside != "" for hour in range(5, 20)) <= 1
    assert points[20 * 60 + 13].outside == "below"


def test_sparse_counts_have_no_lower_bound_and_flag_only_what_is_rare():
    points = judged(counts_of(lambda at: 0.2, 4 * DAY))
    assert {point.lower for point in points} == {0.0}
    assert outside(points, 0, len(points)) <= 15


def test_a_series_that_was_always_silent_still_notices_a_burst():
    detector = Detector(interval=60, deviations=3.0)
    judged([0] * 500, detector)
    assert detector.update(60.0 * 500, 1.0).outside == ""
    assert detector.update(60.0 * 501, 20.0).outside == "above"


def test_an_autocorrelated_series_does_not_flag_all_the_time():
    draw = random.Random(2)
    level, counts = 0.0, []
    for _ in range(3 * DAY):
        level = 0.95 * level + draw.gauss(0, 0.1)
        counts.append(poisson(draw, 50.0 * math.exp(level)))
    assert outside(judged(counts), 0, 3 * DAY) < 0.01 * 3 * DAY


@pytest.mark.parametrize("dispersion", [4.0, 40.0])
def test_overdispersed_counts_get_a_band_as_wide_as_they_scatter(dispersion):
    draw = random.Random(2)
    counts = [max(0, round(draw.gauss(1000, math.sqrt(1000 * dispersion)))) for _ in range(5 * DAY)]
    assert outside(judged(counts), DAY, 5 * DAY) < 0.006 * 4 * DAY


@pytest.mark.parametrize(
    ("seasonality", "days", "text"),
    [
        ("", 0.26, "recent level only (6.2 hours of history; a daily pattern needs 3 days)"),
        ("", 2.4, "daily pattern, 2.4 days (provisional, 3 needed)"),
        ("", 3.1, "daily pattern"),
        ("daily", 3.1, "daily pattern"),
        ("weekly", 3.1, "recent level only (3.1 days of history; a weekly pattern needs 3 weeks)"),
    ],
)
def test_the_status_says_what_the_forecast_rests_on(seasonality, days, text):
    detector = Detector(interval=60, deviations=3.0, seasonality=seasonality)
    judged(counts_of(lambda at: 60.0 * curve(at), round(days * DAY)), detector)
    assert detector.status() == text


def test_a_weekly_pattern_is_found_in_the_fourth_week():
    detector = Detector(interval=3600, deviations=3.0)
    draw = random.Random(4)
    for at in range(4 * 168):
        rate = 900.0 * curve(at * 60) * (0.3 if at % 168 >= 120 else 1.0)
        detector.update(3600.0 * at, float(poisson(draw, rate)))
    assert detector.status() == "weekly pattern"


def test_the_first_points_do_not_fix_the_level_to_an_outlier():
    points = judged([5000, *counts_of(lambda at: 50.0, 100)])
    assert points[30].expected == pytest.approx(50.0, rel=0.15)
