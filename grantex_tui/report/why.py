"""Why expectations failed: the evaluations to look at, explained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.errors import GrantexTuiError
from grantex_tui.rehearsal.explain.explain import explain
from grantex_tui.rehearsal.suite.run import known_of, run_passes
from grantex_tui.report.explanation import explanation_report
from grantex_tui.report.render.text import write


if TYPE_CHECKING:
    from grantex_tui.rehearsal.engine.simulated import Simulate
    from grantex_tui.rehearsal.expect.judge import Expectation
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal

_WIDTH = 80
_EXPLAINED = 3
"""So many of a rehearsal's failures: each explanation reads the events once more."""


def explained(rehearsal: Rehearsal, outcome: Outcome, simulate: Simulate) -> Outcome:
    """The outcome with explanations of its failures, the first few of them.

    Where its passes don't hold every evaluation, those phases are run once more that fail.

    Args:
        rehearsal: that was run.
        outcome: what it came to.
        simulate: makes events of a scenario, which are read again.
    """
    failures = [
        (number, verdict)
        for number, verdict in enumerate(outcome.verdicts)
        if not verdict.passed and verdict.at is not None and verdict.phase is not None
    ][:_EXPLAINED]
    if not failures:
        return outcome
    seen = outcome
    if not any(each.tracks for each in outcome.passes):
        phases = tuple(sorted({verdict.phase or 0 for _, verdict in failures}))
        again = replace(rehearsal, phases=phases)
        seen = replace(outcome, passes=run_passes(again, simulate, with_tracks=True))
    verdicts = list(outcome.verdicts)
    for number, verdict in failures:
        text = why(
            rehearsal,
            rehearsal.expectations[number],
            verdict,
            seen,
            simulate,
            with_approximations=False,  # the reports list them once
        )
        verdicts[number] = replace(verdict, explanation=text)
    return replace(outcome, verdicts=tuple(verdicts))


def why(
    rehearsal: Rehearsal,
    expectation: Expectation,
    verdict: Verdict,
    outcome: Outcome,
    simulate: Simulate,
    *,
    with_approximations: bool = True,
) -> str:
    """The explanation of a failed expectation; "" if there is no single evaluation to look at.

    Args:
        rehearsal: whose expectation it is.
        expectation: it failed.
        verdict: on it.
        outcome: with tracks in its passes.
        simulate: makes events of a scenario, which are read a second time.
        with_approximations: say what it rests on, too.
    """
    monitors = expectation.claim.monitors
    if verdict.at is None or len(monitors) != 1 or verdict.phase is None:
        return ""
    found = next(each for each in outcome.passes if each.phase == verdict.phase)
    if not found.start <= verdict.at <= found.end:
        return ""
    try:
        known = known_of(rehearsal, simulate)
        told = explain(found, rehearsal.plan, known.make_events, monitor=monitors[0], at=verdict.at)
    except GrantexTuiError:
        return ""  # the verdict stands without it: there was no evaluation yet, for one
    shown = told if with_approximations else replace(told, approximations=())
    return write(explanation_report(shown), _WIDTH)
