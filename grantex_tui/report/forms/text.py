"""The report for a terminal: what failed and why comes first, then how it came about."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.report import noticed
from grantex_tui.report.columns import text_table
from grantex_tui.report.facts import (
    about,
    doubts,
    notes,
    phase_text,
    place,
    summary,
    tested,
)
from grantex_tui.report.messages import body_lines, messages
from grantex_tui.report.styled import Piece, ansi, clip_middle, fold, inert, line, plain
from grantex_tui.report.table import columns, rows
from grantex_tui.report.timeline.axis import Scale, moment_text
from grantex_tui.report.timeline.timeline import timeline
from grantex_tui.words.display import cell_width, clip_cells, printable
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.rehearsal.measure.measures import Measures
    from grantex_tui.report.facts import Note, Tested
    from grantex_tui.report.styled import Line, Style

_NARROWEST = 24
_NARROW = 40
_EACH, _LINES, _LONGEST = 1, 3, 160
"""Of each kind of every monitor so many messages, of each so many lines of so many characters."""
_DEEP = " " * 8
_MARKS: dict[str, tuple[str, Style]] = {
    "passed": ("ok   ", "good"),
    "failed": ("FAIL ", "bad"),
    "error": ("ERROR", "bad"),
}
_TOLD: dict[State, Style] = {
    State.ALERT: "alert",
    State.WARN: "warn",
    State.NO_DATA: "no data",
    State.OK: "ok",
}
_KINDS: dict[str, tuple[str, Style]] = {
    "bad": ("!", "bad"),
    "gap": ("gap:", "gap"),
    "unreadable": ("unreadable:", "warn"),
    "approximate": ("approximate:", "dim"),
}


def render(
    outcomes: Sequence[Outcome],
    *,
    width: int,
    color: bool,
    verbose: bool = False,
    seconds: float | None = None,
) -> str:
    """The report for people.

    Args:
        outcomes: what was run. Those that failed, and those without expectations, are told in
            full, the others in a line.
        width: of the terminal, in cells; no line is wider, unless that is under 24.
        color: with ANSI colours; without, nothing is lost.
        verbose: passing rehearsals in full, too, and every message whole.
        seconds: what all of it took; by default the sum of what each took.
    """
    lines = list(_lines(outcomes, max(width, _NARROWEST), verbose=verbose, seconds=seconds))
    return "\n".join(map(inert, ansi(lines) if color else plain(lines))) + "\n"


def _lines(
    outcomes: Sequence[Outcome], width: int, *, verbose: bool, seconds: float | None
) -> Iterator[Line]:
    told = [each for each in outcomes if verbose or not each.passed or not each.verdicts]
    for outcome in sorted(told, key=lambda each: each.passed):
        yield from _block(outcome, width, verbose=verbose)
        yield ()
    if any(each.verdicts or each.error for each in outcomes):
        for outcome in outcomes:
            yield from _in_short(outcome, width)
            if outcome.verdicts and (mind := doubts(outcome)):
                yield from _folded(f"! {mind}", width, " " * 6, "warn")
    failed = not all(each.passed for each in outcomes)
    for text in fold(summary(outcomes, seconds), width):
        yield line(Piece(text, "bad" if failed else "bold"))


def _block(outcome: Outcome, width: int, *, verbose: bool) -> Iterator[Line]:
    """All of one outcome."""
    yield from _head(outcome, width)
    if outcome.error is not None:
        for text in outcome.error.splitlines():
            yield from _folded(printable(text, limit=2000), width, "  ", "bad")
    for verdict in sorted(outcome.verdicts, key=lambda each: each.passed):
        yield from _verdict(verdict, outcome, width)
    if not outcome.passes:
        return
    total, monitors = tested(outcome.passes)
    minded = notes(outcome.passes, monitors)
    if outcome.verdicts:
        yield ()
    yield from _folded(about(outcome.passes), width, "")
    yield from _notes((note for note in minded if note.kind == "bad"), width)
    yield ()
    yield from timeline(outcome.passes, width)
    yield ()
    yield from _table(outcome.passes, total, monitors, width)
    yield from _incidents(outcome.passes[0], monitors, width)
    yield from _messages(outcome.passes, width, verbose=verbose)
    rest = [note for note in minded if note.kind != "bad"]
    if rest:
        yield ()
        yield from _notes(rest, width)


def _head(outcome: Outcome, width: int) -> Iterator[Line]:
    if not outcome.verdicts and outcome.error is None:
        return
    mark, style = _MARKS[_result(outcome)]
    name = printable(outcome.rehearsal, limit=200)
    yield from _marked(mark, style, name, width, "bold")
    where = printable(outcome.path, limit=300)
    if outcome.line:
        where += f":{outcome.line}"
    if where != name:
        yield line(Piece(clip_middle(f"      {where}", width), "dim"))


def _result(outcome: Outcome) -> str:
    if outcome.error is not None:
        return "error"
    return "passed" if outcome.passed else "failed"


def _verdict(verdict: Verdict, outcome: Outcome, width: int) -> Iterator[Line]:
    mark, style = _MARKS["passed" if verdict.passed else "failed"]
    yield from _marked(f"  {mark}", style, printable(verdict.expectation, limit=600), width)
    for text in verdict.reason.splitlines():
        deeper = " " * min(len(text) - len(text.lstrip()), 8)
        yield from _folded(printable(text.strip(), limit=2000), width, _DEEP + deeper)
    if phases := phase_text(verdict, outcome.passes):
        yield from _folded(phases, width, _DEEP, "warn")
    for text in verdict.explanation.splitlines():
        deeper = " " * min(len(text) - len(text.lstrip()), 11)
        yield from _folded(printable(text.strip(), limit=2000), width, f"{_DEEP}| {deeper}", "dim")
    if not verdict.passed and (where := place(verdict)):
        yield line(Piece(clip_middle(_DEEP + where, width), "dim"))


def _marked(
    mark: str, style: Style, text: str, width: int, text_style: Style = ""
) -> Iterator[Line]:
    """*text* behind a mark, under which nothing stands."""
    indent = " " * (cell_width(mark) + 1)
    first, *others = fold(text, width, indent)
    yield line(Piece(mark, style), " ", Piece(first[len(indent) :], text_style))
    for each in others:
        yield line(Piece(each, text_style))


def _folded(text: str, width: int, indent: str, style: Style = "") -> Iterator[Line]:
    for each in fold(text, width, indent):
        yield line(Piece(each, style))


def _in_short(outcome: Outcome, width: int) -> Iterator[Line]:
    """One line: ``ok    denial burst pages once  6 expectations  0.3 s``."""
    mark, style = _MARKS[_result(outcome)]
    failed = sum(not each.passed for each in outcome.verdicts)
    everything = len(outcome.verdicts)
    which = (
        f"{failed} of {everything} failed"
        if failed
        else f"{everything} {'holds' if everything == 1 else 'hold'}"
    )
    tail = f"  {which}  {outcome.seconds:.1f} s"
    if outcome.error is not None or width < _NARROW:
        tail = ""
    room = width - cell_width(tail) - len(mark) - 1
    name = clip_cells(printable(outcome.rehearsal, limit=200), room)
    yield line(Piece(mark, style), " ", name, Piece(tail, "dim"))


def _notes(minded: Iterable[Note], width: int) -> Iterator[Line]:
    for note in minded:
        mark, style = _KINDS[note.kind]
        first, *others = fold(note.text, width, "  ", f"{mark} ")
        yield line(Piece(mark, style), first[len(mark) :])
        for text in others:
            yield line(text)


def _table(
    passes: Sequence[Pass], total: Measures, monitors: Sequence[Tested], width: int
) -> Iterator[Line]:
    texts = rows(total, monitors)
    names = short_names([first for first, *_ in texts[: len(monitors)]], max(14, width * 3 // 10))
    names += [first for first, *_ in texts[len(monitors) :]]
    shown = [[name, *others] for name, (_, *others) in zip(names, texts, strict=True)]
    head, *lines = text_table(columns(with_incidents=bool(passes[0].incidents)), shown, width)
    yield line(Piece(head, "dim"))
    for text, each in zip(lines, [*monitors, None], strict=False):
        yield line(Piece(text, _loudness(each)))


def short_names(names: Sequence[str], width: int) -> list[str]:
    """Names in at most *width* cells: without what all begin with, if they would be cut off."""
    if max(map(cell_width, names), default=0) <= width:
        return list(names)
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = "".join(letters[0] for letters in same) if len(names) > 1 else ""
    prefix = common[: common.rfind(": ") + 2] if ": " in common else ""
    return [clip_middle(name.removeprefix(prefix), width) for name in names]


def _incidents(rehearsed: Pass, monitors: Sequence[Tested], width: int) -> Iterator[Line]:
    if not rehearsed.incidents:
        return
    texts = noticed.rows(rehearsed, monitors)
    names = short_names([row[3] for row in texts], max(14, width * 2 // 5))
    labels = [clip_middle(row[0], max(10, width // 4)) for row in texts]
    shown = [
        [label, row[1], row[2], name, row[4]]
        for label, row, name in zip(labels, texts, names, strict=True)
    ]
    head, *lines = text_table(noticed.COLUMNS, shown, width)
    yield ()
    yield line(Piece(head, "dim"))
    for text, row in zip(lines, texts, strict=True):
        yield line(Piece(text, "bad" if row[4] == noticed.MISSED else ""))


def _loudness(each: Tested | None) -> Style:
    if each is None:
        return ""
    return "alert" if each.worst.alerts else "warn" if each.worst.warnings else ""


def _messages(passes: Sequence[Pass], width: int, *, verbose: bool) -> Iterator[Line]:
    first = passes[0]
    found = messages(first, each=None if verbose else _EACH)
    if not found.shown:
        return
    at = f" at phase {first.phase} s" if len(passes) > 1 else ""
    yield ()
    yield line(Piece(f"messages{at}", "dim"))
    scale = Scale(first.start, first.end, 1)
    for each in found.shown:
        yield from _message(each, scale, width, None if verbose else _LINES)
    more = [f"{found.more:,} more"] if found.more else []
    more += [f"{count(found.silent, 'change')} of state in silence"] if found.silent else []
    if more:
        yield from _folded(f"and {', '.join(more)}", width, "  ", "dim")


def _message(each: Notification, scale: Scale, width: int, most: int | None) -> Iterator[Line]:
    when = moment_text(each.transition.at, scale)
    title = printable(each.title, limit=300)
    for number, text in enumerate(fold(title, width, "    ", f"  {when} ")):
        yield line(Piece(text, _TOLD[each.transition.destination] if number == 0 else ""))
    to = printable(" ".join(each.recipients), limit=300) or "nobody"
    yield from _folded(f"to {to}", width, "    ")
    for text in body_lines(each.body, most, _LONGEST if most else None):
        yield from _folded(text.strip(), width, "    | ", "dim")
