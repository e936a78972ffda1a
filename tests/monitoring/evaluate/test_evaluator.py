from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.formula import FormulaQuery
from grantex_tui.datadog.monitor.model import LogQuery, Monitor, Options
from grantex_tui.datadog.monitor.schedule import first_tick
from grantex_tui.monitoring.evaluate.evaluator import Evaluator


DAY = 86400


@given(st.integers(-(10**10), 10**10), st.sampled_from([60, 600, 1800]), st.integers(0, 59))
def test_the_first_tick_is_the_next_point_of_the_grid(after, period, phase):
    tick = first_tick(after, period, phase)
    assert after < tick <= after + period
    assert (tick - phase) % period == 0


def ticks(monitors, until, **options):
    found = []
    evaluator = Evaluator(
        monitors, on_evaluation=lambda e: found.append((e.at, e.monitor)), **options
    )
    evaluator.advance(until)
    return found


def test_every_monitor_runs_at_its_own_frequency_in_the_order_given(log_alert):
    monitors = [log_alert(window=w) for w in (172_800, 300, 86_400, 600)]
    found = ticks(monitors, 1800, start=0)
    assert [i for at, i in found if at == 1800] == [0, 1, 2, 3]
    assert [i for at, i in found if at == 600] == [1, 2, 3]
    assert [i for at, i in found if at == 660] == [1, 3]
    assert [at for at, i in found if i == 2] == [600, 1200, 1800]


def test_ticks_lie_on_the_phase(log_alert):
    assert [at for at, _ in ticks([log_alert()], 200, start=0, phase=20)] == [20, 80, 140, 200]


def test_the_first_tick_comes_after_the_start(log_alert):
    assert ticks([log_alert()], 180, start=60)[0][0] == 120
    assert ticks([log_alert()], 180, start=59.9)[0][0] == 60


def test_a_tick_does_not_know_what_arrives_after_it(log_alert):
    monitor = log_alert(">", 0.0)
    evaluator = Evaluator([monitor], start=0)
    assert evaluator.advance_before(60.001) == []
    evaluator.counters.add(0, 59)
    assert [t.at for t in evaluator.advance(120)] == [120]


def test_a_tick_knows_what_arrives_at_its_very_instant(log_alert):
    evaluator = Evaluator([log_alert(">", 0.0)], start=0)
    assert evaluator.advance_before(60) == []
    evaluator.counters.add(0, 59)
    assert [t.at for t in evaluator.advance(60)] == [60]


def test_no_tick_runs_twice_or_before_its_time(log_alert):
    evaluator = Evaluator([log_alert()], start=0)
    evaluator.advance(59.99)
    assert (evaluator.ticks, evaluator.next_tick) == (0, 60)
    evaluator.advance(60)
    evaluator.advance(60)
    assert (evaluator.ticks, evaluator.next_tick) == (1, 120)


@given(st.lists(st.integers(1, 3600), max_size=30), st.lists(st.integers(1, 3600), max_size=30))
def test_how_often_it_is_advanced_makes_no_difference(log_alert, arrivals, looks):
    monitor = log_alert(">", 2.0)
    at_once = Evaluator([monitor], start=0)
    often = Evaluator([monitor], start=0)
    expected, found = [], []
    for instant, arrives in sorted([(a, True) for a in arrivals] + [(a, False) for a in looks]):
        found += often.advance_before(instant)
        if arrives:
            expected += at_once.advance_before(instant)
            at_once.counters.add(0, instant)
            often.counters.add(0, instant)
    assert found + often.advance(7200) == expected + at_once.advance(7200)


def test_without_monitors_there_is_nothing_to_do():
    evaluator = Evaluator([], start=0)
    assert evaluator.next_tick == inf
    assert evaluator.advance(10**12) == []


def test_transitions_come_by_tick_then_monitor_then_group(log_alert):
    grouped = log_alert(">", 0.0, by=("agent",), new_group_delay=0, search="b", window=60)
    evaluator = Evaluator([grouped, log_alert(">", 0.0, search="a", window=60)], start=0)
    for second in (30, 150):
        for group in (("z",), ("y",)):
            evaluator.counters.add(0, second, group)
        evaluator.counters.add(1, second)
    found = [(t.at, t.index, t.group) for t in evaluator.advance(240)]
    assert found == sorted(found)
    assert len(found) == 12


def test_unknown_questions_are_refused(log_alert):
    with pytest.raises(IndexError):
        Evaluator([log_alert()], start=0).counters.add(1, 30)


# --- events that are not known -------------------------------------------------------------------


def test_silence_before_the_first_known_event_is_no_silence(log_alert, replay):
    heartbeat = log_alert("<", 1.0, window=900)
    assert replay(heartbeat, [], 1000 + 899, start=1000, covered_from=1000) == []
    transitions = replay(heartbeat, [], 3600, start=1000, covered_from=1000)
    assert [t.at for t in transitions] == [1920]


def test_a_delay_moves_the_first_full_window(log_alert, replay):
    heartbeat = log_alert("<", 1.0, window=900, evaluation_delay=60)
    assert replay(heartbeat, [], 3600, start=960, covered_from=960)[0].at == 960 + 900 + 60


def test_what_is_over_a_threshold_already_alerts_at_once(log_alert, replay):
    monitor = log_alert(">", 10.0, window=3600)
    transitions = replay(monitor, [(1010, (), None, 11)], 1080, start=1000, covered_from=1000)
    assert [t.kind for t in transitions] == ["Triggered"]


def test_a_mean_is_judged_only_once_its_window_is_known(log_alert, replay):
    monitor = log_alert(">", 10.0, method="avg")
    logs = [(s, (), 20.0) for s in range(970, 2000, 10)]
    assert replay(monitor, logs, 2000, start=960, covered_from=960)[0].at == 1260


