"""Why an expectation failed: the evaluation to look at, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.errors import GrantexTuiError
from grantex_tui.rehearsal.explain import explain
from grantex_tui.rehearsal.explain_report import render
from grantex_tui.rehearsal.suite import known_of


if TYPE_CHECKING:
    from grantex_tui.rehearsal.expect import Expectation
    from grantex_tui.rehearsal.spec import Rehearsal
    from grantex_tui.rehearsal.suite import Simulate
    from grantex_tui.rehearsal.verdict import Outcome, Verdict


def why(
    rehearsal: Rehearsal,
    expectation: Expectation,
    verdict: Verdict,
    outcome: Outcome,
    simulate: Simulate,
) -> str:
    """The explanation of a failed expectation; "" if there is no single evaluation to look at.

    Args:
        rehearsal: whose expectation it is.
        expectation: it failed.
        verdict: on it.
        outcome: with tracks in its passes.
        simulate: makes events of a scenario, which are read a second time.
    """
    monitors = expectation.claim.monitors
    if verdict.at is None or len(monitors) != 1 or not verdict.phases_failed:
        return ""
    failed = verdict.phases_failed[0]
    found = next(each for each in outcome.passes if each.phase == failed)
    if not found.start <= verdict.at <= found.end:
        return ""
    try:
        known = known_of(rehearsal, simulate)
        told = explain(found, rehearsal.plan, known.make_events, monitor=monitors[0], at=verdict.at)
    except GrantexTuiError:
        return ""  # the verdict stands without it: there was no evaluation yet, for one
    return render(told)
