"""Tracks, which keep runs of the same, hold every evaluation that there was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.log import LogAlertQuery
from grantex_tui.datadog.monitor.model import LogQuery, Monitor, Options, Thresholds
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.machine import scan
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.rehearsal.engine.model import Track
from grantex_tui.rehearsal.engine.tracks import TrackRecorder
from tests.support.tracks import scan_track


def monitor(by=("@a",), **options) -> Monitor:
    query = LogAlertQuery(LogQuery("*", group_by=by), 120, Comparator(">"), 1.0)
    return Monitor("m", "log alert", "", query, options=Options(Thresholds(1.0), **options))


def evaluated(own, logs, until, *, recorder):
    """The evaluations of a run and its transitions; rests only if there is a recorder."""
    found: list = []
    left: list = []
    evaluator = Evaluator(
        [own],
        start=0,
        on_evaluation=found.append if recorder is None else recorder.on_evaluation,
        may_rest=recorder is not None,
        on_leave=(lambda machine, at: left.append((machine.group, at)))
        if recorder is None
        else recorder.on_leave,
    )
    transitions = []
    for at, group in sorted(logs):
        transitions += evaluator.advance_before(at)
        evaluator.counters.add(0, at, (group,) if own.group_by else ())
    return found, left, transitions + evaluator.advance(until)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(1, 6000), st.sampled_from("xyz")), max_size=30),
    st.sampled_from([(), ("@a",)]),
    st.sampled_from([0.1, 0.5, 24.0, 48.0]),
    st.sampled_from([0, 60]),
    st.sampled_from(["default", "show_and_notify_no_data", "resolve"]),
    st.sampled_from([None, 5]),
)
def test_every_evaluation_is_there(logs, by, retention, delay, missing, renotify):
    own = monitor(by, group_retention_hours=retention, new_group_delay=delay,
                  on_missing_data=missing, renotify_interval=renotify)  # fmt: skip
    evaluations, left, transitions = evaluated(own, logs, 7000, recorder=None)
    recorder = TrackRecorder([60])
    assert evaluated(own, logs, 7000, recorder=recorder)[2] == transitions
    tracks = recorder.tracks([6960])
    columns = [
        (group, at, outcome, recovery)
        for track in tracks
        for group, at, outcome, recovery in zip(
            [track.group] * len(track.instants), track.instants, track.outcomes, track.recoveries,
            strict=True,
        )
    ]  # fmt: skip
    expected = [(e.group, e.at, e.outcome, e.recovery_value) for e in evaluations]
    assert sorted(columns, key=lambda c: c[:2]) == sorted(expected, key=lambda c: c[:2])
    ends = [(t.group, t.left_at) for t in tracks if t.left_at is not None]
    assert sorted(ends) == sorted(left)
    again = [t for track in tracks for t in scan_track(track, rule_of(own), "m")]
    assert sorted(again, key=lambda t: (t.at, t.group)) == transitions


def recorded() -> Track:
    recorder = TrackRecorder([60])
    evaluated(monitor(()), [(90, "x"), (100, "x"), (700, "x")], 1200, recorder=recorder)
    (track,) = recorder.tracks([1200])
    return track


def test_columns_read_like_lists():
    track = recorded()
    instants = list(track.instants)
    assert instants == [60.0 * n for n in range(1, 21)]
    assert list(track.outcomes) == [0, 2, 2, *[0] * 8, 1, 1, *[0] * 7]
    for number in (0, 1, 5, 19, -1, -20):
        assert track.instants[number] == instants[number]
        assert track.outcomes[number] == list(track.outcomes)[number]
    assert track.instants[3:6] == instants[3:6]
    assert set(track.recoveries) == {None}
    with pytest.raises(IndexError):
        track.outcomes[20]


def test_plain_columns_are_scanned_alike():
    track = recorded()
    plain = replace(
        track, instants=list(track.instants), outcomes=list(track.outcomes),
        recoveries=list(track.recoveries),
    )  # fmt: skip
    rule = rule_of(monitor(()))
    steps = zip(plain.instants, plain.outcomes, plain.recoveries, strict=True)
    assert scan_track(plain, rule) == scan_track(track, rule) == scan(steps, rule)


def test_what_is_absent_stays_what_it_is():
    own = monitor((), on_missing_data="show_no_data")
    recorder = TrackRecorder([60])
    evaluated(own, [(90, "x")], 600, recorder=recorder)
    (track,) = recorder.tracks([600])
    assert list(track.outcomes) == [Absent.SHOW, 1, 1, *[Absent.SHOW] * 7]
