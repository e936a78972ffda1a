from __future__ import annotations

import json
import os
import signal

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.errors import ExitCode, UsageError
from grantex_tui.pack import pipeline_text
from grantex_tui.rehearsal.engine.input import simulated
from grantex_tui.rehearsal.engine.model import Incident
from grantex_tui.rehearsal.engine.simulated import Simulated, simulate
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.rehearsal.spec.rehearsal import SpecError
from grantex_tui.rehearsal.suite.run import find_specs, run_passes, run_rehearsal
from grantex_tui.rehearsal.suite.workers import run_all


START = 1_780_000_020.0
NAMES = ["one", "two", "three", "four", "five"]


def line(at: float, kind: str = "grant.revoked", number: int = 0) -> str:
    event = {"id": f"evt_{at}_{number}", "type": kind, "createdAt": rfc3339(START + at), "data": {}}
    return json.dumps(event)


@pytest.fixture
def write(tmp_path):
    (tmp_path / "r.ndjson").write_text("\n".join(line(30, number=n) for n in range(51)))

    def write(*rehearsals: str, name: str = "a.rehearsal.yaml") -> str:
        path = tmp_path / name
        head = "version: 1\nmonitors: [pack/revocations, pack/heartbeat]\nrehearsals:\n"
        path.write_text(head + "".join(f"  - {{{each}}}\n" for each in rehearsals))
        return str(path)

    return write


def events(duration: str = "20m") -> str:
    return f'events: {{recording: r.ndjson, start: "{rfc3339(START)}", duration: {duration}}}'


def invented(scenario: str, *, seed, start, duration) -> Simulated:
    """Revocations at the seed's second; a scenario that isn't there is an error, a crash a crash."""
    if scenario == "missing":
        raise UsageError("there is no scenario 'missing'")
    if scenario == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    begin = START if start is None else start
    payloads = [(float(seed), line(seed, number=n).encode()) for n in range(51)]
    return Simulated(
        f"{scenario} (seed {seed})",
        begin,
        begin + (duration or 600),
        (Incident("storm", begin + seed, begin + seed + 60),),
        lambda: simulated(payloads, begin),
    )


def test_specs_are_found_below_a_folder_by_name(tmp_path):
    for name in ("b.rehearsal.yaml", "a/z.rehearsal.toml", "a/x.rehearsal.yml", "no.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [os.path.relpath(path, tmp_path) for path in find_specs(str(tmp_path))]
    assert found == ["a/x.rehearsal.yml", "a/z.rehearsal.toml", "b.rehearsal.yaml"]


def test_other_peoples_rehearsals_are_not_found(tmp_path):
    name = "x.rehearsal.yaml"
    for folder in ("own", "env/lib", ".tox/lib", "own/node_modules/a", "own/deep"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / name).touch()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "folder.rehearsal.yaml").mkdir()
    found = [os.path.relpath(path, tmp_path) for path in find_specs(str(tmp_path))]
    assert found == [f"own/deep/{name}", f"own/{name}"]


def test_outcomes_come_in_order_whoever_is_done_first(write):
    path = write(*(f"name: {name}, {events()}, expect: none-fires" for name in NAMES))
    rehearsals = list(enumerate(load_spec(path)))
    alone = list(run_all(rehearsals, simulate, jobs=1))
    together = list(run_all(rehearsals, simulate, jobs=2))
    assert [each.rehearsal for each in together] == NAMES
    assert [(e.passes, e.verdicts, e.line) for e in together] == [
        (e.passes, e.verdicts, e.line) for e in alone
    ]
    assert not any(each.passed for each in alone)


def test_a_worker_that_dies_takes_only_its_rehearsal_along(write):
    path = write(
        f"name: one, {events()}, expect: none-fires",
        "name: two, events: {scenario: crash, seed: 1}, expect: none-fires",
        f"name: three, {events()}, expect: none-fires",
        "name: four, events: {scenario: crash, seed: 1}, expect: none-fires",
    )
    outcomes = list(run_all(list(enumerate(load_spec(path))), invented, jobs=2))
    assert [each.rehearsal for each in outcomes] == ["one", "two", "three", "four"]
    assert [each.error is None for each in outcomes] == [True, False, True, False]
    assert "ended by SIGKILL" in str(outcomes[1].error)
    assert outcomes[1].exit_code == ExitCode.FAILED


def test_a_scenario_brings_its_incidents_start_and_end(write):
    path = write(
        "name: one, events: {scenario: storm, seed: 90}, delivery: instant, "
        "expect: {detects_all_incidents: true, time_to_detect: {incident: storm, p100: 30s}}"
    )
    (rehearsal,) = load_spec(path)
    outcome = run_rehearsal(rehearsal, invented)
    assert outcome.passed
    (only,) = outcome.passes
    assert (only.source, only.start, only.end) == ("storm (seed 90)", START, START + 600)
    assert only.incidents == (Incident("storm", START + 90, START + 150),)


def test_a_scenario_takes_start_and_duration_of_the_events(write):
    path = write(
        'name: one, events: {scenario: storm, seed: 90, start: "2026-05-29T00:00:00Z", '
        "duration: 30m}, expect: none-fires"
    )
    (only,) = run_passes(load_spec(path)[0], invented)
    assert rfc3339(only.start) == "2026-05-29T00:00:00.000Z"
    assert only.end == only.start + 1800


def test_a_bundled_scenario_is_generated_on_the_fly(write):
    path = write("name: one, events: {scenario: quiet, seed: 3, duration: 10m}, expect: none-fires")
    outcome = run_rehearsal(load_spec(path)[0], simulate)
    assert (outcome.error, outcome.passes[0].ticks) == (None, 10)


