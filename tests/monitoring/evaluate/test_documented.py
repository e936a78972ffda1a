"""The worked examples and tables of Datadog's own pages, one test each."""

from __future__ import annotations

import pytest

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.monitoring.evaluate.machine import GroupMachine
from grantex_tui.monitoring.evaluate.missing import Absent, Outcome
from grantex_tui.monitoring.evaluate.rule import Rule
from grantex_tui.monitoring.evaluate.states import State


OK, WARN, ALERT, NO_DATA = State.OK, State.WARN, State.ALERT, State.NO_DATA
MINUTES, HOURS = 60, 3600


@pytest.mark.parametrize(
    ("window", "period"),
    [
        (5 * MINUTES, 1 * MINUTES),
        (24 * HOURS - MINUTES, 1 * MINUTES),
        (24 * HOURS, 10 * MINUTES),
        (48 * HOURS - MINUTES, 10 * MINUTES),
        (48 * HOURS, 30 * MINUTES),
    ],
)
def test_evaluation_frequency_by_window(window, period):
    assert period_of(window) == period


@pytest.mark.parametrize(
    ("comparator", "alert", "recovery", "held", "recovered"),
    [
        (">", 100.0, 80.0, 81.0, 80.0),
        (">=", 100.0, 80.0, 80.0, 79.0),
        ("<", 10.0, 20.0, 19.0, 20.0),
        ("<=", 10.0, 20.0, 20.0, 21.0),
    ],
)
@pytest.mark.parametrize("status", ["critical", "warning"])
def test_recovery_table(comparator, alert, recovery, held, recovered, status):
    beyond = alert + 1 if comparator.startswith(">") else alert - 1
    never = 1e9 if comparator.startswith(">") else -1e9
    if status == "critical":
        limits, state = Thresholds(critical=alert, critical_recovery=recovery), ALERT
    else:
        limits = Thresholds(critical=never, warning=alert, warning_recovery=recovery)
        state = WARN
    machine = GroupMachine(Rule(Comparator(comparator), limits))
    machine.step(0, beyond)
    assert machine.state is state
    machine.step(60, held)
    assert machine.state is state
    machine.step(120, recovered)
    assert machine.state is OK


@pytest.mark.parametrize(
    ("comparator", "value"), [(">", 100), (">=", 99), ("<", 100), ("<=", 101), ("==", 99)]
)
def test_without_a_recovery_threshold_it_recovers_as_soon_as_the_condition_is_false(
    comparator, value
):
    machine = GroupMachine(Rule(Comparator(comparator), Thresholds(critical=100)))
    beyond = {">": 101, ">=": 100, "<": 99, "<=": 100, "==": 100}
    machine.step(0, beyond[comparator])
    assert machine.state is ALERT
    machine.step(60, value)
    assert machine.state is OK


def test_with_a_warning_an_alert_drops_to_warn_in_spite_of_its_recovery_threshold():
    limits = Thresholds(critical=100, warning=50, critical_recovery=80)
    machine = GroupMachine(Rule(Comparator(">"), limits))
    machine.step(0, 120)
    machine.step(60, 90)
    assert machine.state is WARN


@pytest.mark.parametrize(
    ("method", "option", "state", "notified"),
    [
        ("count", "default", OK, ["Triggered", "Recovered"]),
        ("sum", "default", OK, ["Triggered", "Recovered"]),
        ("avg", "default", ALERT, ["Triggered"]),
        ("cardinality", "default", ALERT, ["Triggered"]),
        ("count", "show_no_data", NO_DATA, ["Triggered"]),
        ("count", "show_and_notify_no_data", NO_DATA, ["Triggered", "No Data"]),
        ("avg", "show_and_notify_no_data", NO_DATA, ["Triggered", "No Data"]),
        ("count", "resolve", OK, ["Triggered", "Recovered"]),
        ("avg", "resolve", OK, ["Triggered", "Recovered"]),
    ],
)
def test_missing_data_table(log_alert, replay, method, option, state, notified):
    monitor = log_alert(">", 0.0, method=method, on_missing_data=option)
    value = None if method == "count" else 5.0
    transitions = replay(monitor, [(30, (), value)], 600)
    assert [t.kind for t in transitions if t.notify] == notified
    assert transitions[-1].destination is state


def test_a_count_above_never_goes_no_data(log_alert, replay):
    assert replay(log_alert(">", 10.0), [(30,)], 7200) == []


def test_a_count_below_one_alerts_on_silence(log_alert, replay):
    transitions = replay(log_alert("<", 1.0), [(30,)], 900)
    assert [(t.kind, t.at, t.value) for t in transitions] == [("Triggered", 360, 0.0)]


def test_data_must_have_been_evaluated_once_before_it_can_be_missing(log_alert, replay):
    monitor = log_alert(on_missing_data="show_and_notify_no_data")
    assert replay(monitor, [], 7200) == []
    transitions = replay(monitor, [(3600,)], 7200)
    assert [(t.kind, t.at) for t in transitions] == [("No Data", 3900)]


