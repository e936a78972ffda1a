"""The places as a row of tabs, where there is no room for all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from grantex_tui.tui.drawing.rows import cells, row
from grantex_tui.tui.widgets.row_widget import RowWidget
from grantex_tui.watch.troubles.found import found
from grantex_tui.watch.troubles.trouble import About


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.troubles.trouble import Trouble

_NAMES = (
    ("all", "All", "All"),
    ("stream", "Events", "Evt"),
    ("chart", "Chart", "Cht"),
    ("monitors", "Monitors", "Mon"),
    ("agents", "Agents", "Agt"),
    ("delivery", "Delivery", "Dlv"),
    ("budget", "Budget", "Bud"),
)
_PLACE_OF = {
    About.MONITOR: "monitors",
    About.DELIVERY: "delivery",
    About.JOURNAL: "delivery",
    About.STREAM: "stream",
}


class Tabs(RowWidget):
    """One row: a digit and a name for each place, and a mark where something is wrong."""

    class Chosen(Message):
        """Somebody clicked a tab."""

        def __init__(self, place: str) -> None:
            super().__init__()
            self.place = place

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__(id="tabs")
        self._look = look
        self._current = "all"
        self._marked: dict[str, bool] = {}
        self._starts: list[tuple[int, str]] = []

    def show(self, frame: Frame, current: str | None) -> None:
        """Take what is wrong, and which place fills the screen."""
        self._current = current or "all"
        self._marked = marked_places(found(frame))
        self.update()

    def redraw(self) -> None:
        """Draw the row."""
        if not self.size.area or not self.display:
            return
        spans: list[Span] = []
        self._starts = []
        for tab in tab_spans(self._current, self._marked, self._look(), self.size.width):
            self._starts.append((cells(spans), _NAMES[len(self._starts)][0]))
            spans += tab
        self.put([row(self.size.width, spans)])

    def on_resize(self, _event: events.Resize) -> None:
        """Other names may fit."""
        self.update()

    def on_click(self, event: events.Click) -> None:
        """Go there."""
        places = [place for start, place in self._starts if start <= event.x]
        if places:
            self.post_message(self.Chosen(places[-1]))


def marked_places(troubles: Sequence[Trouble]) -> dict[str, bool]:
    """The places where something is wrong, and whether that is bad."""
    marked: dict[str, bool] = {}
    for trouble in troubles:
        place = _PLACE_OF[trouble.about]
        marked[place] = marked.get(place, False) or trouble.is_bad
    return marked


def tab_spans(current: str, marked: Mapping[str, bool], look: Look, width: int) -> list[list[Span]]:
    """A tab each, with whole names if all of them fit into *width* cells."""
    whole = [_tab(number, name[1], current, marked, look) for number, name in enumerate(_NAMES)]
    if sum(map(cells, whole)) <= width:
        return whole
    short = [_tab(number, name[2], current, marked, look) for number, name in enumerate(_NAMES)]
    if sum(map(cells, short)) <= width:
        return short
    return [
        _tab(number, name[2] if name[0] == current else "", current, marked, look)
        for number, name in enumerate(_NAMES)
    ]


def _tab(
    number: int, name: str, current: str, marked: Mapping[str, bool], look: Look
) -> list[Span]:
    palette, place = look.palette, _NAMES[number][0]
    style = palette.cursor if place == current else palette.muted
    spans: list[Span] = [(f" {number}", palette.accent), (f" {name}" if name else "", style)]
    if place in marked:
        bad = marked[place]
        spans.append(
            (look.glyphs.alert if bad else look.glyphs.warn, palette.bad if bad else palette.warn)
        )
    return [*spans, (" ", None)]
