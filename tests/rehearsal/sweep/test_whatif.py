from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.rehearsal.engine.model import INSTANT
from grantex_tui.rehearsal.engine.run import run_pass
from grantex_tui.rehearsal.sweep.whatif import WhatIf, what_if
from tests.support.plans import load_plan


START = 1_780_000_020.0
PLAN = load_plan()
PARTS = ["many grants revoked", "budget exhausted", "no events", "vault credential", "token"]


def monitor(part: str):
    return next(each for each in PLAN.monitors if part in each.name)


def events(seconds, kind="grant.revoked"):
    made = []
    for number, second in enumerate(sorted(seconds)):
        value = {
            "id": f"evt_{number}", "type": kind, "createdAt": rfc3339(START + second),
            "data": {"grantId": f"g{number % 3}", "principalId": f"u{number % 2}"},
        }  # fmt: skip
        made.append(Arrival(None, decode_event(json.dumps(value).encode())))
    return made


def counted_anew(changed, history, **span):
    plan = replace(PLAN, monitors=[changed])
    return run_pass(history, plan, source="the journal", delivery=INSTANT, with_tracks=True, **span)


def same(found, expected) -> None:
    for name in ("monitors", "transitions", "spans", "extremes", "start", "end", "ticks", "events"):
        assert getattr(found, name) == getattr(expected, name), name
    assert [n.transition for n in found.notifications] == [
        n.transition for n in expected.notifications
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 3600), min_size=1, max_size=60),
    st.sampled_from(PARTS[:4]),
    st.integers(1, 10),
    st.sampled_from([None, 60, 900]),
)
def test_a_threshold_is_tried_without_counting_and_comes_to_the_same(seconds, part, level, window):
    own = monitor(part)
    kind = {
        "budget exhausted": "budget.exhausted",
        "vault credential": "vault.credential.exchanged",
    }
    history = events(seconds, kind.get(part, "grant.revoked"))
    end = START + 7200
    trial = WhatIf(PLAN, own, lambda: history, start=START, end=end)
    same(trial.as_it_is, counted_anew(own, history, start=START, end=end))
    thresholds = Thresholds(critical=float(level))
    found = trial.with_thresholds(thresholds, window=window)
    changed = found.monitors[0]
    assert (changed.query.threshold, changed.query.window) == (level, window or own.query.window)
    same(found, counted_anew(changed, history, start=START, end=end))


def test_lower_would_have_fired():
    history = events(range(100, 130))
    trial = WhatIf(PLAN, monitor("many grants revoked"), lambda: history, start=START)
    assert all(t.destination.value != "Alert" for t in trial.as_it_is.transitions)
    fired = trial.with_thresholds(Thresholds(critical=20.0))
    assert [t.destination.value for t in fired.transitions] == ["Alert"]
    assert fired.notifications[0].title.startswith("[Triggered")


def test_the_history_is_read_once_for_each_window():
    readings = []

    def make():
        readings.append(1)
        return events([5, 65])

    trial = WhatIf(PLAN, monitor("many grants revoked"), make, start=START, end=START + 600)
    for level in (1.0, 2.0, 3.0):
        trial.with_thresholds(Thresholds(critical=level))
    assert len(readings) == 1
    trial.with_window(60)
    trial.with_thresholds(Thresholds(critical=0.0), window=60)
    assert len(readings) == 2


@pytest.mark.parametrize("part", PARTS)
def test_one_question_at_a_time(part):
    found = what_if(PLAN, monitor(part), events(range(0, 3000, 40)), thresholds=Thresholds(0.0))
    assert found.monitors[0].options.thresholds.critical == 0.0
    assert found.events == 75