def test_what_cannot_be_run_is_an_outcome_with_the_error_and_its_exit_code(write, tmp_path):
    (tmp_path / "bad.ndjson").write_text("oops\n")
    path = write(
        "name: one, events: {scenario: missing, seed: 1}, expect: none-fires",
        "name: two, events: {recording: bad.ndjson}, expect: none-fires",
    )
    one, two = (run_rehearsal(each, invented) for each in load_spec(path))
    assert (one.passed, one.exit_code, one.verdicts) == (False, ExitCode.INVALID_FILE, ())
    assert "there is no scenario" in str(one.error)
    assert two.exit_code == ExitCode.INVALID_FILE
    assert "bad.ndjson: nothing in it is an event" in str(two.error)


def test_a_rehearsal_that_evaluates_nothing_does_not_pass(write):
    path = write("name: one, events: {recording: r.ndjson}, expect: none-fires")
    outcome = run_rehearsal(load_spec(path)[0], simulate)
    assert (outcome.passed, outcome.exit_code) == (False, ExitCode.INVALID_FILE)
    assert "nothing was evaluated, since from 2026-" in str(outcome.error)
    assert "it lasts 0s only" in str(outcome.error)


def test_an_incident_that_the_scenario_does_not_have_is_told_with_those_that_it_has(write):
    path = write(
        "name: one, events: {scenario: storm, seed: 90}, "
        "expect: {time_to_detect: {incident: strom, p100: 1m}}"
    )
    (verdict,) = run_rehearsal(load_spec(path)[0], invented).verdicts
    assert verdict.reason == "there is no incident 'strom' in it; there are storm"


def test_incidents_are_found_beside_the_recording_with_its_end(write, tmp_path):
    told = {
        "version": 1, "start": rfc3339(START), "end": rfc3339(START + 1200),
        "incidents": [{"label": "s", "from": rfc3339(START + 30), "to": rfc3339(START + 60)}],
    }  # fmt: skip
    (tmp_path / "r.incidents.json").write_text(json.dumps(told))
    path = write("name: one, events: {recording: r.ndjson}, expect: {detects_all_incidents: true}")
    outcome = run_rehearsal(load_spec(path)[0], simulate)
    assert outcome.passed
    assert outcome.passes[0].incidents == (Incident("s", START + 30, START + 60),)
    assert (outcome.passes[0].start, outcome.passes[0].end) == (START, START + 1200)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7", "no incident file"),
        ('{"incidents": [{"label": "s"}]}', "from"),
        ('[{"label": "s",\n "from": "soon",\n "to": "2026-01-01"}]', ":2: 'soon' is no instant"),
        ('[{"label": "s",\n "from": "2026-01-02",\n "to": "2026-01-01"}]', ":3: 's' ends before"),
    ],
)
def test_a_wrong_incident_file_is_told_with_its_place(write, tmp_path, text, said):
    (tmp_path / "i.json").write_text(text)
    path = write(f"name: one, {events()}, incidents: i.json, expect: none-fires")
    with pytest.raises(SpecError, match=r"a.rehearsal.yaml:4: .*i\.json") as caught:
        load_spec(path)
    assert said in caught.value.message
    assert len(caught.value.lines) == 1


def test_moments_are_counted_from_the_first_event_where_nothing_else_is_said(write):
    path = write(
        "name: one, events: {recording: r.ndjson, end: +10m}, "
        'incidents: [{label: s, from: "+1m", to: "+2m"}], '
        'delivery: {outages: [{from: "+0s", to: "+90s"}]}, '
        "expect: {transitions_include: [{monitor: revocations, to: alert, at: +2m, within: 60}]}"
    )
    outcome = run_rehearsal(load_spec(path)[0], simulate)
    (only,) = outcome.passes
    assert (only.start, only.end) == (START + 30, START + 630)
    assert only.incidents == (Incident("s", START + 90, START + 150),)
    assert only.delivery.outages == ((START + 30, START + 120),)
    assert outcome.passed


def test_every_phase_of_a_sweep_has_its_pass(write):
    path = write(f"name: one, {events()}, phase: sweep, expect: none-fires")
    outcome = run_rehearsal(load_spec(path)[0], simulate)
    assert [each.phase for each in outcome.passes] == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize(("entry_date", "fires"), [("false", True), ("true", False)])
def test_late_logs_page_as_a_storm_unless_something_dates_them(write, tmp_path, entry_date, fires):
    # Fifty-one revocations over two hours, all of which arrive together once Datadog is back.
    lines = [line(30 + 140 * n, number=n) for n in range(51)]
    (tmp_path / "slow.ndjson").write_text("\n".join(lines))
    pipeline = json.loads(pipeline_text())
    kept = [step for step in pipeline["processors"] if step["type"] != "date-remapper"]
    assert len(kept) < len(pipeline["processors"])
    (tmp_path / "pipeline.json").write_text(json.dumps(pipeline | {"processors": kept}))
    path = write(
        f'name: one, events: {{recording: slow.ndjson, start: "{rfc3339(START)}", duration: 3h}}, '
        "pipelines: [pipeline.json], "
        f'delivery: {{outages: [{{from: "+0s", to: "+2h"}}], entry_date: {entry_date}}}, '
        "expect: none-fires"
    )
    outcome = run_rehearsal(load_spec(path)[0], simulate)
    fired = [each for each in outcome.passes[0].transitions if each.index == 0]
    assert any(each.destination == "Alert" for each in fired) is fires
