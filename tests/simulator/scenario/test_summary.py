from __future__ import annotations

from collections import Counter

import pytest

from grantex_sim.scenario import load_scenario, read_scenario, scenario_events
from grantex_sim.scenario.summary import bars, spell, summarise, timeline


def read(text):
    return read_scenario(text, path="x.yaml", name="x")


@pytest.mark.parametrize(
    "text",
    [
        "phases: [{for: 1h, rate: 3}]",
        "phases: [{for: 1h, rate: {ramp: {from: 0, to: 9}}}]",
        "duration: 3d\nphases: [{rate: {mean: 0.05, daily: office, weekly: office}}]",
        "duration: 5h\nphases: [{for: 20m, rate: 1}, {for: 20m, silence: true}]",
        "phases: [{for: 1h, rate: 1, burst: {every: 10m, over: 1m, count: 60, type: sso.login}}]",
        "phases: [{for: 1h, rate: 1, burst: {every: 10m, over: 1m, rate: 2, type: sso.login}}]",
        "phases: [{for: 1h, rate: 1, silence: {every: 10m, after: 1m, for: 3m}}]",
        "phases: [{for: 1h, rate: 1}]\nincidents: [{label: a, from: 10m, for: 7m, silence: true}]",
        (
            "phases: [{for: 1h, rate: 1}]\nincidents: "
            "[{label: a, from: 10m, for: 7m, inject: {type: token.issued, count: 500}}]"
        ),
        (
            "duration: 1d\nphases: [{rate: 0.1}]\nactivity: "
            "[{from: 10m, for: 7m, every: 1h, inject: {type: token.issued, rate: 1}}]"
        ),
    ],
)
def test_as_many_events_are_expected_as_come(text):
    scenario = read(text)
    events = [event.at for event in scenario_events(scenario)]
    summary = summarise(scenario)
    assert summary.events == pytest.approx(len(events), rel=0.03)
    slots = len(summary.slots)
    quarters = Counter(int(at / scenario.duration * 4) for at in events)
    for quarter in range(4):
        expected = sum(summary.slots[slots * quarter // 4 : slots * (quarter + 1) // 4])
        assert expected == pytest.approx(quarters[quarter], rel=0.1, abs=12)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s"), (90, "1m30s"), (86_400 * 14, "14d"), (5_400, "1h30m"), (2.5, "2.5s")],
)
def test_durations_as_people_write_them(seconds, said):
    assert spell(seconds) == said


def test_bars_show_the_course_and_never_hide_what_is_little():
    assert bars((0.0, 0.001, 4.0, 8.0), 4) == " ▁▄█"
    assert bars((0.0, 0.0), 2) == "  "
    assert len(bars((1.0, 2.0), 60)) == 60


def test_the_timeline_has_a_row_for_each_incident_in_its_place():
    scenario = load_scenario("revocation-storm")
    events, storm = timeline(scenario, summarise(scenario), width=60)
    assert events.startswith("events  ")
    row = storm.split()[1]
    assert row == "·" * 20 + "█" * 10 + "·" * 30
    assert storm.endswith("+20m for 10m")
