from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import Incident
from grantex_tui.rehearsal.expect.about import About, Meant
from grantex_tui.rehearsal.expect.kinds.counts import COUNTED
from grantex_tui.rehearsal.measure.measures import range_of, worst_of
from grantex_tui.rehearsal.measure.measuring import margin_of, measure, measure_groups
from grantex_tui.rehearsal.measure.stays import grace_of
from tests.rehearsal.oracles import detected_at, false_alerts, flaps, is_about


A1 = (("agent", "a1"),)
A2 = (("agent", "a2"),)
MINUTE = 60.0


def test_a_quiet_hour_measures_nothing(make_pass, make_monitor):
    total, monitors = measure(make_pass((make_monitor(), {(): "." * 60})))
    assert total == monitors[0]
    assert (total.alerts, total.warnings, total.no_data, total.flaps) == (0, 0, 0, 0)
    assert (total.alert_seconds, total.duty_cycle, total.alerts_per_day) == (0, 0, 0)
    assert (total.false_alerts, total.precision, total.recall) == (None, None, None)
    assert (total.typical_delay, total.worst_delay, total.worst_recovery) == (None, None, None)


def test_alerts_of_groups_add_up_and_the_time_in_which_any_is_on_is_counted_once(
    make_pass, make_monitor
):
    grouped = make_monitor(by=["agent"])
    rehearsed = make_pass((grouped, {A1: "..AAAA....", A2: "....AAAA.."}))
    total = measure(rehearsed).total
    assert total.alerts == 2
    assert total.alert_seconds == 8 * MINUTE
    assert total.duty_cycle == pytest.approx(0.6)
    assert total.alerts_per_day == pytest.approx(2 * 144)
    each = measure_groups(rehearsed, 0)
    assert list(each) == [A1, A2]
    assert each[A1].duty_cycle == pytest.approx(0.4)


def test_warnings_and_silences_are_counted_but_not_the_wait_for_first_data(make_pass, make_monitor):
    measured = measure(make_pass((make_monitor(), {(): "nnn..ww.nn.w"}))).total
    assert (measured.warnings, measured.warning_seconds) == (2, 3 * MINUTE)
    assert (measured.no_data, measured.no_data_seconds) == (1, 2 * MINUTE)


@pytest.mark.parametrize(("apart", "count"), [(1, 1), (10, 1), (11, 0)])
def test_a_flap_is_an_alert_within_ten_evaluations_of_the_recovery(
    make_pass, make_monitor, apart, count
):
    rehearsed = make_pass((make_monitor(), {(): f".A{'.' * apart}A."}))
    assert measure(rehearsed).total.flaps == count


def test_flaps_are_those_of_one_group(make_pass, make_monitor):
    grouped = make_monitor(by=["agent"])
    assert measure(make_pass((grouped, {A1: ".A....", A2: "...A.."}))).total.flaps == 0


@pytest.mark.parametrize(
    ("letters", "false", "precision", "delay", "recovery"),
    [
        ("......AAA...........", 0, 1.0, 60.0, 0.0),
        ("....AAAAAAAAAA......", 0, 1.0, 0.0, 240.0),
        ("............AA......", 0, 1.0, 420.0, 240.0),
        (".AA.................", 1, 0.0, None, None),
        (".AA...AA.....A......", 1, 2 / 3, 60.0, 240.0),
        ("....................", 0, None, None, None),
        ("................A...", 1, 0.0, None, None),
        ("......AAAAAAAAAAAAAA", 0, 1.0, 60.0, 600.0),
    ],
)
def test_alerts_are_held_against_an_incident(
    make_pass, make_monitor, nine, letters, false, precision, delay, recovery
):
    incident = Incident("burst", nine + 300, nine + 600)  # and three minutes of grace
    rehearsed = make_pass((make_monitor(window=60), {(): letters}), incidents=(incident,))
    assert grace_of(rehearsed.monitors[0]) == 180
    measured = measure(rehearsed).total
    assert measured.false_alerts == false
    assert measured.precision == (None if precision is None else pytest.approx(precision))
    assert measured.delays == (delay,)
    assert measured.recoveries == (recovery,)
    assert measured.recall == (0.0 if delay is None else 1.0)
    assert measured.missed == ((0,) if delay is None else ())


def test_an_incident_is_detected_if_any_monitor_notices_it(make_pass, make_monitor, nine):
    rehearsed = make_pass(
        (make_monitor("slow"), {(): "......A..."}),
        (make_monitor("fast"), {(): "...A......"}),
        incidents=(Incident("burst", nine + 60, nine + 500),),
    )
    total, (slow, fast) = measure(rehearsed)
    assert (slow.delays, fast.delays, total.delays) == ((300.0,), (120.0,), (120.0,))


@pytest.mark.parametrize(
    ("comparator", "extremes", "peak", "room"),
    [
        (">", (0.0, 7.0), 7.0, 3.0),
        (">", (0.0, 41.0), 41.0, -31.0),
        (">=", (0.0, 10.0), 10.0, 0.0),
        ("<", (12.0, 900.0), 12.0, 2.0),
        ("<=", (1.0, 900.0), 1.0, -9.0),
    ],
)
def test_the_margin_is_how_near_the_values_came_or_how_far_over(
    make_pass, make_monitor, comparator, extremes, peak, room
):
    one = make_monitor(comparator=comparator, critical=10.0)
    margin = measure(make_pass((one, {(): "..."}), extremes={(0, ()): extremes})).monitors[0].margin
    assert margin == (peak, 10.0, room)


