"""The timeline of a rehearsal: a line of letters for each group, incidents above, time along it.

Reads without colour. What is drawn into one cell is the worst of its time, so that a minute in
Alert can't vanish in two weeks.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.report.styled import Piece, clip_middle, fold, line, padded, runs
from grantex_tui.report.timeline.axis import Scale, axis, date_text, moment_text
from grantex_tui.report.timeline.fired import fired, fired_text
from grantex_tui.report.timeline.lanes import lanes
from grantex_tui.report.timeline.rows import LOUDEST, rows
from grantex_tui.words.display import cell_width, clip_cells, printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.report.styled import Line, Style
    from grantex_tui.report.timeline.fired import Fired, Key
    from grantex_tui.report.timeline.rows import Row, Stay

BLANK = " .nwaA"
"""The letters by how bad they are; a cell has the worst of its time."""
_OK, _NO_DATA, _WARN, _SOME, _ALERT = range(1, 6)
_RANK = {State.OK: _OK, State.NO_DATA: _NO_DATA, State.WARN: _WARN, State.ALERT: _ALERT}
_STYLES: dict[str, Style] = {".": "ok", "n": "no data", "w": "warn", "a": "some", "A": "alert"}
_MEANINGS = {
    "A": "alert",
    "a": "alert at some phases only",
    "w": "warning",
    "n": "no data",
    ".": "OK",
    "~": "gap",
}
NO_BREAK = "\u00a0"
_NARROWEST = 24
_LONG = 12
"""With more lines than that the axis is drawn below them as well."""


def timeline(passes: Sequence[Pass], width: int, *, loudest: int = LOUDEST) -> list[Line]:
    """The timeline of a rehearsal's passes, one for each phase.

    Args:
        passes: of the same events and monitors.
        width: in terminal cells; under 24 it stays at that.
        loudest: how many groups of a monitor have a line of their own; the rest share one.
    """
    picture = _Picture(passes, max(width, _NARROWEST), loudest)
    return list(picture.lines())


def cells(stays: Iterable[Stay], scale: Scale) -> str:
    """One letter a column: the worst state in its time; blank where there was no evaluation."""
    ranks = bytearray(scale.width)
    for stay in sorted(stays, key=_rank):
        first, until = scale.columns(stay.start, stay.end)
        ranks[first:until] = bytes((_rank(stay),)) * (until - first)
    return "".join(BLANK[rank] for rank in ranks)


def _rank(stay: Stay) -> int:
    return _RANK[stay.state] if stay.everywhere else _SOME


class _Picture:
    """What all lines share: the scale, the column of labels, the rows."""

    def __init__(self, passes: Sequence[Pass], width: int, loudest: int) -> None:
        self._passes = passes
        self._width = width
        self._rows = rows(passes, loudest)
        self._fired = fired(passes, chain.from_iterable(self._rows))
        self._label = self._label_width()
        room = width - self._label - 1
        start, end = passes[0].start, max(each.end for each in passes)
        self._scale = Scale(start, end, room)

    def _label_width(self) -> int:
        """As much as the longest label needs, unless that is too much."""
        names = [printable(each.name, limit=200) for each in self._passes[0].monitors]
        groups = [_label(row) for own in self._rows for row in own]
        longest = max(map(cell_width, ("UTC Jan 30", *names, *groups)))
        return min(longest, max(10, self._width * 3 // 10))

    def lines(self) -> Iterator[Line]:
        body = list(self._monitors())
        along = self._along()
        yield from self._incidents()
        yield from self._missing()
        yield along
        yield from body
        if len(body) > _LONG:
            yield along
        yield from self._legend(body)

    def _along(self) -> Line:
        first = padded(f"UTC {date_text(self._scale.start)}", self._label)
        return line(Piece(f"{first} {axis(self._scale)}", "dim"))

    def _incidents(self) -> Iterator[Line]:
        incidents = self._passes[0].incidents
        bars = lanes(incidents, self._scale)
        for place, text in enumerate(bars.lines if incidents else ()):
            head = padded("incidents" if place == 0 else "", self._label)
            yield line(Piece(head, "dim"), " ", Piece(text, "incident"))
        if bars.numbered:
            for text in self._numbers():
                yield line(Piece(text, "incident"))

    def _numbers(self) -> list[str]:
        """What the numbers at the bars stand for; a number stays with its name."""
        names = [
            f"{place} {printable(each.label, limit=60)}".replace(" ", NO_BREAK)
            for place, each in enumerate(self._passes[0].incidents, 1)
        ]
        texts = fold("  ".join(names), self._width, " " * (self._label + 1))
        return [text.replace(NO_BREAK, " ") for text in texts]

    def _missing(self) -> Iterator[Line]:
        """Where events are not known, and where they could not get through."""
        first = self._passes[0]
        gaps = [(gap.start, first.end if gap.end is None else gap.end) for gap in first.gaps]
        for name, spans in (("gaps", gaps), ("outages", first.delivery.outages)):
            if spans:
                text = self._marked(spans)
                yield line(Piece(padded(name, self._label), "dim"), " ", Piece(text, "gap"))

    def _marked(self, spans: Iterable[tuple[float, float]]) -> str:
        marks = [" "] * self._scale.width
        for start, end in spans:
            first, until = self._scale.columns(start, end)
            marks[first:until] = "~" * (until - first)
        return "".join(marks)

    def _monitors(self) -> Iterator[Line]:
        for monitor, own in zip(self._passes[0].monitors, self._rows, strict=True):
            name = printable(monitor.name, limit=200)
            simple = not own or own[0].groups == ((),)
            if simple and cell_width(name) <= self._label:
                yield from self._row(own[0] if own else None, name, "bold")
                continue
            by = "" if simple else f" by {printable(', '.join(monitor.group_by), limit=100)}"
            for text in fold(name + by, self._width):
                yield line(Piece(text, "bold"))
            for row in own:
                yield from self._row(row, _label(row))
            if not own:
                yield from self._row(None, "")

    def _row(self, row: Row | None, label: str, style: Style = "") -> Iterator[Line]:
        head = Piece(padded(clip_middle(label, self._label), self._label), style)
        if row is None:
            yield line(head, " ", Piece(clip_cells("never evaluated", self._scale.width), "dim"))
            return
        yield line(head, " ", *runs(cells(row.stays, self._scale), _STYLES))
        key: Key = row.monitor, row.groups[0]
        if row.is_rest:
            if row.alerted:
                yield from self._note(row, f"{row.alerted} of them fired")
        elif key in self._fired:
            yield from self._note(row, self._said(self._fired[key]))

    def _said(self, what: Fired) -> str:
        return fired_text(what, lambda at: moment_text(at, self._scale))

    def _note(self, row: Row, text: str) -> Iterator[Line]:
        """What is said of a row, below the beginning of its first alert where there is room."""
        begins = min(stay.start for stay in row.stays if stay.state is State.ALERT)
        place = self._label + 1 + self._scale.column(begins)
        needs = cell_width(text) + 2
        if place + needs <= self._width:
            yield line(" " * place, Piece(f"^ {text}", "alert"))
        elif needs <= place + 1:
            yield line(" " * (place + 1 - needs), Piece(f"{text} ^", "alert"))
        else:
            yield line(" " * place, Piece("^", "alert"))
            for each in fold(text, self._width, "  "):
                yield line(Piece(each, "alert"))

    def _legend(self, body: Iterable[Line]) -> Iterator[Line]:
        drawn = {
            piece.text[0] for each in body for piece in each if piece.style in _STYLES.values()
        }
        gaps = "~" if self._passes[0].gaps or self._passes[0].delivery.outages else ""
        shown = [sign for sign in _MEANINGS if sign in drawn or sign in gaps]
        text = "  ".join(f"{sign} {_MEANINGS[sign]}" for sign in shown)
        for each in fold(text, self._width) if text else ():
            yield line(Piece(each, "dim"))


def _label(row: Row) -> str:
    if row.is_rest:
        return f"  {len(row.groups)} more" if row.alerted else f"  {len(row.groups)} quiet"
    values = ", ".join(value for _, value in row.groups[0])
    return f"  {printable(values, limit=200)}" if row.groups[0] else ""
