"""Anomaly monitors with a detector that is easy to foresee, and once with the real one."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.anomaly import AnomalyQuery
from grantex_tui.datadog.monitor.model import Band, MetricQuery, Monitor, Options, Thresholds
from grantex_tui.monitoring.count.metrics import LogMetric
from grantex_tui.monitoring.evaluate.evaluator import Evaluator


METRIC = LogMetric("grantex.events", "source:grantex", {"agent": "@agent"})


class Verdict(NamedTuple):
    lower: float
    upper: float
    outside: str
    learning: bool


class Between:
    """A band from 2 to 5, after so many points."""

    def __init__(self, learns=0):
        self.learns = learns
        self.updates = []

    def update(self, start, count):
        self.updates.append((start, count))
        value = count or 0
        outside = "above" if value > 5 else "below" if value < 2 else ""
        learning = len(self.updates) <= self.learns
        return Verdict(2, 5, "" if learning else outside, learning)

    def status(self):
        return f"{len(self.updates)} points"


def anomaly(
    comparator=">=",
    critical=1.0,
    *,
    direction="above",
    alert_window=300,
    interval=60,
    zero=True,
    by=(),
    rollup=None,
    **options,
):
    metric = MetricQuery("sum", "grantex.events", "*", by, rollup=rollup)
    band = Band(
        query_window=4 * alert_window,
        metric=metric,
        algorithm="agile",
        deviations=3,
        direction=direction,
        alert_window=alert_window,
        interval=interval,
        count_default_zero=zero,
        seasonality="",
    )
    query = AnomalyQuery(band, Comparator(comparator), critical)
    recovery = options.pop("critical_recovery", None)
    limits = Thresholds(critical, options.pop("warning", None), recovery)
    return Monitor("anomaly", "query alert", "", query, options=Options(limits, **options))


def evaluator_of(monitor, detectors, learns=0, **options):
    def make(_query):
        detectors.append(Between(learns))
        return detectors[-1]

    return Evaluator([monitor], start=0, metrics=[METRIC], detector_factory=make, **options)


def run(monitor, counts, *, learns=0, until=None):
    """Counts a minute from minute 0 on."""
    evaluator = evaluator_of(monitor, [], learns)
    for minute, n in enumerate(counts):
        if n:
            evaluator.counters.add(0, minute * 60 + 30, n=n)
    transitions = evaluator.advance(until or len(counts) * 60)
    return [(t.kind, t.at // 60, t.value) for t in transitions]


def test_it_alerts_when_the_fraction_of_points_outside_reaches_the_threshold():
    assert run(anomaly(), [3, 9, 9, 9, 9, 9, 3]) == [
        ("Triggered", 6, 1.0),
        ("Recovered", 7, 0.8),
    ]
    assert run(anomaly(critical=0.4), [3, 3, 3, 3, 3, 9, 9]) == [("Triggered", 7, 0.4)]


@pytest.mark.parametrize(
    ("direction", "found"),
    [
        ("above", [("Triggered", 6)]),
        ("below", [("Triggered", 12)]),
        ("both", [("Triggered", 6)]),
    ],
)
def test_only_the_asked_side_counts(direction, found):
    counts = [3] + [9] * 5 + [3] * 1 + [0] * 5
    kinds = [(k, at) for k, at, _ in run(anomaly(direction=direction), counts) if k == "Triggered"]
    if direction == "both":
        assert kinds == [*found, ("Triggered", 12)]
    else:
        assert kinds == found


def test_critical_recovery_0_waits_until_no_point_of_the_recovery_window_is_outside():
    monitor = anomaly(critical_recovery=0.0, recovery_window=180, trigger_window=300)
    counts = [3] + [9] * 5 + [3] * 5
    assert run(monitor, counts) == [("Triggered", 6, 1.0), ("Recovered", 9, 0.4)]


def test_while_learning_it_is_no_data_and_silent():
    evaluator = evaluator_of(anomaly(), [], learns=10)
    for minute in range(30):
        evaluator.counters.add(0, minute * 60 + 30, n=9)
    assert evaluator.advance(600) == []
    shown = evaluator.snapshots()[0]
    assert (shown.state, shown.value, shown.note) == ("No Data", None, "approximate: 10 points")
    assert [(t.kind, t.at) for t in evaluator.advance(1800)] == [("Triggered", 15 * 60)]


def test_points_of_the_learning_time_are_inside():
    assert run(anomaly(critical=0.6), [9] * 10, learns=4) == [("Triggered", 7, 0.6)]


def test_a_missing_count_is_a_zero_or_no_point():
    assert run(anomaly(direction="below"), [3] * 3 + [0] * 5) == [("Triggered", 8, 1.0)]
    assert run(anomaly(direction="below", zero=False), [3] * 3 + [0] * 20) == []


def test_gaps_are_no_points_of_the_fraction():
    monitor = anomaly(critical=0.5, zero=False)
    assert run(monitor, [3, 0, 0, 0, 9]) == [("Triggered", 5, 0.5)]


def test_intervals_are_fed_once_in_order_from_the_first_log_on():
    detectors: list[Between] = []
    evaluator = evaluator_of(anomaly(alert_window=100, interval=20), detectors)
    evaluator.counters.add(0, 61, n=2)
    evaluator.counters.add(0, 80)
    evaluator.counters.add(0, 81)
    evaluator.advance(120)
    assert detectors[0].updates == [(60, 3), (80, 1), (100, None)]
    evaluator.counters.add(0, 110, n=99)
    evaluator.advance(180)
    assert detectors[0].updates[3:] == [(120, None), (140, None), (160, None)]


def test_the_metrics_own_rollup_is_the_interval():
    detectors: list[Between] = []
    evaluator = evaluator_of(anomaly(rollup=30), detectors)
    evaluator.counters.add(0, 30)
    evaluator.advance(60)
    assert [start for start, _ in detectors[0].updates] == [0, 30]


def test_a_delay_lets_late_logs_in():
    detectors: list[Between] = []
    evaluator = evaluator_of(anomaly(evaluation_delay=60), detectors)
    evaluator.counters.add(0, 30)
    evaluator.advance(60)
    assert detectors == []
    evaluator.counters.add(0, 31)
    evaluator.advance(120)
    assert detectors[0].updates == [(0, 2)]


def test_logs_from_before_the_first_tick_are_history():
    detectors: list[Between] = []

    def make(_query):
        detectors.append(Between())
        return detectors[-1]

    day = 86400
    evaluator = Evaluator([anomaly()], start=day, metrics=[METRIC], detector_factory=make)
    for minute in range(1440):
        evaluator.counters.add(0, minute * 60 + 30, n=3)
    evaluator.advance(day + 60)
    assert len(detectors[0].updates) == 1441


def test_history_of_more_than_six_weeks_is_not_looked_at():
    detectors: list[Between] = []
    week = 7 * 86400
    evaluator = evaluator_of(anomaly(alert_window=18_000, interval=3600), detectors)
    evaluator.counters.add(0, 30)
    evaluator.counters.add(0, 99 * week, n=3)
    evaluator._next = 100 * week  # nobody looks for almost two years
    evaluator.advance(100 * week)
    assert detectors[0].updates[0][0] == 99 * week - 3600


def test_every_group_has_a_series_of_its_own():
    detectors: list[Between] = []
    monitor = anomaly(by=("agent",), new_group_delay=0, critical_recovery=0.0)
    evaluator = evaluator_of(monitor, detectors)
    assert evaluator.counters.questions[0].group_by == ("@agent",)
    for minute in range(10):
        evaluator.counters.add(0, minute * 60 + 30, ("x",), None, 3)
        evaluator.counters.add(0, minute * 60 + 30, ("y",), None, 3 if minute < 5 else 9)
    transitions = evaluator.advance(600)
    assert [(t.group, t.at) for t in transitions] == [((("agent", "y"),), 600)]
    assert len(detectors) == 2


def test_a_series_is_forgotten_with_its_group():
    detectors: list[Between] = []
    monitor = anomaly(by=("agent",), group_retention_hours=1)
    evaluator = evaluator_of(monitor, detectors)
    evaluator.counters.add(0, 30, ("x",))
    evaluator.advance(3660)
    assert evaluator.snapshots()[0].groups == ()
    evaluator.counters.add(0, 3700, ("x",))
    evaluator.advance(3720)
    assert len(detectors) == 2


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60),
    st.sampled_from([60, 120, 300]),
    st.sampled_from(["above", "below", "both"]),
    st.sampled_from([0.2, 0.5, 1.0]),
    st.sampled_from([None, 0.0, 0.3]),
    st.sampled_from([120, 300]),
)
def test_transitions_are_those_of_the_definition(
    counts, interval, direction, critical, recovery, recovery_window
):
    alert_window = 600
    monitor = anomaly(
        critical=critical,
        direction=direction,
        alert_window=alert_window,
        interval=interval,
        critical_recovery=recovery,
        recovery_window=recovery_window,
    )
    per = interval // 60
    sums = [sum(counts[i : i + per]) for i in range(0, len(counts) - per + 1, per)]
    first = next((i for i, total in enumerate(sums) if total), len(sums))
    outside = [
        (direction != "below" and total > 5) or (direction != "above" and total < 2)
        for total in sums
    ]
    state, expected = "OK", []
    for minute in range(1, len(counts) + 1):
        points = outside[first : minute // per]
        if not points:
            continue

        def share(length, points=points):
            recent = points[-max(1, length // interval) :]
            return sum(recent) / len(recent)

        fraction = share(alert_window)
        holds = state == "Alert" and recovery is not None and share(recovery_window) > recovery
        after = "Alert" if fraction >= critical or holds else "OK"
        if after != state:
            expected.append(("Triggered" if after == "Alert" else "Recovered", minute, fraction))
        state = after
    assert run(monitor, counts) == expected


def test_with_the_real_detector_a_burst_after_a_steady_day_alerts():
    monitor = anomaly(critical=1.0, critical_recovery=0.0, trigger_window=300, recovery_window=300)
    evaluator = Evaluator([monitor], start=0, metrics=[METRIC])
    rng = random.Random(1)
    minutes = 24 * 60
    for minute in range(minutes + 60):
        mean = 40 if minutes <= minute < minutes + 10 else 5
        evaluator.counters.add(0, minute * 60 + 30, n=max(1, round(rng.gauss(mean, mean**0.5))))
    transitions = evaluator.advance((minutes + 60) * 60)
    assert [t.kind for t in transitions] == ["Triggered", "Recovered"]
    assert minutes + 4 <= transitions[0].at / 60 <= minutes + 6
    assert evaluator.snapshots()[0].note.startswith("approximate: ")