def test_equality_and_groups_without_values_have_no_margin(make_monitor):
    assert margin_of(make_monitor(comparator="=="), (0.0, 1.0)) is None
    assert margin_of(make_monitor(), None) is None


def test_a_monitors_margin_is_that_of_its_nearest_group(make_pass, make_monitor):
    grouped = make_monitor(by=["agent"])
    extremes = {(0, A1): (0.0, 9.0), (0, A2): (0.0, 4.0)}
    rehearsed = make_pass((grouped, {A1: "...", A2: "..."}), extremes=extremes)
    assert measure(rehearsed).monitors[0].margin == (9.0, 10.0, 1.0)
    assert measure_groups(rehearsed, 0)[A2].margin == (4.0, 10.0, 6.0)
    assert measure(rehearsed).total.margin is None


def test_of_several_phases_the_worst_counts_and_the_range_is_known(make_pass, make_monitor, nine):
    incident = Incident("burst", nine + 60, nine + 300)
    one = make_monitor(window=60)
    phases = [
        measure(make_pass((one, {(): letters}), incidents=(incident,), extremes={(0, ()): peak}))
        for letters, peak in (
            ("..A.........", (0.0, 12.0)),
            ("....A......A", (0.0, 14.0)),
            ("............", (0.0, 9.0)),
        )
    ]
    monitors = [each.monitors[0] for each in phases]
    worst = worst_of(monitors)
    assert (worst.alerts, worst.false_alerts, worst.precision) == (2, 1, 0.5)
    assert worst.delays == (None,)
    assert worst.missed == (0,)
    assert worst.margin is not None
    assert worst.margin.room == -4
    assert range_of(monitors, "alerts") == (0, 2)
    assert range_of(monitors, "worst_delay") == (60.0, 180.0)
    assert worst_of(monitors[:2]).delays == (180.0,)


def test_a_pass_that_took_no_time_has_no_rate(make_pass, make_monitor, nine):
    measured = measure(make_pass((make_monitor(), {(): "A"}), end=nine)).total
    assert (measured.alerts_per_day, measured.duty_cycle) == (None, 0.0)


LETTERS = st.text("..wAn", min_size=1, max_size=40)
INCIDENTS = st.lists(
    st.tuples(st.integers(0, 2400), st.integers(0, 900)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=4,
)


@settings(max_examples=150)
@given(first=LETTERS, second=LETTERS, other=LETTERS, incidents=INCIDENTS)
def test_measures_agree_with_looking_at_every_second_and_with_the_expectations(
    make_pass, make_monitor, nine, first, second, other, incidents
):
    rehearsed = make_pass(
        (make_monitor("grouped", by=["agent"]), {A1: first, A2: second}),
        (make_monitor("simple", window=60), {(): other}),
        incidents=tuple(
            Incident(str(n), nine + start, nine + end) for n, (start, end) in enumerate(incidents)
        ),
    )
    total, monitors = measure(rehearsed)
    _looked_at_every_second(rehearsed, None, total)
    for index, measured in enumerate(monitors):
        _looked_at_every_second(rehearsed, index, measured)
        about = About((Meant(index, "m"),))
        assert measured.flaps == flaps(rehearsed, index)
        assert measured.flaps == len(list(COUNTED["flaps"](about, rehearsed)))
    for group, measured in measure_groups(rehearsed, 0).items():
        only = replace(rehearsed, spans=tuple(s for s in rehearsed.spans if s.group == group))
        _looked_at_every_second(only, 0, measured)


def _looked_at_every_second(rehearsed, index, measured) -> None:
    own = [s for s in rehearsed.spans if index is None or s.monitor == index]
    alerts = [s for s in own if s.state is State.ALERT]
    seconds = range(int(rehearsed.start), int(rehearsed.end))
    on = [sum(s.start <= second < s.end for s in alerts) for second in seconds]
    assert measured.alerts == len(alerts)
    assert measured.alert_seconds == sum(on)
    assert measured.duty_cycle == pytest.approx(sum(map(bool, on)) / len(seconds))
    incidents, monitors = rehearsed.incidents, rehearsed.monitors
    false = false_alerts(own, incidents, monitors)
    assert measured.false_alerts == (len(false) if incidents else None)
    found = [detected_at(each, own, monitors) for each in incidents]
    delays = [
        None if at is None else at - each.start for at, each in zip(found, incidents, strict=True)
    ]
    assert list(measured.delays) == delays
    noticed = [delay for delay in delays if delay is not None]
    assert measured.typical_delay == (median(noticed) if noticed else None)
    assert list(measured.recoveries) == [
        max(
            (max(0.0, s.end - each.end) for s in alerts if is_about(s, each, monitors)),
            default=None,
        )
        for each in incidents
    ]
