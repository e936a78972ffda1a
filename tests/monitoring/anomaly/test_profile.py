from __future__ import annotations

from collections import deque
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly.profile import FLAT, Profile, profiles_of, typical


BINS = 6
HOURS = 4  # a bin of the little season below


def little() -> Profile:
    return Profile(BINS * HOURS * 3600, HOURS * 3600)


def brute(means: list[float]) -> list[float]:
    """Each bin's typical deviation, from all means at once."""
    kept: list[list[float]] = [[] for _ in range(BINS)]
    for at, mean in enumerate(means):
        last = max(at + 1, BINS)  # the first season is judged when it is over
        if last <= len(means):
            season = means[last - BINS : last]
            kept[at % BINS].append(mean - sum(season) / BINS)
    return [
        0.0 if not values else min(values, key=abs) if len(values) == 2 else median(values)
        for values in ([*values[-6:]] for values in kept)
    ]


@given(st.lists(st.floats(-50, 50), max_size=60))
def test_agrees_with_its_brute_force_twin(means):
    profile = little()
    for at, mean in enumerate(means):
        profile.close(at % BINS, mean, 0.0)
    courses = [profile.course(place, 1.0, first=False, last=False) for place in range(BINS)]
    assert [course.value for course in courses] == pytest.approx(brute(means), abs=1e-9)


def five_minutes(values: dict[int, float], seasons: int = 3) -> Profile:
    """A day of five-minute bins, 0 but for some."""
    profile = Profile(86_400, 300)
    for _ in range(seasons):
        for place in range(288):
            profile.close(place, values.get(place, 0.0), 0.0)
    return profile


def test_of_two_seasons_the_deviation_nearer_zero_counts():
    assert typical(deque([9.0, 0.5])) == 0.5
    assert typical(deque([9.0, 0.5, 8.0])) == 8.0


def test_says_nothing_before_a_whole_season():
    profile = Profile(86_400, 300)
    for place in range(287):
        profile.close(place, float(place), 0.0)
    assert profile.course(5, 1.0, first=True, last=True) == FLAT
    assert profile.seasons < 1.0


def test_smooths_small_steps_and_keeps_sharp_edges():
    small = five_minutes(dict.fromkeys(range(100, 120), 1.5))
    before = small.course(99, 1.0, first=False, last=False).value
    assert 0.2 < before < 0.8
    sharp = five_minutes(dict.fromkeys(range(100, 120), 9.0))
    assert sharp.course(99, 1.0, first=False, last=False).value == pytest.approx(-0.625)
    assert sharp.course(100, 1.0, first=False, last=False).value == pytest.approx(8.375)


def test_next_to_an_edge_either_side_is_normal_and_further_in_only_one():
    profile = five_minutes(dict.fromkeys(range(100, 120), 9.0))
    at_edge = profile.course(100, 1.0, first=True, last=False)
    assert at_edge.edge
    assert (at_edge.low, at_edge.high) == pytest.approx((-0.625, 8.375))
    within = profile.course(100, 1.0, first=False, last=True)
    assert within.low == within.high == pytest.approx(8.375)
    assert not profile.course(110, 1.0, first=True, last=True).edge


def test_a_bin_that_holds_the_edge_itself_allows_both_sides_all_through():
    profile = five_minutes({99: 4.0, **dict.fromkeys(range(100, 120), 9.0)})
    course = profile.course(99, 1.0, first=False, last=False)
    assert course.low < 0.0
    assert course.high > 8.0


def test_an_anomaly_that_comes_back_a_season_later_is_kept_from_then_on():
    once, habit = five_minutes({}), five_minutes({})
    for day in range(6):
        for place in range(288):
            anomaly = 9.0 if place == 50 else 0.0
            habit.close(place, 0.0, anomaly)
            once.close(place, 0.0, anomaly if day == 2 else 0.0)
    assert once.course(50, 1.0, first=False, last=False).value == pytest.approx(0.0)
    assert habit.course(50, 1.0, first=False, last=False).value > 8.0


def test_hourly_bins_are_not_smoothed():
    profile = Profile(86_400, 3600)
    for _ in range(3):
        for hour in range(24):
            profile.close(hour, 12.0 if hour == 9 else 0.0, 0.0)
    course = profile.course(9, 1.0, first=True, last=True)
    assert course.value == course.low == pytest.approx(11.5)


@pytest.mark.parametrize(
    ("seasonality", "interval", "names"),
    [
        ("", 60, ["daily", "weekly"]),
        ("daily", 60, ["daily"]),
        ("weekly", 300, ["weekly"]),
        ("hourly", 60, ["hourly"]),
        ("hourly", 3600, []),
        ("", 86_400, ["weekly"]),
        ("", 7000, []),
    ],
)
def test_which_profiles_compete(seasonality, interval, names):
    assert [name for name, _ in profiles_of(seasonality, interval)] == names
