from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.rehearsal.suite.run import run_rehearsal
from grantex_tui.report.why import explained


START = 1_780_000_020.0
EVENTS = f'events: {{recording: r.ndjson, start: "{rfc3339(START)}", duration: 10m}}'


@pytest.fixture
def load(tmp_path):
    """The only rehearsal of a file whose recording has 51 revocations in the first minute."""
    event = {"type": "grant.revoked", "createdAt": rfc3339(START + 30), "data": {}}
    lines = [json.dumps({"id": f"evt_{number}", **event}) for number in range(51)]
    (tmp_path / "r.ndjson").write_text("\n".join(lines))

    def load(expect: str, more: str = ""):
        path = tmp_path / "a.rehearsal.yaml"
        head = "version: 1\nmonitors: [pack/revocations, pack/heartbeat]\nrehearsals:\n"
        path.write_text(f"{head}  - {{name: it, {EVENTS}, {more}expect: {expect}}}\n")
        (rehearsal,) = load_spec(str(path))
        return rehearsal

    return load


def test_a_failure_is_explained_though_evaluations_were_not_kept(load):
    rehearsal = load("{never: {monitor: revocations}}", "phase: 10, ")
    outcome = run_rehearsal(rehearsal, simulate)
    assert not outcome.passes[0].tracks
    (verdict,) = explained(rehearsal, outcome, simulate).verdicts
    assert verdict.explanation.startswith("Grantex: many grants revoked: Alert at +")
    assert "51" in verdict.explanation
    assert replace(verdict, explanation="") == outcome.verdicts[0]


def test_where_they_were_kept_the_explanation_is_the_same(load):
    rehearsal = load("{never: {monitor: revocations}}")
    plain = explained(rehearsal, run_rehearsal(rehearsal, simulate), simulate)
    kept = explained(rehearsal, run_rehearsal(rehearsal, simulate, with_tracks=True), simulate)
    assert plain.verdicts == kept.verdicts


def test_what_holds_is_left_as_it_is(load):
    rehearsal = load("{at_most: {monitor: revocations, alerts: 1}}")
    outcome = run_rehearsal(rehearsal, simulate)
    assert explained(rehearsal, outcome, simulate) is outcome


def test_what_could_not_be_run_is_left_as_it_is(load, tmp_path):
    rehearsal = load("{never: {monitor: revocations}}")
    (tmp_path / "r.ndjson").unlink()
    outcome = run_rehearsal(rehearsal, simulate)
    assert outcome.error
    assert explained(rehearsal, outcome, simulate) is outcome
