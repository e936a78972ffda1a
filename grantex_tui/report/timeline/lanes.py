"""Incidents as bars over a timeline, in as few lines as their names allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.words.display import cell_width, clip_cells, printable


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.engine.model import Incident
    from grantex_tui.report.timeline.axis import Scale

_MOST = 3
"""Lines of bars; where that is not enough, numbers stand for the names."""
_LONGEST = 24


class Lanes(NamedTuple):
    """The bars."""

    lines: list[str]
    """Each at most as wide as the scale."""
    numbered: bool
    """Whether numbers stand for names: 1 is the first incident."""


class _Item(NamedTuple):
    first: int
    text: str

    @property
    def end(self) -> int:
        return self.first + cell_width(self.text)


def lanes(incidents: Sequence[Incident], scale: Scale) -> Lanes:
    """The bars of *incidents*: ``[===] burst``, or ``[===]1`` if there are too many names."""
    named = [_item(each, f" {_label(each)}", scale) for each in incidents]
    lines = _placed(named, scale.width)
    if len(lines) <= _MOST:
        return Lanes(lines, numbered=False)
    numbers = [_item(each, str(place), scale) for place, each in enumerate(incidents, 1)]
    lines = _placed(numbers, scale.width)
    if len(lines) <= _MOST:
        return Lanes(lines, numbered=True)
    return Lanes(["".join(_crowd(incidents, scale))], numbered=True)


def _label(incident: Incident) -> str:
    return clip_cells(printable(incident.label, limit=200), _LONGEST)


def _item(incident: Incident, name: str, scale: Scale) -> _Item:
    """A bar and its name: behind it, or before it where there is no room behind."""
    first, until = scale.columns(incident.start, incident.end)
    bar = _bar(until - first)
    if until + cell_width(name) <= scale.width:
        return _Item(first, bar + name)
    before = first - cell_width(name)
    if before >= 0:
        return _Item(before, f"{name.strip()} {bar}" if name.startswith(" ") else name + bar)
    return _Item(first, _within(name.strip(), until - first))


def _bar(width: int) -> str:
    return "#" if width < 2 else f"[{'=' * (width - 2)}]"


def _within(name: str, width: int) -> str:
    """A bar with as much of its name as it holds."""
    if width < 5:
        return _bar(width)
    text = clip_cells(name, width - 4)
    return f"[={text}{'=' * (width - 3 - cell_width(text))}]"


def _placed(items: Sequence[_Item], width: int) -> list[str]:
    """Each in the first line that has room for it, and a blank before it."""
    lines: list[str] = []
    for item in sorted(items, key=lambda item: (item.first, -item.end)):
        for place, text in enumerate(lines):
            used = cell_width(text)
            if used < item.first or not used:
                lines[place] = text + " " * (item.first - used) + item.text
                break
        else:
            lines.append(" " * item.first + item.text)
    return [clip_cells(text, width) for text in lines]


def _crowd(incidents: Sequence[Incident], scale: Scale) -> list[str]:
    """Only where there was any incident at all."""
    cells = [" "] * scale.width
    for incident in incidents:
        first, until = scale.columns(incident.start, incident.end)
        cells[first:until] = "#" * (until - first)
    return cells
