"""The report as JUnit XML: a suite for each rehearsal file, a case for each expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.report.facts import about, phase_text, place
from grantex_tui.report.markup import lines, text
from grantex_tui.report.styled import inert, plain
from grantex_tui.report.timeline.timeline import timeline


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict

_WIDTH = 100


def render(outcomes: Sequence[Outcome], *, seconds: float | None = None) -> str:
    """The report of all outcomes.

    A rehearsal that could not be run is a case with an error. Of each rehearsal the first case
    that fails has the timeline in its output.

    Args:
        outcomes: what was run.
        seconds: what all of it took; by default the sum of what each took.
    """
    by_path: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_path.setdefault(outcome.path, []).append(outcome)
    took = sum(each.seconds for each in outcomes) if seconds is None else seconds
    told = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {_attributes(name='rehearsals', **_counts(outcomes, took))}>",
    ]
    for path, own in by_path.items():
        told += _suite(path, own)
    return "\n".join([*told, "</testsuites>"]) + "\n"


def _suite(path: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    counts = _counts(outcomes, sum(each.seconds for each in outcomes))
    yield f"  <testsuite {_attributes(name=path, **counts)}>"
    for outcome in outcomes:
        yield from _cases(outcome)
    yield "  </testsuite>"


def _counts(outcomes: Sequence[Outcome], seconds: float) -> dict[str, str]:
    verdicts = [verdict for each in outcomes for verdict in each.verdicts]
    errors = sum(each.error is not None for each in outcomes)
    return {
        "tests": str(len(verdicts) + errors),
        "failures": str(sum(not verdict.passed for verdict in verdicts)),
        "errors": str(errors),
        "time": f"{seconds:.3f}",
    }


def _cases(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None:
        where = _where(outcome.path, outcome.line)
        yield from _case("can be run", outcome, 0.0, where, _told("error", outcome.error))
    failed = [number for number, each in enumerate(outcome.verdicts) if not each.passed]
    for number, verdict in enumerate(outcome.verdicts):
        body: list[str] = []
        if not verdict.passed:
            body += _told("failure", _reason(verdict, outcome), type_=verdict.kind)
        if number in failed[:1] and outcome.passes:
            body += _element("system-out", _picture(outcome))
        took = outcome.seconds / len(outcome.verdicts)
        yield from _case(verdict.expectation, outcome, took, _where(*verdict.where), body)


def _case(
    name: str, outcome: Outcome, seconds: float, where: dict[str, str], body: Iterable[str]
) -> Iterator[str]:
    own = _attributes(name=name, classname=outcome.rehearsal, time=f"{seconds:.3f}", **where)
    inside = list(body)
    if not inside:
        yield f"    <testcase {own}/>"
        return
    yield f"    <testcase {own}>"
    yield from inside
    yield "    </testcase>"


def _where(path: str, line: int) -> dict[str, str]:
    return ({"file": path} if path else {}) | ({"line": str(line)} if line else {})


def _reason(verdict: Verdict, outcome: Outcome) -> str:
    parts = (verdict.reason, phase_text(verdict, outcome.passes), place(verdict))
    said = "\n".join(part for part in parts if part)
    return f"{said}\n\n{verdict.explanation}".rstrip()


def _picture(outcome: Outcome) -> str:
    drawn = [about(outcome.passes), "", *plain(timeline(outcome.passes, _WIDTH))]
    return "\n".join(map(inert, drawn))


def _told(name: str, said: str, *, type_: str = "") -> list[str]:
    first = said.partition("\n")[0]
    kind = {"type": type_} if type_ else {}
    return _element(name, said, message=first, **kind)


def _element(name: str, said: str, **attributes: str) -> list[str]:
    head = f"{name} {_attributes(**attributes)}".rstrip()
    return [f"      <{head}>{lines(said)}</{name}>"]


def _attributes(**attributes: str) -> str:
    return " ".join(f'{name}="{text(said)}"' for name, said in attributes.items())
