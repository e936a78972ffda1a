"""The report as GitHub-flavoured Markdown, for a comment on a pull request.

Foreign text stands in code spans and code blocks only: there it is neither markup nor a mention
that would notify people, nor a link.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from grantex_tui.report import noticed
from grantex_tui.report.facts import (
    about,
    doubts,
    notes,
    phase_text,
    place,
    summary,
    tested,
)
from grantex_tui.report.fences import WIDTH, code, fenced
from grantex_tui.report.messages import body_lines, messages
from grantex_tui.report.styled import inert, plain
from grantex_tui.report.table import columns, rows
from grantex_tui.report.timeline.axis import Scale, moment_text
from grantex_tui.report.timeline.timeline import timeline
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.report.columns import Column
    from grantex_tui.report.facts import Note

_MOST = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""
_EACH, _LINES, _LONGEST = 1, 6, 300
_GOOD, _BAD = "✅", "❌"


def render(outcomes: Sequence[Outcome], *, seconds: float | None = None) -> str:
    """The report of all outcomes: a table, then what failed in full, ready to be unfolded.

    What would make the comment longer than GitHub takes is left out, and that is said.

    Args:
        outcomes: what was run.
        seconds: what all of it took; by default the sum of what each took.
    """
    good = all(each.passed for each in outcomes)
    head = [f"### {_GOOD if good else _BAD} Rehearsals", summary(outcomes, seconds)]
    if any(each.verdicts or each.error for each in outcomes):
        head.append(_table_of(outcomes))
    parts, used, left_out = head, sum(map(len, head)), 0
    told = [each for each in outcomes if not each.passed or not each.verdicts]
    for outcome in sorted(told, key=lambda each: each.passed):
        block = "\n\n".join(_block(outcome))
        if used + len(block) > _MOST:
            left_out += 1
            continue
        parts.append(block)
        used += len(block)
    if left_out:
        parts.append(f"_{left_out} of these not in full: the comment would be too long._")
    whole = "\n\n".join(parts)
    return "\n".join(map(inert, whole.split("\n"))) + "\n"


def _table_of(outcomes: Sequence[Outcome]) -> str:
    lines = ["| | rehearsal | expectations | s |", "|---|---|---|---:|"]
    for each in outcomes:
        failed = sum(not verdict.passed for verdict in each.verdicts)
        everything = len(each.verdicts)
        which = f"{failed} of {everything} failed" if failed else f"{everything} hold"
        if each.error is not None:
            which = "could not be run"
        mark = _GOOD if each.passed else _BAD
        if mind := doubts(each):
            which += f" ⚠️ {code(mind, in_table=True)}"
        name = code(each.rehearsal[:_LONGEST], in_table=True)
        lines.append(f"| {mark} | {name} | {which} | {each.seconds:.1f} |")
    return "\n".join(lines)


def _block(outcome: Outcome) -> Iterator[str]:
    name = escape(printable(outcome.rehearsal, limit=_LONGEST))
    mark = _GOOD if outcome.passed else _BAD
    opened = "" if outcome.passed else " open"
    yield f"<details{opened}><summary>{mark} <code>{name}</code></summary>"
    if outcome.error is not None:
        yield fenced(outcome.error.splitlines())
    for verdict in outcome.verdicts:
        if not verdict.passed:
            yield from _verdict(verdict, outcome)
    if outcome.passes:
        yield from _passes(outcome.passes)
    yield "</details>"


def _verdict(verdict: Verdict, outcome: Outcome) -> Iterator[str]:
    where = place(verdict)
    at = f" at {code(where)}" if where else ""
    yield f"{_BAD} {code(verdict.expectation[:600])}{at}"
    phases = phase_text(verdict, outcome.passes)
    reason = [*verdict.reason.splitlines(), *([phases] if phases else [])]
    if verdict.explanation:
        reason += ["", *verdict.explanation.splitlines()]
    if reason:
        yield fenced(reason)


def _passes(passes: Sequence[Pass]) -> Iterator[str]:
    total, monitors = tested(passes)
    minded = notes(passes, monitors)
    yield code(about(passes))
    for note in minded:
        if note.kind == "bad":
            yield f"⚠️ {code(note.text)}"
    yield fenced(plain(timeline(passes, WIDTH)))
    yield _table(columns(with_incidents=bool(passes[0].incidents)), rows(total, monitors), {0})
    if passes[0].incidents:
        yield _table(noticed.COLUMNS, noticed.rows(passes[0], monitors), {0, 3})
    yield from _messages(passes[0])
    yield from _rest([note for note in minded if note.kind != "bad"])


def _table(heads: Sequence[Column], texts: Sequence[Sequence[str]], foreign: set[int]) -> str:
    """A table; the columns of *foreign* hold names, the others only what we wrote."""
    lines = [
        " | ".join(column.name for column in heads),
        " | ".join("---" if column.left else "---:" for column in heads),
    ]
    lines += [
        " | ".join(
            code(text, in_table=True) if number in foreign else text
            for number, text in enumerate(row)
        )
        for row in texts
    ]
    return "\n".join(f"| {line} |" for line in lines)


def _messages(rehearsed: Pass) -> Iterator[str]:
    found = messages(rehearsed, each=_EACH)
    if not found.shown:
        return
    scale = Scale(rehearsed.start, rehearsed.end, 1)
    lines: list[str] = []
    for each in found.shown:
        to = " ".join(each.recipients) or "nobody"
        lines += [
            f"{moment_text(each.transition.at, scale)} {each.title}",
            f"  to {to}",
            *(f"  | {text}" for text in body_lines(each.body, _LINES, _LONGEST)),
        ]
    more = f" ({found.more:,} more)" if found.more else ""
    yield f"<details><summary>Messages{more}</summary>"
    yield fenced(lines)
    yield "</details>"


def _rest(minded: Sequence[Note]) -> Iterator[str]:
    if minded:
        yield "<details><summary>Gaps, unreadable lines, approximations</summary>"
        yield fenced(f"{note.kind}: {note.text}" for note in minded)
        yield "</details>"