def test_at_seven_a_delay_of_900_with_a_window_of_5_minutes_looks_at_6_40_to_6_45(
    log_alert, replay
):
    monitor = log_alert(">", 0.0, evaluation_delay=900)
    seven = 7 * HOURS

    def value_at_seven(second):
        evaluations: list = []
        replay(monitor, [(second,)], seven, start=seven - 1, on_evaluation=evaluations.append)
        return [e.outcome for e in evaluations if e.at == seven]

    at_6_40, at_6_45 = 6 * HOURS + 40 * MINUTES, 6 * HOURS + 45 * MINUTES
    assert value_at_seven(at_6_40) == [0.0]
    assert value_at_seven(at_6_40 + 1) == [1]
    assert value_at_seven(at_6_45) == [1]
    assert value_at_seven(at_6_45 + 1) == [0.0]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (OK, WARN, "Warn"),
        (OK, ALERT, "Triggered"),
        (OK, NO_DATA, "No Data"),
        (WARN, ALERT, "Triggered"),
        (ALERT, WARN, "Warn"),
        (ALERT, OK, "Recovered"),
        (WARN, OK, "Recovered"),
        (NO_DATA, OK, "Recovered"),
        (NO_DATA, ALERT, "Triggered"),
        (ALERT, ALERT, "Re-Triggered"),
        (WARN, WARN, "Re-Warn"),
        (NO_DATA, NO_DATA, "Re-No Data"),
    ],
)
def test_notification_table(before, after, kind):
    found: dict[State, Outcome] = {OK: 0.0, WARN: 6.0, ALERT: 11.0, NO_DATA: Absent.NOTIFY}
    rule = Rule(
        Comparator(">"),
        Thresholds(critical=10, warning=5),
        renotify_every=60,
        renotify_states=frozenset({WARN, ALERT, NO_DATA}),
    )
    machine = GroupMachine(rule)
    machine.step(0, found[OK])
    machine.step(60, found[before])
    transition = machine.step(120, found[after])
    assert transition is not None
    assert (transition.kind, transition.notify) == (kind, True)
    assert (transition.source, transition.destination) == (before, after)


def test_first_and_last_triggered_of_t1_to_t4():
    machine = GroupMachine(Rule(Comparator(">"), Thresholds(critical=10, warning=5)))
    story: list[tuple[float, Outcome]]
    story = [(0, 0.0), (100, 6.0), (200, 11.0), (300, Absent.NOTIFY), (400, 0.0), (500, 6.0)]
    steps = [machine.step(at, outcome) for at, outcome in story]
    t1, t2, t3, t4, again = [step for step in steps if step is not None]
    assert [t.destination for t in (t1, t2, t3, t4)] == [WARN, ALERT, NO_DATA, OK]
    assert [t.first_triggered_at for t in (t1, t2, t3, t4)] == [100] * 4
    assert [t.last_triggered_at for t in (t1, t2, t3, t4)] == [100, 200, 300, 300]
    assert (again.first_triggered_at, again.last_triggered_at) == (500, 500)


def test_grouped_below_alerts_for_a_group_that_has_logs_and_is_under(log_alert, replay):
    monitor = log_alert("<", 3.0, by=("agent",), new_group_delay=0)
    logs = [(30, ("a",), None, 1), (30, ("b",), None, 9)]
    transitions = replay(monitor, logs, 60)
    assert [(t.group, t.kind) for t in transitions] == [((("agent", "a"),), "Triggered")]


def test_grouped_below_does_not_see_one_group_go_silent(log_alert, replay):
    monitor = log_alert("<", 3.0, by=("agent",), new_group_delay=0)
    logs = [(30, ("a",), None, 9)] + [(s, ("b",), None, 9) for s in range(30, 3600, 60)]
    assert replay(monitor, logs, 3600) == []


def test_grouped_below_alerts_for_every_group_if_none_has_logs(log_alert, replay):
    monitor = log_alert("<", 3.0, by=("agent",), new_group_delay=0)
    logs = [(30, ("a",), None, 9), (30, ("b",), None, 9)]
    transitions = replay(monitor, logs, 900)
    assert [(t.group[0][1], t.kind, t.at) for t in transitions] == [
        ("a", "Triggered", 360),
        ("b", "Triggered", 360),
    ]


def test_grouped_above_counts_a_silent_group_as_0_and_recovers_it(log_alert, replay):
    monitor = log_alert(">", 3.0, by=("agent",), new_group_delay=0)
    logs = [(30, ("a",), None, 9)] + [(s, ("b",)) for s in range(30, 3600, 60)]
    transitions = [t for t in replay(monitor, logs, 900) if t.group[0][1] == "a"]
    assert [(t.kind, t.at, t.value) for t in transitions] == [
        ("Triggered", 60, 9),
        ("Recovered", 360, 0.0),
    ]


def test_a_new_group_is_not_evaluated_during_the_delay(log_alert, replay):
    logs = [(30, ("a",), None, 9), (90, ("a",)), (150, ("a",))]
    at = {
        delay: replay(log_alert(by=("agent",), critical=3.0, new_group_delay=delay), logs, 300)[
            0
        ].at
        for delay in (0, 60, 120)
    }
    assert at == {0: 60, 60: 120, 120: 180}


def test_the_new_group_delay_is_for_multi_alerts_only(log_alert, replay):
    monitor = log_alert(critical=3.0, new_group_delay=600)
    assert replay(monitor, [(30, (), None, 9)], 60)[0].at == 60
