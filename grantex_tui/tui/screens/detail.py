"""One event in full: its JSON, indented, neutralised, wrapped where one looks."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType

from grantex_tui.tui.clipboard import OSC52_LIMIT, fits_clipboard
from grantex_tui.tui.drawing.document import Document, pretty, split_key
from grantex_tui.tui.drawing.format import clock, size
from grantex_tui.tui.drawing.rows import Edge, enclosed, row
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.related import related
from grantex_tui.tui.screens.page import Page
from grantex_tui.tui.widgets.row_widget import RowWidget
from grantex_tui.words.display import settled


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import EventRow


class DetailBody(RowWidget):
    """The event's rows that are in view."""

    can_focus = True

    def __init__(
        self, event: EventRow, rows: Callable[[], Sequence[EventRow]], look: Callable[[], Look]
    ) -> None:
        super().__init__(id="detail")
        self._rows_now = rows
        self._look = look
        self.show(event)

    def show(self, event: EventRow) -> None:
        """Show *event* from its beginning, and what is known of its grant and agent."""
        self.event = event
        self._document = Document([*pretty(event.raw), *related(event, self._rows_now())])
        self._top = 0

    def scroll_rows(self, delta: int) -> None:
        """Move the window by *delta* rows."""
        self._top += delta
        self.update()

    def redraw(self) -> None:
        """Draw the window."""
        width, height = self.size
        if width < 8 or height < 4:
            return
        inner, tall = width - 4, height - 2
        total = self._document.wrap(inner)
        self._top = max(0, min(self._top, total - tall))
        look = self._look()
        last = min(total, self._top + tall)
        edge = Edge(
            title=self._title(look, max(8, width - 24)),
            info=[(f"{self._top + 1}-{last} of {total:,}", look.palette.muted)],
            style=look.palette.edge_focus,
            boxed=True,
        )
        self.put(enclosed(self._body, width, height, edge, look.glyphs))

    def _title(self, look: Look, room: int) -> list[Span]:
        event = self.event
        name = settled(event.type, limit=60) or "malformed event"
        rest = f"  {clock(event.received_at, milliseconds=True)}  {size(len(event.raw))}"
        if event.malformed:
            rest += f"  {event.malformed}"
        text = fit(rest, max(0, min(len(rest), room - len(name))))
        return [(name, look.type_style(event.type)), (text, look.palette.muted)]

    def _body(self, width: int, height: int) -> Sequence[Strip]:
        look = self._look()
        return [self._row(self._top + y, width, look) for y in range(height)]

    def _row(self, y: int, width: int, look: Look) -> Strip:
        text, begins = self._document.row(y)
        key, value = split_key(text) if begins else ("", text)
        return row(width, [(key, look.palette.title), (value, _value_style(value, look))])

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap anew."""
        self.update()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows up."""
        event.stop()
        self.scroll_rows(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows down."""
        event.stop()
        self.scroll_rows(3)


def _value_style(text: str, look: Look) -> Style:
    palette, start = look.palette, text.lstrip()[:1]
    if start == '"':
        return Style(color=palette.good.color)
    if start in ("{", "}", "[", "]"):
        return palette.muted
    return Style(color=palette.warn.color) if start in "-0123456789tfn" and start else palette.text


class Detail(Page[None]):
    """Shows an event over the dashboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", "Back", id="detail.close"),
        Binding("up,k", "scroll(-1)", "Up", id="detail.up", show=False),
        Binding("down,j", "scroll(1)", "Down", id="detail.down", show=False),
        Binding("pageup,h,left", "page(-1)", "Page up", id="detail.page-up", show=False),
        Binding(
            "pagedown,l,right,space", "page(1)", "Page down", id="detail.page-down", show=False
        ),
        Binding("home,g", "scroll(-10000000)", "Start", id="detail.home", show=False),
        Binding("end,G", "scroll(10000000)", "End", id="detail.end", show=False),
        Binding("y", "copy", "Copy", id="detail.copy"),
        Binding("n", "step(1)", "Next", id="detail.next", tooltip="the next event"),
        Binding("p", "step(-1)", "Previous", id="detail.previous", tooltip="the event before"),
    ]

    def __init__(
        self,
        event: EventRow,
        listed: Callable[[], Sequence[EventRow]],
        recent: Callable[[], Sequence[EventRow]],
        look: Callable[[], Look],
    ) -> None:
        """A page of one event.

        Args:
            event: which is shown first.
            listed: the events among which it was chosen: next and previous are theirs.
            recent: all that are in memory.
            look: the present colours.
        """
        super().__init__()
        self._event = event
        self._listed = listed
        self._recent = recent
        self._look = look

    def compose(self) -> ComposeResult:
        """The one widget."""
        yield DetailBody(self._event, self._recent, self._look)

    def _body(self) -> DetailBody:
        return self.query_one(DetailBody)

    def action_close(self) -> None:
        """Back to the dashboard."""
        self.close()

    def action_step(self, by: int) -> None:
        """Another event of those among which this one was chosen."""
        rows, now = self._listed(), self._body().event.sequence
        at = bisect_left(rows, now, key=lambda row: row.sequence)
        at += by if by < 0 or (at < len(rows) and rows[at].sequence == now) else 0
        if 0 <= at < len(rows):
            self._event = rows[at]
            self._body().show(self._event)
            self._body().update()

    def action_scroll(self, rows: int) -> None:
        """Move by *rows*."""
        self._body().scroll_rows(rows)

    def action_page(self, pages: int) -> None:
        """Move by *pages* screens."""
        body = self._body()
        body.scroll_rows(pages * max(1, body.size.height - 3))

    def action_copy(self) -> None:
        """Send the payload, as received, to the terminal's clipboard."""
        text = self._event.raw.decode("utf-8", "replace")
        if fits_clipboard(text):
            self.app.copy_to_clipboard(text)
            self.notify(f"{size(len(self._event.raw))} sent to the terminal's clipboard")
        else:
            self.notify(
                f"{size(len(self._event.raw))} is more than the {size(OSC52_LIMIT)} that"
                " terminals take; the journal has the event",
                severity="warning",
            )
