"""Pages over the dashboard, one at a time, each drawn anew from the newest frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from grantex_tui.tui.clipboard import fits_clipboard
from grantex_tui.tui.drawing.rows import Edge, enclosed
from grantex_tui.tui.screens.page import Page
from grantex_tui.tui.widgets.row_widget import RowWidget
from grantex_tui.words.display import clip_cells, settled


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.pages.content import Beside, Content
    from grantex_tui.watch.frame import Frame

_REFRESH = 0.5


class SheetBody(RowWidget):
    """The rows of a page that are in view."""

    can_focus = True

    def __init__(
        self, frame: Callable[[], Frame], beside: Beside, look: Callable[[], Look]
    ) -> None:
        super().__init__(id="sheet")
        self._frame = frame
        self._beside = beside
        self._look = look
        self._top = 0
        self.content: Content | None = None
        self.place = ""
        """Which page of how many, for the edge."""

    def turn_to(self, content: Content, place: str) -> None:
        """Show another page from its beginning."""
        self.content, self.place, self._top = content, place, 0
        self.update()

    def scroll_rows(self, delta: int) -> None:
        """Move the window by *delta* rows."""
        self._top += delta
        self.update()

    def redraw(self) -> None:
        """Draw the window."""
        width, height = self.size
        if width < 8 or height < 3 or self.content is None:
            return
        frame, look = self._frame(), self._look()
        rows = self.content.rows(frame, look, width - 4, self._beside)
        self._top = max(0, min(self._top, len(rows) - (height - 2)))
        title = clip_cells(settled(self.content.title(frame), limit=200), max(4, width - 24))
        last = min(len(rows), self._top + height - 2)
        edge = Edge(
            [(title, look.palette.title)],
            [(f"{self.place}{last}/{len(rows)}", look.palette.muted)],
            look.palette.edge_focus,
            boxed=True,
        )
        self.put(
            enclosed(
                lambda _width, tall: self._window(rows, tall), width, height, edge, look.glyphs
            )
        )

    def _window(self, rows: Sequence[Strip], height: int) -> Sequence[Strip]:
        return rows[self._top : self._top + height]

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


class Sheet(Page[None]):
    """Shows pages; n and p turn them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", "Back", id="page.close"),
        Binding(
            "n,right,exclamation_mark", "turn(1)", "Next", id="page.next", tooltip="the next page"
        ),
        Binding("p,left", "turn(-1)", "Previous", id="page.previous", tooltip="the page before"),
        Binding("R", "retry", "Try now", id="page.retry", tooltip="try to deliver now"),
        Binding(
            "e", "explain", "Explain", id="page.explain", tooltip="explain the monitor as of now"
        ),
        Binding("y", "copy", "Copy", id="page.copy", tooltip="copy the link to Datadog"),
        Binding("up,k", "scroll(-1)", "Up", id="page.up", show=False),
        Binding("down,j", "scroll(1)", "Down", id="page.down", show=False),
        Binding("pageup,h", "scroll(-10)", "Page up", id="page.page-up", show=False),
        Binding("pagedown,l,space", "scroll(10)", "Page down", id="page.page-down", show=False),
        Binding("home,g", "scroll(-1000000)", "Start", id="page.home", show=False),
        Binding("end,G", "scroll(1000000)", "End", id="page.end", show=False),
    ]

    class Explain(Message):
        """A monitor's page is looked at."""

        def __init__(self, monitor: int, *, again: bool) -> None:
            super().__init__()
            self.monitor = monitor
            self.again = again

    class Retry(Message):
        """Somebody wants delivery to be tried now."""

    def __init__(
        self,
        pages: Sequence[Content],
        frame: Callable[[], Frame],
        beside: Beside,
        look: Callable[[], Look],
    ) -> None:
        super().__init__()
        self._pages = pages
        self._frame = frame
        self._beside = beside
        self._look = look
        self._at = 0

    def compose(self) -> ComposeResult:
        """The one widget."""
        yield SheetBody(self._frame, self._beside, self._look)

    def on_mount(self) -> None:
        """Show the first page, and keep it fresh."""
        self._show()
        self.set_interval(_REFRESH, self._body().update)

    def _body(self) -> SheetBody:
        return self.query_one(SheetBody)

    def _show(self, *, again: bool = False) -> None:
        page = self._pages[self._at]
        many = f"{self._at + 1} of {len(self._pages)}, n next  " if len(self._pages) > 1 else ""
        self._body().turn_to(page, many)
        if page.monitor is not None:
            self.post_message(self.Explain(page.monitor, again=again))

    def action_close(self) -> None:
        """Back to the dashboard."""
        self.close()

    def action_turn(self, by: int) -> None:
        """Another page."""
        self._at = (self._at + by) % len(self._pages)
        self._show()

    def action_explain(self) -> None:
        """The explanation as of now."""
        self._show(again=True)

    def action_retry(self) -> None:
        """Try to deliver now."""
        self.post_message(self.Retry())

    def action_copy(self) -> None:
        """Send the link to the terminal's clipboard."""
        link = self._pages[self._at].link(self._frame())
        if link and fits_clipboard(link):
            self.app.copy_to_clipboard(link)
            self.notify("the link was sent to the terminal's clipboard")

    def action_scroll(self, rows: int) -> None:
        """Move by *rows*."""
        self._body().scroll_rows(rows)
