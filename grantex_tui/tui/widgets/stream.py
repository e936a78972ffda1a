"""The event stream: a window on the newest events that follows, or stays where it was put."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from grantex_tui.tui.cursor import Cursor
from grantex_tui.tui.drawing.event_line import event_line, heading
from grantex_tui.tui.drawing.rows import Edge, enclosed
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.filter import FilteredRows, parse_filter
from grantex_tui.tui.widgets.row_widget import RowWidget


if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from textual import events

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import EventRow

_WHEEL = 3


class Stream(RowWidget, can_focus=True):
    """Shows events; keys and the mouse move in them.

    Only visible rows are ever laid out, and each is laid out once: rows are kept by sequence
    number while they are on the screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", id="stream.up", show=False),
        Binding("down,j", "move(1)", "Down", id="stream.down", show=False),
        Binding("pageup,left,h", "page(-1)", "Page up", id="stream.page-up", show=False),
        Binding("pagedown,right,l", "page(1)", "Page down", id="stream.page-down", show=False),
        Binding("home,g", "home", "Oldest", id="stream.home", show=False),
        Binding("end,G", "follow", "Newest", id="stream.end", show=False),
        Binding("enter", "open", "Detail", id="stream.detail"),
    ]

    class Opened(Message):
        """Somebody wants to see all of an event."""

        def __init__(self, event: EventRow, stream: Stream) -> None:
            super().__init__()
            self.event = event
            self.stream = stream

    def __init__(
        self,
        look: Callable[[], Look],
        *,
        id: str,  # noqa: A002 - Textual's name
        title: str = "Events",
        empty: str = "waiting for events",
    ) -> None:
        super().__init__(id=id)
        self._look = look
        self._title = title
        self._empty = empty
        self._cursor = Cursor()
        self._recent: Sequence[EventRow] = ()
        self._filter_text = ""
        self._filtered: FilteredRows | None = None
        self._lines: dict[int, Strip] = {}
        self._lines_for: Hashable = None
        self._drawn: Hashable = None
        self.boxed = True

    @property
    def following(self) -> bool:
        """Whether the newest event stays in view."""
        return self._cursor.following

    @property
    def selected(self) -> EventRow | None:
        """The event that the cursor is on."""
        return self._cursor.selected

    @property
    def rows(self) -> Sequence[EventRow]:
        """The events that it lists, oldest first."""
        return self._cursor.rows

    def show(self, recent: Sequence[EventRow]) -> None:
        """Take the newest events, oldest first."""
        self._recent = recent
        self.update()

    def set_filter(self, text: str) -> None:
        """Show only what *text* lets through; empty for everything."""
        self._filter_text = text.strip()
        predicate = parse_filter(text)
        self._filtered = None if predicate is None else FilteredRows(predicate)
        self._drawn = None
        self.update()

    def redraw(self) -> None:
        """Draw again if anything visible has changed."""
        if not self.size.area or not self.display:
            return
        rows = self._recent if self._filtered is None else self._filtered.update(self._recent)
        self._cursor.update(rows, self._window_height())
        window = self._cursor.window()
        selected = self._cursor.selected
        state = (
            (window[0].sequence, window[-1].sequence, len(window)) if window else None,
            selected.sequence if selected is not None and self._shows_cursor() else None,
            (self._cursor.new, self.following, self._filter_text),
            (len(rows) if self._filtered else None),
            (self.size, self._look(), self.boxed, self.has_focus),
        )
        if state != self._drawn:
            rows_drawn = self._draw(window)
            self._drawn = state
            self.put(rows_drawn)

    def _window_height(self) -> int:
        return max(1, self.size.height - 1 - self.boxed - self._has_heading())

    def _has_heading(self) -> bool:
        return self.size.height >= 8

    def _shows_cursor(self) -> bool:
        return self.has_focus and not self.following

    def _draw(self, window: Sequence[EventRow]) -> Sequence[Strip]:
        look = self._look()
        edge = Edge(
            title=[(self._title, look.palette.title), *self._subtitle(look)],
            info=self._info(look),
            style=look.palette.edge_focus if self.has_focus else look.palette.edge,
            boxed=self.boxed,
        )
        return enclosed(
            lambda width, height: self._body(window, look, width, height),
            *self.size,
            edge,
            look.glyphs,
        )

    def _body(
        self, window: Sequence[EventRow], look: Look, width: int, height: int
    ) -> Sequence[Strip]:
        rows = [heading(width, look)] if self._has_heading() else []
        if not window:
            text = "nothing matches the filter" if self._filtered else self._empty
            return [*rows, Strip([Segment(fit(text, width), look.palette.faint)])]
        self._forget_lines((width, look), window)
        selected = self._cursor.selected if self._shows_cursor() else None
        for event in window[-(height - len(rows)) :]:
            line = self._line(event, look, width)
            chosen = selected is not None and event.sequence == selected.sequence
            rows.append(line.apply_style(look.palette.cursor) if chosen else line)
        return rows

    def _line(self, event: EventRow, look: Look, width: int) -> Strip:
        line = self._lines.get(event.sequence)
        if line is None:
            line = self._lines[event.sequence] = event_line(event, look, width)
        return line

    def _forget_lines(self, made_for: Hashable, window: Sequence[EventRow]) -> None:
        if made_for != self._lines_for:
            self._lines_for = made_for
            self._lines = {}
        elif len(self._lines) > 8 * len(window):
            visible = {event.sequence for event in window}
            self._lines = {key: line for key, line in self._lines.items() if key in visible}

    def _subtitle(self, look: Look) -> list[Span]:
        if not self._filter_text:
            return []
        found = f" {len(self._cursor.rows):,} of {len(self._recent):,}"
        text = fit(self._filter_text, min(40, len(self._filter_text)))
        return [
            ("  / ", look.palette.accent),
            (text, look.palette.text),
            (found, look.palette.muted),
        ]

    def _info(self, look: Look) -> list[Span]:
        palette = look.palette
        if self.following:
            return [("following", palette.muted)]
        new = self._cursor.new
        return [(f"+{new:,} new", palette.warn)] if new else [("not following", palette.warn)]

    # --- keys and mouse ---------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Select the event *rows* further down."""
        self._cursor.move(rows)
        self.update()

    def action_page(self, pages: int) -> None:
        """Scroll by *pages* windows."""
        self._cursor.scroll(pages * max(1, self._window_height() - 1))
        self.update()

    def action_home(self) -> None:
        """To the oldest event in memory."""
        self._cursor.home()
        self.update()

    def action_follow(self) -> None:
        """To the newest event, and stay there."""
        self._cursor.follow()
        self.update()

    def action_open(self) -> None:
        """Ask for the selected event's detail."""
        if (event := self._cursor.selected) is not None:
            self.post_message(self.Opened(event, self))

    def hold(self) -> None:
        """Leave the newest: stay on what is visible."""
        self._cursor.hold()
        self.update()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel leaves the newest."""
        event.stop()
        self._cursor.scroll(-_WHEEL)
        self.update()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel at the end follows again."""
        event.stop()
        self._cursor.scroll(_WHEEL)
        self.update()

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one opens."""
        self._cursor.pick(event.y - 1 - self._has_heading())
        self.update()
        if event.chain > 1:
            self.action_open()

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size at once."""
        self.update()

    def on_focus(self, _event: events.Focus) -> None:
        """Show the cursor."""
        self.update()

    def on_blur(self, _event: events.Blur) -> None:
        """Hide the cursor."""
        self.update()
