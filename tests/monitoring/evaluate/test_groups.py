from __future__ import annotations

import pytest

from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.machine import GroupMachine


HOUR = 3600


def states(evaluator):
    return {g.group[0][1]: g.state for g in evaluator.snapshots()[0].groups}


def test_a_group_leaves_after_its_retention(log_alert):
    monitor = log_alert(by=("agent",), new_group_delay=0, group_retention_hours=1)
    evaluator = Evaluator([monitor], start=0)
    evaluator.counters.add(0, 30, ("a",))
    assert evaluator.advance(300 + HOUR - 60) == []
    assert states(evaluator) == {"a": "OK"}
    assert evaluator.advance(300 + HOUR) == []
    assert states(evaluator) == {}


def test_an_alert_of_a_group_that_leaves_ends_unheard(log_alert, replay):
    monitor = log_alert(
        ">", 3.0, method="avg", by=("agent",), new_group_delay=0, group_retention_hours=1
    )
    transitions = replay(monitor, [(30, ("a",), 9.0)], 2 * HOUR)
    assert [(t.kind, t.at, t.notify) for t in transitions] == [
        ("Triggered", 60, True),
        ("Recovered", 300 + HOUR, False),
    ]


def test_a_group_that_comes_back_within_a_day_is_not_new(log_alert, replay):
    monitor = log_alert(
        ">", 0.0, by=("agent",), new_group_delay=600, group_retention_hours=1, window=60
    )
    day = 24 * HOUR
    back = 60 + day - 60
    found = [t.at for t in replay(monitor, [(30, ("a",)), (back, ("a",))], 2 * day)]
    assert found == [back, back + 60]


def test_a_group_is_new_again_after_a_day_out_of_sight(log_alert, replay):
    monitor = log_alert(
        ">", 0.0, by=("agent",), new_group_delay=600, group_retention_hours=72, window=60
    )
    back = 60 + 24 * HOUR
    assert replay(monitor, [(30, ("a",)), (back, ("a",))], 2 * 24 * HOUR) == []


def test_groups_at_rest_cost_nothing(log_alert, monkeypatch):
    evaluator = Evaluator([log_alert(by=("agent",), new_group_delay=0)], start=0)
    for number in range(1000):
        evaluator.counters.add(0, 30, (f"a{number}",))
    evaluator.advance(420)
    steps = []
    step = GroupMachine.step

    def counted(self, *arguments):
        steps.append(self.group)
        return step(self, *arguments)

    monkeypatch.setattr(GroupMachine, "step", counted)
    evaluator.counters.add(0, 470, ("a7",))
    evaluator.advance(480)
    assert steps == [(("agent", "a7"),)]
    assert len(states(evaluator)) == 1000


def test_groups_whose_logs_stay_the_same_cost_nothing_either(log_alert, monkeypatch):
    evaluator = Evaluator([log_alert(by=("agent",), new_group_delay=0, window=300)], start=0)
    for name in ("a", "b"):
        evaluator.counters.add(0, 30, (name,))
    evaluator.advance(120)
    steps = []
    step = GroupMachine.step

    def counted(self, at, *arguments):
        steps.append((at, *self.group))
        return step(self, at, *arguments)

    monkeypatch.setattr(GroupMachine, "step", counted)
    evaluator.advance(300)
    assert steps == []
    evaluator.counters.add(0, 330, ("b",))
    evaluator.advance(420)
    assert sorted(steps) == [(360, ("agent", "a")), (360, ("agent", "b"))]


def test_a_silent_group_whose_alert_is_repeated_does_not_rest(log_alert, replay):
    monitor = log_alert(
        ">", 3.0, method="avg", by=("agent",), new_group_delay=0, renotify_interval=60
    )
    transitions = replay(monitor, [(30, ("a",), 9.0)], 3 * HOUR)
    assert [(t.kind, t.at) for t in transitions] == [
        ("Triggered", 60),
        ("Re-Triggered", 60 + HOUR),
        ("Re-Triggered", 60 + 2 * HOUR),
    ]


def test_a_group_beyond_the_limits_counts_as_silent(log_alert, replay):
    monitor = log_alert(">", 1.0, by=("agent",), limits=(1,), new_group_delay=0, window=60)
    logs = [(30, ("a",), None, 5), (90, ("a",), None, 5), (90, ("b",), None, 6)]
    transitions = replay(monitor, logs, 120)
    assert [(t.group[0][1], t.kind, t.at) for t in transitions] == [
        ("a", "Triggered", 60),
        ("a", "Recovered", 120),
        ("b", "Triggered", 120),
    ]


@pytest.mark.parametrize(
    ("comparator", "option", "state"),
    [
        (">", "default", "OK"),
        ("<", "default", "No Data"),
        (">", "show_no_data", "No Data"),
        (">", "resolve", "OK"),
    ],
)
def test_without_any_group_a_monitor_is_what_an_empty_result_means(
    log_alert, comparator, option, state
):
    monitor = log_alert(comparator, 1.0, by=("agent",), on_missing_data=option)
    evaluator = Evaluator([monitor], start=0)
    evaluator.advance(600)
    assert evaluator.snapshots()[0].state == state


def test_the_legacy_pair_reports_no_data_after_its_own_time(log_alert, replay):
    monitor = log_alert(notify_no_data=True, no_data_timeframe=20)
    transitions = replay(monitor, [(30,), (7200,)], 7200)
    assert [(t.kind, t.at) for t in transitions] == [("No Data", 300 + 1200), ("Recovered", 7200)]


def test_the_legacy_pair_waits_for_two_windows_by_default(log_alert, replay):
    monitor = log_alert(notify_no_data=True)
    assert replay(monitor, [(30,)], 7200)[0].at == 300 + 600


def test_on_missing_data_wins_over_the_legacy_pair(log_alert, replay):
    monitor = log_alert(notify_no_data=True, on_missing_data="resolve")
    assert replay(monitor, [(30,)], 7200) == []
