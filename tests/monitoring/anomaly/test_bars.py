"""A short version of ``make bench-anomaly``: looser than its bars, tight enough for a broken part."""

from __future__ import annotations

import pytest

from tests.bench import anomaly_series as made
from tests.bench.anomaly_score import Score, judged, three_of_five


pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("rate", "most"), [(0.2, 16), (1.0, 18), (20.0, 26), (500.0, 32)])
def test_without_an_anomaly_few_minutes_are_outside(rate, most):
    (series,) = made.quiet(11, "daily", (rate,))
    outside = judged(series, "ours").outside
    assert 1e4 * sum(outside) / len(outside) <= most
    assert not any(three_of_five(outside))


def test_spikes_are_found_almost_as_well_as_the_oracle_does():
    ours, oracle = Score(), Score()
    for series in made.spikes(11, rates=(20.0,)):
        for verdicts, score in ((judged(series, "ours"), ours), (judged(series, "oracle"), oracle)):
            score.add(three_of_five(verdicts.outside), series.labels, 2 * made.WEEK)
    assert ours.found >= 0.85 * oracle.found
    assert ours.false_a_week <= 0.5


def test_drops_are_found_almost_as_well_as_the_oracle_does():
    ours, oracle = Score(), Score()
    for series in made.drops(11, rates=(100.0,)):
        for verdicts, score in ((judged(series, "ours"), ours), (judged(series, "oracle"), oracle)):
            score.add(three_of_five(verdicts.outside), series.labels, 2 * made.WEEK)
    assert ours.found >= 0.85 * oracle.found
    assert ours.false_a_week <= 0.7


def test_missing_jobs_are_found_and_jobs_are_no_alarm():
    score = Score()
    for series in made.jobs(11):
        if series.rate == 20.0:
            flags = three_of_five(judged(series, "ours").outside)
            score.add(flags, series.labels, made.WEEK)
    assert score.found >= 3
    assert score.false_a_week <= 0.3


def test_a_job_that_scales_with_the_day_is_no_alarm():
    (series,) = made.scaling_job(11, rates=(20.0,))
    score = Score()
    score.add(three_of_five(judged(series, "ours").outside), series.labels, made.WEEK)
    assert score.false == 0


@pytest.mark.parametrize("hours", [2, 24])
def test_a_short_recording_is_enough_for_a_burst(hours):
    score = Score()
    for series in made.cold_starts(11, hours):
        score.add(judged(series, "ours").outside, series.labels, 0, reach=0)
    assert score.recall >= 0.7


def test_counts_of_the_generator_are_poisson():
    for rate in (0.2, 5.0, 20.0, 500.0):
        counts = made.series("check", 11, rate, "flat", minutes=20_000).counts
        mean = sum(counts) / len(counts)
        variance = sum((count - mean) ** 2 for count in counts) / len(counts)
        assert mean == pytest.approx(rate, rel=0.05)
        assert variance == pytest.approx(rate, rel=0.06)
