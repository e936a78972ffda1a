"""Reports of rehearsals that were really run."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import GUIDE, WATCH
from grantex_tui.rehearsal.engine.run import run_phases
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.expect.about import About, Meant
from grantex_tui.rehearsal.expect.kinds.counts import COUNTED
from grantex_tui.rehearsal.expect.verdict import Outcome
from grantex_tui.rehearsal.measure.measuring import measure
from grantex_tui.report.forms import html, junit, markdown, text
from grantex_tui.report.forms import json as as_json
from grantex_tui.report.styled import plain
from grantex_tui.report.timeline.timeline import timeline
from tests.support.plans import load_plan


def rehearse(scenario: str, delivery, phases=(0,)) -> Outcome:
    found = simulate(scenario, seed=None, start=None, duration=None)
    passes = run_phases(
        found.events,
        load_plan(),
        source=found.name,
        delivery=delivery,
        phases=phases,
        incidents=found.incidents,
        start=found.start,
        end=found.end,
    )
    return Outcome(found.name, found.name, tuple(passes), seconds=1.0)


@pytest.fixture(scope="module")
def silent() -> Outcome:
    return rehearse("silent-stream", WATCH, (0, 30))


def test_on_a_quiet_day_the_guides_delivery_makes_the_heartbeat_cry_and_ours_does_not():
    rows = []
    for delivery in (GUIDE, WATCH):
        outcome = rehearse("quiet", delivery)
        report = text.render([outcome], width=100, color=False)
        lines = report.splitlines()
        rows.append(next(each for each in lines if each.startswith("Grantex: no events")))
        assert ("! Grantex: no events may cry wolf (40 alerts, 53.3% of the time): " in report) == (
            delivery is GUIDE
        )
    assert rows[0].count("A") > rows[0].count(".")
    assert "A" not in rows[1]


def test_how_late_the_first_alert_came_is_told_of_all_phases(silent):
    report = text.render([silent], width=100, color=False)
    assert "TTD 15m to 15m30s (silence)" in report


def test_measures_count_as_expectations_do(silent):
    for rehearsed in silent.passes:
        for index, measured in enumerate(measure(rehearsed).monitors):
            about = About((Meant(index, "m"),))
            amounts = {
                name: sum(each.amount for each in happenings(about, rehearsed))
                for name, happenings in COUNTED.items()
            }
            assert measured.alerts == amounts["alerts"]
            assert measured.warnings == amounts["warnings"]
            assert measured.flaps == amounts["flaps"]
            assert measured.alert_seconds == 60 * amounts["alert_minutes"]


def test_the_incident_of_the_scenario_is_found_in_every_form(silent):
    assert "silence" in "\n".join(plain(timeline(silent.passes, 80)))
    assert "TTD" in text.render([silent], width=120, color=False)
    assert json.loads(as_json.render([silent]))["outcomes"][0]["worst"]["total"]["recall"] == 1
    assert "silence" in markdown.render([silent])
    assert "s-incident" in html.render([silent])
    assert junit.render([silent]).count("<testsuite ") == 1


def test_an_outcome_from_another_process_reads_the_same(silent):
    passes = (replace(each, notifications=tuple(each.notifications)) for each in silent.passes)
    copied = pickle.loads(pickle.dumps(replace(silent, passes=tuple(passes))))
    assert as_json.render([copied]) == as_json.render([silent])
    shown = text.render([copied], width=90, color=True, verbose=True)
    assert shown == text.render([silent], width=90, color=True, verbose=True)


def test_something_did_alert(silent):
    assert any(span.state is State.ALERT for span in silent.passes[0].spans)
