"""The timeline as inline SVG: a strip for each row, states by height as well as by colour."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.report.markup import element, text
from grantex_tui.report.timeline.axis import Scale, moment_text, ticks
from grantex_tui.report.timeline.curves import curve
from grantex_tui.report.timeline.fired import fired, fired_text
from grantex_tui.report.timeline.rows import rows
from grantex_tui.report.timeline.timeline import cells
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass, Track
    from grantex_tui.report.timeline.fired import Fired, Key
    from grantex_tui.report.timeline.rows import Row, Stay

_UNITS = 1000.0
"""The width of a strip in its own units; a browser stretches it."""
_LABELS = 52
"""Columns that the labels of the axis are spread over, for a phone's sake."""
_COLUMNS = 800
"""A row of more stretches than that is drawn in so many columns."""
_POINTS = 400
_FULL = 20


class _Look(NamedTuple):
    """How a state is drawn."""

    style: str
    top: float
    height: float
    meaning: str


_LOOKS = {
    ".": _Look("s-ok", 8, 4, "OK"),
    "n": _Look("s-none", 7, 6, "no data"),
    "w": _Look("s-warn", 5, 10, "warning"),
    "a": _Look("s-some", 2, 16, "alert at some phases only"),
    "A": _Look("s-alert", 2, 16, "alert"),
    "#": _Look("s-incident", 0, _FULL, "incident"),
    "~": _Look("s-gap", 0, _FULL, "gap in the recording"),
}
"""By the letters of the timeline in text."""
_LETTERS = {State.OK: ".", State.NO_DATA: "n", State.WARN: "w", State.ALERT: "A"}


class _Bar(NamedTuple):
    start: float
    end: float
    letter: str
    title: str = ""


def strips(passes: Sequence[Pass]) -> str:
    """The timeline of a rehearsal's passes as a figure."""
    return element("figure", "\n".join(_Figure(passes).lines()), class_="timeline")


