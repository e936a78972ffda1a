"""A widget made of rows, which repaints only those that changed, and whose failures stay its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from grantex_tui.tui.drawing.rows import exactly, row
from grantex_tui.words.display import clip_cells, settled


if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.message import Message as AnyMessage

_FAILED = Style(bold=True, reverse=True)


class RowWidget(Widget):
    """Shows the rows it was last given.

    Textual's own caches hold back what a refresh leaves out, so a panel of which one row changed
    costs one row on the way to the terminal.

    What fails in it, drawing or handling, is shown in its place: Textual would end the screen. This is
    the one boundary at which any exception is caught, since none of them concerns the delivery.
    """

    _rows: Sequence[Strip] = ()
    _base: Style | None = None
    failure = ""
    """What went wrong when it was last drawn or told something; empty when all is well."""

    def redraw(self) -> None:
        """Draw again if anything that is shown has changed; for `update`."""
        raise NotImplementedError

    def update(self) -> None:
        """Draw again if anything that is shown has changed."""
        try:
            self.redraw()
        except Exception as error:  # noqa: BLE001 - see the class
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Show *error* in this widget's place, until it is next drawn."""
        text = settled(str(error), limit=200)
        self.failure = f"{type(error).__name__}: {text}" if text else type(error).__name__
        self.post_failure(error)
        width, height = self.size
        if width and height:
            name = (self.id or "this").replace("-", " ")
            texts = [f"the {name} panel failed", self.failure, "reading and delivery go on"]
            rows = [row(width, [(clip_cells(text, width), _FAILED)]) for text in texts]
            self._rows = exactly(rows, width, height)
        self.refresh()

    def post_failure(self, error: Exception) -> None:
        """Let the dashboard keep what is to be told of *error* at the end."""
        if (note := getattr(self.app, "note_failure", None)) is not None:
            note(self.id or "panel", error)

    async def _dispatch_message(self, message: AnyMessage) -> None:
        """Textual hands over each message here: one whose handler fails must not end its loop."""
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # noqa: BLE001 - see the class
            self.fail(error)

    def put(self, rows: Sequence[Strip]) -> None:
        """Show *rows*, each of the widget's width."""
        self.failure = ""
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, rows, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual asks for rows: their background is the same, and dear to find out: an eighth of a frame."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Textual asks for row *y*."""
        base = self._base or self.rich_style
        if y >= len(self._rows):
            return Strip.blank(self.size.width, base)
        return self._rows[y].adjust_cell_length(self.size.width).apply_style(base)
