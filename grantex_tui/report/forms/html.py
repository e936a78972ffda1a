"""The report as one HTML page that asks nobody for anything: no script, no picture, no font.

Light or dark as the reader's system is; on a phone as well as on a desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.report import noticed
from grantex_tui.report.facts import (
    about,
    notes,
    phase_text,
    place,
    summary,
    tested,
)
from grantex_tui.report.markup import element, lines, text
from grantex_tui.report.messages import body_lines, messages
from grantex_tui.report.render.html import page, table
from grantex_tui.report.table import columns, rows
from grantex_tui.report.timeline.axis import Scale, moment_text
from grantex_tui.report.timeline.strips import strips


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.rehearsal.measure.measures import Measures
    from grantex_tui.report.facts import Note, Tested

_EACH, _MOST, _LINES = 20, 200, 40
"""Of each kind of every monitor so many messages, so many in all, of each so many lines."""


def render(outcomes: Sequence[Outcome], *, seconds: float | None = None) -> str:
    """The page of all outcomes: what failed first.

    Args:
        outcomes: what was run.
        seconds: what all of it took; by default the sum of what each took.
    """
    said = summary(outcomes, seconds)
    failed = not all(each.passed for each in outcomes)
    ordered = sorted(outcomes, key=lambda each: each.passed)
    head = element("p", text(said), class_="bad" if failed else "good")
    body = [element("h1", "Rehearsals"), head]
    if len(outcomes) > 1:
        body.append(_contents(ordered))
    body += [_section(number, each) for number, each in enumerate(ordered, 1)]
    return page(f"Rehearsals: {said}", body)


def _contents(outcomes: Iterable[Outcome]) -> str:
    return _list(
        (
            _mark(each) + element("a", text(each.rehearsal), href=f"#r{number}"),
            each.passed,
        )
        for number, each in enumerate(outcomes, 1)
    )


def _list(items: Iterable[tuple[str, bool]]) -> str:
    return element(
        "ul",
        "\n".join(
            element("li", item, class_="passed" if good else "failed") for item, good in items
        ),
    )


def _mark(result: Outcome | Verdict) -> str:
    return element("span", "ok" if result.passed else "FAIL", class_="mark") + " "


def _section(number: int, outcome: Outcome) -> str:
    title = element("h2", text(outcome.rehearsal))
    where = outcome.path + (f":{outcome.line}" if outcome.line else "")
    parts = [title]
    if where != outcome.rehearsal:
        parts.append(element("div", text(where), class_="faint"))
    if outcome.error is not None:
        parts.append(element("pre", lines(outcome.error), class_="bad"))
    verdicts = sorted(outcome.verdicts, key=lambda each: each.passed)
    if verdicts:
        parts.append(_list((_verdict(each, outcome), each.passed) for each in verdicts))
    minded: list[Note] = []
    if outcome.passes:
        total, monitors = tested(outcome.passes)
        minded = notes(outcome.passes, monitors)
        parts += _passes(outcome.passes, total, monitors, minded)
    kind = _kind(outcome, minded)
    return element("section", "\n".join(parts), id=f"r{number}", class_=kind)


def _kind(outcome: Outcome, minded: Iterable[Note]) -> str:
    """How a section looks: where nothing was expected, it isn't good for that."""
    if not outcome.passed or (not outcome.verdicts and any(n.kind == "bad" for n in minded)):
        return "failed"
    return "passed" if outcome.verdicts else "observed"


def _verdict(verdict: Verdict, outcome: Outcome) -> str:
    said = _mark(verdict) + text(verdict.expectation)
    if verdict.reason:
        said += element("pre", lines(verdict.reason))
    if phases := phase_text(verdict, outcome.passes):
        said += element("div", text(phases), class_="bad")
    if not verdict.passed and (where := place(verdict)):
        said += element("div", text(where), class_="faint")
    if verdict.explanation:
        why = element("pre", lines(verdict.explanation.rstrip()), class_="faint")
        said += element("details", element("summary", "Why") + why)
    return said


def _passes(
    passes: Sequence[Pass], total: Measures, monitors: Sequence[Tested], minded: Sequence[Note]
) -> Iterator[str]:
    yield element("p", text(about(passes)))
    for note in minded:
        if note.kind == "bad":
            yield element("p", text(note.text), class_="bad")
    yield strips(passes)
    yield table(columns(with_incidents=bool(passes[0].incidents)), rows(total, monitors))
    if passes[0].incidents:
        yield table(noticed.COLUMNS, noticed.rows(passes[0], monitors))
    yield from _messages(passes[0])
    yield from _rest([note for note in minded if note.kind != "bad"])


def _messages(rehearsed: Pass) -> Iterator[str]:
    found = messages(rehearsed, each=_EACH, most=_MOST)
    if not found.shown:
        return
    scale = Scale(rehearsed.start, rehearsed.end, 1)
    more = f", {found.more:,} more not shown" if found.more else ""
    title = element("summary", f"Messages: {len(found.shown)}{more}")
    yield element("details", title + "\n".join(_message(each, scale) for each in found.shown))


def _message(told: Notification, scale: Scale) -> str:
    when = moment_text(told.transition.at, scale)
    head = f"{element('span', when, class_='faint')} {element('b', text(told.title))}"
    to = text(" ".join(told.recipients) or "nobody")
    body = "\n".join(body_lines(told.body, _LINES))
    return element(
        "article",
        element("div", head)
        + element("div", f"to {to}", class_="faint")
        + element("pre", lines(body)),
    )


def _rest(minded: Sequence[Note]) -> Iterator[str]:
    if minded:
        items = "\n".join(element("li", text(f"{note.kind}: {note.text}")) for note in minded)
        title = element("summary", "Gaps, unreadable lines, approximations")
        yield element("details", title + element("ul", items))