@given(
    st.lists(
        st.tuples(st.integers(1, 4000), st.sampled_from("xyz"), st.integers(0, 5)), max_size=60
    ),
    st.sampled_from([(">", 2.0), ("<", 2.0)]),
    st.sampled_from(["count", "avg"]),
    st.booleans(),
)
def test_who_keeps_no_history_takes_short_cuts_to_the_same(
    log_alert, logs, condition, method, by_agent
):
    comparator, critical = condition
    monitor = log_alert(
        comparator, critical, method=method, by=("agent",) if by_agent else (),
        new_group_delay=0, group_retention_hours=1, renotify_interval=10,
        on_missing_data="show_and_notify_no_data" if method == "avg" else "default",
    )  # fmt: skip
    found, states = [], []
    for keeps in (True, False):
        evaluator = Evaluator([monitor], start=0, keep_history=keeps)
        transitions = []
        for second, agent, value in sorted(logs):
            transitions += evaluator.advance_before(second)
            evaluator.counters.add(0, second, (agent,) if by_agent else (), float(value))
        transitions += evaluator.advance(9000)
        found.append(transitions)
        (snapshot,) = evaluator.snapshots()
        states.append((snapshot.state, snapshot.groups, snapshot.triggered))
    assert found[0] == found[1]
    assert states[0] == states[1]


def test_before_the_first_evaluation_nothing_is_waited_for(log_alert):
    (snapshot,) = Evaluator([log_alert()], start=0).snapshots()
    assert (snapshot.note, snapshot.value, snapshot.triggered) == ("", None, 0)


# --- formulas ------------------------------------------------------------------------------------


def formula(text, critical, a=(), b=(), methods=("count", "count")):
    variables = {
        name: LogQuery(name, method, "" if method == "count" else "@n", by)
        for name, method, by in zip("ab", methods, (a, b), strict=True)
    }
    query = FormulaQuery(text, variables, 300, Comparator(">"), critical)
    return Monitor("ratio", "log alert", "", query, options=Options(new_group_delay=0))


def feed(evaluator, *logs):
    searches = {question.search: i for i, question in enumerate(evaluator.counters.questions)}
    for name, group, n in logs:
        evaluator.counters.add(searches[name], 30, group, None, n)


def test_a_formula_joins_its_queries_by_group():
    by = ("agent",)
    evaluator = Evaluator([formula("a / b * 100", 20.0, by, by)], start=0)
    feed(evaluator, ("a", ("x",), 3), ("b", ("x",), 10), ("b", ("y",), 10), ("a", ("z",), 9))
    assert [(t.group, t.value) for t in evaluator.advance(60)] == [((("agent", "x"),), 30.0)]


def test_a_query_without_groups_counts_for_every_group():
    evaluator = Evaluator([formula("a / b * 100", 20.0, ("agent",), ())], start=0)
    feed(evaluator, ("a", ("x",), 30), ("a", ("y",), 10), ("b", (), 100))
    assert [(t.group[0][1], t.value) for t in evaluator.advance(60)] == [("x", 30.0)]


def test_a_formula_without_logs_is_evaluated_over_zeros_and_recovers():
    evaluator = Evaluator([formula("a + b", 2.0)], start=0)
    feed(evaluator, ("a", (), 3))
    found = [(t.kind, t.at, t.value) for t in evaluator.advance(600)]
    assert found == [("Triggered", 60, 3), ("Recovered", 360, 0.0)]


def test_a_formula_that_divides_by_nothing_keeps_its_state():
    evaluator = Evaluator([formula("a / b * 100", 20.0)], start=0)
    feed(evaluator, ("a", (), 3), ("b", (), 10))
    assert [t.kind for t in evaluator.advance(7200)] == ["Triggered"]


# --- views ---------------------------------------------------------------------------------------


def test_a_snapshot_shows_state_since_value_and_history(log_alert):
    evaluator = Evaluator([log_alert(">", 2.0)], start=0)
    evaluator.counters.add(0, 90, n=3)
    evaluator.advance(180)
    shown = evaluator.snapshots()[0]
    assert (shown.state, shown.since, shown.value, shown.triggered) == ("Alert", 120, 3, 1)
    assert shown.history == (0, 3, 3)
    evaluator.advance(120 * 60)
    shown = evaluator.snapshots()[0]
    assert (shown.state, shown.since, shown.value, shown.triggered) == ("OK", 420, 0, 1)
    assert shown.history == (0,) * 60


def test_a_grouped_snapshot_shows_the_worst_group(log_alert):
    evaluator = Evaluator([log_alert(">", 2.0, by=("agent",), new_group_delay=0)], start=0)
    evaluator.counters.add(0, 30, ("y",), None, 5)
    evaluator.counters.add(0, 30, ("x",))
    evaluator.advance(60)
    shown = evaluator.snapshots()[0]
    assert (shown.state, shown.value) == ("Alert", 5)
    assert [(g.group, g.state, g.value) for g in shown.groups] == [
        ((("agent", "x"),), "OK", 1),
        ((("agent", "y"),), "Alert", 5),
    ]


def test_before_the_first_evaluation_a_monitor_is_no_data(log_alert):
    shown = Evaluator([log_alert()], start=0).snapshots()[0]
    assert (shown.state, shown.since, shown.value, shown.history) == ("No Data", None, None, ())


def test_a_monitor_that_waits_says_so(log_alert):
    evaluator = Evaluator([log_alert("<", 1.0, window=900)], start=0, covered_from=0)
    evaluator.advance(60)
    assert evaluator.snapshots()[0].note == "waits until 15 min of events are known"
    evaluator.advance(900)
    assert evaluator.snapshots()[0].note == ""
