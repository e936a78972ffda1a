"""A panel: a pure renderer on the screen, drawn again only when what it shows has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from grantex_tui.tui.drawing.rows import Edge, enclosed, exactly
from grantex_tui.tui.widgets.row_widget import RowWidget


if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from textual import events
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span

M = TypeVar("M")


def _nothing(_model: object, _look: Look) -> Sequence[Span]:
    return ()


@dataclass(frozen=True, slots=True)
class View(Generic[M]):
    """What a panel shows of a model."""

    draw: Callable[[M, Look, int, int], Sequence[Strip]]
    """Model, looks, width, height: as many rows as are wanted, each of that width."""
    key: Callable[[M], Hashable]
    """Equal keys, equal picture: what is not in the key must not be drawn."""
    title: str = ""
    """On the upper edge; without one the panel has no edge at all."""
    info: Callable[[M, Look], Sequence[Span]] = field(default=_nothing)
    """At the right end of the upper edge."""


class Panel(RowWidget, Generic[M]):
    """Shows a `View` of the model it was last given."""

    def __init__(self, view: View[M], look: Callable[[], Look], *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._view = view
        self._look = look
        self._model: M | None = None
        self._drawn: Hashable = None
        self.draws = 0
        """How often the renderer ran, for measuring."""
        self.boxed = True

    def show(self, model: M) -> None:
        """Take *model*; draw it if it differs from what is on the screen."""
        self._model = model
        self.update()

    def redraw(self) -> None:
        """Draw again if the model, the size or the looks have changed."""
        if self._model is None or not self.size.area or not self.display:
            return
        look = self._look()
        state = (self._view.key(self._model), self.size, look, self.boxed, self.has_focus)
        if state == self._drawn:
            return
        self.draws += 1
        rows = self._draw(self._model, look)
        self._drawn = state
        self.put(rows)

    def _draw(self, model: M, look: Look) -> Sequence[Strip]:
        view, (width, height) = self._view, self.size
        if not view.title or height < 2 or width < 4:
            return exactly(view.draw(model, look, width, height), width, height)
        palette = look.palette
        edge = Edge(
            title=[(view.title, palette.title)],
            info=view.info(model, look),
            style=palette.edge_focus if self.has_focus else palette.edge,
            boxed=self.boxed,
        )
        return enclosed(
            lambda inner, tall: view.draw(model, look, inner, tall),
            width,
            height,
            edge,
            look.glyphs,
        )

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size at once, not with the next frame."""
        self.update()

    def on_focus(self, _event: events.Focus) -> None:
        """Show the focus on the edge."""
        self.update()

    def on_blur(self, _event: events.Blur) -> None:
        """Take the focus off the edge."""
        self.update()
