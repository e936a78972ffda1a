from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.machine import GroupMachine, scan
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.rule import Rule, rule_of
from grantex_tui.monitoring.evaluate.states import State


ABOVE_10 = Rule(Comparator(">"), Thresholds(critical=10))


def run(rule, outcomes, step=60):
    return scan(((i * step, outcome, None) for i, outcome in enumerate(outcomes)), rule)


def kinds(rule, outcomes, step=60):
    return [t.kind for t in run(rule, outcomes, step)]


def test_a_new_group_is_no_data_and_comes_to_ok_without_a_word():
    machine = GroupMachine(ABOVE_10)
    assert machine.state is State.NO_DATA
    assert machine.step(0, 0.0) is None
    assert (machine.state, machine.since) == (State.OK, 0)


def test_a_transition_says_what_was_compared_with_what():
    rule = Rule(Comparator(">"), Thresholds(critical=10, warning=5))
    warn, alert, recovered = run(rule, [0.0, 6.0, 12.0, 1.0])
    assert (warn.value, warn.threshold) == (6, 5)
    assert (alert.value, alert.threshold) == (12, 10)
    assert (recovered.value, recovered.threshold) == (1, 10)


def test_a_silent_no_data_is_not_followed_by_a_recovery_that_people_hear_of():
    transitions = run(ABOVE_10, [0.0, Absent.SHOW, 0.0])
    assert [(t.kind, t.notify) for t in transitions] == [("No Data", False), ("Recovered", False)]


def test_an_alert_that_went_through_a_silent_no_data_recovers_aloud():
    transitions = run(ABOVE_10, [20.0, Absent.SHOW, 0.0])
    assert [t.notify for t in transitions] == [True, False, True]


def renotify(**changes):
    rule = Rule(
        Comparator(">"),
        Thresholds(critical=10, warning=5),
        renotify_every=120,
        renotify_states=frozenset({State.ALERT, State.NO_DATA}),
    )
    return replace(rule, **changes)


def test_people_are_told_again_at_every_interval_without_end():
    transitions = run(renotify(), [20.0] * 1000)
    assert [t.at for t in transitions] == [i * 120 for i in range(500)]
    assert {t.kind for t in transitions[1:]} == {"Re-Triggered"}


def test_occurrences_cap_the_repeats_of_each_alert():
    rule = renotify(renotify_most=2)
    assert kinds(rule, [20.0] * 20 + [0.0] + [20.0] * 20) == [
        "Triggered", "Re-Triggered", "Re-Triggered", "Recovered",
        "Triggered", "Re-Triggered", "Re-Triggered",
    ]  # fmt: skip


def test_only_the_asked_statuses_are_repeated():
    assert kinds(renotify(), [6.0] * 10) == ["Warn"]
    rule = renotify(renotify_states=frozenset({State.WARN}))
    assert kinds(rule, [6.0] * 4) == ["Warn", "Re-Warn"]


def test_an_interval_that_is_no_multiple_of_the_tick_waits_for_the_next_one():
    transitions = run(renotify(renotify_every=90), [20.0] * 6)
    assert [t.at for t in transitions] == [0, 120, 240]


def test_an_alert_kept_without_data_is_repeated_too():
    assert kinds(renotify(), [20.0, Absent.KEEP, Absent.KEEP]) == ["Triggered", "Re-Triggered"]


def test_a_silent_no_data_is_never_repeated():
    assert kinds(renotify(), [0.0, *[Absent.SHOW] * 10]) == ["No Data"]


def test_after_timeout_h_without_data_a_triggered_group_is_resolved_and_stays_so():
    rule = replace(ABOVE_10, resolve_after=3600)
    transitions = run(rule, [20.0] + [Absent.KEEP] * 200 + [20.0], step=60)
    assert [(t.kind, t.at) for t in transitions] == [
        ("Triggered", 0),
        ("Recovered", 60 + 3600),
        ("Triggered", 201 * 60),
    ]


def test_data_after_a_timeout_makes_all_begin_anew():
    rule = replace(ABOVE_10, resolve_after=600)
    story = [20.0] + [Absent.KEEP] * 20
    assert kinds(rule, story * 2) == ["Triggered", "Recovered"] * 2


def test_a_recovery_value_of_its_own_is_looked_at_even_if_the_value_stays():
    rule = replace(ABOVE_10, thresholds=Thresholds(critical=10, critical_recovery=5))
    steps = [(0, 20.0, 20.0), (60, 8.0, 8.0), (120, 8.0, 6.0), (180, 8.0, 5.0)]
    assert [(t.kind, t.at) for t in scan(steps, rule)] == [("Triggered", 0), ("Recovered", 180)]


def test_a_timeout_resolves_no_data_as_well():
    rule = replace(ABOVE_10, resolve_after=600)
    assert kinds(rule, [0.0] + [Absent.NOTIFY] * 100) == ["No Data", "Recovered"]


def test_a_timeout_never_resolves_while_data_arrives():
    rule = replace(ABOVE_10, resolve_after=600)
    assert kinds(rule, [20.0, Absent.KEEP] * 100) == ["Triggered"]


@pytest.mark.parametrize(("comparator", "beyond"), [("==", 10), ("!=", 9)])
def test_equality_knows_no_recovery_threshold(comparator, beyond):
    rule = Rule(Comparator(comparator), Thresholds(critical=10, critical_recovery=beyond))
    healthy = 9 if comparator == "==" else 10
    assert kinds(rule, [beyond, healthy]) == ["Triggered", "Recovered"]


