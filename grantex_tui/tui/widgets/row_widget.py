"""A widget made of rows, which repaints only those that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style


class RowWidget(Widget):
    """Shows the rows it was last given.

    Textual's own caches hold back what a refresh leaves out, so a panel of which one row changed
    costs one row on the way to the terminal.
    """

    _rows: Sequence[Strip] = ()
    _base: Style | None = None

    def put(self, rows: Sequence[Strip]) -> None:
        """Show *rows*, each of the widget's width."""
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
