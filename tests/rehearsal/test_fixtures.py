"""The bundled monitors over the bundled scenarios, as the rehearsals in `fixtures` expect it.

All but the one over two weeks, which takes longer than the rest of these tests together; it is run
by `grantex-tui rehearse fixtures/rehearsals`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grantex_tui.rehearsal.coverage.coverage import cover
from grantex_tui.rehearsal.coverage.facts import merged
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.rehearsal.suite.run import find_specs, run_rehearsal
from tests.support.plans import load_plan


FOLDER = Path(__file__).parents[2] / "fixtures" / "rehearsals"
REHEARSALS = [
    each
    for path in find_specs(str(FOLDER))
    for each in load_spec(path)
    if each.source.scenario != "two-weeks"
]
EXACT = [each for each in REHEARSALS if each.path.endswith("edges.rehearsal.yaml")]


@pytest.mark.parametrize("rehearsal", REHEARSALS, ids=[each.name for each in REHEARSALS])
def test_every_expectation_holds(rehearsal):
    outcome = run_rehearsal(rehearsal, simulate)
    assert outcome.error is None
    assert outcome.verdicts
    assert [f"{v.expectation}: {v.reason}" for v in outcome.verdicts if not v.passed] == []


def test_a_threshold_out_of_reach_would_be_noticed():
    storm = next(each for each in REHEARSALS if each.source.scenario == "revocation-storm")
    monitors = [
        replace(monitor, options=replace(monitor.options, thresholds=thresholds))
        for monitor in storm.plan.monitors
        for thresholds in [replace(monitor.options.thresholds, critical=1e6)]
    ]
    changed = replace(storm, phases=(0,), plan=replace(storm.plan, monitors=monitors))
    failed = [v for v in run_rehearsal(changed, simulate).verdicts if not v.passed]
    assert "storm, from +20m" in next(v.reason for v in failed if v.kind == "time_to_detect")
    assert "was not noticed" in next(v.reason for v in failed if v.kind == "time_to_detect")
    assert {v.kind for v in failed} >= {"time_to_detect", "transitions_include", "notifications"}


def test_recordings_at_the_edges_notice_every_small_change_of_every_monitor_that_is_exact():
    told = merged([cover(each, simulate) for each in EXACT])
    assert told.failing == ()
    assert {each.name for each in told.monitors} == {
        monitor.name for monitor in load_plan().monitors if monitor.query.band is None
    }
    left = [(each.name, m.what) for each in told.monitors for m in each.mutants if not m.noticed]
    assert left == []
    assert told.mutants > 40


def test_the_anomaly_monitor_is_pinned_by_an_agent_out_of_hand():
    runaway = next(each for each in REHEARSALS if each.source.scenario == "runaway-agent")
    monitors = [m for m in runaway.plan.monitors if m.query.band is not None]
    told = merged([cover(runaway, simulate)])
    (facts,) = [each for each in told.monitors if each.name == monitors[0].name]
    assert [mutant.what for mutant in facts.mutants if not mutant.noticed] == []


def test_recordings_at_the_edges_are_small_enough_to_read():
    files = sorted((FOLDER / "edges").glob("*.ndjson"))
    assert {file.stem for file in files} == {
        each.source.recordings[0].split("/")[-1][:-7] for each in EXACT
    }
    assert max(len(file.read_text().splitlines()) for file in files) < 100