class _Figure:
    """What all strips share: the scale, and what is shaded in each."""

    def __init__(self, passes: Sequence[Pass]) -> None:
        self._first = passes[0]
        self._rows = rows(passes)
        self._fired = fired(passes, chain.from_iterable(self._rows))
        self._scale = Scale(passes[0].start, max(each.end for each in passes), _COLUMNS)
        self._tracks: defaultdict[Key, list[Track]] = defaultdict(list)
        for track in passes[0].tracks:
            self._tracks[track.monitor, track.group].append(track)
        self._shades = [*self._gaps(), *self._incidents()]

    def lines(self) -> Iterator[str]:
        if self._first.incidents:
            bars = element("span", "incidents", class_="label")
            yield element("div", bars + self._strip(self._incidents(), "incidents"), class_="row")
        yield self._axis()
        for monitor, own in zip(self._first.monitors, self._rows, strict=True):
            name = text(monitor.name)
            simple = not own or own[0].groups == ((),)
            if simple:
                yield self._row(own[0], name) if own else _never(name)
                continue
            by = text(", ".join(monitor.group_by))
            yield element("div", f"{name} by {by}", class_="name")
            for row in own:
                yield self._row(row, _label(row))
        yield self._axis()
        yield self._legend()

    def _row(self, row: Row, label: str) -> str:
        said = self._said(row)
        kind = "label" if row.groups == ((),) else "label group"
        inside = element("span", label, class_=kind)
        inside += self._strip([*self._shades, *self._bars(row.stays)], said or "no alert")
        inside += self._curve(row)
        inside += element("span", text(said), class_="note-line") if said else ""
        return element("div", inside, class_="row")

    def _curve(self, row: Row) -> str:
        """What the evaluations found, if that was kept."""
        tracks = self._tracks.get((row.monitor, row.groups[0]), ())
        if row.is_rest or not tracks:
            return ""
        scale = Scale(self._scale.start, self._scale.end, _POINTS)
        return curve(self._first.monitors[row.monitor], tracks, scale)

    def _said(self, row: Row) -> str:
        if row.is_rest:
            return f"{row.alerted} of them fired" if row.alerted else ""
        key: Key = row.monitor, row.groups[0]
        what: Fired | None = self._fired.get(key)
        return fired_text(what, self._when) if what is not None else ""

    def _when(self, at: float) -> str:
        return moment_text(at, self._scale)

    def _strip(self, bars: Iterable[_Bar], label: str) -> str:
        return element(
            "svg",
            "".join(map(self._rect, bars)),
            class_="strip",
            viewBox=f"0 0 {_UNITS:g} {_FULL}",
            preserveAspectRatio="none",
            role="img",
            aria_label=label,
        )

    def _rect(self, bar: _Bar) -> str:
        look = _LOOKS[bar.letter]
        first, until = self._place(bar.start), self._place(bar.end)
        lasted = duration_text(round(bar.end - bar.start))
        title = f"{bar.title or look.meaning}: {self._when(bar.start)}, {lasted}"
        return element(
            "rect",
            element("title", text(title)),
            class_=look.style,
            x=f"{first:.6g}",
            y=f"{look.top:g}",
            width=f"{max(until - first, 0.01):.6g}",
            height=f"{look.height:g}",
        )

    def _place(self, at: float) -> float:
        scale = self._scale
        if scale.end <= scale.start:
            return 0.0 if at <= scale.start else _UNITS
        return min(max((at - scale.start) / (scale.end - scale.start), 0.0), 1.0) * _UNITS

    def _bars(self, stays: Sequence[Stay]) -> list[_Bar]:
        """The worst last, so that it lies on top."""
        if len(stays) > _COLUMNS:
            return self._coarse(stays)
        bars = [
            _Bar(stay.start, stay.end, _LETTERS[stay.state] if stay.everywhere else "a")
            for stay in stays
        ]
        return _merged(bars)

    def _coarse(self, stays: Iterable[Stay]) -> list[_Bar]:
        letters = cells(stays, self._scale)
        width = (self._scale.end - self._scale.start) / _COLUMNS
        bars, place = [], 0
        for letter, run in groupby(letters):
            until = place + len(list(run))
            start = self._scale.start + place * width
            if letter != " ":
                bars.append(_Bar(start, self._scale.start + until * width, letter))
            place = until
        return bars

    def _incidents(self) -> list[_Bar]:
        return [_Bar(each.start, each.end, "#", each.label) for each in self._first.incidents]

    def _gaps(self) -> list[_Bar]:
        end = self._first.end
        gaps = [
            _Bar(gap.start, end if gap.end is None else gap.end, "~", f"gap ({gap.reason})")
            for gap in self._first.gaps
        ]
        return gaps + [_Bar(*span, "~", "outage") for span in self._first.delivery.outages]

    def _axis(self) -> str:
        scale = Scale(self._scale.start, self._scale.end, _LABELS)
        marks = "".join(
            element("span", text(tick.text), style=f"left:{self._place(tick.at) / _UNITS:.4%}")
            for tick in ticks(scale)
            if self._place(tick.at) < 0.93 * _UNITS
        )
        return element("div", element("div", marks, class_="axis"), class_="row")

    def _legend(self) -> str:
        entries = []
        for look in _LOOKS.values():
            sample = element(
                "rect", class_=look.style, x="2", y=f"{look.top:g}", width="18",
                height=f"{look.height:g}",
            )  # fmt: skip
            entries.append(
                element("span", element("svg", sample, aria_hidden="true") + look.meaning)
            )
        for name in ("critical", "warning") if self._tracks else ():
            sample = element("line", class_=f"l-{name}", x1="0", x2="22", y1="10", y2="10")
            svg = element("svg", sample, aria_hidden="true")
            entries.append(element("span", f"{svg}{name} threshold"))
        return element("div", "".join(entries), class_="legend")


def _merged(bars: Iterable[_Bar]) -> list[_Bar]:
    """Bars of the same state that touch, of several phases or groups, as one; the worst last."""
    order = list(_LOOKS)
    merged: list[_Bar] = []
    for bar in sorted(bars, key=lambda bar: (order.index(bar.letter), bar.start)):
        last = merged[-1] if merged else None
        if last is not None and last.letter == bar.letter and bar.start <= last.end:
            merged[-1] = last._replace(end=max(last.end, bar.end))
        else:
            merged.append(bar)
    return merged


def _label(row: Row) -> str:
    if row.is_rest:
        return f"{len(row.groups)} {'more' if row.alerted else 'quiet'}"
    return text(", ".join(value for _, value in row.groups[0]))


def _never(name: str) -> str:
    inside = element("span", name, class_="label")
    return element("div", inside + element("span", "never evaluated", class_="faint"), class_="row")
