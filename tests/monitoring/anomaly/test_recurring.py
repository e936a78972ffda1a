from __future__ import annotations

import random

import pytest

from grantex_tui.monitoring.anomaly.recurring import Recurring


MEAN = 20.0


def hours(recurring: Recurring, residuals, *, minute: int = 7) -> float:
    for hour, residual in enumerate(residuals):
        recurring.learn(hour * 3600.0 + minute * 60, MEAN + residual, MEAN, 1.0)
    return recurring.effect(99 * 3600.0 + minute * 60, MEAN)


def test_a_job_every_hour_is_expected_from_the_third_time_on():
    assert hours(Recurring(60), [10.0, 10.0]) == 0.0
    assert hours(Recurring(60), [10.0, 10.0, 10.0]) == pytest.approx(10.0)


def test_only_at_its_minute():
    recurring = Recurring(60)
    hours(recurring, [10.0] * 5)
    assert recurring.effect(99 * 3600.0 + 8 * 60, MEAN) == 0.0


def test_a_job_once_a_day_is_no_hourly_job():
    assert hours(Recurring(60), [30.0 if hour % 24 == 3 else 0.0 for hour in range(72)]) == 0.0


def test_a_missing_run_does_not_shake_it():
    assert hours(Recurring(60), [10.0] * 20 + [0.0]) == pytest.approx(10.0)


def test_chance_is_no_job():
    draw = random.Random(1)
    recurring = Recurring(60)
    wrong = 0
    for hour in range(24 * 14):
        for minute in range(60):
            wrong += recurring.effect(hour * 3600.0 + minute * 60, MEAN) != 0.0
            recurring.learn(hour * 3600.0 + minute * 60, draw.gauss(MEAN, 1), MEAN, 1.0)
    assert wrong <= 60


def test_a_job_that_stops_is_forgotten_within_a_day():
    assert hours(Recurring(60), [10.0] * 30 + [0.0] * 20) == 0.0


@pytest.mark.parametrize("interval", [3600, 7200, 7])
def test_intervals_that_do_not_divide_the_hour_have_no_effect(interval):
    assert hours(Recurring(interval), [10.0] * 9) == 0.0 or interval == 7


def by_day(hour: int) -> float:
    """Seventeen times as much at noon as at midnight."""
    return 10.0 + 160.0 * (hour % 24) / 23.0


@pytest.mark.parametrize(
    "job", [lambda mean: 3.0 * mean, lambda mean: 60.0], ids=["scales", "is the same"]
)
def test_whether_a_job_scales_with_the_day_is_found_out(job):
    recurring = Recurring(60)
    for hour in range(72):
        mean, start = by_day(hour), hour * 3600.0
        if hour >= 24:
            assert recurring.effect(start, mean) == pytest.approx(job(mean), rel=0.05)
        recurring.learn(start, mean + job(mean), mean, mean**0.5)


def test_a_job_that_begins_to_scale_is_followed_within_a_day():
    recurring = Recurring(60)
    for hour in range(96):
        mean = by_day(hour)
        job = 60.0 if hour < 48 else 3.0 * mean
        recurring.learn(hour * 3600.0, mean + job, mean, mean**0.5)
    assert recurring.effect(0.0, 10.0) == pytest.approx(30.0, rel=0.1)


def test_a_forecast_of_nothing_is_divided_by_safely():
    recurring = Recurring(60)
    for hour in range(30):
        recurring.learn(hour * 3600.0, 9.0, 0.0, 1.0)
    assert recurring.effect(0.0, 0.0) == pytest.approx(9.0)
