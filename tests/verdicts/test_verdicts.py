"""The short form of ``make verdicts``: each bug and each fault once, and mistakes that it would notice."""

from __future__ import annotations

from collections import Counter

import pytest

from grantex_sim.account.verdicts import EventVerdict, Judge
from grantex_sim.events.hearing import Hearing
from grantex_sim.scenario.bundled import bundled_names
from tests.verdicts.bugs import MUTANTS, REFERENCE
from tests.verdicts.cases import CASES, NO_FAULT, Case
from tests.verdicts.run import Summary
from tests.verdicts.trial import PATHS, Outcome, Trial, plan, run
from tests.verdicts.worker import Failure, try_all


EVENTS = 600
BUGS = (REFERENCE, *MUTANTS)
STEP = 3
ROWS = [
    (bundled_names()[number % len(bundled_names())], case, BUGS[number % len(BUGS)])
    for number, case in enumerate(CASES)
]
LOSING = Case("stream every=300 type=* reset")


@pytest.mark.parametrize(
    ("number", "scenario", "case", "bug"),
    [(number, *row) for number, row in enumerate(ROWS) if not number % STEP],
    ids=lambda value: getattr(value, "fault", None) or getattr(value, "name", None),
)
async def test_every_verdict_is_the_right_one(number, scenario, case, bug):
    outcome = await run(Trial(scenario, case, bug, PATHS[number % len(PATHS)]), EVENTS)
    assert outcome.wrong == {}


async def test_what_a_bug_costs_is_lost_and_nothing_else_is():
    bug = next(bug for bug in MUTANTS if bug.name == "drops one in 97")
    outcome = await run(Trial("quiet", NO_FAULT, bug, ("sse",)), EVENTS)
    assert outcome.lost == outcome.verdicts["lost"] == EVENTS // 97
    assert outcome.verdicts["delivered"] == EVENTS - EVENTS // 97


@pytest.mark.parametrize(
    ("owner", "name", "instead"),
    [
        (Hearing, "withhold", lambda self, cause, client: None),
        (Hearing, "hear", lambda self, now: None),
        (Judge, "_of_heard", lambda self, heard_at: EventVerdict.PENDING),
    ],
)
async def test_a_ledger_that_is_wrong_is_noticed(monkeypatch, owner, name, instead):
    monkeypatch.setattr(owner, name, instead)
    bug = next(bug for bug in MUTANTS if bug.name == "forgets what waits when a stream ends")
    outcomes = [
        await run(Trial("quiet", case, bug, ("sse",)), EVENTS)
        for case in (Case("stream every=7 skip"), Case("stream kill after-events=200"))
    ]
    assert any(outcome.wrong for outcome in outcomes)


def test_the_long_form_has_each_bug_under_each_fault_on_each_path():
    runs = [*plan(BUGS, CASES)]
    assert len(MUTANTS) == len({bug.name for bug in MUTANTS}) == 20
    assert len(runs) == len(BUGS) * len(CASES) > 1_000
    assert {scenario for scenario, *_ in runs} == {*bundled_names()}
    assert {paths for *_, paths in runs} == {*PATHS}


def test_a_trial_that_does_not_end_is_named_and_holds_up_no_other(capsys):
    ((number, outcome),) = try_all([0], 50, deadline=0.001)
    assert outcome == Failure("still busy after 0.001 s")
    trials = [*plan(BUGS, CASES)]
    summary = Summary(trials, 2)
    summary.add(number, outcome)
    summary.add(1, Outcome({}, Counter(delivered=50), 0))
    summary.end()
    said = capsys.readouterr().out
    assert f"FAILED {trials[0].name}: still busy" in said
    assert "2 trials, 50 verdicts, 0 wrong, 1 failed" in said
    assert summary.failed