def test_falling_past_the_warning_at_once_its_recovery_still_holds():
    rule = Rule(Comparator(">"), Thresholds(critical=100, warning=50, warning_recovery=20))
    assert kinds(rule, [120.0, 30.0, 20.0]) == ["Triggered", "Warn", "Recovered"]


def test_what_is_dropped_while_triggered_recovers_silently():
    machine = GroupMachine(ABOVE_10)
    machine.step(0, 20.0)
    left = machine.leave(600)
    assert left is not None
    assert (left.kind, left.notify, left.destination) == ("Recovered", False, State.OK)
    assert machine.leave(660) is None


def test_what_was_never_evaluated_leaves_without_a_trace():
    assert GroupMachine(ABOVE_10).leave(600) is None


OUTCOMES = st.lists(
    st.one_of(st.integers(0, 12).map(float), st.sampled_from(list(Absent))), max_size=60
)
LEVEL = st.none() | st.integers(0, 12).map(float)


@given(OUTCOMES, st.builds(Thresholds, LEVEL, LEVEL, LEVEL, LEVEL), st.sampled_from(["<", ">="]))
def test_a_settled_outcome_really_has_no_effect(outcomes, limits, comparator):
    rule = renotify(comparator=Comparator(comparator), thresholds=limits, resolve_after=300)
    machine = GroupMachine(rule)
    for tick, outcome in enumerate(outcomes):
        machine.step(tick * 60, outcome)
        if machine.settled(outcome):
            before = machine.state, machine.since, machine.value
            assert machine.step(tick * 60 + 30, outcome) is None
            assert machine.step(tick * 60 + 59, outcome) is None
            assert (machine.state, machine.since, machine.value) == before


@given(OUTCOMES, st.builds(Thresholds, LEVEL, LEVEL, LEVEL, LEVEL), st.sampled_from(["<", ">="]))
def test_a_calm_group_takes_a_shorter_way_to_the_same(outcomes, limits, comparator):
    rule = renotify(comparator=Comparator(comparator), thresholds=limits, resolve_after=300)
    quick, slow = GroupMachine(rule), GroupMachine(rule)
    for tick, outcome in enumerate(outcomes):
        # Recovery thresholds that are compared with a value of their own allow no short way.
        other = None if isinstance(outcome, Absent) else outcome
        assert quick.step(tick * 60, outcome) == slow.step(tick * 60, outcome, other)
        assert (quick.state, quick.since, quick.value) == (slow.state, slow.since, slow.value)
        assert (quick.lowest, quick.highest) == (slow.lowest, slow.highest)


@given(OUTCOMES, st.builds(Thresholds, LEVEL, LEVEL, LEVEL, LEVEL), st.sampled_from(["<", ">="]))
def test_the_extremes_are_those_of_all_values(outcomes, limits, comparator):
    machine = GroupMachine(renotify(comparator=Comparator(comparator), thresholds=limits))
    for tick, outcome in enumerate(outcomes):
        machine.step(tick * 60, outcome)
    values = [outcome for outcome in outcomes if not isinstance(outcome, Absent)]
    assert (machine.lowest, machine.highest) == (
        min(values, default=math.inf),
        max(values, default=-math.inf),
    )
    assert machine.first_at == (0 if outcomes else None)


def test_a_timeout_may_be_as_short_as_a_second():
    rule = replace(ABOVE_10, resolve_after=1)
    assert kinds(rule, [20.0, Absent.KEEP, Absent.KEEP], step=1) == ["Triggered", "Recovered"]


def test_after_a_resolution_data_is_data_again():
    rule = replace(ABOVE_10, resolve_after=60)
    story = [20.0, Absent.KEEP, Absent.KEEP, 0.0, 0.0, Absent.NOTIFY, 0.0, Absent.NOTIFY]
    assert kinds(rule, story) == ["Triggered", "Recovered", "No Data", "Recovered", "No Data"]


def test_who_names_states_but_no_interval_hears_no_repeats():
    rule = Rule(Comparator.ABOVE, Thresholds(critical=10), renotify_states=frozenset({State.ALERT}))
    assert kinds(rule, [20.0] * 10) == ["Triggered"]


@given(
    st.lists(st.tuples(st.integers(1, 3600), st.sampled_from("xy")), max_size=60),
    st.builds(Thresholds, st.integers(0, 9).map(float), LEVEL, LEVEL, LEVEL),
)
def test_scanning_kept_outcomes_is_evaluating_with_the_other_thresholds(log_alert, logs, limits):
    monitor = log_alert(">", 3.0, by=("agent",), renotify_interval=2)
    other = replace(monitor, options=replace(monitor.options, thresholds=limits))
    kept: dict = {}

    def keep(e):
        kept.setdefault(e.group, []).append((e.at, e.outcome, e.recovery_value))

    found = []
    for which, watch in ((monitor, keep), (other, None)):
        evaluator = Evaluator([which], start=0, on_evaluation=watch)
        for second, agent in logs:
            evaluator.counters.add(0, second, (agent,))
        found = evaluator.advance(7200)
    scanned = [
        transition
        for group, outcomes in kept.items()
        for transition in scan(outcomes, rule_of(other), monitor="monitor", group=group)
    ]
    assert sorted(scanned, key=lambda t: (t.at, t.group)) == found
