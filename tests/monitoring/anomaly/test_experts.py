from __future__ import annotations

import pytest

from grantex_tui.monitoring.anomaly.experts import Expert, best
from grantex_tui.monitoring.anomaly.level import Level
from grantex_tui.monitoring.anomaly.profile import Course, Profile
from grantex_tui.monitoring.anomaly.words import basis, length


def experts(seasons: float, level_error: float, daily_error: float) -> list[Expert]:
    profile = Profile(86_400, 300)
    for at in range(round(seasons * 288)):
        profile.close(at % 288, 0.0, 0.0)
    both = [
        Expert("recent level", Level(0.0)),
        Expert("daily", Level(0.0), profile),
    ]
    both[0].error, both[1].error = level_error, daily_error
    return both


@pytest.mark.parametrize(
    ("seasons", "daily_error", "name"),
    [
        (1.9, 0.1, "recent level"),  # too little history, however good
        (2.1, 0.96, "daily"),  # provisional: must be 3 % better
        (2.1, 0.98, "recent level"),
        (3.0, 1.02, "daily"),  # from three on it may be 3 % worse
        (3.0, 1.04, "recent level"),
    ],
)
def test_which_expert_forecasts(seasons, daily_error, name):
    assert best(experts(seasons, 1.0, daily_error)).name == name


def test_a_residual_counts_from_the_nearest_normal_side_of_an_edge():
    expert = experts(0, 1.0, 1.0)[0]
    expert.course = Course(5.0, 0.0, 5.0, edge=True)
    assert [expert.residual(x) for x in (-2.0, 0.0, 3.0, 5.0, 6.0)] == [-2.0, 0.0, 0.0, 0.0, 1.0]


def test_a_residual_elsewhere_is_the_distance_from_the_forecast():
    expert = experts(0, 1.0, 1.0)[0]
    expert.course = Course(5.0, 5.0, 5.0)
    assert [expert.residual(x) for x in (3.0, 5.0, 6.0)] == [-2.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("seasons", "chosen", "text"),
    [
        (0.5, 0, "recent level only (12.0 hours of history; a daily pattern needs 3 days)"),
        (2.5, 1, "daily pattern, 2.5 days (provisional, 3 needed)"),
        (3.5, 1, "daily pattern"),
        (3.5, 0, "recent level only (a daily pattern does not predict better)"),
    ],
)
def test_says_which_pattern_or_why_none(seasons, chosen, text):
    both = experts(seasons, 1.0, 1.0)
    assert basis(both, both[chosen], seasons * 86_400) == text


def test_without_a_season_to_look_for_it_just_says_so():
    (alone,) = experts(0, 1.0, 1.0)[:1]
    assert basis([alone], alone, 9999.0) == "recent level only"


@pytest.mark.parametrize(
    ("seconds", "text"), [(2700, "45 minutes"), (22_320, "6.2 hours"), (207_360, "2.4 days")]
)
def test_lengths_read_well(seconds, text):
    assert length(seconds) == text
