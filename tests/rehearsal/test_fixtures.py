"""The bundled monitors over the bundled scenarios, as the rehearsals in `fixtures` expect it.

All but the one over two weeks, which takes longer than the rest of these tests together; it is run
by `grantex-tui rehearse fixtures/rehearsals`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grantex_tui.rehearsal.simulated import simulate
from grantex_tui.rehearsal.spec_read import load_spec
from grantex_tui.rehearsal.suite import find_specs, run_rehearsal


FOLDER = Path(__file__).parents[2] / "fixtures" / "rehearsals"
REHEARSALS = [
    each
    for path in find_specs(str(FOLDER))
    for each in load_spec(path)
    if each.source.scenario != "two-weeks"
]


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
