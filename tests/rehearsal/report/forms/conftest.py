"""Outcomes made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grantex_tui.events.gap import Gap
from grantex_tui.monitoring.evaluate.states import Notification
from grantex_tui.rehearsal.engine.model import GUIDE, Incident
from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict


HOSTILE = (
    "\x1b[31mred\x07\x00\u202eevil\r\n</script><b>&\"'`|*_@octocat #1 ]]> :: %,%0A 名前\ud800\ufffe"
)
SPEC = "fixtures/denials.rehearsal.yaml"


def verdict(
    text: str, *, passed: bool = True, reason: str = "", line: int = 12, **others
) -> Verdict:
    return Verdict("pages once", text, "at_most", passed, reason, where=(SPEC, line), **others)


@pytest.fixture(scope="session")
def hostile() -> str:
    """Text that tries whatever could break out: terminal, bidi, HTML, Markdown, XML, GitHub."""
    return HOSTILE


@pytest.fixture(scope="session")
def make_verdict() -> Callable[..., Verdict]:
    """Makes a verdict: text, passed, reason, line."""
    return verdict


@pytest.fixture(scope="session")
def burst(make_pass, make_monitor, nine):
    """A pass: an alert about an incident, an hour in all, told of with messages; a gap."""
    group = (("agent", "a1"),)
    rehearsed = make_pass(
        (make_monitor("denials", by=["agent"]), {group: "." * 20 + "wwAAAAww" + "." * 32}),
        (make_monitor("beat", comparator="<", critical=1), {(): "." * 60}),
        incidents=(Incident("jam", nine + 1140, nine + 1500), Incident("later", nine + 3300, nine + 3400)),
        extremes={(0, group): (0.0, 41.0), (1, ()): (3.0, 9.0)},
        gaps=(Gap(nine + 1800, nine + 1860, "reconnecting"),),
        problems=("denials.ndjson:7: not JSON", "and 3 more lines"),
        approximations=("phase: evaluations lie 0 s past the full minute; Datadog's own is unknown",),
        delivery=GUIDE,
    )  # fmt: skip
    told = tuple(
        Notification(each, ("@pagerduty-x",), f"[{each.kind}] denials", "Too many.\n\nLook first.")
        for each in rehearsed.transitions
    )
    object.__setattr__(rehearsed, "notifications", told)
    return rehearsed


@pytest.fixture(scope="session")
def failing(burst, make_verdict) -> Outcome:
    """A rehearsal of which one expectation fails."""
    verdicts = (
        make_verdict("denials alerts at least once", line=11),
        make_verdict(
            "denials has at most 0 alerts",
            passed=False,
            reason="1 alert:\n  +22m (2026-01-05T09:22:00Z) agent:a1",
            monitor="denials",
        ),
    )
    return Outcome("pages once", SPEC, (burst,), verdicts, seconds=0.25, line=4)


@pytest.fixture(scope="session")
def passing(burst, make_verdict) -> Outcome:
    """A rehearsal whose expectations hold."""
    verdicts = (make_verdict("denials alerts"), make_verdict("beat never alerts"))
    return Outcome("all is well", SPEC, (burst,), verdicts, seconds=0.5, line=30)


@pytest.fixture(scope="session")
def broken() -> Outcome:
    """A rehearsal that could not be run."""
    error = "none.ndjson: no such file\n  Check the path."
    return Outcome("has no events", SPEC, error=error, exit_code=3, line=40)


@pytest.fixture(scope="session")
def observed(burst) -> Outcome:
    """A recording, rehearsed without a spec."""
    return Outcome("denials.ndjson", "denials.ndjson", (burst,), seconds=1.25)


@pytest.fixture(scope="session")
def nasty(make_pass, make_monitor, make_verdict, nine, hostile) -> Outcome:
    """A failing outcome in which every foreign text is hostile."""
    group = ((hostile, hostile), ("b", hostile[::-1]))
    rehearsed = make_pass(
        (make_monitor(hostile, by=[hostile, "b"]), {group: "..AA.."}),
        incidents=(Incident(hostile, nine + 60, nine + 300),),
        gaps=(Gap(nine, nine + 60, hostile),),
        problems=(hostile,),
        approximations=(hostile,),
        source=hostile,
    )
    told = tuple(
        Notification(each, (f"@{hostile}",), hostile, f"{hostile}\n```\n{hostile}")
        for each in rehearsed.transitions
    )
    object.__setattr__(rehearsed, "notifications", told)
    bad = make_verdict(hostile, passed=False, reason=f"{hostile}\n  {hostile}", monitor=hostile)
    return Outcome(hostile, f"{hostile}.yaml", (rehearsed,), (bad,), seconds=0.1, line=3)
