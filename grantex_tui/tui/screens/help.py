"""The keys, as they are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from grantex_tui.tui.drawing.rows import Edge, enclosed, row
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.screens.page import Page
from grantex_tui.tui.widgets.row_widget import RowWidget


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look

_KEYS = {
    "question_mark": "?",
    "slash": "/",
    "space": "space",
    "plus": "+",
    "minus": "-",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "escape": "esc",
}


def key_names(keys: str) -> str:
    """A binding's keys as people call them: ``question_mark,f1`` is ``? f1``."""
    names = [key.strip().replace("ctrl+", "^") for key in keys.split(",")]
    return " ".join(_KEYS.get(name, name) for name in names)


def help_entries(groups: Iterable[tuple[str, Iterable[BindingType]]]) -> list[tuple[str, str]]:
    """(keys, what they do) for each binding; a group's title has no keys."""
    entries: list[tuple[str, str]] = []
    for title, bindings in groups:
        entries += [("", ""), ("", title)] if entries else [("", title)]
        entries += [
            (key_names(binding.key), binding.tooltip or binding.description)
            for binding in bindings
            if isinstance(binding, Binding)
        ]
    return entries


class HelpBody(RowWidget):
    """The list, in as many columns as there is room for."""

    def __init__(self, entries: Sequence[tuple[str, str]], look: Callable[[], Look]) -> None:
        super().__init__(id="help")
        self._entries = entries
        self._look = look
        self._top = 0

    def scroll_rows(self, delta: int) -> None:
        """Move the window by *delta* rows."""
        self._top += delta
        self.update()

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size."""
        self.update()

    def redraw(self) -> None:
        """Draw the window."""
        width, height = self.size
        if width < 8 or height < 3:
            return
        look = self._look()
        self._top = max(0, min(self._top, len(self._entries) - (height - 2)))
        edge = Edge(
            title=[("Keys", look.palette.title)],
            info=[("esc closes", look.palette.muted)],
            style=look.palette.edge_focus,
            boxed=True,
        )
        self.put(enclosed(self._body, width, height, edge, look.glyphs))

    def _body(self, width: int, height: int) -> Sequence[Strip]:
        palette = self._look().palette
        return [
            row(
                width,
                [
                    (fit(keys, 16), palette.accent),
                    (fit(text, max(0, width - 16)), palette.text if keys else palette.title),
                ]
                if keys
                else [(fit(text, width), palette.title)],
            )
            for keys, text in self._entries[self._top : self._top + height]
        ]


class Help(Page[None]):
    """Lists the bindings over the dashboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Back", id="help.close"),
        Binding("up,k", "scroll(-1)", "Up", id="help.up", show=False),
        Binding("down,j", "scroll(1)", "Down", id="help.down", show=False),
    ]

    def __init__(self, entries: Sequence[tuple[str, str]], look: Callable[[], Look]) -> None:
        super().__init__()
        self._entries = entries
        self._look = look

    def compose(self) -> ComposeResult:
        """The one widget."""
        yield HelpBody(self._entries, self._look)

    def action_close(self) -> None:
        """Back to the dashboard."""
        self.close()

    def action_scroll(self, rows: int) -> None:
        """Move by *rows*."""
        self.query_one(HelpBody).scroll_rows(rows)
